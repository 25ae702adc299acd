"""Owns the places of the nodes of a syntax tree, as ``opa parse --json-include locations`` tells them.

Each is a file, a row, a column and the text of the node in base64. Of a term in parentheses the text is told with them,
and the place behind them, as OPA does.
"""

from __future__ import annotations

from base64 import b64encode
from typing import Any

from graven.rego.extents import Extents
from graven.rego.lexer import Token
from graven.rego.tree import (
    ArrayTerm,
    Call,
    Comprehension,
    Every,
    Expr,
    Import,
    Logic,
    Module,
    Negation,
    ObjectTerm,
    Ref,
    Rule,
    Scalar,
    SetTerm,
    SomeDecl,
    Template,
    Term,
    With,
)

__all__ = ["Places"]

Json = dict[str, Any]


class Places:
    """The places of the nodes of one module."""

    def __init__(self, module: Module) -> None:
        self.source = module.source
        self.extents = Extents(module.source)
        self.spans = self.extents.spans
        self.fixed: Json | None = None
        """What is told for each node, where OPA gives all the same place."""

    def of(self, at: int, begin: int, end: int) -> Json:
        """Give the place ``at``, with the text from another to a third."""
        if self.fixed is not None:
            return dict(self.fixed)
        row, col = self.source.position(at)
        text = b64encode(self.source.text[begin:end].encode()).decode()
        return {"location": {"file": self.source.file, "row": row, "col": col, "text": text}}

    def all_of_body(self, rule: Rule, last: int) -> Json | None:
        """Give the place of all that is in the body of an ``else`` that stands behind ``if`` without braces."""
        return self.of(rule.at, rule.at, last) if self.extents.is_bare_else(rule) else None

    def token(self, token: Token) -> Json:
        """Give the place of a token."""
        return self.of(token.start, token.start, token.end)

    def first(self, at: int) -> Json:
        """Give the place of the token at an offset."""
        return self.token(self.spans.token(at))

    def term(self, term: Term) -> Json:
        """Give the place of a term; of a negative number OPA tells the sign."""
        token = self.spans.token(term.at)
        if isinstance(term, Scalar) and token.kind == "-":
            return self.token(token)
        return self.of(term.at, *self._text(term))

    def _text(self, term: Term) -> tuple[int, int]:
        """Give where the text of a term begins and ends, with the parentheses around it."""
        begin, end = self.extents.of(term)
        if isinstance(term, Ref) and isinstance(term.head, (ArrayTerm, SetTerm, ObjectTerm, Comprehension)):
            begin = self.extents.of(term.head)[1] - 1  # OPA begins with the bracket that closes the collection
        if isinstance(term, Call) and term.infix:
            begin, end = self._text(term.args[0])[0], self._text(term.args[-1])[1]
        while (opening := self._parenthesis(begin)) is not None and self.spans.close.get(opening) == self._next(end):
            begin, end = opening, self.spans.close[opening] + 1
        return begin, end

    def _next(self, end: int) -> int:
        return self.spans.token(end).start

    def _parenthesis(self, at: int) -> int | None:
        """Give where a parenthesis before a place is opened that begins no arguments."""
        token = self.spans.before(at)
        if token is None or token.kind != "(":
            return None
        name = self.spans.before(token.start)
        called = name is not None and name.end == token.start and name.kind in ("name", "]")
        return None if called else token.start

    def callee(self, call: Call) -> tuple[Json, list[Json]]:
        """Give the place of what a call calls, and of each part of its name."""
        if call.infix == "-" and self.spans.text(call.at) == "-" and call.args[0].at == call.at:
            number = self.spans.token(self.spans.token(call.at).end)
            if number.kind != "number" or self._text(call.args[0])[1] > number.end:
                return {}, [{} for _ in call.name]  # of ``-x``, which is ``0 - x``, nobody wrote the operator
        if call.infix:
            before = call.args[-2] if call.infix == "in" else call.args[0]
            place = self.token(self.spans.token(self._text(before)[1]))
            return place, [place] * len(call.name)
        parts = self.path(call.at, len(call.name))
        opening = self.spans.before(self.spans.opening(call))
        return self.of(call.at, call.at, opening.end if opening else call.at), parts

    def path(self, at: int, length: int) -> list[Json]:
        """Give the places of the names of a path that begins at a place."""
        found: list[Json] = []
        token = self.spans.token(at)
        while len(found) < length and token.kind != "end":
            if token.kind in ("name", "string"):
                found.append(self.token(token))
            token = self.spans.token(token.end)
        return found

    def whole(self, at: int, length: int) -> Json:
        """Give the place of a path of so many names."""
        token, seen = self.spans.token(at), 0
        while True:
            seen += token.kind in ("name", "string")
            following = self.spans.token(token.end)
            if seen == length and following.kind != "]":
                return self.of(at, at, token.end)
            token = following

    def imported(self, entry: Import) -> tuple[Json, int]:
        """Give the place of an import, with that of its alias, and where its path begins."""
        word = self.spans.token(entry.at)
        if word.text != "import":  # the place of the path, of imports that say which Rego is meant
            word = self.spans.before(entry.at) or word
        made, path = self.token(word), self.spans.token(word.end).start
        if not entry.explicit:
            return made, path
        at = self.spans.after(path, "name")
        while self.spans.text(at) != "as":
            at = self.spans.after(self.spans.token(at).end, "name")
        return {**made, "alias_location": self.first(self.spans.token(at).end)["location"]}, path

    def expr(self, expr: Expr, rule: Rule | None) -> Json:
        """Give the place of an expression; one that nobody wrote has that of its rule."""
        if rule is None or not expr.made:
            return self.of(expr.at, expr.at, expr.end or self._end(expr))
        if rule.default:
            return self.first(rule.at)
        begin, end = self.extents.bare(rule)
        return self.of(begin, begin, end)

    def _end(self, expr: Expr) -> int:
        """Give where an operand of ``and``, ``or`` or ``not`` ends."""
        found = expr.term
        if isinstance(found, Term):
            return self._text(found)[1]
        inside = found.member if isinstance(found, SomeDecl) else None
        if inside is not None:
            return self._text(inside)[1]
        body = found.right or found.left if isinstance(found, Logic) else getattr(found, "body", [])
        end = (body[-1].end or self._end(body[-1])) if body else expr.at
        following = self.spans.token(end)
        closed = isinstance(found, Every) or (isinstance(found, Negation) and found.braced)
        return following.end if closed else end

    def modifier(self, modifier: With) -> Json:
        """Give the place of a ``with``."""
        return self.of(modifier.at, modifier.at, self._text(modifier.value)[1])

    def head(self, rule: Rule) -> Json:
        """Give the place of a head."""
        if rule.default:
            begin = self.extents.after(rule.at)
            return self.of(begin, begin, rule.end)
        begin, end = self.extents.bare(rule) if _is_fact(rule) else self.extents.head(rule)
        return self.of(begin, begin, end)

    def value(self, rule: Rule) -> Json:
        """Give the place of the value of a head, also if nobody wrote it."""
        return self.first(rule.at) if _is_fact(rule) else {}

    def parts(self, template: Template) -> list[Json]:
        """Give the places of the texts of a template, each with the sign that ends it; of a hole none."""
        found: list[Json] = []
        begin = template.at
        for part in template.parts:
            if isinstance(part, str):
                found.append(self._piece(begin, template))
                continue
            found.append({})
            hole = part.body[0] if isinstance(part, Comprehension) else None
            end = self.extents.of(part)[1] if hole is None else hole.end
            begin = self.source.text.index("}", end) + 1
        return found

    def _piece(self, begin: int, template: Template) -> Json:
        holes = [part.at for part in template.parts if isinstance(part, Term) and part.at > begin]
        end = self.source.text.rindex("{", begin, holes[0]) + 1 if holes else self.spans.end(template)
        made = self.of(begin, begin, end)
        if self.source.text[begin] == "\n":
            made["location"] |= {"row": made["location"]["row"] + 1, "col": 0}
        return made

    def rule(self, rule: Rule, end: int = 0) -> Json:
        """Give the place of a rule with what follows after ``else``."""
        return self.first(rule.at) if rule.default or _is_fact(rule) else self.of(rule.at, rule.at, end or rule.end)


def _is_fact(rule: Rule) -> bool:
    """Say whether a rule is a function's name with arguments and nothing else."""
    return bool(rule.args) and not rule.written and not rule.explicit
