"""Owns where the terms and heads of a module begin and end in its text, as OPA's locations do."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator

from graven.rego.format.spans import Spans
from graven.rego.lexer import Token, tokenize
from graven.rego.tree import Ref, Rule, Scalar, Source, Term

__all__ = ["Extents"]


class Extents:
    """The extents of the parts of one module."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.spans = Spans(source, [*_all(tokenize(source)[0])])

    def of(self, term: Term) -> tuple[int, int]:
        """Give where a term begins, and the place behind it; of a name that was resolved, those of the name."""
        if isinstance(term, Ref) and isinstance(term.steps[-1], Scalar) and term.steps[-1].at == term.at:
            return term.at, self.spans.token(term.at).end
        return term.at, self.spans.end(term)

    def after(self, at: int) -> int:
        """Give where the token behind the one at a place begins."""
        return self.spans.token(self.spans.token(at).end).start

    def head(self, rule: Rule) -> tuple[int, int]:
        """Give where a rule begins, and the place behind its head; of one that has no body, of all of it."""
        if rule.default:
            return rule.at, self.spans.token(rule.at).end
        if not rule.written:
            return rule.at, rule.end
        first = min((expr.at for expr in rule.body if not expr.made and expr.at > rule.at), default=rule.end)
        before = self.spans.before(self._if(rule.at, first))
        while before is not None and before.text in ("{", "if"):
            before = self.spans.before(before.start)
        return rule.at, before.end if before is not None and before.start >= rule.at else rule.end

    def is_bare_else(self, rule: Rule) -> bool:
        """Say whether a rule is an ``else`` whose body is one expression without braces."""
        if not rule.written or rule.default or self.spans.text(rule.at) != "else":
            return False
        first = min((expr.at for expr in rule.body if not expr.made), default=rule.at)
        before = self.spans.before(first)
        return before is not None and before.text == "if"

    def bare(self, rule: Rule) -> tuple[int, int]:
        """Give the extent that OPA gives to the body of a rule without one: its value; of a set, its name; else all."""
        before = None if rule.key is None else self.spans.before(rule.key.at)
        if before is not None and before.kind == "[":
            return rule.at, rule.end
        if rule.key is not None or not rule.explicit:
            return rule.at, self.spans.token(rule.at).end
        return rule.at if self.spans.text(rule.at) == "else" else rule.value.at, rule.end

    def _if(self, begin: int, end: int) -> int:
        """Give where the ``if`` of a rule stands, or without one the end of what is looked through."""
        depth = 0
        for token in self.spans.tokens[bisect_left(self.spans.starts, begin) :]:
            if token.start >= end:
                return end
            depth += (token.kind in _OPENING) - (token.kind in _CLOSING)
            if depth == 0 and token.text == "if":
                return token.start
        return end


_OPENING, _CLOSING = ("(", "[", "{"), (")", "]", "}")


def _all(tokens: Iterable[Token]) -> Iterator[Token]:
    """Give tokens with those in the holes of templates."""
    for token in tokens:
        yield token
        if isinstance(token.value, list):
            for part in token.value:
                yield from _all(part) if isinstance(part, list) else ()
