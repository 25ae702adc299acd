"""Owns the results of ``walk`` in OPA's order, and the parts of them that it spares where a path is not asked for."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from graven.rego.trace.frames import Signal
from graven.rego.trace.terms import NOWHERE, constant
from graven.rego.tree import ArrayTerm, Scalar, Term, Var
from graven.rego.values import UNDEFINED, RegoObject, RegoSet, Value, index

__all__ = ["walked"]

Given = Callable[[Term], Signal]


def walked(value: Value, output: Term | None, given: Given) -> Signal:
    """Hand on each path with what is there."""
    pair = output.items if isinstance(output, ArrayTerm) and len(output.items) == 2 else []
    if pair and isinstance(pair[0], Var) and pair[0].wild:
        return _values(ArrayTerm(NOWHERE, [constant(()), constant(value)]), given)
    asked = _asked(pair[0]) if pair else []
    return _paths(asked, (), value, given)


def _asked(path: Term) -> Sequence[Term]:
    if isinstance(path, ArrayTerm):
        return path.items
    if isinstance(path, Scalar) and path.value.__class__ is tuple:
        return [constant(step) for step in path.value]
    return []


def _values(result: ArrayTerm, given: Given) -> Signal:
    """Hand on each value; it is one result that changes, as those see who look at it later."""
    stop = given(result)
    if stop is not None:
        return stop
    found = result.items[1]
    assert isinstance(found, Scalar)  # noqa: S101 - made above
    for _, value in _members(found.value):
        result.items[1] = constant(value)
        stop = _values(result, given)
        if stop is not None:
            return stop
    return None


def _paths(asked: Sequence[Term], path: tuple[Value, ...], value: Value, given: Given) -> Signal:
    if not asked:
        stop = given(constant((path, value)))
        if stop is not None:
            return stop
    elif isinstance(asked[0], Scalar):
        key = asked[0].value
        found = index(value, key)
        return None if found is UNDEFINED else _paths(asked[1:], (*path, key), found, given)
    for key, member in _members(value):
        stop = _paths(asked[1:], (*path, key), member, given)
        if stop is not None:
            return stop
    return None


def _members(value: Value) -> Sequence[tuple[Value, Value]]:
    if value.__class__ is tuple:
        return list(enumerate(value))
    if value.__class__ is RegoObject:
        return value.ordered_items()
    return [(member, member) for member in value.ordered()] if value.__class__ is RegoSet else []
