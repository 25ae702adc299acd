"""The index of advisories in SQLite, in the folder of caches: rows by snapshot, found by package in microseconds.

Nothing in it is the only copy. A file that SQLite cannot read is thrown away; the flow then makes the index again from
the objects. A draft is one transaction on a connection of its own, so that readers see all of it or nothing.
"""

from __future__ import annotations

import json
import sqlite3
import threading
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import TypeVar

from anyio import to_thread

from graven.errors import Unavailable
from graven.evidence.snapshot import Row, shard_of
from graven.ports.advisories import AdvisoryDraft
from graven.values import Digest

__all__ = ["SqliteAdvisoryIndex"]

_KEPT = 3
"""So many snapshots, the newest, are kept; an older one is made again when a replay asks for it."""
_SCHEMA = """
CREATE TABLE IF NOT EXISTS snapshots (number INTEGER PRIMARY KEY AUTOINCREMENT, digest TEXT UNIQUE);
CREATE TABLE IF NOT EXISTS records (
  snapshot INTEGER, shard TEXT, id TEXT, digest TEXT, modified TEXT, packages TEXT, pack TEXT, start INTEGER,
  size INTEGER, PRIMARY KEY (snapshot, shard, id)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS packages (
  snapshot INTEGER, ecosystem TEXT, name TEXT, id TEXT, PRIMARY KEY (snapshot, ecosystem, name, id)) WITHOUT ROWID;
"""
_COLUMNS = "id, digest, modified, packages, pack, start, size"
_Found = TypeVar("_Found")


class SqliteAdvisoryIndex:
    """The index in one file."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._turn = threading.Lock()
        self._reading = self._opened()

    def close(self) -> None:
        """Let go of the file."""
        self._reading.close()

    def draft(self, base: Digest | None) -> AbstractAsyncContextManager[AdvisoryDraft]:
        """Begin a draft; see the port."""
        return self._drafting(base)

    async def holds(self, snapshot: Digest) -> bool:
        """Tell whether the rows are here; see the port."""
        return await _in_thread(lambda: self._number(snapshot) is not None)

    async def find(self, snapshot: Digest, packages: Iterable[tuple[str, str]]) -> Sequence[Row]:
        """Give the rows that speak of a package; see the port."""
        return await _in_thread(lambda: self._find(snapshot, sorted(set(packages))))

    @asynccontextmanager
    async def _drafting(self, base: Digest | None) -> AsyncIterator[AdvisoryDraft]:
        draft = await _in_thread(lambda: _Draft(_connect(self._path), base))
        try:
            yield draft
        finally:
            await _in_thread(draft.close)

    def _opened(self) -> sqlite3.Connection:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        try:
            return _connect(self._path)
        except sqlite3.DatabaseError:
            for suffix in ("", "-wal", "-shm"):
                self._path.with_name(self._path.name + suffix).unlink(missing_ok=True)
            return _connect(self._path)

    def _number(self, snapshot: Digest) -> int | None:
        with self._turn:
            row = self._reading.execute("SELECT number FROM snapshots WHERE digest = ?", (str(snapshot),)).fetchone()
        return None if row is None else int(row[0])

    def _find(self, snapshot: Digest, packages: Sequence[tuple[str, str]]) -> list[Row]:
        number, ids = self._number(snapshot), set()
        with self._turn:
            for package in packages:
                told = "SELECT id FROM packages WHERE snapshot = ? AND ecosystem = ? AND name = ?"
                ids |= {name for (name,) in self._reading.execute(told, (number, *package))}
            one = f"SELECT {_COLUMNS} FROM records WHERE snapshot = ? AND shard = ? AND id = ?"  # noqa: S608  constants
            found = [self._reading.execute(one, (number, shard_of(name), name)).fetchone() for name in sorted(ids)]
        return [_row(columns) for columns in found]


class _Draft:
    """One transaction."""

    def __init__(self, connection: sqlite3.Connection, base: Digest | None) -> None:
        self._connection = connection
        try:
            self._number = self._begin(base)
        except BaseException:
            connection.close()
            raise

    def _begin(self, base: Digest | None) -> int:
        run = self._connection.execute
        run("BEGIN IMMEDIATE")
        number = run("INSERT INTO snapshots (digest) VALUES (NULL)").lastrowid or 0
        old = run("SELECT number FROM snapshots WHERE digest = ?", (str(base),)).fetchone()
        if old is not None:
            records = f"INSERT INTO records SELECT ?, shard, {_COLUMNS} FROM records WHERE snapshot = ?"  # noqa: S608  constants
            run(records, (number, *old))
            packages = "INSERT INTO packages SELECT ?, ecosystem, name, id FROM packages WHERE snapshot = ?"
            run(packages, (number, *old))
        return int(number)

    async def fresh(self, records: Sequence[tuple[str, str, Digest]]) -> set[str]:
        return await _in_thread(lambda: {record[0] for record in records if self._is_fresh(*record)})

    async def put(self, rows: Iterable[Row]) -> None:
        await _in_thread(lambda: self._put(tuple(rows)))

    async def shard(self, name: str) -> Sequence[Row]:
        return await _in_thread(lambda: self._shard(name))

    async def seal(self, snapshot: Digest) -> None:
        await _in_thread(lambda: self._seal(str(snapshot)))

    def close(self) -> None:
        """End the transaction; what was not sealed is gone."""
        self._connection.close()

    def _is_fresh(self, name: str, modified: str, digest: Digest) -> bool:
        told = "SELECT modified, digest FROM records WHERE snapshot = ? AND shard = ? AND id = ?"
        row = self._connection.execute(told, (self._number, shard_of(name), name)).fetchone()
        return row is None or (row[0], row[1]) < (modified, str(digest))

    def _put(self, rows: Sequence[Row]) -> None:
        old = [(self._number, *package, row.id) for row in rows for package in self._packages(row.id)]
        put = self._connection.executemany
        put("DELETE FROM packages WHERE snapshot = ? AND ecosystem = ? AND name = ? AND id = ?", old)
        put("INSERT OR REPLACE INTO records VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", map(self._columns, rows))
        new = [(self._number, *package, row.id) for row in rows for package in row.packages]
        put("INSERT OR IGNORE INTO packages VALUES (?, ?, ?, ?)", new)

    def _packages(self, name: str) -> list[list[str]]:
        told = "SELECT packages FROM records WHERE snapshot = ? AND shard = ? AND id = ?"
        row = self._connection.execute(told, (self._number, shard_of(name), name)).fetchone()
        found: list[list[str]] = [] if row is None else json.loads(row[0])
        return found

    def _columns(self, row: Row) -> tuple[str | int, ...]:
        packages = json.dumps(row.packages)
        place = (str(row.pack), row.offset, row.size)
        return (self._number, shard_of(row.id), row.id, str(row.digest), row.modified, packages, *place)

    def _shard(self, name: str) -> list[Row]:
        told = f"SELECT {_COLUMNS} FROM records WHERE snapshot = ? AND shard = ? ORDER BY id"  # noqa: S608  constants
        return [_row(columns) for columns in self._connection.execute(told, (self._number, name))]

    def _seal(self, digest: str) -> None:
        run = self._connection.execute
        old = [row[0] for row in run("SELECT number FROM snapshots WHERE digest = ?", (digest,))]
        older = "SELECT number FROM snapshots WHERE number != ? ORDER BY number DESC LIMIT -1 OFFSET ?"
        for number in {*old, *(row[0] for row in run(older, (self._number, _KEPT - 1)))}:
            run("DELETE FROM records WHERE snapshot = ?", (number,))
            run("DELETE FROM packages WHERE snapshot = ?", (number,))
            run("DELETE FROM snapshots WHERE number = ?", (number,))
        run("UPDATE snapshots SET digest = ? WHERE number = ?", (digest, self._number))
        run("COMMIT")


def _connect(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False, timeout=60)
    try:
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA synchronous=NORMAL")
        connection.executescript(_SCHEMA)
    except BaseException:
        connection.close()
        raise
    return connection


def _row(columns: Sequence[str | int]) -> Row:
    name, digest, modified, packages, pack, offset, size = columns
    return Row(
        id=str(name),
        digest=Digest.parse(str(digest)),
        modified=str(modified),
        packages=tuple((ecosystem, package) for ecosystem, package in json.loads(str(packages))),
        pack=Digest.parse(str(pack)),
        offset=int(offset),
        size=int(size),
    )


async def _in_thread(work: Callable[[], _Found]) -> _Found:
    try:
        return await to_thread.run_sync(work)
    except sqlite3.Error as e:
        raise Unavailable(f"the index of advisories does not answer: {e}", hint="is the disk full?") from e
