"""The certificate of ``--tls auto``: a small CA of graven's own in DIR/keys, and a server certificate signed by it.

    keys/tls-ca.pem, tls-ca.key       ten years; its certificate goes into the webhook configuration as ``caBundle``
    keys/tls.pem, tls.key             a year; made anew at start when less than 30 days are left or the names changed

RFC 5280. Files that hold private keys have mode 0600 and are replaced as a whole.
"""

from __future__ import annotations

import contextlib
import ipaddress
import os
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from graven.errors import Unavailable

__all__ = ["Certificate", "ensure_certificate"]

_CA_YEARS = 10
_LEAF_DAYS = 365
_RENEW_DAYS = 30
_BACKDATE = timedelta(minutes=5)
"""Clocks of other machines may lag."""


@dataclass(frozen=True, slots=True)
class Certificate:
    """Where the files are that a TLS server is started with."""

    certificate: Path
    """The server's certificate, and the CA's behind it."""
    key: Path
    ca: Path


def ensure_certificate(folder: Path, names: Sequence[str], *, now: datetime) -> Certificate:
    """Give a certificate for these host names and addresses, making what is missing, old or for other names.

    Raises:
        Unavailable: the folder cannot be read or written.
    """
    found = Certificate(folder / "tls.pem", folder / "tls.key", folder / "tls-ca.pem")
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        ca, ca_key = _authority(folder, now)
        if not _serves(found, names, now):
            _issue(found, names, ca=ca, ca_key=ca_key, now=now)
    except (OSError, ValueError) as e:
        raise Unavailable(f"no TLS certificate: {e}", where=str(folder)) from e
    return found


def _authority(folder: Path, now: datetime) -> tuple[x509.Certificate, ec.EllipticCurvePrivateKey]:
    pem, key_file = folder / "tls-ca.pem", folder / "tls-ca.key"
    if pem.exists() and key_file.exists():
        key = serialization.load_pem_private_key(key_file.read_bytes(), password=None)
        if isinstance(key, ec.EllipticCurvePrivateKey):
            return x509.load_pem_x509_certificate(pem.read_bytes()), key
        raise ValueError(f"{key_file} holds no EC key")
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "graven webhook CA")])
    usage = _usage(key_cert_sign=True, crl_sign=True)
    made = (
        _builder(name, name, key, now, timedelta(days=365 * _CA_YEARS))
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(usage, critical=True)
        .sign(key, hashes.SHA256())
    )
    _write(key_file, _pem(key), mode=0o600)
    _write(pem, made.public_bytes(serialization.Encoding.PEM), mode=0o644)
    return made, key


def _serves(found: Certificate, names: Sequence[str], now: datetime) -> bool:
    if not (found.certificate.exists() and found.key.exists()):
        return False
    leaf = x509.load_pem_x509_certificate(found.certificate.read_bytes())
    stated = leaf.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    fresh = leaf.not_valid_after_utc > now + timedelta(days=_RENEW_DAYS)
    return fresh and set(stated) == set(_alternatives(names))


def _issue(
    found: Certificate,
    names: Sequence[str],
    *,
    ca: x509.Certificate,
    ca_key: ec.EllipticCurvePrivateKey,
    now: datetime,
) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "graven")])
    leaf = (
        _builder(name, ca.subject, key, now, timedelta(days=_LEAF_DAYS))
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage(digital_signature=True), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(x509.SubjectAlternativeName(_alternatives(names)), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(ca_key.public_key()), critical=False)
        .sign(ca_key, hashes.SHA256())
    )
    chain = b"".join(c.public_bytes(serialization.Encoding.PEM) for c in (leaf, ca))
    _write(found.key, _pem(key), mode=0o600)
    _write(found.certificate, chain, mode=0o644)


def _builder(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePrivateKey, now: datetime, life: timedelta
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - _BACKDATE)
        .not_valid_after(now + life)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
    )


def _usage(*, digital_signature: bool = False, key_cert_sign: bool = False, crl_sign: bool = False) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=digital_signature,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=key_cert_sign,
        crl_sign=crl_sign,
        encipher_only=False,
        decipher_only=False,
    )


def _alternatives(names: Sequence[str]) -> list[x509.GeneralName]:
    found: list[x509.GeneralName] = []
    for name in dict.fromkeys(names):
        with contextlib.suppress(ValueError):
            found.append(x509.IPAddress(ipaddress.ip_address(name)))
            continue
        found.append(x509.DNSName(name))
    return found


def _pem(key: ec.EllipticCurvePrivateKey) -> bytes:
    pkcs8 = serialization.PrivateFormat.PKCS8
    return key.private_bytes(serialization.Encoding.PEM, pkcs8, serialization.NoEncryption())


def _write(path: Path, data: bytes, *, mode: int) -> None:
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode)
    with os.fdopen(descriptor, "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)
