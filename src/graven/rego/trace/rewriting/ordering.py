"""Owns OPA's order of terms, by which sets and objects are sorted, read and printed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cmp_to_key
from typing import Any

from graven.rego.trace.rewriting.forms import Hole
from graven.rego.tree import (
    ArrayTerm,
    Call,
    Comprehension,
    Every,
    Expr,
    Logic,
    Negation,
    ObjectTerm,
    Ref,
    Scalar,
    SetTerm,
    SomeDecl,
    Template,
    Term,
    Var,
)
from graven.rego.values import compare, type_name

__all__ = ["arranged", "order"]

_RANKS: dict[type, int] = {Template: 4, Var: 5, Ref: 6, ArrayTerm: 7, ObjectTerm: 8, SetTerm: 9, Call: 13}
_SCALARS = {"null": 0, "boolean": 1, "number": 2, "string": 3, "array": 7, "object": 8, "set": 9}
_COMPREHENSIONS = {"array": 10, "object": 11, "set": 12}
_STATEMENTS: dict[type, int] = {SomeDecl: 0, Every: 3, Negation: 4, Logic: 5, Call: 2}


def _rank(term: Term) -> int:
    if isinstance(term, Scalar):
        return _SCALARS[type_name(term.value)]
    if isinstance(term, Comprehension):
        return _COMPREHENSIONS[term.kind]
    return _RANKS.get(type(term), 14)


def order(left: Term, right: Term) -> int:
    """Give less than, equal to or greater than 0 as one term stands before, with or behind another."""
    ours, theirs = _rank(left), _rank(right)
    if left is right or ours != theirs:
        return ours - theirs
    if isinstance(left, Scalar) and isinstance(right, Scalar):
        return compare(left.value, right.value)
    if isinstance(left, Var) and isinstance(right, Var):
        return (left.name > right.name) - (left.name < right.name)
    if isinstance(left, Comprehension) and isinstance(right, Comprehension):
        return _sequence(_heads(left), _heads(right)) or _bodies(left.body, right.body)
    if isinstance(left, Call) and isinstance(right, Call):
        return (left.name > right.name) - (left.name < right.name) or _sequence(left.args, right.args)
    if isinstance(left, Hole) and isinstance(right, Hole):
        return _exprs(left.expr, right.expr)
    if isinstance(left, Template) and isinstance(right, Template):
        found = int(left.raw) - int(right.raw) or len(left.parts) - len(right.parts)
        return found or _sequence(_members(left), _members(right))
    return _sequence(_members(left), _members(right))


def _heads(term: Comprehension) -> list[Term]:
    return [term.value] if term.key is None else [term.key, term.value]


def _members(term: Term) -> Sequence[Term]:
    if isinstance(term, Ref):
        return [term.head, *term.steps]
    if isinstance(term, ArrayTerm | SetTerm):
        return term.items
    if isinstance(term, ObjectTerm):
        return [part for pair in term.pairs for part in pair]
    if isinstance(term, Template):
        return [Scalar(term.at, part) if isinstance(part, str) else part for part in term.parts]
    return ()


def _sequence(left: Sequence[Term], right: Sequence[Term]) -> int:
    return _first(order, left, right)


def _bodies(left: list[Expr], right: list[Expr]) -> int:
    return _first(_exprs, left, right)


def _first(order_of: Callable[[Any, Any], int], left: Sequence[object], right: Sequence[object]) -> int:
    """Compare by the first parts that differ, or else by how many there are."""
    found = next(filter(None, map(order_of, left, right)), 0)
    return found or len(left) - len(right)


def _exprs(left: Expr, right: Expr) -> int:
    ours, theirs = _STATEMENTS.get(type(left.term), 1), _STATEMENTS.get(type(right.term), 1)
    found = ours - theirs or int(left.negated) - int(right.negated)
    if found or not (isinstance(left.term, Term) and isinstance(right.term, Term)):
        return found or _statements(left.term, right.term)
    return order(left.term, right.term) or _sequence(_withs(left), _withs(right))


def _withs(expr: Expr) -> list[Term]:
    return [part for each in expr.withs for part in (each.target, each.value)]


def _statements(left: object, right: object) -> int:
    if isinstance(left, Every) and isinstance(right, Every):
        found = _sequence([left.value, left.domain], [right.value, right.domain])
        return found or _bodies(left.body, right.body)
    if isinstance(left, Negation) and isinstance(right, Negation):
        return _bodies(left.body, right.body)
    if isinstance(left, Logic) and isinstance(right, Logic):
        return _bodies(left.left, right.left) or _bodies(left.right, right.right)
    return 0


_KEY = cmp_to_key(order)


def arranged(term: Term) -> Term:
    """Sort the members of a set or an object, and keep each once; of equal keys the first, with the last value."""
    if isinstance(term, SetTerm) and len(term.items) > 1:
        items = sorted(term.items, key=_KEY)
        term.items = [item for at, item in enumerate(items) if not at or order(items[at - 1], item)]
    elif isinstance(term, ObjectTerm) and len(term.pairs) > 1:
        pairs: list[tuple[Term, Term]] = []
        for key, value in sorted(term.pairs, key=lambda pair: _KEY(pair[0])):
            if pairs and not order(pairs[-1][0], key):
                key = pairs.pop()[0]
            pairs.append((key, value))
        term.pairs = pairs
    return term
