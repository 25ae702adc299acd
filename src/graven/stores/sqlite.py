"""Journal and tables in SQLite: write-ahead log, ``synchronous=FULL``, one writing thread, reads on the caller's.

An append is a savepoint in its group's transaction, so that its conflict undoes it alone. A read looks at an index in
memory, which is faster than any hand-over to a thread would be.
"""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from graven.errors import Conflict, GravenError, Unavailable
from graven.ports import Clock, Entropy, Receipt
from graven.projection import TABLES, Absent, Change, Expectation, Key, Row, project
from graven.stores import statements
from graven.stores.sequencer import Append, Sequencer, Work
from graven.stores.stamp import Stamp
from graven.values.entry import Entry
from graven.values.events import Event

__all__ = ["Observe", "SqliteHead", "SqliteNames", "SqliteStore"]

Observe = Callable[[int, float], None]
"""Told of each commit: how many appends, and how many seconds."""


class SqliteStore:
    """The port's Journal, Entries and Tables over one file."""

    def __init__(self, path: Path, *, clock: Clock, entropy: Entropy, observe: Observe | None = None) -> None:
        self._observe = observe or (lambda _, __: None)
        self._scrub = False
        self._stamp = Stamp(clock=clock, entropy=entropy)
        try:
            self._writing = _connect(path)
            self._writing.execute("BEGIN IMMEDIATE")  # one sync for all tables, and all of them or none
            for statement in statements.SCHEMA:
                self._writing.execute(statement)
            self._writing.execute("COMMIT")
            self._reading = _connect(path)
            self._reading.execute("PRAGMA query_only=ON")
            self._size = self._take_up()
        except sqlite3.Error as e:
            raise Unavailable(f"the database cannot be opened: {e}", where=str(path)) from e
        self._sequencer = Sequencer(self._commit)

    async def append(self, *events: Event, expects: Sequence[Expectation] = ()) -> Receipt:
        """Append; see the port."""
        receipt: Receipt = await self._sequencer.ask(Append(events, tuple(expects)))
        return receipt

    async def read(self, first: int, limit: int) -> Sequence[bytes]:
        """Give leaves; see the port."""
        query = "SELECT leaf FROM entries WHERE position >= ? ORDER BY position LIMIT ?"
        return [leaf for (leaf,) in self._ask(query, (first, limit))]

    async def size(self) -> int:
        """Count the leaves; see the port."""
        ((found,),) = self._ask("SELECT coalesce(max(position) + 1, 0) FROM entries", ())
        return int(found)

    async def get(self, table: str, key: Key) -> Row | None:
        """Give a row; see the port."""
        found = self._ask(statements.get(table), key)
        return dict(zip(TABLES[table].columns, found[0], strict=False)) if found else None

    async def scan(
        self, table: str, prefix: Key = (), *, after: Key | None = None, limit: int = 1000, reverse: bool = False
    ) -> Sequence[tuple[Key, Row]]:
        """Give rows in order; see the port."""
        behind = _behind(prefix, after, reverse=reverse)
        if behind is None:
            return []
        query = statements.scan(table, len(prefix), len(behind), reverse=reverse)
        found = self._ask(query, (*prefix, *behind, limit))
        return [(statements.key_of(table, row), statements.row_of(table, row)) for row in found]

    async def take_in(self, first: int, leaves: Sequence[bytes]) -> None:
        """Take entries in; see ``graven.ports.log.Intake``."""
        await self._sequencer.ask(lambda: self._take_in(first, leaves))

    async def exclusively(self, work: Callable[[sqlite3.Connection], Any]) -> Any:
        """Let the writing thread do something durable beside the journal: names, for one."""
        return await self._sequencer.ask(lambda: work(self._writing))

    def look(self, query: str, values: Sequence[Any]) -> list[tuple[Any, ...]]:
        """Read something beside the tables."""
        return self._ask(query, values)

    def scrub(self) -> None:
        """Leave nothing in the write-ahead log of what the work under way erases; for the writing thread."""
        self._scrub = True

    def close(self) -> None:
        """Finish what is queued, and let go of the file."""
        self._sequencer.close()
        self._reading.close()
        self._writing.close()

    def _take_up(self) -> int:
        found = self._writing.execute("SELECT position, leaf FROM entries ORDER BY position DESC LIMIT 1").fetchone()
        if found is None:
            return 0
        self._stamp.follow(found[1])
        return int(found[0]) + 1

    def _ask(self, query: str, values: Sequence[Any]) -> list[tuple[Any, ...]]:
        try:
            return self._reading.execute(query, values).fetchall()
        except UnicodeEncodeError:
            return []  # no key of any table holds half a surrogate pair
        except sqlite3.Error as e:
            raise Unavailable(f"the database does not answer: {e}") from e

    def _commit(self, group: Sequence[Work]) -> Sequence[Any]:
        """Commit a group; whatever fails on the way to the disk undoes all of it."""
        started, before = time.perf_counter(), self._size
        try:
            self._writing.execute("BEGIN IMMEDIATE")
            answers = [self._attempt(work) for work in group]
            self._writing.execute("COMMIT")
        except sqlite3.Error as e:
            self._size = before
            if self._writing.in_transaction:
                self._writing.execute("ROLLBACK")
            raise Unavailable(f"the journal cannot be written: {e}", hint="is the disk full?") from e
        self._observe(len(group), time.perf_counter() - started)
        if self._scrub:
            self._scrub = False
            self._writing.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        return answers

    def _attempt(self, work: Work) -> Any:
        """Do one caller's work in a savepoint of its own; answer it, or the error that undid it."""
        before = self._size
        self._writing.execute("SAVEPOINT append")
        try:
            answer = self._append(work) if isinstance(work, Append) else work()
        except (GravenError, UnicodeEncodeError) as e:
            self._size = before
            self._writing.execute("ROLLBACK TO append")
            self._writing.execute("RELEASE append")
            return e if isinstance(e, GravenError) else Unavailable(f"a text cannot be stored: {e}")
        self._writing.execute("RELEASE append")
        return answer

    def _take_in(self, first: int, leaves: Sequence[bytes]) -> None:
        if first != self._size:
            raise Conflict(f"got entries from {first} on, expected them from {self._size} on", where="journal")
        for leaf in leaves:
            _, changes = project(Entry.decode(leaf), self._size)
            self._store(leaf, changes)
        if leaves:
            self._stamp.follow(leaves[-1])

    def _append(self, work: Append) -> Receipt:
        first = self._size
        for expected in work.expects:
            self._check(expected)
        return Receipt(first, tuple(self._record(event) for event in work.events))

    def _record(self, event: Event) -> Entry:
        entry, position = self._stamp.press(event), self._size
        guards, changes = project(entry, position)
        for expected in guards:
            self._check(expected)
        self._store(entry.encode(), changes)
        return entry

    def _store(self, leaf: bytes, changes: Sequence[Change]) -> None:
        self._writing.execute("INSERT INTO entries VALUES (?, ?)", (self._size, leaf))
        for change in changes:
            self._writing.execute(*statements.change(change))
        self._size += 1

    def _check(self, expected: Expectation) -> None:
        table = TABLES[expected.table]
        found = self._writing.execute(*statements.look(expected)).fetchone()
        row = None if found is None else dict(zip(table.columns, found, strict=False))
        if isinstance(expected, Absent):
            if row is not None:
                raise _conflict(expected, None, row)
        elif row is None or any(row[name] != value for name, value in expected.row.items()):
            raise _conflict(expected, expected.row, row)


class SqliteNames:
    """Names of principals, in a table that is no projection and can be erased."""

    def __init__(self, store: SqliteStore) -> None:
        self._store = store

    async def put(self, principal: str, name: str) -> None:
        """Note a name; see the port."""
        statement = "INSERT OR REPLACE INTO names VALUES (?, ?)"
        await self._store.exclusively(lambda writing: writing.execute(statement, (principal, name)).close())

    async def get(self, principal: str) -> str | None:
        """Give a name; see the port."""
        found = self._store.look("SELECT name FROM names WHERE principal = ?", (principal,))
        return str(found[0][0]) if found else None

    async def find(self, name: str) -> str | None:
        """Give the principal of a name; see the port."""
        found = self._store.look("SELECT principal FROM names WHERE name = ? ORDER BY principal", (name,))
        return str(found[0][0]) if found else None

    async def erase(self, principal: str) -> None:
        """Forget a name; see the port."""

        def work(writing: sqlite3.Connection) -> None:
            writing.execute("DELETE FROM names WHERE principal = ?", (principal,))
            self._store.scrub()

        await self._store.exclusively(work)


class SqliteHead:
    """The port's Head, in the database and so apart from the files of the log."""

    def __init__(self, store: SqliteStore) -> None:
        self._store = store

    async def get(self) -> bytes | None:
        """Give the newest; see the port."""
        found = self._store.look("SELECT note FROM head", ())
        return bytes(found[0][0]) if found else None

    async def swap(self, expected: bytes | None, note: bytes) -> None:
        """Put a newer one; see the port."""
        await self._store.exclusively(lambda writing: _swap(writing, expected, note))


def _behind(prefix: Key, after: Key | None, *, reverse: bool) -> Key | None:
    """Give what is left of ``after`` behind the prefix, so that an index leads there; None: no row can be."""
    if after is None:
        return ()
    shared = min(len(prefix), len(after))
    if after[:shared] != prefix[:shared]:  # all rows of the prefix are on one side
        return () if (after[:shared] < prefix[:shared]) != reverse else None
    return after[shared:] or None


def _swap(writing: sqlite3.Connection, expected: bytes | None, note: bytes) -> None:
    found = writing.execute("SELECT note FROM head").fetchone()
    if (None if found is None else found[0]) != expected:
        raise Conflict("the newest checkpoint is not the expected one", where="head", hint="look again")
    writing.execute("INSERT OR REPLACE INTO head VALUES (1, ?)", (note,))


def _conflict(expected: Expectation, wanted: Row | None, found: Row | None) -> Conflict:
    wants = "nothing" if wanted is None else dict(wanted)
    detail = {"table": expected.table, "key": list(expected.key), "expected": wanted and dict(wanted), "found": found}
    return Conflict(
        f"{expected.table} {'/'.join(map(str, expected.key))}: expected {wants}, found {found or 'nothing'}",
        hint="look again: somebody else was here",
        detail=detail,
    )


def _connect(path: Path) -> sqlite3.Connection:
    found = sqlite3.connect(path, isolation_level=None, check_same_thread=False, cached_statements=512)
    found.execute("PRAGMA journal_mode=WAL")
    found.execute("PRAGMA synchronous=FULL")
    found.execute("PRAGMA busy_timeout=5000")
    found.execute("PRAGMA secure_delete=ON")
    return found
