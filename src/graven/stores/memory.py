"""Everything in memory: for tests, which run the same contract suite on it, and for a server that may forget.

A disk loses what was not synced. ``Disk`` is such a disk: each durable operation passes through it, and a test can make
the process die at any of them: before it took effect, or after it did and before the reply. So every write is broken
both ways.
"""

from __future__ import annotations

import bisect
import uuid
from collections.abc import AsyncIterable, AsyncIterator, Sequence
from dataclasses import dataclass, field
from typing import Literal

from graven.errors import Conflict, Mismatch, NotFound, TooLarge
from graven.ledger.tiles import CHECKPOINT
from graven.ports import Clock, Entropy, Receipt
from graven.projection import TABLES, Absent, Change, Delete, Expectation, Key, Patch, Put, Row, project
from graven.stores.stamp import Stamp
from graven.values import Algorithm, Digest
from graven.values.entry import Entry
from graven.values.events import Event

__all__ = [
    "Died",
    "Disk",
    "MemoryCache",
    "MemoryHead",
    "MemoryLogFiles",
    "MemoryNames",
    "MemoryObjects",
    "MemoryStore",
    "rows_after",
]

Book = dict[str, dict[Key, dict[str, str | int | None]]]


class Died(BaseException):
    """The process ends here, in a test. No error of graven's, so that nothing that handles errors handles it."""


@dataclass
class Disk:
    """Counts durable operations, and dies at the one that a test names."""

    dies_at: int = -1
    how: Literal["lost write", "lost reply"] = "lost write"
    count: int = 0
    backwards: bool = False
    """Of things written together the last becomes durable first: a disk promises no order before a sync."""

    def durable(self) -> bool:
        """Enter a durable operation; True: it takes effect, and the process dies behind it."""
        self.count += 1
        if self.count - 1 != self.dies_at:
            return False
        if self.how == "lost write":
            raise Died
        return True


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


class MemoryNames:
    """The port's Names."""

    def __init__(self) -> None:
        self._names: dict[str, str] = {}

    async def put(self, principal: str, name: str) -> None:
        """Note a name; see the port."""
        self._names[principal] = name

    async def get(self, principal: str) -> str | None:
        """Give a name; see the port."""
        return self._names.get(principal)

    async def find(self, name: str) -> str | None:
        """Give the principal of a name; see the port."""
        return min((who for who, called in self._names.items() if called == name), default=None)

    async def erase(self, principal: str) -> None:
        """Forget a name; see the port."""
        self._names.pop(principal, None)


class MemoryCache:
    """The port's Cache."""

    def __init__(self) -> None:
        self.kept: dict[str, bytes] = {}

    async def get(self, key: str) -> bytes | None:
        """Give what was put; see the port."""
        return self.kept.get(key)

    async def put(self, key: str, data: bytes) -> None:
        """Keep it; see the port."""
        self.kept[key] = data


@dataclass
class MemoryHead:
    """The port's Head."""

    disk: Disk = field(default_factory=Disk)
    note: bytes | None = None

    async def get(self) -> bytes | None:
        """Give the newest; see the port."""
        return self.note

    async def swap(self, expected: bytes | None, note: bytes) -> None:
        """Put a newer one; see the port."""
        if self.note != expected:
            raise Conflict("the newest checkpoint is not the expected one", where="head", hint="look again")
        dies = self.disk.durable()
        self.note = note
        if dies:
            raise Died


@dataclass
class MemoryLogFiles:
    """The port's LogFiles. Each file of a put becomes durable by itself, so that a crash can fall between them."""

    disk: Disk = field(default_factory=Disk)
    files: dict[str, bytes] = field(default_factory=dict)

    async def read(self, path: str) -> bytes | None:
        """Give a file; see the port."""
        return self.files.get(path)

    async def put(self, files: Sequence[tuple[str, bytes]]) -> None:
        """Write files; see the port."""
        for path, data in reversed(files) if self.disk.backwards else files:
            if self.files.get(path, data) != data:
                raise Conflict(f"{path} is there with other bytes, and never changes", where=path)
            self._write(path, data)

    async def publish(self, note: bytes) -> None:
        """Replace the checkpoint; see the port."""
        self._write(CHECKPOINT, note)

    async def prune(self, path: str) -> None:
        """Remove partial forms; see the port."""
        dies = self.disk.durable()
        self.files = {name: data for name, data in self.files.items() if not name.startswith(f"{path}.p/")}
        if dies:
            raise Died

    def _write(self, path: str, data: bytes) -> None:
        dies = self.disk.durable()
        self.files[path] = data
        if dies:
            raise Died


@dataclass
class MemoryObjects:
    """The port's ObjectReader, ObjectWriter, ObjectRemover and Uploads."""

    entropy: Entropy
    disk: Disk = field(default_factory=Disk)
    objects: dict[Digest, bytes] = field(default_factory=dict)
    uploads: dict[str, bytearray] = field(default_factory=dict)

    async def size(self, digest: Digest) -> int | None:
        """Give the length; see the port."""
        found = self.objects.get(digest)
        return None if found is None else len(found)

    async def stream(self, digest: Digest, *, start: int = 0, end: int | None = None) -> AsyncIterator[bytes]:
        """Give the bytes in pieces; see the port."""
        if digest not in self.objects:
            raise NotFound(f"there is no object {digest}")
        if piece := self.objects[digest][start:end]:
            yield piece

    async def get(self, digest: Digest, *, limit: int = 16 << 20) -> bytes:
        """Give a small object whole; see the port."""
        if digest not in self.objects:
            raise NotFound(f"there is no object {digest}")
        found = self.objects[digest]
        if len(found) > limit:
            raise TooLarge(f"got an object of {len(found)} bytes, at most {limit}", where=str(digest))
        digest.check(found)
        return found

    def path(self, digest: Digest) -> str | None:  # noqa: ARG002  the port has it
        """Give the file: there is none."""
        return None

    async def put(self, data: bytes, *, algorithm: Algorithm = "sha256") -> Digest:
        """Store small bytes; see the port."""
        digest = Digest.of(data, algorithm)
        self._keep(digest, bytes(data))
        return digest

    async def remove(self, digest: Digest) -> None:
        """Remove an object; see the port."""
        self.objects.pop(digest, None)

    async def open(self) -> str:
        """Begin an upload; see the port."""
        name = _uuid(self.entropy(16))
        self.uploads[name] = bytearray()
        return name

    async def write(self, upload: str, pieces: AsyncIterable[bytes], *, offset: int | None = None) -> int:
        """Add pieces; see the port."""
        found = self._upload(upload)
        if offset is not None and offset != len(found):
            detail = {"offset": len(found)}
            raise Mismatch(f"got bytes from {offset} on, expected them from {len(found)} on", detail=detail)
        async for piece in pieces:
            found += piece
        return len(found)

    async def finish(self, upload: str, digest: Digest) -> int:
        """Make the object; see the port."""
        found = bytes(self._upload(upload))
        del self.uploads[upload]
        digest.check(found)
        self._keep(digest, found)
        return len(found)

    async def cancel(self, upload: str) -> None:
        """Forget an upload; see the port."""
        self._upload(upload)
        del self.uploads[upload]

    async def length(self, upload: str) -> int:
        """Give the length so far; see the port."""
        return len(self._upload(upload))

    def _upload(self, upload: str) -> bytearray:
        if upload not in self.uploads:
            raise NotFound("there is no such upload", hint="begin again: it was finished, cancelled or has expired")
        return self.uploads[upload]

    def _keep(self, digest: Digest, data: bytes) -> None:
        dies = self.disk.durable()
        self.objects.setdefault(digest, data)
        if dies:
            raise Died


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


def _uuid(random: bytes) -> str:
    return str(uuid.UUID(bytes=random, version=4))
