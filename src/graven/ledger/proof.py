r"""Proofs from tiles, and the ``.tlog-proof`` file (c2sp.org/tlog-proof) that shows one entry offline."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterable
from dataclasses import dataclass

from graven.errors import Malformed, Mismatch
from graven.ledger.checkpoint import Checkpoint, opened
from graven.ledger.note import VerifierKey
from graven.ledger.tiles import Hashes, Tile
from graven.ledger.tree import HASH_BYTES, leaf_hash, verify_inclusion

__all__ = ["Proof", "consistency", "inclusion", "needs"]

Range = tuple[int, int]
_HEADER = "c2sp.org/tlog-proof@v1"
_INDEX = re.compile(r"index (0|[1-9]\d{0,18})")
_MAX_LINES = 64
"""No tree is deeper."""


def inclusion(index: int, size: int) -> list[Range]:
    """Name the ranges of leaves whose hashes prove a leaf, from the leaf to the root (RFC 6962, 2.1.1).

    >>> inclusion(2, 5)
    [(3, 4), (0, 2), (4, 5)]

    Raises:
        Malformed: there is no such leaf in a tree of this size.
    """
    if not 0 <= index < size:
        raise Malformed(f"got the index {index}, expected 0 to {size - 1}", where="index")
    start, end, found = 0, size, list[Range]()
    while end - start > 1:
        middle = start + _split(end - start)
        if index < middle:
            found.append((middle, end))
            end = middle
        else:
            found.append((start, middle))
            start = middle
    return found[::-1]


def consistency(old: int, new: int) -> list[Range]:
    """Name the ranges whose hashes prove that a tree is the beginning of another (RFC 6962, 2.1.2).

    >>> consistency(3, 7)
    [(2, 3), (3, 4), (0, 2), (4, 7)]

    Raises:
        Malformed: the old tree is larger than the new one.
    """
    if not 0 <= old <= new:
        raise Malformed(f"got a tree of {old}, expected at most {new}", where="size")
    if old in (0, new):
        return []
    start, end, found, whole = 0, new, list[Range](), True
    while old != end:
        middle = start + _split(end - start)
        if old <= middle:
            found.append((middle, end))
            end = middle
        else:
            found.append((start, middle))
            start, whole = middle, False
    return [*([] if whole else [(start, end)]), *found[::-1]]


def needs(ranges: Iterable[Range], size: int) -> frozenset[Tile]:
    """Name the tiles that hold the hashes of these ranges, so that they can be fetched beforehand."""
    wanted: set[Tile] = set()

    def read(tile: Tile) -> bytes:
        wanted.add(tile)
        return bytes(tile.width * HASH_BYTES)

    hashes = Hashes(size, read)
    for start, end in ranges:
        hashes.range(start, end)
    return frozenset(wanted)


@dataclass(frozen=True, slots=True)
class Proof:
    """That one entry stands at an index of the tree that a checkpoint signs."""

    index: int
    hashes: tuple[bytes, ...]
    checkpoint: bytes
    """The signed note, as it was published."""
    extra: bytes | None = None
    """"Extra data is not authenticated": here the entry itself, which the proof then authenticates."""

    @classmethod
    def parse(cls, data: bytes) -> Proof:
        """Read a ``.tlog-proof`` file.

        Raises:
            Malformed: it is none.
        """
        head, blank, note = data.partition(b"\n\n")
        try:
            lines = head.decode().split("\n")
            header, extra = lines.pop(0), None
            if lines and lines[0].startswith("extra "):
                extra = base64.b64decode(lines.pop(0)[6:], validate=True)
            match = _INDEX.fullmatch(lines.pop(0)) if lines else None
            hashes = tuple(base64.b64decode(line, validate=True) for line in lines)
        except (UnicodeDecodeError, binascii.Error, ValueError) as e:
            raise Malformed("got lines that are no base64", where="proof") from e
        if header != _HEADER or not blank or not match:
            raise Malformed(f"got no {_HEADER}, index, hashes, blank line and checkpoint", where="proof")
        if len(hashes) > _MAX_LINES or any(len(one) != HASH_BYTES for one in hashes):
            raise Malformed("got hashes of another length than 32 bytes, or more than 64 of them", where="proof")
        found = cls(int(match[1]), hashes, note, extra)
        if found.encode() != data:
            raise Malformed("got base64 with bits that count for nothing set", where="proof")
        return found

    def encode(self) -> bytes:
        """Write the file."""
        extra = [] if self.extra is None else [f"extra {_base64(self.extra)}"]
        lines = [_HEADER, *extra, f"index {self.index}", *map(_base64, self.hashes)]
        return "\n".join(lines).encode() + b"\n\n" + self.checkpoint

    def check(self, entry: bytes, keys: tuple[VerifierKey, ...] | None) -> Checkpoint:
        """Verify the proof; give the checkpoint that covers the entry.

        Raises:
            Malformed: the checkpoint cannot be read.
            Mismatch: the checkpoint is not signed by the keys, or the entry does not stand there.
        """
        head = opened(self.checkpoint, keys)  # 1. origin and signatures
        leaf = leaf_hash(entry)  # 2. the leaf
        if not verify_inclusion(leaf, index=self.index, size=head.size, proof=self.hashes, root=head.root):  # 3.
            raise Mismatch(
                f"the entry does not stand at index {self.index} of the tree of size {head.size} that was signed",
                where="proof",
            )
        return head


def _split(size: int) -> int:
    """Give the largest power of two below the size."""
    return 1 << (size - 1).bit_length() - 1


def _base64(data: bytes) -> str:
    return base64.b64encode(data).decode()
