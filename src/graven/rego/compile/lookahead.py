"""Owns the recognition of loops that an index can lead: members of a collection, then a test of what is in them."""

from __future__ import annotations

from graven.rego.tree import Call, Expr, Ref, Scalar, Term, Var

__all__ = ["all_members", "index_key"]


def all_members(call: Call) -> Term | None:
    """Give the collection of ``x := collection[_]``, if that is what the call is."""
    if call.name != ("assign",) or not isinstance(call.args[1], Ref):
        return None
    ref = call.args[1]
    last = ref.steps[-1]
    if not isinstance(last, Var) or not last.wild or not isinstance(ref.head, Var) or ref.head.name == "data":
        return None
    if not all(isinstance(step, Scalar) for step in ref.steps[:-1]):
        return None
    return Ref(ref.at, ref.head, ref.steps[:-1]) if len(ref.steps) > 1 else ref.head


def index_key(pattern: Term, following: Expr | None, bound: set[str]) -> tuple[tuple[str, ...], Term] | None:
    """Give the path in a member, and the term that is known before, which the next expression says are equal."""
    if following is None or following.negated or following.withs or not isinstance(following.term, Call):
        return None
    test = following.term
    if test.name not in (("equal",), ("eq",)) or not isinstance(pattern, Var) or pattern.name in bound:
        return None
    for one, other in (test.args, reversed(test.args)):
        path = _path(one, pattern.name)
        if path and (isinstance(other, Scalar) or (isinstance(other, Var) and other.name in bound)):
            return path, other
    return None


def _path(term: Term, name: str) -> tuple[str, ...]:
    """Give the fixed steps from a variable."""
    if not isinstance(term, Ref) or not isinstance(term.head, Var) or term.head.name != name:
        return ()
    steps = [step.value for step in term.steps if isinstance(step, Scalar) and isinstance(step.value, str)]
    return tuple(steps) if len(steps) == len(term.steps) else ()
