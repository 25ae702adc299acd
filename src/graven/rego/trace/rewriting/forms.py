"""Owns the form in which modules are rewritten, where it is more than the parser's tree.

It is the tree of ``graven.rego.tree`` with four habits: ``input`` and ``data`` are references even without a step, sets
and objects are sorted and hold nothing twice, a number knows its text, and the expression in a template string stands
in a ``Hole``. ``NOWHERE`` is the place of what has none.
"""

from __future__ import annotations

from dataclasses import dataclass

from graven.rego.tree import Call, Expr, Scalar, Term
from graven.rego.values import TRUE

__all__ = ["NOWHERE", "ROOTS", "Hole", "Inner", "Numeral", "added", "empty", "unification"]

NOWHERE = -1
ROOTS = ("data", "input")


@dataclass(slots=True, eq=False)
class Numeral(Scalar):
    """A number and how it was written."""

    text: str = ""


@dataclass(slots=True, eq=False)
class Hole(Term):
    """An expression between the braces of a template string."""

    expr: Expr


@dataclass(slots=True, eq=False)
class Inner(Call):
    """A call that is the term of an expression, and not the expression itself."""


def empty(body: list[Expr]) -> bool:
    """Say whether a body is ``true`` and nothing else."""
    if len(body) != 1:
        return False
    term = body[0].term
    return isinstance(term, Scalar) and term.value is TRUE


def added(body: list[Expr], exprs: list[Expr]) -> list[Expr]:
    """Give a body with more expressions; a mere ``true`` makes room for them."""
    return body + exprs if not exprs or not empty(body) else list(exprs)


def unification(at: int, left: Term, right: Term, *, made: bool = False) -> Expr:
    """Give ``left = right``."""
    return Expr(at, Call(at, ("eq",), [left, right], "="), made=made)
