"""Owns where the parts of a module end, and in which row they stand: what decides whether a line is broken."""

from __future__ import annotations

from bisect import bisect_left

from graven.rego.lexer import Token
from graven.rego.tree import (
    ArrayTerm,
    Call,
    Comprehension,
    Expr,
    ObjectTerm,
    Ref,
    SetTerm,
    Source,
    Template,
    Term,
    With,
)

__all__ = ["Spans"]

_PAIRS = {")": "(", "]": "[", "}": "{"}


class Spans:
    """The tokens of a module, by place."""

    def __init__(self, source: Source, tokens: list[Token]) -> None:
        self.source = source
        self.tokens = tokens
        self.starts = [token.start for token in tokens]
        self.close: dict[int, int] = {}
        """Where the bracket that is opened at a place is closed."""
        opened: list[Token] = []
        for token in tokens:
            if token.kind in _PAIRS.values():
                opened.append(token)
            elif token.kind in _PAIRS and opened:
                self.close[opened.pop().start] = token.start

    def row(self, at: int) -> int:
        """Give the row of a place."""
        return self.source.position(at)[0]

    def token(self, at: int) -> Token:
        """Give the token at a place, or the next."""
        return self.tokens[min(bisect_left(self.starts, at), len(self.tokens) - 1)]

    def before(self, at: int) -> Token | None:
        """Give the token before a place."""
        index = bisect_left(self.starts, at) - 1
        return self.tokens[index] if index >= 0 else None

    def after(self, at: int, kind: str) -> int:
        """Give where the next token of a kind begins."""
        for token in self.tokens[bisect_left(self.starts, at) :]:
            if token.kind == kind:
                return token.start
        return at

    def text(self, at: int) -> str:
        """Give the text of the token at a place."""
        token = self.token(at)
        return self.source.text[token.start : token.end]

    def opening(self, call: Call) -> int:
        """Give where the arguments of a call are opened."""
        return self.after(call.at, "(")

    def end(self, term: Term) -> int:
        """Give the place behind a term."""
        if isinstance(term, (ArrayTerm, ObjectTerm, Comprehension)):
            return self.close.get(term.at, term.at) + 1
        if isinstance(term, SetTerm):
            at = term.at if self.token(term.at).kind == "{" else self.after(term.at, "(")
            return self.close.get(at, at) + 1
        if isinstance(term, Ref):
            return self._ref_end(term)
        if isinstance(term, Call):
            if term.infix:
                return self.end(term.args[-1])
            opening = self.opening(term)
            return self.close.get(opening, opening) + 1
        if isinstance(term, Template):
            return self.token(term.at).end
        token = self.token(term.at)
        return self.token(token.end).end if token.kind == "-" else token.end

    def _ref_end(self, ref: Ref) -> int:
        last = ref.steps[-1]
        end = self.end(last)
        opened = self.before(last.at)
        bracketed = opened is not None and opened.kind == "[" and opened.start in self.close
        while opened is not None and opened.kind == "(":
            opened = self.before(opened.start)
            bracketed = opened is not None and opened.kind == "["
        return self.close[opened.start] + 1 if bracketed and opened is not None and opened.start in self.close else end

    def terms_end(self, expr: Expr) -> int:
        """Give the place behind an expression without its ``with``."""
        if not expr.withs:
            return expr.end
        before = self.before(self._with_at(expr.withs[0]))
        return before.end if before else expr.end

    @staticmethod
    def _with_at(modifier: With) -> int:
        return modifier.at
