"""Rebuilds the database of a data folder from its sealed log, beside the old one, and puts it in place when whole."""

from __future__ import annotations

import contextlib
import secrets
import sqlite3
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from graven.engines.keystore import Keystore
from graven.errors import Conflict, GravenError, NotFound
from graven.flows.rebuild import Rebuilt, rebuild
from graven.ledger.checkpoint import Checkpoint
from graven.ledger.note import Note, VerifierKey
from graven.ledger.tiles import CHECKPOINT
from graven.stores import layout
from graven.stores.lock import locked
from graven.stores.log import DiskLogFiles
from graven.stores.sqlite import SqliteHead, SqliteStore
from graven.values.entry import Entry

__all__ = ["Outcome", "rebuilt"]

_BESIDE = ("", "-wal", "-shm")
"""SQLite's files stand together or not at all."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What was rebuilt, and what is known of what is lost."""

    rebuilt: Rebuilt
    kept_as: Path | None
    """Where the old database is now, if there was one."""
    lost: tuple[tuple[int, str, str], ...] | None
    """Position, time and type of events behind the checkpoint, as the old database shows them; None: it cannot."""


async def rebuilt(data: Path, *, key: str | None, replace: bool, clock: Callable[[], datetime]) -> Outcome:
    """Rebuild under the lock of the folder.

    Raises:
        Unavailable: a server runs on the folder.
        Conflict: there is a database, and it was not said that it may be replaced.
        GravenError: as ``flows.rebuild``; then nothing was changed.
    """
    if not layout.log(data).is_dir():
        raise NotFound("there is no sealed log to rebuild from", where=str(layout.log(data)))
    with locked(data):
        target = layout.database(data)
        old = target.exists() and _size(target) != 0  # what a server made that found no database holds nothing
        if old and not replace:
            raise Conflict("there is a database already", where=str(target), hint="--replace moves it aside")
        files, draft = DiskLogFiles(layout.log(data)), target.with_name("graven.db.rebuilding")
        keys = (VerifierKey.parse(key),) if key else (await _own(data, files),)
        with _drafted(draft):
            store = SqliteStore(draft, clock=clock, entropy=secrets.token_bytes)
            try:
                found = await rebuild(files=files, intake=store, head=SqliteHead(store), keys=keys)
            finally:
                store.close()
            lost = _behind(target, found.checkpoint.size) if old else None
            kept = _aside(target, clock()) if old else None
            _remove(target)
            draft.replace(target)
    return Outcome(found, kept, lost)


async def _own(data: Path, files: DiskLogFiles) -> VerifierKey:
    """Give the key of the folder itself, under the name that the checkpoint has."""
    if not (layout.keys(data) / "log.key").exists():
        raise NotFound("the log's key is not here", where=str(layout.keys(data)), hint="give --key VKEY")
    note = await files.read(CHECKPOINT)
    if note is None:
        raise NotFound("the log has no checkpoint: nothing was sealed", where=str(layout.log(data)))
    raw = Keystore.open(layout.keys(data), entropy=secrets.token_bytes).log.public_raw
    return VerifierKey.of(Checkpoint.parse(Note.parse(note).text).origin, raw)


@contextlib.contextmanager
def _drafted(draft: Path) -> Iterator[None]:
    """Leave nothing of a draft behind, whichever way it ends."""
    _remove(draft)
    try:
        yield
    finally:
        _remove(draft)


def _remove(file: Path) -> None:
    for suffix in _BESIDE:
        file.with_name(file.name + suffix).unlink(missing_ok=True)


def _aside(target: Path, moment: datetime) -> Path:
    kept = target.with_name(f"graven.db.before-{moment:%Y%m%dT%H%M%S%f}")
    for suffix in _BESIDE:
        beside = target.with_name(target.name + suffix)
        if beside.exists():
            beside.replace(kept.with_name(kept.name + suffix))
    return kept


def _size(database: Path) -> int | None:
    """Count the entries of the old database, if it can still be read."""
    try:
        with contextlib.closing(sqlite3.connect(database)) as old:
            return int(old.execute("SELECT count(*) FROM entries").fetchone()[0])
    except sqlite3.Error:
        return None


def _behind(database: Path, size: int) -> tuple[tuple[int, str, str], ...] | None:
    """Name the events behind the checkpoint, as far as the old database can still be read."""
    query = "SELECT position, leaf FROM entries WHERE position >= ? ORDER BY position"
    try:
        with contextlib.closing(sqlite3.connect(database)) as old:
            found = old.execute(query, (size,)).fetchall()
        entries = [(position, Entry.decode(leaf)) for position, leaf in found]
    except (sqlite3.Error, GravenError):
        return None
    return tuple((position, entry.time, entry.type) for position, entry in entries)
