"""Opens what a server stands on: the data folder with its lock, the journal, the objects, the names."""

from __future__ import annotations

import contextlib
import os
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

from graven.errors import Unavailable
from graven.ports import (
    Cache,
    Clock,
    Entries,
    Entropy,
    Journal,
    Names,
    ObjectReader,
    ObjectRemover,
    ObjectWriter,
    Tables,
)
from graven.ports.advisories import AdvisoryIndex
from graven.ports.log import Head, LogFiles
from graven.stores import layout
from graven.stores.advisories import SqliteAdvisoryIndex
from graven.stores.disk import DiskCache, DiskObjects
from graven.stores.kept import Kept
from graven.stores.lock import locked
from graven.stores.log import DiskLogFiles
from graven.stores.sqlite import Observe, SqliteHead, SqliteNames, SqliteStore
from graven.stores.uploads import DiskUploads

__all__ = ["Stores", "opened"]

_SEED_BYTES = 32


@dataclass(frozen=True, slots=True, kw_only=True)
class Stores:
    """The adapters of one server, each behind its port."""

    data: Path
    journal: Journal
    entries: Entries
    tables: Tables
    reader: ObjectReader
    writer: ObjectWriter
    uploads: DiskUploads
    remover: ObjectRemover
    names: Names
    cache: Cache
    index: AdvisoryIndex
    head: Head
    log: LogFiles
    spool: Path
    """A folder for files that are removed when they were read."""
    seed: bytes
    """Random bytes of this data folder, from which keys are derived that nobody outside needs."""


@contextlib.asynccontextmanager
async def opened(
    data: Path, *, clock: Clock, entropy: Entropy, observe: Observe | None = None
) -> AsyncIterator[Stores]:
    """Hold a data folder, making it if it is not there, and open what is in it; ``observe`` is told of each commit.

    Raises:
        Unavailable: another process holds it, or it cannot be used.
    """
    with locked(data), contextlib.ExitStack() as stack:
        store = SqliteStore(layout.database(data), clock=clock, entropy=entropy, observe=observe)
        stack.callback(store.close)
        uploads = DiskUploads(data, entropy=entropy)
        stack.callback(uploads.close)
        index = SqliteAdvisoryIndex(_made(layout.cache_folder(data)) / "advisories.db")
        stack.callback(index.close)
        objects, kept = DiskObjects(data), Kept(journal=store, tables=store)
        yield Stores(
            data=data,
            journal=kept,
            entries=store,
            tables=kept,
            reader=objects,
            writer=objects,
            uploads=uploads,
            remover=objects,
            names=SqliteNames(store),
            cache=DiskCache(data),
            index=index,
            head=SqliteHead(store),
            log=DiskLogFiles(_made(layout.log(data))),
            spool=_made(layout.cache_folder(data) / "spool"),
            seed=_seed(_made(layout.keys(data)) / "seed", entropy),
        )


def _made(folder: Path) -> Path:
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as e:
        raise Unavailable(f"the folder cannot be made: {e.strerror}", where=str(folder)) from e
    return folder


def _seed(file: Path, entropy: Entropy) -> bytes:
    """Read the seed, or make it; it is written whole or not at all."""
    try:
        if not file.exists():
            draft = file.with_suffix(".new")
            draft.unlink(missing_ok=True)
            handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(handle, "wb") as opened_:
                opened_.write(entropy(_SEED_BYTES))
                opened_.flush()
                os.fsync(opened_.fileno())
            draft.replace(file)
        found = file.read_bytes()
    except OSError as e:
        raise Unavailable(f"the seed cannot be read: {e.strerror}", where=str(file)) from e
    if len(found) != _SEED_BYTES:
        raise Unavailable(f"got a seed of {len(found)} bytes, expected {_SEED_BYTES}", where=str(file))
    return found
