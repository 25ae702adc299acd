"""Owns how a text that cannot be read is reported, the places of its parts, and how deep any format may nest."""

from __future__ import annotations

import re
from bisect import bisect_right

from graven.documents.position import Position
from graven.errors import Malformed, TooLarge

__all__ = ["MAX_DEPTH", "MAX_NESTED", "Text", "decoded", "too_deep", "unreadable"]

MAX_DEPTH = 500
"""Objects and lists within one another; what reads a document later walks it in as many steps."""

MAX_NESTED = 100
"""The same for languages that people write, in which a block in a block is an exception after five."""

_BOM = b"\xef\xbb\xbf"


class Text:
    r"""A text and the way from an offset in it to a line and a column.

    >>> Text("a\nbc").position(3)
    Position(line=2, column=2)
    """

    __slots__ = ("_starts", "file", "text")

    def __init__(self, text: str, file: str = "") -> None:
        self.text = text
        self.file = file
        self._starts: list[int] = []

    def position(self, offset: int) -> Position:
        """Give the place of an offset."""
        starts = self._lines()
        line = bisect_right(starts, offset)
        return Position(line, offset - starts[line - 1] + 1)

    def offset(self, line: int, column: int) -> int:
        """Give the offset of a place."""
        return self._lines()[line - 1] + column - 1

    def _lines(self) -> list[int]:
        if not self._starts:
            self._starts = [0, *(found.end() for found in re.finditer("\n", self.text))]
        return self._starts

    def fault(self, message: str, offset: int, *, hint: str = "") -> Malformed:
        """Give the error for something wrong at an offset."""
        return unreadable(message, self.file, self.position(min(offset, len(self.text))), hint=hint)


def unreadable(message: str, file: str, place: Position | None = None, *, hint: str = "") -> Malformed:
    """Give the error of a text that cannot be read, with the file, line and column in ``where``.

    >>> unreadable("no value", "a.ini", Position(2, 5)).where
    'a.ini: line 2, column 5'
    """
    return Malformed(message, where=": ".join(filter(None, (file, str(place or "")))), hint=hint)


def too_deep(file: str, place: Position, limit: int = MAX_DEPTH) -> TooLarge:
    """Give the error of a text that nests deeper than is read."""
    return TooLarge(f"got more than {limit} levels within one another", where=unreadable("", file, place).where)


def decoded(data: bytes, file: str = "") -> str:
    """Read bytes as UTF-8, without a byte order mark.

    Raises:
        Malformed: they are no UTF-8; says where the first wrong byte stands.
    """
    data = data.removeprefix(_BOM)
    try:
        return data.decode()
    except UnicodeDecodeError as e:
        before = data[: e.start].decode()
        place = Text(before).position(len(before))
        raise unreadable(f"got the byte 0x{data[e.start]:02x}, expected UTF-8", file, place) from None
