"""The chain of documents that decide: trust root, policy set, stages.

A link names its kind, the digest of the link before it, and its body; and it says who must sign the next one. So the
present state follows from the first link by signatures alone, whoever keeps the bytes.

    {"kind": "trust", "version": 3, "previous": "sha256:…" | null, "demands": {"threshold": 1, "keys": [PEM, …]},
     "body": {…}}                                     as the payload of a DSSE envelope
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from graven.errors import Conflict, Malformed, Refused
from graven.evidence import dsse
from graven.evidence.dsse import Envelope
from graven.evidence.keys import PublicKey
from graven.values import Digest, canonical

__all__ = ["PAYLOAD_TYPE", "Demands", "Kind", "Link", "parse", "payload", "verify_next"]

PAYLOAD_TYPE = "application/vnd.graven.document.v1+json"
Kind = Literal["trust", "policy", "stages"]
_KINDS: tuple[Kind, ...] = ("trust", "policy", "stages")


@dataclass(frozen=True)
class Demands:
    """Who must sign the next link: so many of these keys."""

    threshold: int
    keys: tuple[PublicKey, ...]

    def value(self) -> dict[str, Any]:
        """Give the JSON form."""
        return {"threshold": self.threshold, "keys": [key.pem.decode() for key in self.keys]}


@dataclass(frozen=True)
class Link:
    """A verified document of a chain."""

    kind: Kind
    version: int
    previous: Digest | None
    demands: Demands
    body: Any
    """The JSON value that decides."""
    digest: Digest
    """Of the envelope, which is what is stored."""


def payload(kind: Kind, body: Any, *, after: Link | None, demands: Demands) -> bytes:
    """Write the payload of the next link, for its signers."""
    return canonical.dumps(
        {
            "kind": kind,
            "version": 1 if after is None else after.version + 1,
            "previous": None if after is None else str(after.digest),
            "demands": demands.value(),
            "body": body,
        }
    )


def parse(envelope: bytes, *, kind: Kind) -> Link:
    """Read a link that was verified when it took effect; who signed it is not looked at again.

    Raises:
        Malformed: it is no link of this kind.
    """
    return _opened(envelope, kind)[1]


def verify_next(envelope: bytes, *, kind: Kind, after: Link | None, first: Demands) -> Link:
    """Verify the next link of a chain: 1 form, 2 kind, 3 predecessor and version, 4 signatures as that one demands.

    The first link is held against ``first``: the keys that were made with the store.

    Raises:
        Malformed: it is no link.
        Conflict: it follows another link than the present one.
        Refused: fewer signatures than are demanded.
    """
    found, link = _opened(envelope, kind)
    previous, version = (None, 1) if after is None else (after.digest, after.version + 1)
    if link.previous != previous or link.version != version:
        raise Conflict(
            f"got version {link.version} after {link.previous}, expected version {version} after {previous}",
            where=f"{kind} document",
            hint="fetch the present document and make the next one from it",
        )
    _signed(found, first if after is None else after.demands, kind)
    return link


def _opened(envelope: bytes, kind: Kind) -> tuple[Envelope, Link]:
    found = dsse.parse(envelope, where=f"{kind} document")
    if found.payload_type != PAYLOAD_TYPE:
        raise Malformed(f"got a payload of {found.payload_type!r}, expected {PAYLOAD_TYPE}", where=f"{kind} document")
    return found, _read(found.payload, Digest.of(envelope), kind)


def _signed(envelope: Envelope, demands: Demands, kind: str) -> None:
    """Count keys and not signatures, so that one key cannot sign twice."""
    signers = {
        key.fingerprint
        for key in demands.keys
        if any(key.verifies(signature.sig, envelope.signed) for signature in envelope.signatures)
    }
    if len(signers) < demands.threshold:
        raise Refused(
            f"got {len(signers)} good signatures, expected {demands.threshold} of {len(demands.keys)} keys",
            where=f"{kind} document",
            hint="have it signed by those whom the present document names",
        )


def _read(data: bytes, digest: Digest, kind: Kind) -> Link:
    value = canonical.loads(data, where=f"{kind} document")
    if not isinstance(value, Mapping) or set(value) != {"kind", "version", "previous", "demands", "body"}:
        raise Malformed("expected kind, version, previous, demands and body", where=f"{kind} document")
    found = next((known for known in _KINDS if known == value["kind"]), None)
    if found != kind:
        raise Malformed(f"got a document of kind {value['kind']!r}, expected {kind!r}", where=f"{kind} document")
    if type(value["version"]) is not int:
        raise Malformed(f"got the version {value['version']!r}, expected a number", where=f"{kind} document")
    previous = None if value["previous"] is None else Digest.parse(str(value["previous"]))
    return Link(kind, value["version"], previous, _demands(value["demands"], kind), value["body"], digest)


def _demands(value: Any, kind: str) -> Demands:
    where = f"{kind} document, demands"
    keys = value.get("keys") if isinstance(value, Mapping) else None
    threshold = value.get("threshold") if isinstance(value, Mapping) else None
    if not isinstance(keys, list) or not all(isinstance(key, str) for key in keys) or type(threshold) is not int:
        raise Malformed("expected threshold and keys", where=where)
    found = tuple(PublicKey.parse(key.encode()) for key in keys)
    if not 1 <= threshold <= len({key.fingerprint for key in found}):
        raise Malformed(f"got a threshold of {threshold} of {len(found)} keys, which could never be met", where=where)
    return Demands(threshold, found)
