"""Seal: turn the tail of the journal into tiles and a signed checkpoint, in one order from which any crash recovers.

1. stage: compute tiles and bundles from the journal; they can be computed again, so nothing is written
2. sign the checkpoint over them
3. swap it in as the newest (``Head``); from here on it is promised
4. apply: write tiles and bundles
5. publish the checkpoint

After a crash the newest promised checkpoint is compared with the published one. Where it is larger, steps 1, 4 and 5
are done again for it, with the same result. Where it is smaller, or another of the same size, the database is older
than the log or another's: then nothing may be signed, and nothing is.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field

from anyio import Lock

from graven.errors import Unavailable
from graven.ledger import leaf_hash
from graven.ledger.checkpoint import Checkpoint, opened
from graven.ledger.note import Note, VerifierKey
from graven.ledger.tiles import CHECKPOINT, ENTRIES, WIDTH, Edge, Tile, bundle, tiles
from graven.ports import Entries, Signer
from graven.ports.log import Head, LogFiles

__all__ = ["Seal"]

_MOST = 8 * WIDTH
"""So many entries go into one checkpoint, so that no seal holds up the loop for long; a longer tail takes several."""


@dataclass(slots=True)
class _Standing:
    """What was sealed last; None: not known, look again."""

    edge: Edge | None = None
    note: bytes | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Seal:
    """The only writer of the log's files and of its head."""

    entries: Entries
    head: Head
    files: LogFiles
    signer: Signer
    key: VerifierKey
    """The public half of the signer, named by the log's origin."""
    _standing: _Standing = field(default_factory=_Standing)
    _lock: Lock = field(default_factory=Lock)

    async def seal(self) -> bytes | None:
        """Seal all that is in the journal; give the newest checkpoint. What was begun ends, also if cancelled.

        Raises:
            Unavailable: the database is older than the published log, or another's; or the store does not answer.
            Mismatch: the files of the log are not those that were signed.
        """
        under_way = asyncio.ensure_future(self._sealed())
        try:
            return await asyncio.shield(under_way)
        except asyncio.CancelledError:
            await under_way  # nobody may look at head and files while they are being written
            raise

    async def recover(self) -> None:
        """Finish what a crash left unfinished, and refuse a database that is older than the log.

        Raises:
            Unavailable: the database is older than the published log, or another's.
            Mismatch: the files of the log are not those that were signed.
        """
        async with self._lock:
            self._standing.edge = None
            await self._known()

    async def _sealed(self) -> bytes | None:
        async with self._lock:
            edge = await self._known()
            size = await self.entries.size()
            while edge.size < size:
                edge = await self._advance(edge, min(size, edge.size + _MOST))
            return self._standing.note

    async def _known(self) -> Edge:
        if self._standing.edge is None:
            self._standing.edge, self._standing.note = await self._recovered()
        return self._standing.edge

    async def _advance(self, edge: Edge, size: int) -> Edge:
        """Take the five steps; if any fails, the next call looks afresh."""
        known, self._standing.edge = self._standing.note, None
        grown = edge.copy()
        made = await self._stage(grown, size)
        head = Checkpoint(self.key.name, size, grown.root())
        note = Note(head.text).signed(self.key, await self.signer.sign(head.text.encode())).encode()
        opened(note, (self.key,))  # a signature that its own key does not verify must not be promised
        await self.head.swap(known, note)
        await self._apply(made, note)
        self._standing.edge, self._standing.note = grown, note
        return grown

    async def _stage(self, edge: Edge, size: int) -> list[tuple[Tile, bytes]]:
        """Grow the edge to a size; give the tiles and bundles that are new by it."""
        first = edge.size - edge.size % WIDTH
        leaves = await self.entries.read(first, size - first)
        if len(leaves) != size - first:
            raise _older(f"got {first + len(leaves)} entries in the journal, expected {size}")
        made = edge.grow([leaf_hash(leaf) for leaf in leaves[edge.size - first :]])
        return [*made, *_bundles(leaves, first, size)]

    async def _apply(self, made: Sequence[tuple[Tile, bytes]], note: bytes) -> None:
        await self.files.put([(tile.path, data) for tile, data in made])
        await self.files.publish(note)
        for tile, _ in made:
            if tile.width == WIDTH:
                await self.files.prune(tile.path)

    async def _recovered(self) -> tuple[Edge, bytes | None]:
        """Bring the files to where the head is; give the edge there."""
        known, stored = await self.head.get(), await self.files.read(CHECKPOINT)
        if known is None:
            if stored is not None:
                raise _older("there is a published log, and the database knows of none")
            return Edge(), None
        head = Checkpoint.parse(Note.parse(known).text)
        there = Checkpoint(head.origin, 0, b"") if stored is None else Checkpoint.parse(Note.parse(stored).text)
        if there.origin != head.origin:
            raise _older(f"the published log is {there.origin}, and the database's is {head.origin}")
        if there.size > head.size:
            raise _older(f"the published log has {there.size} entries, and the database knows of {head.size}")
        edge = await self._edge(there)
        if stored != known:
            made = await self._stage(edge, head.size) if edge.size < head.size else []
            if edge.root() != head.root:
                raise _older(f"the published log of {there.size} entries is no beginning of the database's")
            await self._apply(made, known)
        elif await self.entries.size() < head.size:
            raise _older(f"the journal ends before the {head.size} entries that were signed")
        return edge, known

    async def _edge(self, head: Checkpoint) -> Edge:
        """Load the right edge of the published log, and hold it against its checkpoint."""
        if not head.size:
            return Edge()
        last = [list(tiles(level, head.size))[-1:] for level in range(8)]
        found = {tile: await self.files.read(tile.path) for row in last for tile in row}
        edge = Edge(head.size, lambda tile: found.get(tile) or b"")
        edge.check(head.root)
        return edge


def _bundles(leaves: Sequence[bytes], first: int, size: int) -> list[tuple[Tile, bytes]]:
    made = []
    for start in range(first, size, WIDTH):
        entries = leaves[start - first : start - first + WIDTH]
        made.append((Tile(ENTRIES, start // WIDTH, len(entries)), bundle(entries)))
    return made


def _older(what: str) -> Unavailable:
    return Unavailable(
        f"the database is older than the published log, or another's: {what}",
        where=CHECKPOINT,
        hint="put the right database back, or take the log's own entries with 'graven audit rebuild'",
    )
