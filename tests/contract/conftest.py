"""Every store of a kind, each fresh and each opened again on what it kept."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Protocol

import pytest

from graven.ports import (
    Cache,
    CancellableUploads,
    Entries,
    Journal,
    Names,
    ObjectReader,
    ObjectRemover,
    ObjectWriter,
    Tables,
)
from graven.ports.log import Head, Intake, LogFiles
from graven.stores import layout
from graven.stores.disk import DiskCache, DiskObjects
from graven.stores.log import DiskLogFiles
from graven.stores.memory import (
    MemoryCache,
    MemoryHead,
    MemoryLogFiles,
    MemoryNames,
    MemoryObjects,
    MemoryStore,
)
from graven.stores.sqlite import SqliteHead, SqliteNames, SqliteStore
from graven.stores.uploads import DiskUploads

KINDS = ("memory", "folder")


class Store(Journal, Entries, Tables, Intake, Protocol):
    """All that a store of the journal can do."""


class Objects(ObjectReader, ObjectWriter, ObjectRemover, Protocol):
    """All that a store of objects can do."""


@dataclass
class Clock:
    """Stands, and can be set back."""

    moment: datetime = datetime(2026, 6, 1, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.moment


@dataclass
class Shelf:
    """The stores of one kind; ``again`` opens them anew, as after a restart."""

    folder: Path | None
    clock: Clock = field(default_factory=Clock)
    _open: ExitStack = field(default_factory=ExitStack)

    def __post_init__(self) -> None:
        self._memory = MemoryObjects(secrets.token_bytes)
        self._leaves: list[bytes] = []
        self._kept = (MemoryHead(), MemoryLogFiles(), MemoryCache(), MemoryNames())
        self.again()

    def again(self) -> None:
        """Close all and open all."""
        self.close()
        if self.folder is None:
            self._in_memory()
        else:
            self._in_folder(self.folder)

    def close(self) -> None:
        self._open.close()

    def _in_memory(self) -> None:
        store = MemoryStore(clock=self.clock, entropy=secrets.token_bytes, leaves=self._leaves)
        self._leaves = store.leaves
        self.store: Store = store
        self.objects: Objects = self._memory
        self.uploads: CancellableUploads = self._memory
        self.head: Head = self._kept[0]
        self.log: LogFiles = self._kept[1]
        self.cache: Cache = self._kept[2]
        self.names: Names = self._kept[3]

    def _in_folder(self, folder: Path) -> None:
        store = SqliteStore(layout.database(folder), clock=self.clock, entropy=secrets.token_bytes)
        self._open.callback(store.close)
        uploads = DiskUploads(folder, entropy=secrets.token_bytes)
        self._open.callback(uploads.close)
        self.store, self.objects, self.uploads = store, DiskObjects(folder), uploads
        self.head, self.log = SqliteHead(store), DiskLogFiles(layout.log(folder))
        self.cache, self.names = DiskCache(folder), SqliteNames(store)


@pytest.fixture
def shelves(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[str], Shelf]]:
    """Make stores of a kind; they are closed at the end."""
    with ExitStack() as stack:

        def make(kind: str) -> Shelf:
            shelf = Shelf(None if kind == "memory" else tmp_path_factory.mktemp("data"))
            stack.callback(shelf.close)
            return shelf

        yield make


@pytest.fixture(params=KINDS)
def shelf(request: pytest.FixtureRequest, shelves: Callable[[str], Shelf]) -> Shelf:
    """Give fresh stores of each kind in turn."""
    return shelves(str(request.param))


@pytest.fixture
def other(shelf: Shelf, shelves: Callable[[str], Shelf]) -> Shelf:
    """Give a second one of the same kind."""
    return shelves("memory" if shelf.folder is None else "folder")
