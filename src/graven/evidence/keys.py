"""Keys: cosign's files for P-256, and any public key in PEM.

A private key file of cosign is PEM of type ``ENCRYPTED SIGSTORE PRIVATE KEY`` around JSON: PKCS#8 DER in a secretbox
whose key is scrypt(password). The hash belongs to the key: P-256 and RSA take SHA-256, P-384 SHA-384, P-521 SHA-512.
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa
from nacl.exceptions import CryptoError
from nacl.secret import SecretBox

from graven.errors import Forbidden, Malformed, Unsupported
from graven.evidence import armour
from graven.values import canonical

__all__ = ["PrivateKey", "PublicKey", "generate", "seal", "unseal"]

_LABELS = (b"ENCRYPTED SIGSTORE PRIVATE KEY", b"ENCRYPTED COSIGN PRIVATE KEY")
_SCRYPT = {"N": 65536, "r": 8, "p": 1}
_COSTS = (1 << 15, 1 << 16, 1 << 17)
_MAX_MEMORY = 256 << 20
_MIN_RSA = 2048
_P256_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
_HASHES: dict[str, hashes.HashAlgorithm] = {
    "secp256r1": hashes.SHA256(),
    "secp384r1": hashes.SHA384(),
    "secp521r1": hashes.SHA512(),
}

_Public = ec.EllipticCurvePublicKey | rsa.RSAPublicKey | ed25519.Ed25519PublicKey


@dataclass(frozen=True)
class PublicKey:
    """A public key that signatures are checked with."""

    pem: bytes
    """PKIX PEM, as it was given."""

    @classmethod
    def parse(cls, pem: bytes) -> PublicKey:
        """Read a public key.

        Raises:
            Malformed: it is no PEM of a public key.
            Unsupported: of a kind or size that is not taken.
        """
        found = cls(pem)
        _ = found._key
        return found

    @cached_property
    def _key(self) -> _Public:
        try:
            key = serialization.load_pem_public_key(self.pem)
        except (ValueError, UnsupportedAlgorithm) as e:
            raise Malformed("got no public key, expected PEM beginning with -----BEGIN PUBLIC KEY-----") from e
        if isinstance(key, ec.EllipticCurvePublicKey) and key.curve.name in _HASHES:
            return key
        if isinstance(key, rsa.RSAPublicKey) and key.key_size >= _MIN_RSA:
            return key
        if isinstance(key, ed25519.Ed25519PublicKey):
            return key
        raise Unsupported(
            "got a key of another kind, expected ECDSA P-256, P-384 or P-521, RSA of 2048 bits, or Ed25519"
        )

    @cached_property
    def der(self) -> bytes:
        """SubjectPublicKeyInfo, DER."""
        info = serialization.PublicFormat.SubjectPublicKeyInfo
        return self._key.public_bytes(serialization.Encoding.DER, info)

    @cached_property
    def fingerprint(self) -> str:
        """SHA-256 of the SubjectPublicKeyInfo, in hexadecimal: the key's name wherever graven names one."""
        return hashlib.sha256(self.der).hexdigest()

    @property
    def hint(self) -> str:
        """The same in base64, as cosign writes it into a bundle's ``publicKey.hint``."""
        return armour.encode(bytes.fromhex(self.fingerprint))

    def verifies(self, signature: bytes, message: bytes) -> bool:
        """Tell whether the signature is this key's over the message."""
        key = self._key
        try:
            if isinstance(key, ec.EllipticCurvePublicKey):
                key.verify(signature, message, ec.ECDSA(_HASHES[key.curve.name]))
            elif isinstance(key, rsa.RSAPublicKey):
                key.verify(signature, message, padding.PKCS1v15(), hashes.SHA256())
            else:
                key.verify(signature, message)
        except InvalidSignature:
            return False
        return True


@dataclass(frozen=True)
class PrivateKey:
    """A P-256 key that signs."""

    key: ec.EllipticCurvePrivateKey

    @classmethod
    def parse(cls, pem: bytes) -> PrivateKey:
        """Read an unencrypted PKCS#8 key, as graven keeps its own.

        Raises:
            Malformed: it is none of P-256.
        """
        try:
            return cls._of(serialization.load_pem_private_key(pem, password=None))
        except (ValueError, TypeError, UnsupportedAlgorithm) as e:
            raise Malformed("got no private key, expected PKCS#8 PEM without a password") from e

    @classmethod
    def _of(cls, key: Any) -> PrivateKey:
        if not isinstance(key, ec.EllipticCurvePrivateKey) or key.curve.name != "secp256r1":
            raise Malformed("got a private key of another kind, expected ECDSA P-256")
        return cls(key)

    @cached_property
    def public(self) -> PublicKey:
        """The public half."""
        info = serialization.PublicFormat.SubjectPublicKeyInfo
        return PublicKey(self.key.public_key().public_bytes(serialization.Encoding.PEM, info))

    @property
    def pem(self) -> bytes:
        """PKCS#8 PEM, not encrypted."""
        form = serialization.PrivateFormat.PKCS8
        return self.key.private_bytes(serialization.Encoding.PEM, form, serialization.NoEncryption())

    def sign(self, message: bytes) -> bytes:
        """Sign a message: ASN.1 DER of ECDSA over its SHA-256."""
        return self.key.sign(message, ec.ECDSA(hashes.SHA256()))


def generate(entropy: Callable[[int], bytes]) -> PrivateKey:
    """Make a P-256 key (FIPS 186-5, A.2.1: 64 bits more than the order has, reduced)."""
    scalar = int.from_bytes(entropy(40), "big") % (_P256_ORDER - 1) + 1
    return PrivateKey(ec.derive_private_key(scalar, ec.SECP256R1()))


def seal(private: PrivateKey, password: bytes, *, entropy: Callable[[int], bytes]) -> bytes:
    """Write a private key as cosign does; the password may be empty."""
    salt, nonce = entropy(32), entropy(SecretBox.NONCE_SIZE)
    form = serialization.PrivateFormat.PKCS8
    der = private.key.private_bytes(serialization.Encoding.DER, form, serialization.NoEncryption())
    box = SecretBox(_stretch(password, salt, _SCRYPT["N"])).encrypt(der, nonce)
    document = {
        "kdf": {"name": "scrypt", "params": _SCRYPT, "salt": armour.encode(salt)},
        "cipher": {"name": "nacl/secretbox", "nonce": armour.encode(nonce)},
        "ciphertext": armour.encode(box.ciphertext),
    }
    return _armour(_LABELS[0], json.dumps(document, separators=(",", ":")).encode())


def unseal(pem: bytes, password: bytes) -> PrivateKey:
    """Open a private key file of cosign.

    Raises:
        Malformed: it is none.
        Forbidden: the password is another one.
    """
    document = canonical.loads(_dearmour(pem), where="private key")
    try:
        kdf, cipher = document["kdf"], document["cipher"]
        cost = _cost(kdf, cipher)
        texts = (kdf["salt"], cipher["nonce"], document["ciphertext"])
        salt, nonce, sealed = (armour.decode(text, where="private key") for text in texts)
    except (KeyError, TypeError) as e:
        raise Malformed(f"the private key lacks what cosign writes: {e!r}", where="private key") from e
    try:
        der = SecretBox(_stretch(password, salt, cost)).decrypt(sealed, nonce)
    except (CryptoError, ValueError) as e:
        raise Forbidden(
            "the private key does not open with this password",
            where="private key",
            hint="set COSIGN_PASSWORD, or GRAVEN_KEY_PASSWORD, to the one it was made with",
        ) from e
    try:
        return PrivateKey._of(serialization.load_der_private_key(der, password=None))  # noqa: SLF001  this module's class
    except (ValueError, TypeError, UnsupportedAlgorithm) as e:
        raise Malformed("the file holds no private key in PKCS#8", where="private key") from e


def _cost(kdf: dict[str, Any], cipher: dict[str, Any]) -> int:
    found = kdf["params"]
    known = kdf["name"] == "scrypt" and cipher["name"] == "nacl/secretbox" and (found["r"], found["p"]) == (8, 1)
    if not known or found["N"] not in _COSTS:
        raise Malformed("got another way of encryption, expected scrypt and nacl/secretbox", where="private key")
    return int(found["N"])


def _stretch(password: bytes, salt: bytes, cost: int) -> bytes:
    return hashlib.scrypt(password, salt=salt, n=cost, r=8, p=1, maxmem=_MAX_MEMORY, dklen=32)


def _armour(label: bytes, data: bytes) -> bytes:
    text = base64.b64encode(data)
    lines = [text[at : at + 64] for at in range(0, len(text), 64)]
    return b"\n".join([b"-----BEGIN " + label + b"-----", *lines, b"-----END " + label + b"-----", b""])


def _dearmour(pem: bytes) -> bytes:
    for label in _LABELS:
        _, begins, rest = pem.partition(b"-----BEGIN " + label + b"-----")
        body, ends, _ = rest.partition(b"-----END " + label + b"-----")
        if begins and ends:
            try:
                return base64.b64decode(b"".join(body.split()), validate=True)
            except ValueError as e:
                raise Malformed("the private key is no base64", where="private key") from e
    raise Malformed(
        "got no private key of cosign, expected PEM beginning with -----BEGIN ENCRYPTED SIGSTORE PRIVATE KEY-----",
        where="private key",
        hint="graven keys generate makes one; graven keys import takes a plain one",
    )
