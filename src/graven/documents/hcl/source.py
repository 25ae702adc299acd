"""Owns the text of a file of HCL, its limits, and the errors that name a place in it."""

from __future__ import annotations

from graven.documents.faults import Text
from graven.errors import Malformed, TooLarge

__all__ = ["MAX_BYTES", "MAX_DEPTH", "Source", "read"]

MAX_BYTES = 16 << 20
MAX_DEPTH = 100
"""How many blocks, brackets, templates and operators may stand inside one another."""


class Source(Text):
    """The text of one file, and the errors of what it says."""

    __slots__ = ()

    def owns(self, offset: int) -> bool:  # noqa: ARG002 - where texts stand behind one another, one of them does not
        """Say whether a place is one of the file itself."""
        return True

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
