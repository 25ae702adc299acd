"""Owns the place in a list of tokens, and which identifiers are keywords there."""

from __future__ import annotations

from typing import NoReturn

from graven.rego.faults import CompileFault, fault
from graven.rego.lexer import Token
from graven.rego.tree import Source

__all__ = ["ALWAYS", "FUTURE", "Cursor"]

ALWAYS = frozenset({"as", "default", "else", "false", "import", "package", "not", "null", "some", "true", "with"})
FUTURE = frozenset({"contains", "every", "if", "in"})
"""Keywords of v1, which v0 has only by import."""


class Cursor:
    """Reads tokens one by one; the parsers of terms, bodies and rules are built upon it."""

    def __init__(self, source: Source, tokens: list[Token], keywords: frozenset[str]) -> None:
        self.source = source
        self.tokens = tokens
        self.at = 0
        self.keywords = keywords
        self.wildcards = 0
        self.block_not = False
        self.logic: frozenset[str] = frozenset()

    @property
    def token(self) -> Token:
        """The token that comes next."""
        return self.tokens[self.at]

    def take(self) -> Token:
        """Give the next token and go past it."""
        token = self.tokens[self.at]
        if token.kind != "end":
            self.at += 1
        return token

    def symbol(self, symbol: str) -> bool:
        """Go past a symbol if it comes next."""
        if self.tokens[self.at].kind == symbol:
            self.at += 1
            return True
        return False

    def expect(self, symbol: str, where: str) -> Token:
        """Go past a symbol that must come next."""
        if self.token.kind != symbol:
            self.fail(f"unexpected {self.shown()}: expected {symbol!r} {where}")
        return self.take()

    def keyword(self, word: str) -> bool:
        """Go past a keyword if it comes next."""
        if self.comes(word):
            self.at += 1
            return True
        return False

    def comes(self, word: str) -> bool:
        """Say whether a keyword comes next; before a dot it is a mere name."""
        token = self.tokens[self.at]
        return token.kind == "name" and token.text == word and self.is_keyword(self.at)

    def is_keyword(self, at: int) -> bool:
        """Say whether the token there is a keyword."""
        token = self.tokens[at]
        if token.kind != "name" or token.text not in self.keywords:
            return False
        after = self.tokens[at + 1]
        if after.start != token.end:
            return True
        return after.kind != "." and not (after.kind == "(" and token.text == "contains")

    def adjacent(self, symbol: str) -> bool:
        """Say whether a symbol comes next with no space before it."""
        token = self.tokens[self.at]
        return token.kind == symbol and self.at > 0 and self.tokens[self.at - 1].end == token.start

    def row(self, at: int) -> int:
        """Give the row of an offset."""
        return self.source.position(at)[0]

    def shown(self) -> str:
        """Name the next token for a message."""
        token = self.token
        if token.kind == "end":
            return "eof token"
        if token.kind == "name":
            kind = "keyword" if self.is_keyword(self.at) else "identifier"
            return f"{token.text!r} {kind}"
        return f"{token.kind} token"

    def fail(self, message: str, hint: str = "", at: int | None = None) -> NoReturn:
        """Refuse the module at a place, by default at the next token."""
        where = self.token.start if at is None else at
        raise CompileFault(fault(self.source, where, "rego_parse_error", message, hint))

    def wildcard(self) -> str:
        """Give a name for ``_`` that is used nowhere else."""
        self.wildcards += 1
        return f"${self.wildcards}"
