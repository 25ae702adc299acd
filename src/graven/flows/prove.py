"""Prove and read the log: what is published, one event's proof, and the events themselves for who may audit."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from graven.errors import NotFound
from graven.ledger import proof
from graven.ledger.checkpoint import Checkpoint
from graven.ledger.note import Note
from graven.ledger.tiles import CHECKPOINT, WIDTH, Hashes, Tile
from graven.ledger.tree import HASH_BYTES
from graven.ports import Entries, Journal
from graven.ports.log import LogFiles
from graven.values import Caller
from graven.values.events import AuditRead, Event

__all__ = ["Ledger"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Ledger:
    """The reading side of the log."""

    journal: Journal
    entries: Entries
    files: LogFiles

    async def checkpoint(self) -> bytes:
        """Give the published checkpoint.

        Raises:
            NotFound: nothing was sealed yet.
        """
        return await self._file(CHECKPOINT)

    async def tile(self, tile: Tile) -> bytes:
        """Give a tile or a bundle.

        Raises:
            NotFound: the log has none such, or replaced a partial one by the full one.
        """
        return await self._file(tile.path)

    async def bundle(self, tile: Tile, caller: Caller) -> bytes:
        """Give a bundle of entries, and say in the journal who read it.

        Raises:
            NotFound: as ``tile``.
        """
        found = await self._file(tile.path)
        await self._read(tile.index * WIDTH, tile.width, caller)
        return found

    async def prove(self, position: int, caller: Caller) -> bytes:
        """Give the ``.tlog-proof`` of an event, with the entry itself inside.

        Raises:
            NotFound: there is no such event, or it is not sealed yet.
        """
        note = await self.checkpoint()
        size = Checkpoint.parse(Note.parse(note).text).size
        if not 0 <= position < size:
            raise NotFound(
                f"got the position {position}, the sealed log has {size} entries",
                hint="graven audit seal seals the rest",
            )
        ranges = proof.inclusion(position, size)
        found = {tile: await self._tile(tile) for tile in proof.needs(ranges, size)}
        hashes = Hashes(size, found.__getitem__)
        (entry,) = await self.entries.read(position, 1)
        await self._read(position, 1, caller)
        return proof.Proof(position, tuple(hashes.range(*one) for one in ranges), note, entry).encode()

    async def events(self, first: int, limit: int, caller: Caller) -> Sequence[bytes]:
        """Give entries from a position on, as they were hashed, and say in the journal who read them."""
        found = await self.entries.read(first, limit)
        if found:
            await self._read(first, len(found), caller)
        return found

    async def _read(self, first: int, count: int, caller: Caller) -> None:
        body = AuditRead(first, first + count - 1)
        await self.journal.append(Event(body, caller.principal, caller.origin))

    async def _tile(self, tile: Tile) -> bytes:
        """Give a tile, also where a partial one was replaced by the full one since the checkpoint was read."""
        found = await self.files.read(tile.path)
        return found if found is not None else (await self._file(tile.full.path))[: tile.width * HASH_BYTES]

    async def _file(self, path: str) -> bytes:
        found = await self.files.read(path)
        if found is None:
            raise NotFound(f"the log has no {path}", where=path)
        return found
