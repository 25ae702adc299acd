"""Owns materials: all that a question is built from, by digest, and the way from those bytes to the inputs.

    {"v": 1, "artifact": {…}, "target": {…}, "request": {…}, "now": …,
     "trust": …, "fault": …, "revoked": [[kind, target], …],
     "evidence": [{"manifest": …, "blobs": […], "subject": …, "received": …}, …],
     "overflow"?: …, "inventory"?: …, "snapshot"?: {"digest": …, "moment": …}, "advisories"?: …, "kev"?: …}

A decision and its replay take the same way, so that a replay proves the decision and not a twin of it:

1. Each piece of evidence is read from its bytes and verified against the trust root, less what was revoked.
2. The components of the inventory are matched against the advisory records that were kept.
3. VEX statements move findings, if a party that is trusted for this signed them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from graven.decide.inputs import Artifact, Request, Snapshot, Stay, Target
from graven.errors import GravenError, Malformed, NotFound
from graven.values import Digest, canonical

__all__ = ["Fetch", "Materials", "Source", "decode_records", "encode_records", "missing"]

Fetch = Callable[[Digest], bytes]
"""Gives the bytes of a stored object."""

_VERSION = 1


@dataclass(frozen=True, slots=True, order=True)
class Source:
    """A piece of evidence as it was received."""

    manifest: Digest
    """The manifest that carries it."""
    subject: Digest
    """What it was looked up for: the artifact, or an index that lists it."""
    received: str
    blobs: tuple[Digest, ...] = ()


@dataclass(frozen=True, slots=True)
class Materials:
    """What a question is built from."""

    artifact: Artifact
    target: Target
    request: Request
    now: str
    trust: Digest
    """The trust root's document."""
    revoked: tuple[tuple[str, str], ...] = ()
    """Kind and target of identities and keys that were revoked; sorted."""
    evidence: tuple[Source, ...] = ()
    """Sorted."""
    overflow: str = ""
    """Why the evidence was not looked at: there is too much of it."""
    inventory: Digest | None = None
    fault: str = ""
    """Why there is no inventory."""
    snapshot: Snapshot | None = None
    advisories: Digest | None = None
    """The records of the snapshot that speak of the packages inside, as they were received."""
    kev: Digest | None = None
    """The list of known exploited vulnerabilities that the snapshot names."""

    def value(self) -> dict[str, Any]:
        """Give the JSON form."""
        found: dict[str, Any] = {
            "v": _VERSION,
            "artifact": _artifact(self.artifact),
            "target": _target(self.target),
            "request": {"actor": self.request.actor, "reason": self.request.reason},
            "now": self.now,
            "trust": str(self.trust),
            "fault": self.fault,
            "revoked": [list(one) for one in self.revoked],
            "evidence": [_source(one) for one in sorted(self.evidence)],
        }
        if self.overflow:
            found["overflow"] = self.overflow
        if self.inventory is not None:
            found["inventory"] = str(self.inventory)
        if self.snapshot is not None:
            found["snapshot"] = {"digest": str(self.snapshot.digest), "moment": self.snapshot.moment}
        optional = {"advisories": self.advisories, "kev": self.kev}
        found |= {name: str(digest) for name, digest in optional.items() if digest is not None}
        return found

    def encode(self) -> bytes:
        """Write the canonical document."""
        return canonical.dumps(self.value())

    @classmethod
    def decode(cls, document: bytes) -> Materials:
        """Read the document.

        Raises:
            Malformed: it is none.
        """
        found = canonical.loads(document, where="materials")
        try:
            if found["v"] != _VERSION:
                raise Malformed(f"got version {found['v']!r} of materials, expected {_VERSION}", where="materials")
            snapshot = found.get("snapshot")
            return cls(
                artifact=_read_artifact(found["artifact"]),
                target=_read_target(found["target"]),
                request=Request(found["request"]["actor"], found["request"]["reason"]),
                now=found["now"],
                trust=Digest.parse(found["trust"]),
                revoked=tuple((kind, target) for kind, target in found["revoked"]),
                evidence=tuple(_read_source(one) for one in found["evidence"]),
                fault=found["fault"],
                overflow=found.get("overflow", ""),
                inventory=_optional(found.get("inventory")),
                snapshot=None if snapshot is None else Snapshot(Digest.parse(snapshot["digest"]), snapshot["moment"]),
                advisories=_optional(found.get("advisories")),
                kev=_optional(found.get("kev")),
            )
        except (KeyError, TypeError, ValueError, AttributeError, GravenError) as e:
            raise Malformed(f"no materials of a decision: {e}", where="materials") from e

    def objects(self) -> Iterator[Digest]:
        """Give the digests of all stored bytes that a replay needs."""
        yield self.trust
        for source in self.evidence:
            yield source.manifest
            yield from source.blobs
        optional = (self.inventory, self.snapshot.digest if self.snapshot else None, self.advisories, self.kev)
        yield from (digest for digest in optional if digest is not None)


def missing(digest: Digest) -> NotFound:
    """Say that bytes are not there, in the same words wherever that is found, since the question counts reasons."""
    return NotFound(f"there is no object {digest}", where="materials")


def encode_records(records: list[bytes]) -> bytes:
    """Write advisory records as one object, each as it was received, in the order of their digests."""
    return canonical.dumps([record.decode() for record in sorted(records, key=lambda r: str(Digest.of(r)))])


def decode_records(document: bytes) -> list[bytes]:
    """Read advisory records.

    Raises:
        Malformed: the object is none of ours.
    """
    found = canonical.loads(document, where="advisory records")
    if not isinstance(found, list) or not all(isinstance(record, str) for record in found):
        raise Malformed("got no list of advisory records", where="advisory records")
    return [record.encode() for record in found]


def _artifact(artifact: Artifact) -> dict[str, Any]:
    return {
        "repository": artifact.repository,
        "digest": str(artifact.digest),
        "media_type": artifact.media_type,
        "kind": artifact.kind,
        "size": artifact.size,
        "pushed": artifact.pushed,
        "tags": sorted(artifact.tags),
        "children": [str(child) for child in artifact.children],
    }


def _read_artifact(found: dict[str, Any]) -> Artifact:
    children = tuple(Digest.parse(child) for child in found["children"])
    parts = found | {"digest": Digest.parse(found["digest"]), "tags": tuple(found["tags"]), "children": children}
    return Artifact(**parts)


def _target(target: Target) -> dict[str, Any]:
    history = [[stay.stage, stay.since, stay.current, stay.revoked] for stay in sorted(target.history)]
    found: dict[str, Any] = {"stage": target.stage, "before": target.before, "history": history}
    return found if target.previous is None else found | {"previous": str(target.previous)}


def _read_target(found: dict[str, Any]) -> Target:
    history = tuple(Stay(*stay) for stay in found["history"])
    return Target(found["stage"], found["before"], history, _optional(found.get("previous")))


def _source(source: Source) -> dict[str, Any]:
    return {
        "manifest": str(source.manifest),
        "subject": str(source.subject),
        "received": source.received,
        "blobs": [str(blob) for blob in source.blobs],
    }


def _read_source(found: dict[str, Any]) -> Source:
    blobs = tuple(Digest.parse(blob) for blob in found["blobs"])
    return Source(Digest.parse(found["manifest"]), Digest.parse(found["subject"]), found["received"], blobs)


def _optional(text: str | None) -> Digest | None:
    return None if text is None else Digest.parse(text)
