"""Owns the signature of a bundle: ``.signatures.json``, one JWT over the hashes of all its files (OPA's form).

Verification, in this order: (1) there is exactly one token, (2) the key is the one that is configured, by the name
that the caller, the header or the payload says, (3) the algorithm is the configured key's, whatever the header says,
(4) the signature holds, (5) the scope is the configured one, (6) the files of the payload are the files of the
bundle, no more and no less, (7) each has its hash. Anything else refuses.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from graven.decide.bundle import SIGNATURES, Bundle
from graven.errors import Malformed, Mismatch, NotFound, Refused
from graven.rego.builtins import BuiltinError
from graven.rego.builtins.jose import b64decode, b64encode, public_keys
from graven.rego.builtins.jose import sign as sign_bytes
from graven.rego.builtins.jose import verify as verify_bytes

__all__ = ["ALGORITHMS", "VerificationKey", "hash_of", "sign", "verify"]

ALGORITHMS = tuple(f"{kind}{size}" for kind in ("RS", "PS", "ES", "HS") for size in (256, 384, 512))
_HASHES = {
    "MD5": "md5", "SHA-1": "sha1", "SHA-224": "sha224", "SHA-256": "sha256", "SHA-384": "sha384",
    "SHA-512": "sha512", "SHA-512-224": "sha512_224", "SHA-512-256": "sha512_256",
}  # fmt: skip
_STRUCTURED = ("data.json", "data.yaml", ".manifest")


@dataclass(frozen=True, slots=True)
class VerificationKey:
    """A key that may have signed: the PEM text of a public key, or a secret for the HS algorithms."""

    material: str
    algorithm: str = "RS256"
    scope: str = ""


def hash_of(path: str, content: bytes, algorithm: str = "SHA-256") -> str:
    """Give the hash of a file in hexadecimal; data and manifests are hashed by what they say.

    >>> hash_of("data.json", b'{"b": 1.0, "a": "<"}') == hash_of("x/data.json", b'{"a":"<","b":1.0}')
    True

    Raises:
        Malformed: the algorithm is none of the format's, or the document cannot be read.
    """
    if algorithm not in _HASHES:
        raise Malformed(f"got the hash algorithm {algorithm!r}, expected one of {', '.join(_HASHES)}", where=path)
    if path.rpartition("/")[2] in _STRUCTURED:
        content = _walked(_structure(path, content)).encode("utf-8", "surrogatepass")
    return hashlib.new(_HASHES[algorithm], content, usedforsecurity=False).hexdigest()


class _Number(str):
    """A number as it was written."""

    __slots__ = ()


def _structure(path: str, content: bytes) -> Any:
    try:
        if path.endswith(".yaml"):
            from graven.documents.datayaml import read

            return read(content, path)
        return json.loads(content, parse_int=_Number, parse_float=_Number)
    except (ValueError, RecursionError) as e:
        raise Malformed(f"got no JSON: {e}", where=path) from e


def _walked(value: Any) -> str:
    """Write a value as the format hashes it: sorted keys, no blanks, numbers as they were written."""
    if isinstance(value, _Number):
        return str(value)
    if isinstance(value, dict):
        return "{" + ",".join(f"{_scalar(key)}:{_walked(value[key])}" for key in sorted(value, key=str.encode)) + "}"
    if isinstance(value, list):
        return "[" + ",".join(map(_walked, value)) + "]"
    return _scalar(value)


def _scalar(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text.replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")


def sign(
    bundle: Bundle, key: Any, *, algorithm: str = "RS256", key_id: str = "", claims: Mapping[str, Any] | None = None
) -> Bundle:
    """Give the bundle with a signature over its files; the key is one of ``cryptography``, or the bytes of a secret.

    Raises:
        Malformed: the key is of another kind than the algorithm, or the algorithm is not offered.
    """
    if algorithm not in ALGORITHMS:
        raise Malformed(f"got the algorithm {algorithm!r}, expected one of {', '.join(ALGORITHMS)}")
    files = {path: content for path, content in bundle.files.items() if path != SIGNATURES}
    listed = [{"name": path, "hash": hash_of(path, files[path]), "algorithm": "SHA-256"} for path in sorted(files)]
    payload: dict[str, Any] = {"files": listed}
    if claims is not None:
        payload |= claims
    elif key_id:
        payload["keyid"] = key_id
    header = {"alg": algorithm, "typ": "JWT"} | ({"kid": key_id} if key_id else {})
    message = ".".join(b64encode(json.dumps(part, separators=(",", ":")).encode()) for part in (header, payload))
    try:
        signature = sign_bytes(algorithm, key, message.encode())
    except BuiltinError as e:
        raise Malformed(f"the key cannot sign with {algorithm}: {e}") from e
    files[SIGNATURES] = json.dumps({"signatures": [f"{message}.{b64encode(signature)}"]}).encode()
    return Bundle(files, bundle.modules, bundle.data, bundle.manifest, bundle.has_manifest)


def verify(
    bundle: Bundle,
    keys: Mapping[str, VerificationKey],
    *,
    key_id: str = "",
    scope: str = "",
    exclude: Iterable[str] = (),
) -> None:
    """Refuse a bundle that none of the keys signed as it is.

    Raises:
        Refused: it is not signed, or not by a key that counts here, or for another scope.
        Mismatch: a file is not the one that was signed, is missing, or stands beside.
        Malformed: its signature cannot be read.
    """
    payload = _verified(bundle, keys, key_id, scope)
    listed = {str(one.get("name", "")): one for one in _entries(payload)}
    left_out = {SIGNATURES, *exclude}
    present = {path: content for path, content in bundle.files.items() if path not in left_out}
    wanted = {path for path in listed if path not in left_out}
    for path in sorted(present.keys() - wanted):
        raise Mismatch(f"file {path} not included in bundle signature", where=path)
    for path in sorted(wanted - present.keys()):
        raise Mismatch(f"file {path} is included in the bundle signature but not in the bundle", where=path)
    for path, content in present.items():
        want = str(listed[path].get("hash", "")).lower()
        got = hash_of(path, content, str(listed[path].get("algorithm", "")))
        if not hmac.compare_digest(want, got):
            raise Mismatch(f"{path}: digest mismatch (want: {want}, got: {got})", where=path)


def _verified(bundle: Bundle, keys: Mapping[str, VerificationKey], key_id: str, scope: str) -> dict[str, Any]:
    """Give the payload of the one token, once its signature and scope hold."""
    if not bundle.signed():
        raise Refused("the bundle is not signed", hint="sign it with `graven policy build --signing-key`")
    try:
        tokens = json.loads(bundle.files[SIGNATURES])["signatures"]
        [token] = tokens
        head, body, signature = str(token).split(".")
        header, payload = json.loads(b64decode(head)), json.loads(b64decode(body))
        named = key_id or header.get("kid") or payload.get("keyid") or ""
        made = b64decode(signature)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as e:
        raise Malformed(f"got no signature that can be read, expected exactly one JWT: {e}", where=SIGNATURES) from e
    if named not in keys:
        raise Refused(f"the bundle is signed by the key {named!r}, which is not configured", where=SIGNATURES)
    key = keys[named]
    if not _holds(key, f"{head}.{body}".encode(), made):
        raise Refused(f"the signature is not that of the key {named!r}", where=SIGNATURES)
    if payload.get("scope", "") != (scope or key.scope):
        raise Refused("the bundle is signed for another scope", where=SIGNATURES)
    return dict(payload)


def _holds(key: VerificationKey, message: bytes, signature: bytes) -> bool:
    if key.algorithm not in ALGORITHMS:
        raise NotFound(f"got the algorithm {key.algorithm!r}, expected one of {', '.join(ALGORITHMS)}")
    try:
        secret = key.algorithm.startswith("HS")
        materials: list[Any] = [key.material.encode()] if secret else [k.material for k in public_keys(key.material)]
        return any(verify_bytes(key.algorithm, material, message, signature) for material in materials)
    except BuiltinError as e:
        raise Malformed(f"the verification key cannot be read: {e}") from e


def _entries(payload: dict[str, Any]) -> list[dict[str, Any]]:
    entries = payload.get("files")
    if not isinstance(entries, list) or not all(isinstance(one, dict) for one in entries):
        raise Malformed("got no list of files in the signature", where=SIGNATURES)
    return entries
