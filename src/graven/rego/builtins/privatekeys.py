"""Owns private keys in PEM, told as Go's ``encoding/json`` tells its keys and as JSON Web Keys (RFC 7517, 8037).

A key that is told here is in the policy's hands; nothing of it is kept. Key pairs hold a certificate, which
``certificates`` tells.
"""

from __future__ import annotations

import base64
import binascii
from contextlib import suppress
from typing import Any

from graven.rego.builtins.certificates import pem_blocks, tell_certificate
from graven.rego.builtins.jose import b64encode
from graven.rego.builtins.protocol import Builtin, BuiltinError, builtin
from graven.rego.values import RegoObject, Value, from_json

__all__ = ["BUILTINS"]

_LABELS = {"RSA PRIVATE KEY": 0x02, "PRIVATE KEY": 0x30, "EC PRIVATE KEY": 0x04}
"""The tag that stands behind the version, by which PKCS #1, PKCS #8 and SEC 1 differ."""
_CURVES = {"secp256r1": "P-256", "secp384r1": "P-384", "secp521r1": "P-521"}
_BEGIN = "-----BEGIN"


def _whole(number: int) -> str:
    return b64encode(number.to_bytes((number.bit_length() + 7) // 8, "big"))


def _load(data: bytes) -> Any:
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa, x25519
    from cryptography.hazmat.primitives.serialization import load_der_private_key

    try:
        key = load_der_private_key(data, None)
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise BuiltinError(f"asn1: structure error: {error}") from None
    if isinstance(key, ec.EllipticCurvePrivateKey) and key.curve.name not in _CURVES:
        raise BuiltinError("x509: unknown elliptic curve")
    known = (rsa.RSAPrivateKey, ec.EllipticCurvePrivateKey, ed25519.Ed25519PrivateKey, x25519.X25519PrivateKey)
    if isinstance(key, known):
        return key
    raise BuiltinError("x509: PKCS#8 wrapping contained private key with unknown algorithm")


def _keys(text: str) -> list[Any]:
    found = []
    for label, body in pem_blocks(text):
        if label in _LABELS:
            start = 2 + (body[1] & 0x7F if len(body) > 1 and body[1] & 0x80 else 0)
            if body[start + 3 : start + 4] != bytes([_LABELS[label]]):
                raise BuiltinError(f"x509: the content is no {label}")
            found.append(_load(body))
    return found


def _raw(key: Any) -> tuple[bytes, bytes]:
    """Give the seed and the public part of a key on a Montgomery or Edwards curve."""
    return key.private_bytes_raw(), key.public_key().public_bytes_raw()


def _told(key: Any) -> Any:
    """Tell a key by the fields of Go's type."""
    from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa

    if isinstance(key, rsa.RSAPrivateKey):
        own = key.private_numbers()
        return {
            "N": own.public_numbers.n, "E": own.public_numbers.e, "D": own.d, "Primes": [own.p, own.q],
            "Precomputed": {"Dp": own.dmp1, "Dq": own.dmq1, "Qinv": own.iqmp, "CRTValues": []},
        }  # fmt: skip
    if isinstance(key, ec.EllipticCurvePrivateKey):
        number = key.private_numbers()
        point = number.public_numbers
        return {"Curve": {}, "D": number.private_value, "X": point.x, "Y": point.y}
    if isinstance(key, ed25519.Ed25519PrivateKey):
        return base64.b64encode(b"".join(_raw(key))).decode()
    return {}


def _web_key(key: Any) -> dict[str, str]:
    from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa

    if isinstance(key, rsa.RSAPrivateKey):
        own = key.private_numbers()
        numbers = {
            "n": own.public_numbers.n, "e": own.public_numbers.e, "d": own.d, "p": own.p, "q": own.q, "dp": own.dmp1,
            "dq": own.dmq1, "qi": own.iqmp,
        }  # fmt: skip
        return {"kty": "RSA"} | {name: _whole(number) for name, number in numbers.items()}
    if isinstance(key, ec.EllipticCurvePrivateKey):
        number, size = key.private_numbers(), (key.curve.key_size + 7) // 8
        point = number.public_numbers
        parts = {"d": number.private_value, "x": point.x, "y": point.y}
        told = {name: b64encode(part.to_bytes(size, "big")) for name, part in parts.items()}
        return {"kty": "EC", "crv": _CURVES[key.curve.name]} | told
    seed, public = _raw(key)
    curve = "Ed25519" if isinstance(key, ed25519.Ed25519PrivateKey) else "X25519"
    return {"kty": "OKP", "crv": curve, "d": b64encode(seed), "x": b64encode(public)}


def _decoded(text: str) -> str:
    """Give PEM that may be wrapped in base64 once more."""
    if text.startswith(_BEGIN):
        return text
    body = "".join(text.split("\n")).replace("\r", "")
    try:
        return base64.b64decode(body, validate=True).decode("utf-8", "replace")
    except (binascii.Error, ValueError):
        raise BuiltinError("illegal base64 data at input byte 0") from None


def _parse_private_keys(text: str) -> Value:
    if not text:
        return None
    with suppress(BuiltinError):  # then it is PEM with something before it, or nothing at all
        text = _decoded(text)
    return from_json([_told(key) for key in _keys(text)])


def _parse_web_key(text: str) -> Value:
    if not text:
        raise BuiltinError("input PEM data was empty")
    keys = _keys(_decoded(text))
    return from_json(_web_key(keys[0])) if keys else None


def _check_pair(certificate: bytes, key: Any) -> None:
    """Hold a key against the certificate.

    Raises:
        BuiltinError: it is another's.
    """
    from cryptography import x509

    try:
        public = x509.load_der_x509_certificate(certificate).public_key()
    except ValueError as error:
        raise BuiltinError(f"x509: malformed certificate: {error}") from None
    if public != key.public_key():
        raise BuiltinError("tls: private key does not match public key")


def _parse_keypair(certificate: str, key: str) -> Value:
    from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

    ders = [body for label, body in pem_blocks(_decoded(certificate)) if label == "CERTIFICATE"]
    if not ders:
        raise BuiltinError('tls: failed to find any PEM data in certificate input of type "CERTIFICATE"')
    found = [(label, body) for label, body in pem_blocks(_decoded(key)) if label.endswith("PRIVATE KEY")]
    if not found:
        raise BuiltinError('tls: failed to find PEM block with type ending in "PRIVATE KEY" in key input')
    own = _load(found[0][1])
    if isinstance(own, X25519PrivateKey):
        raise BuiltinError("tls: found unknown private key type in PKCS#8 wrapping")
    _check_pair(ders[0], own)
    pair: dict[str, Any] = dict.fromkeys(("OCSPStaple", "SignedCertificateTimestamps", "SupportedSignatureAlgorithms"))
    pair |= {"Certificate": [base64.b64encode(der).decode() for der in ders], "PrivateKey": _told(own)}
    leaf = RegoObject({name: value for name, value in tell_certificate(ders[0]).items() if name != "URIStrings"})
    return RegoObject({name: from_json(value) for name, value in pair.items()} | {"Leaf": leaf})


BUILTINS: tuple[Builtin, ...] = (
    builtin("crypto.parse_private_keys", _parse_private_keys),
    builtin("crypto.x509.parse_rsa_private_key", _parse_web_key),
    builtin("crypto.x509.parse_keypair", _parse_keypair),
)
