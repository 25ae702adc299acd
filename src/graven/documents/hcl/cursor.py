"""Owns the way through the tokens of one file: what comes next, what was expected, how deep it is nested."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterator
from contextlib import contextmanager

from graven.documents.hcl.source import MAX_DEPTH, Source
from graven.documents.hcl.tokens import Token, tokens
from graven.documents.hcl.tree import Expression
from graven.errors import Malformed

__all__ = ["Cursor"]

_NAMES = {
    "eof": "the end of the text",
    "newline": "the end of the line",
    "quote": '"',
    "endquote": '"',
    "seqend": "}",
    "lit": "text",
}


class Cursor:
    """Looks at one token after another; ends of lines count only where ``newlines`` is set."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.text = source.text
        self.tokens = tokens(source)
        self.at = 0
        self.newlines = True
        self.depth = 0

    def _next(self) -> int:
        at = self.at
        if not self.newlines:
            while self.tokens[at][0] == "newline":
                at += 1
        return at

    def peek(self) -> Token:
        """Look at the next token."""
        return self.tokens[self._next()]

    def kind(self) -> str:
        """Look at the kind of the next token."""
        return self.tokens[self._next()][0]

    def read(self) -> Token:
        """Take the next token; the last one stays."""
        at = self._next()
        self.at = min(at + 1, len(self.tokens) - 1)
        return self.tokens[at]

    def spelling(self, token: Token) -> str:
        """Give the text of a token."""
        return self.text[token[1] : token[2]]

    def word(self) -> str:
        """Give the next token if it is a name, and nothing otherwise."""
        token = self.peek()
        return self.spelling(token) if token[0] == "ident" else ""

    def expect(self, kind: str, what: str = "") -> Token:
        """Take the next token, which must be of a kind.

        Raises:
            Malformed: it is of another one.
        """
        if self.kind() != kind:
            raise self.unexpected(what or _NAMES.get(kind, kind))
        return self.read()

    def unexpected(self, what: str, hint: str = "") -> Malformed:
        """Make the error of a next token that stands in the place of something else."""
        token = self.peek()
        got = _NAMES.get(token[0]) or self.spelling(token)[:40]
        return self.source.malformed(token[1], f"got {got}, expected {what}", hint)

    @contextmanager
    def within(self, *, newlines: bool) -> Iterator[None]:
        """Go one level down, where ends of lines count or do not.

        Raises:
            TooLarge: that is deeper than the limit.
        """
        before, self.newlines = self.newlines, newlines
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise self.source.too_deep(self.peek()[1])
        yield
        self.depth -= 1
        self.newlines = before

    @abstractmethod
    def expression(self) -> Expression:
        """Read an expression."""
