"""Owns the recognition of loops that an index can lead: members of a collection, then a test of what is in them."""

from __future__ import annotations

from collections.abc import Sequence

from graven.record import TYPE_CHECKING, Record
from graven.rego.compile.literals import required
from graven.rego.tree import Call, Expr, Ref, Scalar, SomeDecl, Term, Var

if TYPE_CHECKING:
    from collections.abc import Container

    from graven.rego.tree import Every, Logic, Negation

    Statement = Term | SomeDecl | Every | Negation | Logic

__all__ = ["Joined", "Lead", "joined", "lead", "loop_of"]

_TEXT_LEADS = {("startswith",): "starting", ("endswith",): "ending", ("contains",): "containing"}


class Lead(Record):
    """What the members that a loop goes over must have."""

    by: str
    """The function of ``indexes`` that gives them."""
    path: tuple[str, ...]
    """Where in a member it stands."""
    value: Term
    """What it is, or a part of it: known before the loop."""


class Joined(Record):
    """A loop over what is in the members of another loop, right behind it, and led."""

    loop: Statement
    """The term of its expression."""
    pattern: Term
    inner: tuple[str, ...]
    """Where in a member of the first its collection stands."""
    lead: Lead


def loop_of(term: Statement) -> tuple[Term, Term] | None:
    """Give pattern and collection of ``some x in xs`` and of ``x := xs[_]``, if a term is one of them."""
    if isinstance(term, SomeDecl):
        pair = term.member.args if term.member is not None else []
        return (pair[0], pair[1]) if len(pair) == 2 else None
    if not isinstance(term, Call) or term.name != ("assign",) or not isinstance(term.args[0], Var):
        return None
    whole = _whole(term.args[1])
    return None if whole is None else (term.args[0], whole)


def _whole(ref: Term) -> Term | None:
    """Give the collection whose members a reference goes over with its last step."""
    if not isinstance(ref, Ref) or not isinstance(ref.head, Var) or ref.head.name == "data":
        return None
    last = ref.steps[-1]
    if not isinstance(last, Var) or not last.wild or not all(isinstance(step, Scalar) for step in ref.steps[:-1]):
        return None
    return Ref(ref.at, ref.head, ref.steps[:-1]) if len(ref.steps) > 1 else ref.head


def lead(pattern: Term, following: Sequence[Expr], bound: Container[str], mocked: Container[str]) -> Lead | None:
    """Give what the next expression asks of the members of a loop, if that is known before the loop."""
    test = _bare(following)
    if not isinstance(test, Call) or len(test.args) != 2 or not isinstance(pattern, Var) or pattern.name in bound:
        return None
    name, (one, other) = test.name, test.args
    if ".".join(name) in mocked:
        return None
    if name in (("equal",), ("eq",)):
        return _equal(one, other, pattern.name, bound) or _equal(other, one, pattern.name, bound)
    if name == ("regex", "match"):
        literals = required(one.value) if isinstance(one, Scalar) and isinstance(one.value, str) else ()
        one, other, name = other, Scalar(one.at, "".join(literals[:1])), ("contains",)
    path = _path(one, pattern.name)
    if path and name in _TEXT_LEADS and isinstance(other, Scalar) and isinstance(other.value, str) and other.value:
        return Lead(_TEXT_LEADS[name], path, other)
    return None


def joined(pattern: Term, following: Sequence[Expr], bound: Container[str], mocked: Container[str]) -> Joined | None:
    """Give the loop behind a loop that goes over what is in its members, if a test of equality leads it."""
    loop = loop_of(behind) if (behind := _bare(following)) is not None else None
    if loop is None or not isinstance(pattern, Var) or pattern.name in bound or behind is None:
        return None
    inner = _path(loop[1], pattern.name)
    found = lead(loop[0], following[1:], bound, mocked) if inner else None
    return Joined(behind, loop[0], inner, found) if found is not None and found.by == "matching" else None


def _bare(following: Sequence[Expr]) -> Statement | None:
    if not following or following[0].negated or following[0].withs:
        return None
    return following[0].term


def _equal(one: Term, other: Term, name: str, bound: Container[str]) -> Lead | None:
    path = _path(one, name)
    if path and (isinstance(other, Scalar) or (isinstance(other, Var) and other.name in bound)):
        return Lead("matching", path, other)
    return None


def _path(term: Term, name: str) -> tuple[str, ...]:
    """Give the fixed steps from a variable."""
    if not isinstance(term, Ref) or not isinstance(term.head, Var) or term.head.name != name:
        return ()
    steps = [step.value for step in term.steps if isinstance(step, Scalar) and isinstance(step.value, str)]
    return tuple(steps) if len(steps) == len(term.steps) else ()
