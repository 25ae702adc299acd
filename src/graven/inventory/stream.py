"""The bytes of a layer, decompressed as they are asked for: gzip (RFC 1952), zstd (RFC 8878) or as they are.

The compression is told from the first bytes, as container runtimes tell it, not from the media type. What a layer
may cost is bounded here: its size, its ratio, and the window of a zstd frame.
"""

from __future__ import annotations

import io
import zlib
from collections.abc import Callable
from typing import IO, Protocol, cast

import zstandard
from isal import igzip, igzip_lib

from graven.errors import GravenError, Malformed, TooLarge, Unavailable, Unsupported
from graven.inventory.limits import Limits

__all__ = ["Reader", "Stream"]

_BLOCK = 1 << 20
_GZIP = b"\x1f\x8b"
_ZSTD = b"\x28\xb5\x2f\xfd"
_BROKEN_GZIP = (EOFError, OSError, zlib.error, cast("type[Exception]", igzip_lib.IsalError))
_FOREIGN = {b"BZh": "bzip2", b"\xfd7zXZ": "xz"}


class Reader(Protocol):
    """Where the compressed bytes come from."""

    def read(self, size: int, /) -> bytes:
        """Give at most so many bytes; none at the end."""


class _Counted(io.RawIOBase):
    """A reader with its first bytes put back, that counts what was taken and names its own failures."""

    def __init__(self, first: bytes, reader: Reader) -> None:
        super().__init__()
        self._first, self._reader, self.taken = first, reader, 0

    def read(self, size: int = _BLOCK, /) -> bytes:
        piece, self._first = self._first[:size], self._first[size:]
        if not piece:
            try:
                piece = self._reader.read(size)
            except OSError as e:
                raise Unavailable(f"the layer cannot be read: {e.strerror or e}", where="layer") from e
        self.taken += len(piece)
        return piece

    def readinto(self, buffer: memoryview, /) -> int:  # type: ignore[override]  # narrower than any buffer
        piece = self.read(len(buffer))
        buffer[: len(piece)] = piece
        return len(piece)

    def readable(self) -> bool:
        return True


class Stream:
    """Decompressed bytes, taken or skipped in order.

    Raises:
        Malformed: from each verb, where the compressed bytes are broken or end too early.
        TooLarge: from each verb, where a limit is passed.
        Unsupported: when it is made, for a compression that is not read.
    """

    def __init__(self, reader: Reader, limits: Limits) -> None:
        first = _first_bytes(reader)
        foreign = next((name for magic, name in _FOREIGN.items() if first.startswith(magic)), None)
        if foreign:
            raise Unsupported(
                f"got a layer compressed by {foreign}, expected gzip, zstd or none",
                where="layer",
                hint="push it again as gzip",
            )
        self._counted = _Counted(first, reader)
        self._source, self._compressed = _decompressor(first, self._counted, limits)
        self._limits = limits
        self._block = b""
        self._at = 0
        self._total = 0

    def peek(self, size: int) -> bytes:
        """Give the next bytes without taking them; fewer only where the stream ends."""
        while len(self._block) - self._at < size and self._more():
            pass
        return self._block[self._at : self._at + size]

    def take(self, size: int) -> bytes:
        """Give exactly so many bytes."""
        piece = self.peek(size)
        if len(piece) < size:
            raise _cut(size - len(piece))
        self._at += size
        return piece

    def skip(self, size: int) -> None:
        """Pass over exactly so many bytes."""
        self.scan(size, b"")

    def scan(self, size: int, needle: bytes) -> bool:
        """Pass over exactly so many bytes, and tell whether the needle, if there is one, stood among them."""
        found, tail = False, b""
        while size:
            have = min(size, len(self._block) - self._at)
            if needle and not found:
                found, tail = self._holds(needle, have, tail)
            size -= have
            self._at += have
            if size and not self._more():
                raise _cut(size)
        return found

    def drain(self) -> bool:
        """Pass over all that is left, to its checksum; tell whether any of it was more than zeros."""
        more = False
        while True:
            more = more or bool(self._block[self._at :].strip(b"\0"))
            self._at = len(self._block)
            if not self._more():
                return more

    def _holds(self, needle: bytes, have: int, tail: bytes) -> tuple[bool, bytes]:
        """Look in what is at hand, and across its seam with what came before; give what the next seam needs."""
        end, seam = self._at + have, len(needle) - 1
        over = tail + self._block[self._at : min(end, self._at + seam)]
        found = self._block.find(needle, self._at, end) >= 0 or needle in over
        return found, (tail + self._block[max(self._at, end - seam) : end])[-seam:] if seam else b""

    def _more(self) -> bool:
        piece = _guarded(self._source)
        self._block = self._block[self._at :] + piece
        self._at = 0
        self._total += len(piece)
        self._check()
        return bool(piece)

    def _check(self) -> None:
        if self._total > self._limits.total:
            raise TooLarge(
                f"got a layer of more than {self._limits.total} bytes decompressed, the limit total", where="layer"
            )
        ratio = self._total // max(self._counted.taken, 1)
        if self._compressed and self._total > self._limits.ratio_from and ratio > self._limits.ratio:
            raise TooLarge(
                f"got a layer that grows {ratio} times when decompressed, expected at most {self._limits.ratio} times, "
                "the limit ratio",
                where="layer",
            )


def _first_bytes(reader: Reader) -> bytes:
    try:
        return reader.read(_BLOCK)
    except OSError as e:
        raise Unavailable(f"the layer cannot be read: {e.strerror or e}", where="layer") from e


def _decompressor(first: bytes, counted: _Counted, limits: Limits) -> tuple[Callable[[], bytes], bool]:
    if first.startswith(_GZIP):
        unzipped = igzip.IGzipFile(mode="rb", fileobj=counted)  # type: ignore[no-untyped-call]  # isal ships no hints here
        return lambda: bytes(unzipped.read1(_BLOCK)), True
    if first.startswith(_ZSTD) or _skippable(first):
        engine = zstandard.ZstdDecompressor(max_window_size=limits.window)
        frames = engine.stream_reader(cast("IO[bytes]", counted), read_size=1 << 17, read_across_frames=True)
        return lambda: frames.read(_BLOCK), True
    return lambda: counted.read(_BLOCK), False


def _skippable(first: bytes) -> bool:
    return first[1:4] == b"\x2a\x4d\x18" and 0x50 <= first[0] <= 0x5F


def _guarded(source: Callable[[], bytes]) -> bytes:
    try:
        return source()
    except GravenError:
        raise
    except zstandard.ZstdError as e:
        if "memory" in str(e):
            raise TooLarge(
                f"got a zstd frame that asks for more memory than the limit window: {e}", where="layer"
            ) from e
        raise Malformed(f"got broken zstd: {e}", where="layer") from e
    except _BROKEN_GZIP as e:
        raise Malformed(f"got broken gzip: {e}", where="layer") from e


def _cut(missing: int) -> Malformed:
    return Malformed(f"got an archive that ends {missing} bytes too early", where="layer", hint="push the layer again")
