"""The offline verifier of a whole log: numbered steps over files that a function gives, with nobody's help.

1. the checkpoint can be read, and is signed by a key that the verifier holds (if it holds one)
2. every bundle has its entries, and each entry hashes to the leaf that the tile of level 0 has for it
3. every hash of a higher level is the root of the full tile below it
4. the root over the tiles is the root of the checkpoint
5. the checkpoint that the verifier held before is the beginning of this one (if it held one)
6. every partial tile left of an earlier checkpoint is the beginning of what took its place (if files are listed)

What an entry means is checked by a function that is handed in. Nothing is kept in memory but one tile a level.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import islice

from graven.errors import GravenError, Malformed, Mismatch, NotFound
from graven.ledger.checkpoint import Checkpoint, opened
from graven.ledger.note import Note, VerifierKey
from graven.ledger.tiles import CHECKPOINT, ENTRIES, WIDTH, Hashes, Tile, entries_of, hashes_of, parse, tiles
from graven.ledger.tree import leaf_hash, root_of

__all__ = ["Finding", "ReadFile", "audit", "reader"]

ReadFile = Callable[[str], bytes | None]
"""Gives a file of the log by its path, or None where it is not there."""


@dataclass(frozen=True, slots=True)
class Finding:
    """What the verifier found, as far as it came."""

    checkpoint: Checkpoint
    note: bytes
    signers: tuple[VerifierKey, ...]
    """The keys that the verifier holds and that signed it: the log's, and witnesses'."""
    entries: bool
    """The entries were read, and not only the tiles."""
    consistent_with: int | None
    """Size of the earlier checkpoint that it extends; None where the verifier held none."""


def audit(
    read: ReadFile,
    *,
    keys: Sequence[VerifierKey] = (),
    last: bytes | None = None,
    entries: bool = True,
    check: Callable[[int, bytes], None] = lambda _, __: None,
    note: bytes | None = None,
    besides: Iterable[str] = (),
) -> Finding:
    """Verify the log; ``note`` is the checkpoint if it was read already, ``besides`` lists the files that are there.

    Raises:
        GravenError: what is wrong, with the first bad file and, if it is in one, the entry.
    """
    held = tuple(keys) or None
    found = note or _file(read, CHECKPOINT)
    head = opened(found, held)  # 1.
    tile = reader(read)
    if entries:
        for one in tiles(ENTRIES, head.size):  # 2.
            _check_bundle(one, tile, check)
    for level in range(1, 8):  # 3.
        for one in tiles(level, head.size):
            _check_tile(one, tile)
    hashes = Hashes(head.size, tile)
    if hashes.root() != head.root:  # 4.
        raise Mismatch(
            f"got tiles of root {hashes.root().hex()}, expected {head.root.hex()} at size {head.size}", where=CHECKPOINT
        )
    before = None if last is None else _extends(head, hashes, opened(last, held))  # 5.
    for path in sorted(besides):  # 6.
        _check_left(path, head.size, tile)
    signers = Note.parse(found).verified(held or ())
    return Finding(head, found, signers, entries, before)


def reader(read: ReadFile) -> Callable[[Tile], bytes]:
    """Give a reader of tiles; where a partial one was replaced by the full one meanwhile, its beginning is the same."""

    def tile(wanted: Tile) -> bytes:
        found = read(wanted.path)
        if found is not None or wanted.width == WIDTH:
            return _there(found, wanted.path)
        whole = _there(read(wanted.full.path), wanted.path)
        if wanted.level != ENTRIES:
            return b"".join(hashes_of(wanted.full, whole)[: wanted.width])
        parts = entries_of(wanted.full, whole)[: wanted.width]
        return whole[: sum(len(part) + 2 for part in parts)]

    return tile


def _check_bundle(bundle: Tile, tile: Callable[[Tile], bytes], check: Callable[[int, bytes], None]) -> None:
    parts = entries_of(bundle, tile(bundle))
    level_0 = Tile(0, bundle.index, bundle.width)
    for offset, (entry, wanted) in enumerate(zip(parts, hashes_of(level_0, tile(level_0)), strict=True)):
        position = bundle.index * WIDTH + offset
        if leaf_hash(entry) != wanted:
            raise Mismatch(
                f"entry {position} is not the one whose hash stands in {level_0.path}", where=f"{bundle.path}#{offset}"
            )
        try:
            check(position, entry)
        except GravenError as e:
            raise type(e)(f"entry {position}: {e.message}", where=f"{bundle.path}#{offset}", hint=e.hint) from e


def _check_tile(one: Tile, tile: Callable[[Tile], bytes]) -> None:
    for offset, wanted in enumerate(hashes_of(one, tile(one))):
        below = Tile(one.level - 1, one.index * WIDTH + offset)
        if root_of(hashes_of(below, tile(below))) != wanted:
            raise Mismatch(f"{below.path} is not the tile whose root stands in {one.path}", where=below.path)


def _check_left(path: str, size: int, tile: Callable[[Tile], bytes]) -> None:
    try:
        one = parse(path)
    except Malformed:
        return  # no tile
    now = next(islice(tiles(one.level, size), one.index, None), None)
    if now is None or now.width <= one.width:
        return  # it was looked at, or was not sealed yet
    if not tile(now).startswith(tile(one)):
        raise Mismatch(f"{one.path} is not the beginning of {now.path}, which took its place", where=one.path)


def _extends(head: Checkpoint, hashes: Hashes, last: Checkpoint) -> int:
    if last.origin != head.origin:
        raise Mismatch(f"got a log named {head.origin}, expected {last.origin}, as seen before", where=CHECKPOINT)
    if last.size > head.size:
        raise Mismatch(
            f"got a log of {head.size} entries, expected at least {last.size}: it was rolled back", where=CHECKPOINT
        )
    if hashes.range(0, last.size) != last.root:
        raise Mismatch(
            f"the first {last.size} entries are not those that were signed before: the log was forked", where=CHECKPOINT
        )
    return last.size


def _file(read: ReadFile, path: str) -> bytes:
    return _there(read(path), path)


def _there(found: bytes | None, path: str) -> bytes:
    if found is None:
        raise NotFound(f"there is no {path}", where=path)
    return found
