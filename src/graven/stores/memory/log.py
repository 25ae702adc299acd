"""What stands beside the journal, in memory: names, cached results, the head and the files of the log."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from graven.errors import Conflict
from graven.ledger.tiles import CHECKPOINT
from graven.stores.memory.disk import Died, Disk

__all__ = ["MemoryCache", "MemoryHead", "MemoryLogFiles", "MemoryNames"]


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
