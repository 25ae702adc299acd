"""Owns the form of terms: operators, calls, collections that are broken into lines where their author broke them."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import TypeVar

from graven.rego.format.paper import Crowded, Paper
from graven.rego.format.spans import Spans
from graven.rego.notation import quoted
from graven.rego.tree import (
    ArrayTerm,
    Call,
    Comprehension,
    Expr,
    ObjectTerm,
    Ref,
    Scalar,
    SetTerm,
    Template,
    Term,
    Var,
)

__all__ = ["INFIX", "TermWriter", "unlike"]

INFIX = {
    "assign": ":=", "eq": "=", "equal": "==", "neq": "!=", "lt": "<", "lte": "<=", "gt": ">", "gte": ">=",
    "plus": "+", "minus": "-", "mul": "*", "div": "/", "rem": "%", "and": "&", "or": "|",
}  # fmt: skip
_MEMBERS = {("internal", "member_2"): 2, ("internal", "member_3"): 3}
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*\Z")
_Item = TypeVar("_Item")
_FAR = 1 << 60


class TermWriter:
    """Writes terms; what a body is, a subclass knows."""

    def __init__(self, paper: Paper, spans: Spans, keywords: frozenset[str]) -> None:
        self.paper = paper
        self.spans = spans
        self.keywords = keywords
        self.union_lead = False
        """What comes next stands behind a brace, where ``x | y`` would be a comprehension."""

    def body(self, body: list[Expr]) -> None:
        """Write the expressions of a body, each on its line."""
        raise NotImplementedError

    def expression(self, expr: Expr) -> None:
        """Write one expression."""
        raise NotImplementedError

    def term(self, term: Term, *, parens: bool = False) -> None:
        """Write a term; where a comment in it has no place, as its author wrote it."""
        if not self.paper.comments:
            self._term(term, parens=parens)
            return
        mark = self.paper.mark()
        try:
            self._term(term, parens=parens)
        except Crowded:
            self.paper.back(mark)
            self._as_written(term)

    def _as_written(self, term: Term) -> None:
        end = self.spans.end(term)
        self.paper.verbatim(self.spans.source.text[term.at : end], term.at)
        if self.paper.waiting is None:
            self.paper.reach(self.spans.row(end - 1))

    def _term(self, term: Term, *, parens: bool) -> None:
        self.paper.reach(self.spans.row(term.at))
        self.paper.ensure()
        if isinstance(term, Scalar):
            self.paper.write(self._scalar(term))
        elif isinstance(term, Var):
            self.paper.write("_" if term.wild else term.name)
        elif isinstance(term, Ref):
            self.ref(term)
        elif isinstance(term, Call):
            self._call(term, parens=parens)
        elif isinstance(term, Template):
            self._as_written(term)
        elif isinstance(term, Comprehension):
            self._comprehension(term)
        else:
            self._collection(term)

    def _scalar(self, term: Scalar) -> str:
        token = self.spans.token(term.at)
        if token.kind == "-":
            following = self.spans.token(token.end)
            return "0" if following.kind == "name" else "-" + self.spans.text(token.end)
        if isinstance(term.value, str) and token.kind != "string":
            return quoted(term.value)
        return self.spans.source.text[token.start : token.end]

    def ref(self, term: Ref) -> None:
        """Write a reference."""
        infix = isinstance(term.head, Call) and bool(_operator(term.head))
        self.term(term.head, parens=infix)
        for step in term.steps:
            self.step(step)

    def step(self, step: Term) -> None:
        """Write a step of a reference: with a dot where that can be."""
        if isinstance(step, Scalar) and isinstance(step.value, str):
            written = self.spans.text(step.at).startswith('"')
            plain = _NAME.match(step.value) and not (step.value in self.keywords and written)
            self.paper.write(f".{step.value}" if plain else f"[{quoted(step.value)}]")
            return
        self.paper.write("[")
        self.term(step)
        self.paper.write("]")

    def _call(self, call: Call, *, parens: bool) -> None:
        if call.name in _MEMBERS and len(call.args) == _MEMBERS[call.name]:
            self.member(call, parens=True)
        elif _operator(call) and len(call.args) == 2:
            self.paper.write("(" * parens)
            self.term(call.args[0], parens=True)
            self.paper.write(f" {_operator(call)} ")
            self.term(call.args[1], parens=True)
            self.paper.write(")" * parens)
        else:
            self.plain_call(call)

    def member(self, call: Call, *, parens: bool) -> None:
        """Write ``x in xs`` or ``k, v in xs``."""
        many = parens and len(call.args) == 3
        self.paper.write("(" * many)
        for place, arg in enumerate(call.args[:-1]):
            self.paper.write(", " * bool(place))
            self.term(arg, parens=True)
        self.paper.write(" in ")
        self.term(call.args[-1], parens=True)
        self.paper.write(")" * many)

    def top_call(self, call: Call) -> None:
        """Write a call that is a whole expression; the operands of its operator need no parentheses."""
        operator = _operator(call)
        lead, self.union_lead = self.union_lead, False
        if lead and _union(call):
            self.term(call, parens=True)
            return
        if call.name in _MEMBERS and len(call.args) == _MEMBERS[call.name]:
            self.member(call, parens=False)
        elif operator and len(call.args) in (2, 3):
            if len(call.args) == 3:
                self.term(call.args[2])
                self.paper.write(" = ")
            led = lead and len(call.args) == 2 and _union(call.args[0])
            self._side(call.args[0], operator, led=led, least=_level(operator))
            self.paper.write(f" {operator} ")
            self._side(call.args[1], operator, led=False, least=_level(operator) + 1)
        else:
            self.plain_call(call)

    def _side(self, term: Term, operator: str, *, led: bool, least: int) -> None:
        """Write an operand, in parentheses where it would not be one without them."""
        looser = isinstance(term, Call) and bool(term.infix) and _level(term.infix) < least
        member = looser and isinstance(term, Call) and term.infix == "in"
        self.paper.write("(" * (member and operator not in _ASSIGNING))
        self.term(term, parens=led or (looser and not member))
        self.paper.write(")" * (member and operator not in _ASSIGNING))

    def plain_call(self, call: Call) -> None:
        """Write a name and its arguments."""
        path = Ref(call.at, Var(call.at, call.name[0]), [Scalar(call.at, name) for name in call.name[1:]])
        self.paper.write(path.head.name if isinstance(path.head, Var) else "")
        for step in path.steps:
            self.step(step)
        self.paper.write("(")
        self.items(call.args, -1, -1, self._argument, lambda arg: arg.at)
        self.paper.write(")")

    def _argument(self, arg: Term) -> None:
        written = self._parenthesised(arg)
        self._listed(arg, parens=written)

    def _member(self, item: Term) -> None:
        self._listed(item, parens=True)

    def _listed(self, item: Term, *, parens: bool) -> None:
        union = parens and _union(item)
        self.paper.write("(" * union)
        self.term(item)
        self.paper.write(")" * union)

    def _parenthesised(self, term: Term) -> bool:
        before = self.spans.before(term.at)
        further = self.spans.before(before.start) if before is not None and before.kind == "(" else None
        return further is not None and further.kind in ("(", ",", "[", "{", ":", "|")

    def _collection(self, term: Term) -> None:
        close = self.spans.end(term) - 1
        if isinstance(term, ArrayTerm):
            self.paper.write("[")
            self.items(term.items, term.at, close, self._member, lambda item: item.at)
            self.paper.write("]")
        elif isinstance(term, SetTerm):
            if not term.items:
                self.paper.write("set()")
                self.paper.reach(self.spans.row(close))
                return
            self.paper.write("{")
            self.items(unlike(term.items), term.at, close, self._member, lambda item: item.at)
            self.paper.write("}")
        elif isinstance(term, ObjectTerm):
            self.paper.write("{")
            self.items(term.pairs, term.at, close, self._pair, lambda pair: pair[0].at)
            self.paper.write("}")

    def _pair(self, pair: tuple[Term, Term]) -> None:
        self._listed(pair[0], parens=True)
        self.paper.write(": ")
        self._listed(pair[1], parens=True)

    def items(
        self,
        items: Sequence[_Item],
        opened: int,
        closed: int,
        write: Callable[[_Item], None],
        place: Callable[[_Item], int],
    ) -> None:
        """Write what stands between brackets, in the lines into which its author put it.

        Of a call, whose brackets' places are negative, one line stays one though the author broke behind its bracket.

        Raises:
            Crowded: a comment stands within what would be one line.
        """
        lines = self._lines([(item, self.spans.row(place(item))) for item in items])
        first, last = (self.spans.row(opened), self.spans.row(closed)) if opened >= 0 else (_FAR, 0)
        if len(lines) <= 1 and any(first < comment.row < last for comment in self.paper.comments):
            raise Crowded
        broken = len(lines) > 1 or bool(items and self.spans.row(place(items[0])) > first)
        if broken:
            self.paper.late = True
            self.paper.end()
            self.paper.level += 1
            self.paper.begin()
        for number, line in enumerate(lines):
            if broken:
                self.paper.reach(self.spans.row(place(line[0])))
                self.paper.ensure()
            for position, item in enumerate(line):
                self.paper.write(", " * bool(position))
                write(item)
            if broken:
                self.paper.write(",")
                self.paper.end()
                if number < len(lines) - 1:
                    self.paper.begin()
        if broken:
            self.paper.reach(last)
            self.paper.level -= 1
            self.paper.begin()

    @staticmethod
    def _lines(items: list[tuple[_Item, int]]) -> list[list[_Item]]:
        lines: list[list[_Item]] = []
        before = 0
        for item, row in items:
            if not lines or row > before:
                lines.append([])
            lines[-1].append(item)
            before = row
        return lines

    def _comprehension(self, term: Comprehension) -> None:
        opening, closing = "[]" if term.kind == "array" else "{}"
        row = self.spans.row(term.at)
        self.paper.write(opening)
        if term.key is not None:
            self._listed(term.key, parens=True)
            self.paper.write(": ")
        elif self.spans.row(term.value.at) > row:
            self.paper.end()
            self.paper.begin()
        self.term(term.value, parens=_union(term.value) or self._parenthesised(term.value))
        self.paper.write(" |")
        begun = row if term.key is not None else self.spans.row(term.value.at)
        self.inner_body(term.body, begun, self.spans.row(self.spans.end(term) - 1))
        self.paper.write(closing)

    def inner_body(self, body: list[Expr], begun: int, closed: int) -> None:
        """Write a body within a line, or on lines of its own where its author did so."""
        rows = [self.spans.row(expr.at) for expr in body]
        if rows[0] > begun or any(row > before for before, row in pairwise(rows)):
            self.paper.end()
            self.paper.level += 1
            self.body(body)
            self.paper.reach(closed)
            self.paper.level -= 1
            self.paper.begin()
            return
        self.paper.write(" ")
        for place, expr in enumerate(body):
            self.paper.write("; " * bool(place))
            self.expression(expr)
        self.paper.reach(closed)


def unlike(items: list[Term]) -> list[Term]:
    """Leave out the scalars of a set that stand in it already."""
    seen: set[object] = set()
    kept = []
    for item in items:
        if not isinstance(item, Scalar) or item.value not in seen:
            kept.append(item)
        if isinstance(item, Scalar):
            seen.add(item.value)
    return kept


_ASSIGNING = (":=", "=")
_LEVELS = {"in": -1, "|": 1, "&": 2, "+": 3, "-": 3, "*": 4, "/": 4, "%": 4}


def _level(operator: str) -> int:
    """Say how tightly an operator binds: comparisons 0, what assigns looser than all."""
    return -2 if operator in _ASSIGNING else _LEVELS.get(operator, 0)


def _operator(call: Call) -> str:
    if call.infix and call.infix != "in":
        return call.infix
    return INFIX.get(call.name[0], "") if len(call.name) == 1 else ""


def _union(term: Term) -> bool:
    return isinstance(term, Call) and term.name == ("or",)
