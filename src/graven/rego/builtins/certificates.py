"""Owns X.509 certificates and requests, told in the fields and numbers of Go's ``crypto/x509``.

A certificate with name constraints, policy mappings or policy constraints is refused rather than told in part. Chains
are verified in ``chains``.
"""

from __future__ import annotations

import base64
import binascii
import re
from typing import TYPE_CHECKING, Any

from graven.rego.builtins.protocol import Builtin, BuiltinError, builtin
from graven.rego.values import RegoObject, Value, from_json

if TYPE_CHECKING:
    from cryptography import x509

__all__ = ["BUILTINS", "pem_blocks", "read_certificates", "tell_certificate"]

_PEM = re.compile(r"-----BEGIN ([A-Z ]+)-----\s*([A-Za-z0-9+/=\s]+?)\s*-----END \1-----")
_SIGNATURES = {
    "1.2.840.113549.1.1.4": 2, "1.2.840.113549.1.1.5": 3, "1.2.840.113549.1.1.11": 4, "1.2.840.113549.1.1.12": 5,
    "1.2.840.113549.1.1.13": 6, "1.2.840.10045.4.1": 9, "1.2.840.10045.4.3.2": 10, "1.2.840.10045.4.3.3": 11,
    "1.2.840.10045.4.3.4": 12, "1.3.101.112": 16,
}  # fmt: skip
_PSS = {"sha256": 13, "sha384": 14, "sha512": 15}
_NAMES = {
    "2.5.4.6": "Country", "2.5.4.10": "Organization", "2.5.4.11": "OrganizationalUnit", "2.5.4.7": "Locality",
    "2.5.4.8": "Province", "2.5.4.9": "StreetAddress", "2.5.4.17": "PostalCode",
}  # fmt: skip
_USAGES = (
    "digital_signature", "content_commitment", "key_encipherment", "data_encipherment", "key_agreement",
    "key_cert_sign", "crl_sign",
)  # fmt: skip
_EXTENDED = {
    "2.5.29.37.0": 0, "1.3.6.1.5.5.7.3.1": 1, "1.3.6.1.5.5.7.3.2": 2, "1.3.6.1.5.5.7.3.3": 3, "1.3.6.1.5.5.7.3.4": 4,
    "1.3.6.1.5.5.7.3.5": 5, "1.3.6.1.5.5.7.3.6": 6, "1.3.6.1.5.5.7.3.7": 7, "1.3.6.1.5.5.7.3.8": 8,
    "1.3.6.1.5.5.7.3.9": 9, "1.3.6.1.4.1.311.10.3.3": 10, "2.16.840.1.113730.4.1": 11,
}  # fmt: skip
_REFUSED = {"2.5.29.30": "name constraints", "2.5.29.33": "policy mappings", "2.5.29.36": "policy constraints",
            "2.5.29.54": "inhibit any policy"}  # fmt: skip
_HANDLED = frozenset(
    {"2.5.29.15", "2.5.29.37", "2.5.29.19", "2.5.29.14", "2.5.29.35", "2.5.29.17", "2.5.29.31", "2.5.29.32",
     "1.3.6.1.5.5.7.1.1"}
)  # fmt: skip


def _b64(data: bytes) -> str:
    return base64.b64encode(data).decode()


def _oid(text: str) -> list[int]:
    return [int(part) for part in text.split(".")]


def pem_blocks(text: str) -> list[tuple[str, bytes]]:
    """Give label and content of each block of a PEM text.

    Raises:
        BuiltinError: a block is no base64.
    """
    try:
        return [(label, base64.b64decode("".join(body.split()))) for label, body in _PEM.findall(text)]
    except binascii.Error:
        raise BuiltinError("illegal base64 data in a PEM block") from None


def _blocks(text: str, label: str) -> list[bytes]:
    """Give the DER of PEM blocks, of PEM in base64, or of DER in base64."""
    if "-----BEGIN" not in text:
        try:
            data = base64.b64decode(text, validate=True)
        except binascii.Error:
            raise BuiltinError("illegal base64 data at input byte 4") from None
        if b"-----BEGIN" not in data:
            return [data]
        text = data.decode("utf-8", "replace")
    return [body for kind, body in pem_blocks(text) if kind in (label, f"NEW {label}")]


def _name(name: x509.Name) -> dict[str, Any]:
    parts: dict[str, Any] = dict.fromkeys(_NAMES.values())
    parts |= {"CommonName": "", "SerialNumber": "", "ExtraNames": None, "Names": []}
    for attribute in (each for rdn in name.rdns for each in rdn):
        oid, value = attribute.oid.dotted_string, attribute.value
        parts["Names"].append({"Type": _oid(oid), "Value": value if isinstance(value, str) else _b64(value)})
        if oid in _NAMES:
            parts[_NAMES[oid]] = [*(parts[_NAMES[oid]] or []), value]
        elif oid in ("2.5.4.3", "2.5.4.5"):
            parts["CommonName" if oid == "2.5.4.3" else "SerialNumber"] = value
    parts["Names"] = parts["Names"] or None
    return parts


def _key(key: Any) -> tuple[int, Any]:
    """Give the number of a key's algorithm and its parts."""
    from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

    if isinstance(key, rsa.RSAPublicKey):
        numbers = key.public_numbers()
        return 1, {"N": numbers.n, "E": numbers.e}
    if isinstance(key, ec.EllipticCurvePublicKey):
        point = key.public_numbers()
        return 3, {"Curve": {}, "X": point.x, "Y": point.y}
    if isinstance(key, ed25519.Ed25519PublicKey):
        return 4, _b64(key.public_bytes(Encoding.Raw, PublicFormat.Raw))
    raise BuiltinError("x509: unsupported kind of public key")


def _signature(subject: x509.Certificate | x509.CertificateSigningRequest) -> int:
    oid = subject.signature_algorithm_oid.dotted_string
    if oid == "1.2.840.113549.1.1.10":
        digest = subject.signature_hash_algorithm
        return _PSS.get(digest.name if digest else "", 0)
    return _SIGNATURES.get(oid, 0)


def _spki(subject: x509.Certificate | x509.CertificateSigningRequest) -> bytes:
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

    return subject.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)


def _extensions(extensions: x509.Extensions) -> list[dict[str, Any]]:
    return [
        {"Id": _oid(each.oid.dotted_string), "Critical": each.critical, "Value": _b64(each.value.public_bytes())}
        for each in extensions
    ]


def _names_of(extensions: x509.Extensions) -> dict[str, Any]:
    """Give the alternative names by their kind."""
    from cryptography import x509

    found: dict[str, Any] = dict.fromkeys(("DNSNames", "EmailAddresses", "IPAddresses", "URIs", "URIStrings"))
    for each in extensions:
        if not isinstance(each.value, x509.SubjectAlternativeName):
            continue
        for general in each.value:
            if isinstance(general, x509.DNSName):
                found["DNSNames"] = [*(found["DNSNames"] or []), general.value]
            elif isinstance(general, x509.RFC822Name):
                found["EmailAddresses"] = [*(found["EmailAddresses"] or []), general.value]
            elif isinstance(general, x509.IPAddress):
                found["IPAddresses"] = [*(found["IPAddresses"] or []), str(general.value)]
            elif isinstance(general, x509.UniformResourceIdentifier):
                found["URIStrings"] = [*(found["URIStrings"] or []), general.value]
                found["URIs"] = [*(found["URIs"] or []), _url(general.value)]
    return found


def _url(text: str) -> dict[str, Any]:
    from urllib.parse import urlsplit

    parts = urlsplit(text)
    return {
        "Scheme": parts.scheme, "Opaque": "", "User": None, "Host": parts.netloc, "Path": parts.path, "RawPath": "",
        "OmitHost": False, "ForceQuery": False, "RawQuery": parts.query, "Fragment": parts.fragment, "RawFragment": "",
    }  # fmt: skip


def _object(fields: dict[str, Any]) -> RegoObject:
    return RegoObject({name: from_json(value) for name, value in fields.items()})


def _constants() -> dict[str, Any]:
    """Give the fields that stand for constraints that a certificate which is not refused does not have."""
    kinds = ("DNSDomains", "EmailAddresses", "IPRanges", "URIDomains")
    lists = [f"{way}{kind}" for way in ("Excluded", "Permitted") for kind in kinds]
    found: dict[str, Any] = dict.fromkeys([*lists, "ExtraExtensions", "PolicyMappings"])
    found |= {"PermittedDNSDomainsCritical": False}
    for name in ("InhibitAnyPolicy", "InhibitPolicyMapping", "RequireExplicitPolicy"):
        found |= {name: 0, f"{name}Zero": False}
    return found


def _usages(extensions: x509.Extensions) -> dict[str, Any]:
    """Give what the key may be used for."""
    from cryptography import x509

    found: dict[str, Any] = {"KeyUsage": 0, "ExtKeyUsage": None, "UnknownExtKeyUsage": None}
    found |= {"BasicConstraintsValid": False, "IsCA": False, "MaxPathLen": 0, "MaxPathLenZero": False}
    for each in extensions:
        value = each.value
        if isinstance(value, x509.KeyUsage):
            found["KeyUsage"] = sum(1 << at for at, name in enumerate(_USAGES) if getattr(value, name))
            if value.key_agreement:
                found["KeyUsage"] += 128 * value.encipher_only + 256 * value.decipher_only
        elif isinstance(value, x509.ExtendedKeyUsage):
            names = [one.dotted_string for one in value]
            found["ExtKeyUsage"] = [_EXTENDED[name] for name in names if name in _EXTENDED] or None
            found["UnknownExtKeyUsage"] = [_oid(name) for name in names if name not in _EXTENDED] or None
        elif isinstance(value, x509.BasicConstraints):
            length = value.path_length
            found |= {"BasicConstraintsValid": True, "IsCA": value.ca, "MaxPathLenZero": length == 0}
            found["MaxPathLen"] = -1 if length is None else length
    return found


def _pointers(extensions: x509.Extensions) -> dict[str, Any]:
    """Give the identifiers of keys, the places of revocation and issuers, the policies."""
    from cryptography import x509

    found: dict[str, Any] = dict.fromkeys(
        ("SubjectKeyId", "AuthorityKeyId", "CRLDistributionPoints", "OCSPServer", "IssuingCertificateURL",
         "PolicyIdentifiers", "Policies")
    )  # fmt: skip
    for each in extensions:
        value = each.value
        if isinstance(value, x509.SubjectKeyIdentifier):
            found["SubjectKeyId"] = _b64(value.digest)
        elif isinstance(value, x509.AuthorityKeyIdentifier) and value.key_identifier is not None:
            found["AuthorityKeyId"] = _b64(value.key_identifier)
        elif isinstance(value, x509.CRLDistributionPoints):
            uris = [name.value for point in value for name in point.full_name or [] if hasattr(name, "value")]
            found["CRLDistributionPoints"] = uris or None
        elif isinstance(value, x509.AuthorityInformationAccess):
            for field, oid in (("OCSPServer", "1.3.6.1.5.5.7.48.1"), ("IssuingCertificateURL", "1.3.6.1.5.5.7.48.2")):
                uris = [one.access_location.value for one in value if one.access_method.dotted_string == oid]
                found[field] = uris or None
        elif isinstance(value, x509.CertificatePolicies):
            names = [one.policy_identifier.dotted_string for one in value]
            found |= {"Policies": names, "PolicyIdentifiers": [_oid(name) for name in names]}
    return found


def tell_certificate(data: bytes) -> RegoObject:
    """Tell a certificate by the fields of Go's type, with ``URIStrings``.

    Raises:
        BuiltinError: it is none, or it cannot be told in full.
    """
    import warnings

    from cryptography import x509

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # a serial number of zero is told, not judged
            found = x509.load_der_x509_certificate(data)
            serial = found.serial_number
        extensions = found.extensions
        number, key = _key(found.public_key())
    except (ValueError, x509.DuplicateExtension) as error:
        raise BuiltinError(f"x509: malformed certificate: {error}") from None
    for each in extensions:
        if each.oid.dotted_string in _REFUSED:
            raise BuiltinError(f"x509: a certificate with {_REFUSED[each.oid.dotted_string]} cannot be told in full")
    unhandled = [_oid(e.oid.dotted_string) for e in extensions if e.critical and e.oid.dotted_string not in _HANDLED]
    return _object(
        {
            "Raw": _b64(data), "RawTBSCertificate": _b64(found.tbs_certificate_bytes),
            "RawSubjectPublicKeyInfo": _b64(_spki(found)), "RawSubject": _b64(found.subject.public_bytes()),
            "RawIssuer": _b64(found.issuer.public_bytes()), "Signature": _b64(found.signature),
            "SignatureAlgorithm": _signature(found), "PublicKeyAlgorithm": number, "PublicKey": key,
            "Version": found.version.value + 1, "SerialNumber": serial,
            "Issuer": _name(found.issuer), "Subject": _name(found.subject),
            "NotBefore": found.not_valid_before_utc.strftime("%Y-%m-%dT%H:%M:%SZ"),
            "NotAfter": found.not_valid_after_utc.strftime("%Y-%m-%dT%H:%M:%SZ"),
            "Extensions": _extensions(extensions) or None, "UnhandledCriticalExtensions": unhandled or None,
            **_constants(), **_usages(extensions), **_pointers(extensions), **_names_of(extensions),
        }
    )  # fmt: skip


def _request(data: bytes) -> Value:
    from cryptography import x509

    try:
        found = x509.load_der_x509_csr(data)
        extensions = found.extensions
        number, key = _key(found.public_key())
    except ValueError as error:
        raise BuiltinError(f"asn1: structure error: {error}") from None
    if list(found.attributes):
        raise BuiltinError("a request with attributes cannot be told in full")
    names = _names_of(extensions)
    del names["URIStrings"]
    return from_json(
        {
            "Raw": _b64(data), "RawTBSCertificateRequest": _b64(found.tbs_certrequest_bytes),
            "RawSubjectPublicKeyInfo": _b64(_spki(found)), "RawSubject": _b64(found.subject.public_bytes()),
            "Signature": _b64(found.signature), "SignatureAlgorithm": _signature(found), "PublicKeyAlgorithm": number,
            "PublicKey": key, "Version": 0, "Subject": _name(found.subject), "Attributes": None,
            "Extensions": _extensions(extensions) or None, "ExtraExtensions": None, **names,
        }
    )  # fmt: skip


def _ders(data: bytes) -> list[bytes]:
    """Cut DER values that stand one behind the other."""
    found, at = [], 0
    while at + 2 <= len(data):
        size, head = data[at + 1], 2
        if size & 0x80:
            head, size = 2 + (size & 0x7F), int.from_bytes(data[at + 2 : at + 2 + (size & 0x7F)], "big")
        found.append(data[at : at + head + size])
        at += head + size
    return found or [data]


def read_certificates(text: str) -> list[bytes]:
    """Give the DER of each certificate of PEM or base64.

    Raises:
        BuiltinError: it is neither.
    """
    blocks = _blocks(text, "CERTIFICATE")
    return _ders(blocks[0]) if len(blocks) == 1 else blocks


def _parse_certificates(text: str) -> Value:
    return tuple(tell_certificate(der) for der in read_certificates(text))


def _parse_request(text: str) -> Value:
    blocks = _blocks(text, "CERTIFICATE REQUEST")
    if not blocks:
        raise BuiltinError("invalid PEM-encoded certificate signing request")
    return _request(blocks[0])


BUILTINS: tuple[Builtin, ...] = (
    builtin("crypto.x509.parse_certificates", _parse_certificates),
    builtin("crypto.x509.parse_certificate_request", _parse_request),
)
