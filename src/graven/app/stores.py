"""Opens what a server stands on: the data folder with its lock, the journal, the objects, the names."""

from __future__ import annotations

from dataclasses import dataclass

from graven.ports import Cache, Entries, Journal, Names, ObjectReader, ObjectRemover, ObjectWriter, Tables, Uploads

__all__ = ["Stores"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Stores:
    """The adapters of one server, each behind its port."""

    journal: Journal
    entries: Entries
    tables: Tables
    reader: ObjectReader
    writer: ObjectWriter
    uploads: Uploads
    remover: ObjectRemover
    names: Names
    cache: Cache
    seed: bytes
    """Random bytes of this data folder, from which keys are derived that nobody outside needs."""
