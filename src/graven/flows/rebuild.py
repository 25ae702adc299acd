"""Rebuild: fill an empty journal from the sealed entries, as they were stamped; the tables follow from them.

What came after the last checkpoint is not in the sealed log, and is lost with the database.
"""

from __future__ import annotations

from dataclasses import dataclass

from graven.errors import Mismatch, NotFound
from graven.ledger import leaf_hash
from graven.ledger.checkpoint import Checkpoint, opened
from graven.ledger.note import VerifierKey
from graven.ledger.tiles import CHECKPOINT, ENTRIES, WIDTH, Edge, entries_of, tiles
from graven.ports.log import Head, Intake, LogFiles
from graven.values.entry import Entry
from graven.values.events import LogStopped

__all__ = ["Rebuilt", "rebuild"]


@dataclass(frozen=True, slots=True)
class Rebuilt:
    """What could be brought back."""

    checkpoint: Checkpoint
    last: Entry | None
    """The newest event that was sealed."""

    @property
    def ended_well(self) -> bool:
        """Whether the server had stopped in good order and sealed that, so that nothing came after it."""
        return self.last is not None and isinstance(self.last.event.body, LogStopped)


async def rebuild(*, files: LogFiles, intake: Intake, head: Head, keys: tuple[VerifierKey, ...]) -> Rebuilt:
    """Take the entries in; the store may be used only if this returns.

    Raises:
        NotFound: the log has no checkpoint, or lacks a bundle.
        Mismatch: the checkpoint is not signed by one of the keys, or the entries are not those that it signs.
        Malformed: an entry cannot be read.
        Conflict: the journal is not empty.
    """
    note = await _file(files, CHECKPOINT)
    signed = opened(note, keys)
    edge, last = Edge(), b""
    for one in tiles(ENTRIES, signed.size):
        leaves = entries_of(one, await _file(files, one.path))
        await intake.take_in(one.index * WIDTH, leaves)
        edge.grow([leaf_hash(leaf) for leaf in leaves])
        last = leaves[-1]
    if edge.root() != signed.root:
        raise Mismatch(
            f"got entries of root {edge.root().hex()}, expected {signed.root.hex()} at size {signed.size}",
            where="tile/entries",
            hint="graven audit verify names the first bad file and entry",
        )
    await head.swap(None, note)
    return Rebuilt(signed, Entry.decode(last) if last else None)


async def _file(files: LogFiles, path: str) -> bytes:
    found = await files.read(path)
    if found is None:
        raise NotFound(f"the log has no {path}", where=path)
    return found
