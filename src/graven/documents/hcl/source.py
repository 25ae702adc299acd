"""Owns the text of a configuration file, and the way from an offset in it to a line and a column."""

from __future__ import annotations

from bisect import bisect_right

from graven.documents.position import Position
from graven.errors import Malformed, TooLarge

__all__ = ["MAX_BYTES", "MAX_DEPTH", "Source", "read"]

MAX_BYTES = 16 << 20
MAX_DEPTH = 100
"""How many blocks, brackets, templates and operators may stand inside one another."""


class Source:
    """The text of one file."""

    __slots__ = ("_starts", "file", "text")

    def __init__(self, text: str, file: str = "") -> None:
        self.text = text
        self.file = file
        self._starts: list[int] = []

    def position(self, offset: int) -> Position:
        r"""Give the line and the column of an offset.

        >>> Source("a = 1\nb = 2\n").position(10)
        Position(line=2, column=5)
        """
        if not self._starts:
            self._starts = [0]
            at = self.text.find("\n")
            while at >= 0:
                self._starts.append(at + 1)
                at = self.text.find("\n", at + 1)
        line = bisect_right(self._starts, offset)
        return Position(line, offset - self._starts[line - 1] + 1)

    def where(self, offset: int) -> str:
        """Name a place as errors name it."""
        return f"{self.file + ': ' if self.file else ''}{self.position(offset)}"

    def malformed(self, offset: int, message: str, hint: str = "") -> Malformed:
        """Make the error of a text that cannot be read from here on."""
        return Malformed(message, where=self.where(offset), hint=hint)

    def too_deep(self, offset: int) -> TooLarge:
        """Make the error of a text that nests beyond the limit."""
        return TooLarge(f"nested deeper than {MAX_DEPTH} levels", where=self.where(offset))


def read(data: bytes, file: str) -> Source:
    """Take the bytes of a file; what is no UTF-8 stays in them as lone surrogates, for the words to refuse.

    Raises:
        TooLarge: there are more bytes than the limit.
    """
    if len(data) > MAX_BYTES:
        raise TooLarge(f"got {len(data)} bytes, at most {MAX_BYTES}", where=file)
    return Source(data.removeprefix(b"\xef\xbb\xbf").decode("utf-8", "surrogateescape"), file)
