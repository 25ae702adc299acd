"""The journal, its entries and its tables in memory."""

from __future__ import annotations

import bisect
from collections.abc import Sequence

from graven.errors import Conflict
from graven.ports import Clock, Entropy, Receipt
from graven.projection import TABLES, Absent, Change, Delete, Expectation, Key, Patch, Put, Row, project
from graven.stores.memory.disk import Died, Disk
from graven.stores.stamp import Stamp
from graven.values.entry import Entry
from graven.values.events import Event

__all__ = ["MemoryStore", "rows_after"]

Book = dict[str, dict[Key, dict[str, str | int | None]]]


class MemoryStore:
    """The port's Journal, Entries and Tables."""

    def __init__(
        self, *, clock: Clock, entropy: Entropy, disk: Disk | None = None, leaves: Sequence[bytes] = ()
    ) -> None:
        self._stamp = Stamp(clock=clock, entropy=entropy)
        self._disk = disk or Disk()
        self.leaves: list[bytes] = list(leaves)
        self.book: Book = rows_after(leaves)
        if leaves:
            self._stamp.follow(leaves[-1])

    async def append(self, *events: Event, expects: Sequence[Expectation] = ()) -> Receipt:
        """Append; see the port."""
        first = len(self.leaves)
        entries: list[Entry] = []
        leaves: list[bytes] = []
        changes: list[Change] = []
        draft = _Draft(self.book)
        for expected in expects:
            draft.check(expected)
        for event in events:
            entry = self._stamp.press(event)
            guards, made = project(entry, first + len(entries))
            for expected in guards:
                draft.check(expected)
            draft.apply(made)
            entries.append(entry)
            leaves.append(entry.encode())
            changes.extend(made)
        dies = self._disk.durable()
        self.leaves += leaves
        _apply(self.book, changes)
        if dies:
            raise Died
        return Receipt(first, tuple(entries))

    async def take_in(self, first: int, leaves: Sequence[bytes]) -> None:
        """Take entries in; see ``graven.ports.log.Intake``."""
        if first != len(self.leaves):
            raise Conflict(f"got entries from {first} on, expected them from {len(self.leaves)} on", where="journal")
        made = [project(Entry.decode(leaf), first + i)[1] for i, leaf in enumerate(leaves)]
        dies = self._disk.durable()
        self.leaves += leaves
        for changes in made:
            _apply(self.book, changes)
        if leaves:
            self._stamp.follow(leaves[-1])
        if dies:
            raise Died

    async def read(self, first: int, limit: int) -> Sequence[bytes]:
        """Give leaves; see the port."""
        return self.leaves[first : first + limit]

    async def size(self) -> int:
        """Count the leaves; see the port."""
        return len(self.leaves)

    async def get(self, table: str, key: Key) -> Row | None:
        """Give a row; see the port."""
        found = self.book[table].get(key)
        return None if found is None else dict(found)

    async def scan(
        self, table: str, prefix: Key = (), *, after: Key | None = None, limit: int = 1000, reverse: bool = False
    ) -> Sequence[tuple[Key, Row]]:
        """Give rows in order; see the port."""
        rows = self.book[table]
        keys = sorted(key for key in rows if key[: len(prefix)] == prefix)
        if after is not None:
            heads = [key[: len(after)] for key in keys]
            keys = keys[: bisect.bisect_left(heads, after)] if reverse else keys[bisect.bisect_right(heads, after) :]
        if reverse:
            keys.reverse()
        return [(key, dict(rows[key])) for key in keys[:limit]]


class _Draft:
    """The book as it would be, so that later events of an append see the earlier ones."""

    def __init__(self, book: Book) -> None:
        self._book = book
        self._changed: dict[tuple[str, Key], dict[str, str | int | None] | None] = {}

    def find(self, table: str, key: Key) -> dict[str, str | int | None] | None:
        return self._changed[table, key] if (table, key) in self._changed else self._book[table].get(key)

    def check(self, expected: Expectation) -> None:
        found = self.find(expected.table, expected.key)
        wanted = None if isinstance(expected, Absent) else dict(expected.row)
        holds = found is None if wanted is None else found is not None and found.items() >= wanted.items()
        if not holds:
            detail = {"table": expected.table, "key": list(expected.key), "expected": wanted, "found": found}
            where = "/".join(map(str, expected.key))
            message = f"{expected.table} {where}: expected {wanted or 'nothing'}, found {found or 'nothing'}"
            raise Conflict(message, hint="look again: somebody else was here", detail=detail)

    def apply(self, changes: Sequence[Change]) -> None:
        for change in changes:
            place = (change.table, change.key)
            match change:
                case Put():
                    self._changed[place] = _row(change)
                case Patch():
                    found = self.find(*place)
                    self._changed[place] = None if found is None else {**found, **change.row}
                case Delete():
                    self._changed[place] = None


def rows_after(leaves: Sequence[bytes]) -> Book:
    """Rebuild the tables from the leaves."""
    book: Book = {name: {} for name in TABLES}
    for position, leaf in enumerate(leaves):
        _, changes = project(Entry.decode(leaf), position)
        _apply(book, changes)
    return book


def _apply(book: Book, changes: Sequence[Change]) -> None:
    for change in changes:
        rows = book[change.table]
        match change:
            case Put():
                rows[change.key] = _row(change)
            case Patch():
                if change.key in rows:
                    rows[change.key] = {**rows[change.key], **change.row}
            case Delete():
                rows.pop(change.key, None)


def _row(change: Put) -> dict[str, str | int | None]:
    return {column: change.row.get(column) for column in TABLES[change.table].columns}
