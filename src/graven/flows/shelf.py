"""A shelf for small immutable bytes: bounded by their sum, the longest unused goes first."""

from __future__ import annotations

from collections import OrderedDict

from graven.values import Digest

__all__ = ["Shelf"]


class Shelf:
    """Keeps bytes by digest. What is not kept is read again."""

    def __init__(self, *, capacity: int = 8 << 20, largest: int = 256 << 10) -> None:
        self._kept: OrderedDict[Digest, bytes] = OrderedDict()
        self._free = capacity
        self._largest = largest

    def get(self, digest: Digest) -> bytes | None:
        """Give the bytes, if they are kept."""
        found = self._kept.get(digest)
        if found is not None:
            self._kept.move_to_end(digest)
        return found

    def put(self, digest: Digest, data: bytes) -> None:
        """Keep the bytes, if they are small."""
        if len(data) > self._largest or digest in self._kept:
            return
        self._kept[digest] = data
        self._free -= len(data)
        while self._free < 0:
            self._free += len(self._kept.popitem(last=False)[1])
