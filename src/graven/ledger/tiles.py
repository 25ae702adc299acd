"""Tiles of hashes and bundles of entries (c2sp.org/tlog-tiles): their paths, their bytes, and how they grow.

    checkpoint                      the newest signed tree head
    tile/<L>/<N>[.p/<W>]            hashes of level L
    tile/entries/<N>[.p/<W>]        the entries themselves

A tile holds 256 hashes, or W of them while it is the last of its level; it never changes.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import count

from graven.errors import Malformed, Mismatch
from graven.ledger.tree import EMPTY_ROOT, HASH_BYTES, node_hash, root_of, subtrees

__all__ = [
    "CHECKPOINT",
    "ENTRIES",
    "WIDTH",
    "Edge",
    "Hashes",
    "Read",
    "Tile",
    "bundle",
    "entries_of",
    "hashes_of",
    "parse",
    "tiles",
]

CHECKPOINT = "checkpoint"
WIDTH = 256
_HEIGHT = 8
_PATH = re.compile(r"tile/(entries|0|[1-9]\d?)/((?:x\d{3}/)*\d{3})(?:\.p/([1-9]\d{0,2}))?")
_TOP_LEVEL = 63
ENTRIES = -1
"""The level of a bundle of entries, which stands below the hashes of its leaves."""


@dataclass(frozen=True, slots=True, order=True)
class Tile:
    """The name of a tile, or of a bundle of entries where ``level`` is -1.

    >>> Tile(0, 1234067).path, Tile(-1, 3, 12).path, parse("tile/0/x001/x234/067") == Tile(0, 1234067)
    ('tile/0/x001/x234/067', 'tile/entries/003.p/12', True)
    """

    level: int
    index: int
    width: int = WIDTH

    @property
    def path(self) -> str:
        """The path below the log's prefix."""
        digits = f"{self.index:03d}"
        digits = digits.zfill(-(-len(digits) // 3) * 3)
        parts = [digits[i : i + 3] for i in range(0, len(digits), 3)]
        number = "/".join([*(f"x{part}" for part in parts[:-1]), parts[-1]])
        level = "entries" if self.level == ENTRIES else str(self.level)
        return f"tile/{level}/{number}" + ("" if self.width == WIDTH else f".p/{self.width}")

    @property
    def full(self) -> Tile:
        """The tile that stands here once 256 are there."""
        return Tile(self.level, self.index)


Read = Callable[[Tile], bytes]
"""Gives the bytes of a tile; raises an error of graven's where it is not there."""


def parse(path: str) -> Tile:
    """Read the path of a tile or a bundle.

    Raises:
        Malformed: it is none; of all spellings of a number only one is taken.
    """
    match = _PATH.fullmatch(path)
    if match:
        level = ENTRIES if match[1] == "entries" else int(match[1])
        width = int(match[3]) if match[3] else WIDTH
        found = Tile(level, int(match[2].replace("x", "").replace("/", "")), width)
        if level <= _TOP_LEVEL and found.path == path and (width < WIDTH or not match[3]):
            return found
    raise Malformed(f"got {path[:120]!r}, expected tile/<L>/<N>[.p/<W>] or tile/entries/<N>[.p/<W>]", where="path")


def tiles(level: int, size: int) -> Iterator[Tile]:
    """Name the tiles of a level in a log of a size; the last may be partial. None is empty.

    >>> [tile.path for tile in tiles(1, 70000)]
    ['tile/1/000', 'tile/1/001.p/17']
    """
    there = size >> _HEIGHT * max(level, 0)
    for index in range(-(-there // WIDTH)):
        yield Tile(level, index, min(WIDTH, there - index * WIDTH))


def hashes_of(tile: Tile, data: bytes) -> list[bytes]:
    """Cut a tile into its hashes.

    Raises:
        Malformed: it has another length than its name says.
    """
    if len(data) != tile.width * HASH_BYTES:
        raise Malformed(
            f"got a tile of {len(data)} bytes, expected {tile.width} hashes of {HASH_BYTES}", where=tile.path
        )
    return [data[i : i + HASH_BYTES] for i in range(0, len(data), HASH_BYTES)]


def bundle(entries: Sequence[bytes]) -> bytes:
    """Write a bundle: each entry behind its length as a big-endian uint16."""
    return b"".join(len(entry).to_bytes(2, "big") + entry for entry in entries)


def entries_of(tile: Tile, data: bytes) -> list[bytes]:
    """Cut a bundle into its entries.

    Raises:
        Malformed: it breaks off, or has another number of entries than its name says; names the entry.
    """
    found: list[bytes] = []
    at = 0
    first = tile.index * WIDTH
    while at < len(data):
        length = int.from_bytes(data[at : at + 2], "big")
        entry = data[at + 2 : at + 2 + length]
        if at + 2 + length > len(data):
            raise Malformed(f"the bundle breaks off in entry {first + len(found)}", where=tile.path)
        found.append(entry)
        at += 2 + length
    if len(found) != tile.width:
        raise Malformed(f"got a bundle of {len(found)} entries, expected {tile.width}", where=tile.path)
    return found


@dataclass(frozen=True, slots=True)
class Hashes:
    """Hashes of a tree of a size, read from its tiles."""

    size: int
    read: Read

    def root(self) -> bytes:
        """Compute the root of the whole tree."""
        return self.range(0, self.size)

    def range(self, start: int, end: int) -> bytes:
        """Compute MTH(D[start:end]), where start begins a subtree of the tree or of one of its beginnings."""
        parts = [self.node(level, index) for level, index in subtrees(start, end)]
        if not parts:
            return EMPTY_ROOT
        found = parts.pop()
        while parts:
            found = node_hash(parts.pop(), found)
        return found

    def node(self, level: int, index: int) -> bytes:
        """Compute the hash of a complete subtree of 2^level leaves; what stands inside a tile is hashed again."""
        tile_level, height = divmod(level, _HEIGHT)
        first = index << height
        number, offset = divmod(first, WIDTH)
        there = (self.size >> _HEIGHT * tile_level) - number * WIDTH
        tile = Tile(tile_level, number, min(WIDTH, there))
        hashes = hashes_of(tile, self.read(tile))
        return root_of(hashes[offset : offset + (1 << height)])


class Edge:
    """The right edge of a tree: the hashes of the last tile of each level, from which it grows.

    It holds at most 255 hashes a level, so that a log of any size grows without reading.
    """

    def __init__(self, size: int = 0, read: Read | None = None) -> None:
        self.size = size
        self._levels: list[list[bytes]] = []
        if size and read:
            for level in count():
                if not size >> _HEIGHT * level:
                    break
                self._levels.append(self._partial(level, read))

    def root(self) -> bytes:
        """Compute the root of the tree."""
        found: bytes | None = None
        for row in self._levels:  # what stands lower stands further right
            if row:
                parts = [root_of(row[i:j]) for i, j in _aligned(len(row))]
                for part in reversed(parts):
                    found = part if found is None else node_hash(part, found)
        return EMPTY_ROOT if found is None else found

    def grow(self, leaves: Sequence[bytes]) -> list[tuple[Tile, bytes]]:
        """Take further leaf hashes; give the tiles that are new by them, each with its bytes."""
        made, level, fresh = [], 0, list(leaves)
        before, self.size = self.size, self.size + len(fresh)
        while fresh:
            if level == len(self._levels):
                self._levels.append([])
            row = [*self._levels[level], *fresh]
            number = (before >> _HEIGHT * level) // WIDTH
            fresh = []
            while len(row) >= WIDTH:
                full, row = row[:WIDTH], row[WIDTH:]
                made.append((Tile(level, number), b"".join(full)))
                fresh.append(root_of(full))
                number += 1
            if row:
                made.append((Tile(level, number, len(row)), b"".join(row)))
            self._levels[level] = row
            level += 1
        return made

    def copy(self) -> Edge:
        """Give an edge that grows by itself."""
        found = Edge(self.size)
        found._levels = [list(row) for row in self._levels]
        return found

    def _partial(self, level: int, read: Read) -> list[bytes]:
        number, width = divmod(self.size >> _HEIGHT * level, WIDTH)
        if not width:
            return []
        tile = Tile(level, number, width)
        return hashes_of(tile, read(tile))

    def check(self, root: bytes) -> None:
        """Hold the edge against the root of a checkpoint.

        Raises:
            Mismatch: the tiles are not those that were signed.
        """
        if self.root() != root:
            raise Mismatch(
                f"got tiles of root {self.root().hex()}, expected {root.hex()} at size {self.size}",
                where=CHECKPOINT,
                hint="graven audit verify names the file",
            )


def _aligned(length: int) -> Iterator[tuple[int, int]]:
    for level, index in subtrees(0, length):
        yield index << level, (index + 1) << level
