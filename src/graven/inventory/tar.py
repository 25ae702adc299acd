"""The members of a tar archive, read once from front to back (POSIX pax interchange format, ustar, GNU tar).

Where readers differ, this one reads as Go's ``archive/tar`` does, since that is what container runtimes unpack with:
types without contents have none whatever their size field says, a long name of GNU wins over the path of pax, and an
archive may end without its two blocks of zeros. What would let two readers see two archives is refused.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from typing import NamedTuple

from graven.errors import Malformed, TooLarge
from graven.inventory.limits import Limits
from graven.inventory.stream import Stream

__all__ = ["FOLDER", "HARD_LINK", "REGULAR", "SPARSE", "SYMLINK", "Archive", "Member"]

REGULAR, HARD_LINK, SYMLINK, FOLDER, SPARSE = b"0", b"1", b"2", b"5", b"S"
_BODYLESS = frozenset(b"123456")
_SAME_AS_REGULAR = frozenset((b"\0", b"7"))
_ZEROS = bytes(512)
_GLOBAL_NAMES = ("path", "linkpath", "size")


class Member(NamedTuple):
    """One entry of the archive."""

    name: bytes
    """As it stands there."""
    kind: bytes
    """The type flag; what unpacks to an ordinary file is ``REGULAR``, what has holes ``SPARSE``."""
    size: int
    """Bytes that stand in the archive for it."""
    link: bytes
    """Target, of a link."""


class Archive:
    """Iterates the members; the contents of the present one can be read until the next is asked for.

    Raises:
        Malformed: while iterating, where a header cannot be read or the archive is cut.
        TooLarge: while iterating, where a limit is passed.
    """

    def __init__(self, stream: Stream, limits: Limits) -> None:
        self._stream = stream
        self._limits = limits
        self._left = 0
        self.entries = 0
        self.ended = False
        """Whether the blocks that mark the end were seen."""

    def __iter__(self) -> Iterator[Member]:
        while (member := self._placed()) is not None:
            self.entries += 1
            if self.entries > self._limits.entries:
                raise TooLarge(f"got more than {self._limits.entries} files, the limit entries", where="layer")
            self._left = member.size
            yield member
            self._stream.skip(self._left + -member.size % 512)

    def peek(self, size: int) -> bytes:
        """Give the beginning of what is left of the present member."""
        return self._stream.peek(min(size, self._left))

    def read(self, size: int) -> bytes:
        """Take at most so many bytes of the present member."""
        piece = self._stream.take(min(size, self._left))
        self._left -= len(piece)
        return piece

    def scan(self, needle: bytes) -> bool:
        """Pass over what is left of the present member and tell whether the needle stood in it."""
        left, self._left = self._left, 0
        return self._stream.scan(left, needle)

    def _placed(self) -> Member | None:
        """Give the next member; a fault of a header says which entry it was."""
        try:
            return self._next()
        except Malformed as e:
            where = e.where or f"layer, entry {self.entries + 1}"
            raise Malformed(e.message, where=where, hint="push the layer again") from e

    def _next(self) -> Member | None:
        told: dict[str, bytes] = {}
        long: dict[str, bytes] = {}
        while (header := self._header()) is not None:
            kind = header[156:157]
            if kind == b"x":
                told = _pax(self._body(header))
            elif kind == b"g":
                _check_global(_pax(self._body(header)))
            elif kind in (b"L", b"K"):
                long["path" if kind == b"L" else "linkpath"] = self._body(header).split(b"\0", 1)[0]
            else:
                return self._member(header, {**told, **long})
        if told or long:
            raise Malformed("got an extended header that no file follows")
        return None

    def _header(self) -> bytes | None:
        header = self._stream.peek(512)
        if not header:
            return None
        header = self._stream.take(512)
        if header == _ZEROS:
            second = self._stream.peek(512)
            if second.strip(b"\0"):
                raise Malformed("got one block of zeros and then more, expected two at the end")
            self.ended = True
            return None
        _check_sum(header)
        return header

    def _body(self, header: bytes) -> bytes:
        size = _number(header[124:136])
        if size > self._limits.header:
            raise TooLarge(
                f"got an extended header of {size} bytes, expected at most {self._limits.header}, the limit header",
                where="layer",
            )
        return self._stream.take(size + -size % 512)[:size]

    def _member(self, header: bytes, told: dict[str, bytes]) -> Member:
        kind = header[156:157]
        name = told.get("GNU.sparse.name") or told.get("path") or _name(header)
        size = _number(header[124:136]) if "size" not in told else _decimal(told["size"])
        if kind in _SAME_AS_REGULAR:
            kind = FOLDER if kind == b"\0" and name.endswith(b"/") else REGULAR
        if kind == SPARSE:
            self._sparse_map(header)
        elif any(key.startswith("GNU.sparse.") for key in told):
            kind = SPARSE
        if kind[0] in _BODYLESS:
            size = 0
        if size > self._limits.total:
            raise TooLarge(f"got a file of {size} bytes, more than the limit total", where=_shown(name))
        return Member(name, kind, size, told.get("linkpath") or header[157:257].split(b"\0", 1)[0])

    def _sparse_map(self, header: bytes) -> None:
        """Pass over the further blocks of an old GNU sparse map."""
        follows = header[482]
        while follows:
            follows = self._stream.take(512)[504]


def _check_sum(header: bytes) -> None:
    field = header[148:156]
    told = _number(field)
    # The low half of Adler-32 is one more than the sum of the bytes, modulo 65521, and far quicker than sum().
    whole, own = zlib.adler32(header) & 0xFFFF, zlib.adler32(field) & 0xFFFF
    if (told - 256 - whole + own) % 65521 and told != _signed_sum(header):
        raise Malformed("got a tar header whose checksum is wrong")


def _signed_sum(header: bytes) -> int:
    """Add up as some old writers did, to whom a byte has a sign; the field itself counts as blanks."""
    return sum(byte - 256 if byte > 127 else byte for byte in header[:148] + header[156:]) + 256


def _number(field: bytes) -> int:
    text = field.strip(b" \0")
    try:
        return int(text, 8) if text.isdigit() else _odd_number(field)
    except ValueError as e:
        raise _no_octal(field) from e


def _odd_number(field: bytes) -> int:
    """Read a number in base 256, an empty one, or one with something behind its end."""
    if field[0] & 0x80:
        if field[0] & 0x40:
            raise Malformed("got a negative number in a tar header")
        return int.from_bytes(field, "big") & ((1 << (8 * len(field) - 1)) - 1)
    text = field.split(b"\0", 1)[0].strip(b" ")
    if text and not text.isdigit():
        raise _no_octal(field)
    return int(text or b"0", 8)


def _no_octal(field: bytes) -> Malformed:
    return Malformed(f"got {_shown(field)!r} in a tar header, expected an octal number")


def _decimal(text: bytes) -> int:
    if not text.isdigit() or len(text) > 20:
        raise Malformed(f"got the size {_shown(text)!r} in an extended header, expected a number")
    return int(text)


def _name(header: bytes) -> bytes:
    name = header[:100].split(b"\0", 1)[0]
    if header[257:263] == b"ustar\0":
        prefix = header[345:500].split(b"\0", 1)[0]
        return prefix + b"/" + name if prefix else name
    return name


def _pax(data: bytes) -> dict[str, bytes]:
    """Read ``LENGTH KEY=VALUE`` lines; an empty value takes the key back."""
    found: dict[str, bytes] = {}
    at = 0
    while at < len(data):
        space = data.find(b" ", at, at + 20)
        length = int(data[at:space]) if space > at and data[at:space].isdigit() else 0
        end = at + length
        key, equals, value = data[space + 1 : end - 1].partition(b"=")
        if not length or end > len(data) or data[end - 1 : end] != b"\n" or not equals:
            raise Malformed(f"got {_shown(data[at : at + 40])!r}, expected LENGTH KEY=VALUE", where="extended header")
        if b"\0" in value and key in (b"path", b"linkpath"):
            raise Malformed("got a name with a NUL in it", where="extended header")
        found[key.decode("utf-8", "replace")] = value
        at = end
    return {key: value for key, value in found.items() if value}


def _check_global(told: dict[str, bytes]) -> None:
    bad = next((key for key in told if key in _GLOBAL_NAMES or key.startswith("GNU.sparse.")), None)
    if bad:
        raise Malformed(f"got {bad!r} for all files at once, which readers take differently", where="extended header")


def _shown(text: bytes) -> str:
    return text[:200].decode("utf-8", "backslashreplace")
