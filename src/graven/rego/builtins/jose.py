"""Owns the keys and signatures of JSON Web Tokens: JWK and PEM, and the algorithms of JWS."""

from __future__ import annotations

import base64
import binascii
import hmac
import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from graven.rego.builtins.protocol import BuiltinError

__all__ = ["ALGORITHMS", "Key", "b64decode", "b64encode", "private_key", "public_keys", "sign", "verify"]

ALGORITHMS = frozenset(
    {
        "HS256",
        "HS384",
        "HS512",
        "RS256",
        "RS384",
        "RS512",
        "PS256",
        "PS384",
        "PS512",
        "ES256",
        "ES384",
        "ES512",
        "EdDSA",
    }
)
_CURVES = {"P-256": "SECP256R1", "P-384": "SECP384R1", "P-521": "SECP521R1"}
_PEM_BEGIN, _PEM_END = "-----BEGIN ", "-----END "


@dataclass(frozen=True, slots=True)
class Key:
    """A key that may verify: bytes for a secret, else a public key of ``cryptography``."""

    material: Any
    algorithm: str = ""
    kid: str = ""


def b64encode(data: bytes) -> str:
    """Write bytes in base64url without padding."""
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def b64decode(text: str) -> bytes:
    """Read base64url with or without padding.

    Raises:
        ValueError: it is none.
    """
    body = text.rstrip("=")
    if any(not (char.isascii() and (char.isalnum() or char in "-_")) for char in body):
        bad = next(at for at, char in enumerate(body) if not (char.isascii() and (char.isalnum() or char in "-_")))
        raise ValueError(f"illegal base64 data at input byte {bad}")
    try:
        return base64.urlsafe_b64decode(body + "=" * (-len(body) % 4))
    except binascii.Error:
        raise ValueError(f"illegal base64 data at input byte {max(len(body) - 1, 0)}") from None


def public_keys(text: str) -> list[Key]:
    """Read the keys of a PEM certificate or public key, of a JWK or of a set of these.

    Raises:
        BuiltinError: it is none of these.
    """
    begin = text.find(_PEM_BEGIN)
    return [_pem_key(text, begin)] if begin >= 0 else _jwks(text)


def _pem_key(text: str, begin: int) -> Key:
    from cryptography.hazmat.primitives.serialization import load_pem_public_key
    from cryptography.x509 import load_pem_x509_certificate

    end = text.find(_PEM_END, begin)
    close = text.find("-----", end + len(_PEM_END)) if end >= 0 else -1
    if close < 0:
        return _jwks(text)[0]
    if text[close + 5 :].strip("\r\n"):
        raise BuiltinError("extra data after a PEM certificate block")
    label = text[begin + len(_PEM_BEGIN) :].partition("-----")[0]
    block = text[begin : close + 5].encode() + b"\n"
    try:
        if label == "CERTIFICATE":
            return Key(load_pem_x509_certificate(block).public_key())
        if label == "PUBLIC KEY":
            return Key(load_pem_public_key(block))
    except ValueError as error:
        raise BuiltinError(f"failed to parse a PEM {label.lower()}: {error}") from None
    raise BuiltinError("failed to extract a Key from the PEM certificate")


def _jwks(text: str) -> list[Key]:
    try:
        found = json.loads(text)
        entries = found["keys"] if isinstance(found, dict) and "keys" in found else [found]
        return [Key(_jwk(entry), str(entry.get("alg", "")), str(entry.get("kid", ""))) for entry in entries]
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise BuiltinError(f"failed to parse a JWK key (set): {error}") from None


def _integer(entry: dict[str, str], name: str) -> int:
    return int.from_bytes(b64decode(entry[name]), "big")


def _jwk(entry: dict[str, str]) -> Any:
    """Read the public part of a JWK; a secret is its bytes."""
    kind = entry["kty"]
    if kind == "oct":
        return b64decode(entry["k"])
    if kind == "RSA":
        from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicNumbers

        return RSAPublicNumbers(_integer(entry, "e"), _integer(entry, "n")).public_key()
    if kind == "EC":
        from cryptography.hazmat.primitives.asymmetric import ec

        curve = getattr(ec, _CURVES[entry["crv"]])()
        return ec.EllipticCurvePublicNumbers(_integer(entry, "x"), _integer(entry, "y"), curve).public_key()
    if kind == "OKP" and entry.get("crv") == "Ed25519":
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

        return Ed25519PublicKey.from_public_bytes(b64decode(entry["x"]))
    raise ValueError(f"unsupported key type {kind}")


def private_key(text: str) -> Any:
    """Read a JWK that can sign.

    Raises:
        BuiltinError: it is none.
    """
    try:
        entry = json.loads(text)
        return _private(entry)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise BuiltinError(f"failed to parse JWK: {error}") from None


def _private(entry: dict[str, str]) -> Any:
    kind = entry["kty"]
    if kind == "oct":
        return b64decode(entry["k"])
    if kind == "RSA":
        from cryptography.hazmat.primitives.asymmetric import rsa

        n, e, d, p, q = (_integer(entry, name) for name in ("n", "e", "d", "p", "q"))
        public = rsa.RSAPublicNumbers(e, n)
        parts = (rsa.rsa_crt_dmp1(d, p), rsa.rsa_crt_dmq1(d, q), rsa.rsa_crt_iqmp(p, q))
        return rsa.RSAPrivateNumbers(p, q, d, *parts, public).private_key()
    if kind == "EC":
        from cryptography.hazmat.primitives.asymmetric import ec

        return ec.derive_private_key(_integer(entry, "d"), getattr(ec, _CURVES[entry["crv"]])())
    if kind == "OKP" and entry.get("crv") == "Ed25519":
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

        return Ed25519PrivateKey.from_private_bytes(b64decode(entry["d"]))
    raise ValueError(f"unsupported key type {kind}")


def _hash(algorithm: str) -> Any:
    from cryptography.hazmat.primitives import hashes

    return getattr(hashes, f"SHA{algorithm[2:]}")()


def _padding(algorithm: str, *, signing: bool) -> Any:
    from cryptography.hazmat.primitives.asymmetric import padding

    if algorithm.startswith("RS"):
        return padding.PKCS1v15()
    digest = _hash(algorithm)
    return padding.PSS(padding.MGF1(digest), digest.digest_size if signing else padding.PSS.AUTO)


def verify(algorithm: str, key: Any, message: bytes, signature: bytes) -> bool:
    """Say whether a signature is the key's; a key of another kind has made none."""
    from cryptography.exceptions import InvalidSignature

    check = _VERIFY[algorithm[:2]]
    try:
        return check(algorithm, key, message, signature)
    except (InvalidSignature, ValueError, TypeError, AttributeError):
        return False


def _verify_hs(algorithm: str, key: Any, message: bytes, signature: bytes) -> bool:
    made = hmac.new(key, message, f"sha{algorithm[2:]}").digest()
    return hmac.compare_digest(made, signature)


def _verify_rsa(algorithm: str, key: Any, message: bytes, signature: bytes) -> bool:
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

    if not isinstance(key, RSAPublicKey):
        return False
    key.verify(signature, message, _padding(algorithm, signing=False), _hash(algorithm))
    return True


def _verify_ec(algorithm: str, key: Any, message: bytes, signature: bytes) -> bool:
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature

    if not isinstance(key, ec.EllipticCurvePublicKey):
        return False
    size = (key.curve.key_size + 7) // 8
    if len(signature) != 2 * size:
        return False
    parts = (int.from_bytes(signature[:size], "big"), int.from_bytes(signature[size:], "big"))
    key.verify(encode_dss_signature(*parts), message, ec.ECDSA(_hash(algorithm)))
    return True


def _verify_ed(_algorithm: str, key: Any, message: bytes, signature: bytes) -> bool:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

    if not isinstance(key, Ed25519PublicKey):
        return False
    key.verify(signature, message)
    return True


_VERIFY: dict[str, Callable[[str, Any, bytes, bytes], bool]] = {
    "HS": _verify_hs, "RS": _verify_rsa, "PS": _verify_rsa, "ES": _verify_ec, "Ed": _verify_ed,
}  # fmt: skip


def sign(algorithm: str, key: Any, message: bytes) -> bytes:
    """Sign a message.

    Raises:
        BuiltinError: the key is of another kind than the algorithm.
    """
    try:
        return _sign(algorithm, key, message)
    except (TypeError, AttributeError, ValueError) as error:
        raise BuiltinError(f"failed to sign with {algorithm}: {error}") from None


def _sign(algorithm: str, key: Any, message: bytes) -> bytes:
    if algorithm.startswith("HS"):
        return hmac.new(key, message, f"sha{algorithm[2:]}").digest()
    if algorithm[:2] in ("RS", "PS"):
        return bytes(key.sign(message, _padding(algorithm, signing=True), _hash(algorithm)))
    if algorithm == "EdDSA":
        return bytes(key.sign(message))
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature

    size = (key.curve.key_size + 7) // 8
    r, s = decode_dss_signature(key.sign(message, ec.ECDSA(_hash(algorithm))))
    return r.to_bytes(size, "big") + s.to_bytes(size, "big")
