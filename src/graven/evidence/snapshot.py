"""A snapshot of advisories: what there was to match against, named by one digest.

    root  {"v", "records", "newest", "ecosystems": {name: records}, "kev": digest|null, "shards": {"00".."ff": digest}}
    shard [row, …] sorted by id; a row's shard is the first byte of its id's SHA-256
    row   {"id", "digest", "modified", "packages": [[ecosystem, name], …], "pack", "offset", "size"}
    pack  the records' own bytes, as received, one after another

All are objects in canonical JSON, so that an import that changes ten records writes at most ten shards, and a replay
reads the shards and records that it needs. A record's digest is of its own bytes, wherever it is packed.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from graven.errors import Malformed
from graven.values import Digest, canonical

__all__ = ["Row", "Snapshot", "decode_shard", "encode_shard", "exploited", "shard_of"]

_VERSION = 1


@dataclass(frozen=True, slots=True)
class Row:
    """A record of a snapshot: what it is, whom it concerns, where its bytes are."""

    id: str
    digest: Digest
    modified: str
    packages: tuple[tuple[str, str], ...]
    pack: Digest
    offset: int
    size: int

    def cut(self, pack: bytes, start: int = 0) -> bytes:
        """Take the record out of its pack's bytes from a position on.

        Raises:
            Mismatch: what stands there is not the record.
        """
        data = pack[self.offset - start : self.offset - start + self.size]
        self.digest.check(data)
        return data


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The root."""

    records: int
    newest: str
    """When its newest record was modified; empty where there is none."""
    ecosystems: tuple[tuple[str, int], ...]
    """The ecosystems of which it has records, and how many; sorted."""
    kev: Digest | None
    """CISA's list of known exploited vulnerabilities, as received."""
    shards: tuple[tuple[str, Digest], ...]

    @property
    def covered(self) -> frozenset[str]:
        """The names of the ecosystems."""
        return frozenset(name for name, _ in self.ecosystems)

    def encode(self) -> bytes:
        """Write the object."""
        return canonical.dumps(
            {
                "v": _VERSION,
                "records": self.records,
                "newest": self.newest,
                "ecosystems": dict(self.ecosystems),
                "kev": None if self.kev is None else str(self.kev),
                "shards": {name: str(digest) for name, digest in self.shards},
            }
        )

    @classmethod
    def decode(cls, data: bytes) -> Snapshot:
        """Read the object.

        Raises:
            Malformed: it is none.
        """
        document = canonical.loads(data, where="snapshot")
        if not isinstance(document, dict) or document.get("v") != _VERSION:
            raise Malformed(f"got something else than a snapshot of version {_VERSION}", where="snapshot")
        try:
            return cls(
                records=document["records"],
                newest=document["newest"],
                ecosystems=tuple(sorted(document["ecosystems"].items())),
                kev=Digest.parse(document["kev"]) if document["kev"] else None,
                shards=tuple((name, Digest.parse(text)) for name, text in sorted(document["shards"].items())),
            )
        except (KeyError, TypeError, AttributeError) as e:
            raise Malformed(f"got a snapshot without what it must have: {e}", where="snapshot") from e


def shard_of(record: str) -> str:
    """Name the shard of a record's id.

    >>> shard_of("GHSA-35jh-r3h4-6jhm")
    'f8'
    """
    return hashlib.sha256(record.encode()).hexdigest()[:2]


def encode_shard(rows: Iterable[Row]) -> bytes:
    """Write a shard; rows may come in any order."""
    return canonical.dumps([_document(row) for row in sorted(rows, key=lambda row: row.id)])


def decode_shard(data: bytes) -> tuple[Row, ...]:
    """Read a shard.

    Raises:
        Malformed: it is none.
    """
    try:
        return tuple(_row(document) for document in json.loads(data))
    except (ValueError, KeyError, TypeError) as e:
        raise Malformed(f"got something else than rows of a snapshot: {e}", where="snapshot") from e


def exploited(data: bytes) -> frozenset[str] | None:
    """Read CISA's list of known exploited vulnerabilities; None where it is something else.

    Raises:
        Malformed: it is such a list and cannot be read.
    """
    if b'"catalogVersion"' not in data:
        return None
    document = canonical.loads(data, where="known exploited vulnerabilities")
    entries = document.get("vulnerabilities") if isinstance(document, dict) else None
    if not isinstance(entries, list):
        return None
    names = [entry.get("cveID") if isinstance(entry, dict) else None for entry in entries]
    found = frozenset(name for name in names if isinstance(name, str))
    if len(found) != len(names):
        raise Malformed("got an entry without a cveID of its own", where="known exploited vulnerabilities")
    return found


def _document(row: Row) -> Mapping[str, Any]:
    return {
        "id": row.id,
        "digest": str(row.digest),
        "modified": row.modified,
        "packages": [list(package) for package in row.packages],
        "pack": str(row.pack),
        "offset": row.offset,
        "size": row.size,
    }


def _row(document: Mapping[str, Any]) -> Row:
    return Row(
        id=document["id"],
        digest=Digest.parse(document["digest"]),
        modified=document["modified"],
        packages=tuple((ecosystem, name) for ecosystem, name in document["packages"]),
        pack=Digest.parse(document["pack"]),
        offset=document["offset"],
        size=document["size"],
    )
