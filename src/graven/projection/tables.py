"""The tables that answer reads. All can be rebuilt from the journal."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

__all__ = ["TABLES", "Table"]


@dataclass(frozen=True, slots=True)
class Table:
    """A sorted map: rows are found by key, or scanned by the beginning of the key, in order."""

    name: str
    key: tuple[str, ...]
    """Columns of the key; ``position`` (the index of an event in the journal) is an integer, all others are text."""
    columns: tuple[str, ...]
    """Columns of the row; ``size`` and ``position`` are integers, all others text or NULL."""


_ALL = (
    Table("repositories", ("repository",), ("mode", "created")),
    Table("blobs", ("repository", "digest"), ("size",)),
    Table("holders", ("digest", "repository"), ("size",)),
    Table(
        "manifests",
        ("repository", "digest"),
        ("size", "media_type", "artifact_type", "subject", "position", "time"),
    ),
    Table("tags", ("repository", "tag"), ("digest", "time")),
    Table("tagged", ("repository", "digest", "tag"), ()),
    Table(
        "referrers",
        ("repository", "subject", "digest"),
        ("size", "media_type", "artifact_type", "position", "time"),
    ),
    Table("parents", ("repository", "child", "digest"), ()),
    Table("files", ("repository", "name", "version", "filename"), ("digest", "size", "manifest", "time")),
    Table("inventories", ("digest",), ("inventory", "cataloguer", "time")),
    Table("snapshots", ("position",), ("snapshot", "source", "size", "time")),
    Table("decisions", ("decision",), ("repository", "digest", "stage", "verdict", "position", "time")),
    Table("judged", ("repository", "digest", "position"), ("decision", "stage", "verdict", "time")),
    Table(
        "pointers",
        ("stage", "repository"),
        ("digest", "decision", "vsa", "valid_until", "position", "time"),
    ),
    Table(
        "history",
        ("stage", "repository", "position"),
        ("digest", "previous", "decision", "vsa", "kind", "actor", "reason", "time"),
    ),
    Table(
        "admissible",
        ("stage", "repository", "digest"),
        ("index_digest", "vsa", "valid_until", "since", "until"),
    ),
    Table("stood", ("repository", "digest", "stage"), ("since", "position")),
    Table("revocations", ("kind", "target"), ("reason", "position", "time")),
    Table("waivers", ("waiver",), ("document", "expires", "withdrawn", "time")),
    Table("documents", ("kind",), ("document", "position", "time")),
    Table("document_history", ("kind", "position"), ("document", "actor", "time")),
    Table("clusters", ("cluster",), ("stage", "secret_hash", "time")),
    Table("principals", ("principal",), ("kind", "time")),
    Table("tokens", ("secret_hash",), ("token", "principal", "scopes", "expires", "time")),
    Table("token_ids", ("token",), ("secret_hash", "principal", "scopes", "expires", "time")),
    Table("keys", ("purpose", "fingerprint"), ("public", "since", "until", "position")),
    Table("timeline", ("digest", "position"), ("repository", "type")),
    Table("activity", ("repository", "position"), ("type", "digest")),
)

TABLES: Mapping[str, Table] = MappingProxyType({table.name: table for table in _ALL})
