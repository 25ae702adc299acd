"""Owns the builtins on sets and arrays as wholes."""

from __future__ import annotations

from graven.rego.builtins.protocol import Builtin, BuiltinError, builtin, operand_error
from graven.rego.numerals import as_integer
from graven.rego.values import EMPTY_SET, RegoSet, Value, type_name

__all__ = ["BUILTINS"]


def _and(left: Value, right: Value) -> Value:
    return RegoSet(left & right)


def _or(left: Value, right: Value) -> Value:
    return RegoSet(left | right)


def _sets(values: Value) -> Value:
    for value in values:
        if value.__class__ is not RegoSet:
            raise operand_error(1, "set of sets", f"set containing {type_name(value)}")
    return values


def _intersection(values: Value) -> Value:
    found = list(_sets(values))
    return RegoSet(found[0].intersection(*found[1:])) if found else EMPTY_SET


def _union(values: Value) -> Value:
    return RegoSet(frozenset().union(*_sets(values)))


def _difference(left: Value, right: Value) -> Value:
    return RegoSet(left - right)


def _concatenated(left: Value, right: Value) -> Value:
    return left + right


def _flattened(values: Value) -> Value:
    return tuple(part for value in values for part in (value if value.__class__ is tuple else (value,)))


def _reversed(values: Value) -> Value:
    return values[::-1]


def _slice(values: Value, start: Value, stop: Value) -> Value:
    first, last = as_integer(start), as_integer(stop)
    if first is None or last is None or max(abs(first), abs(last)) >= 2**63:
        raise BuiltinError("operand must be an integer", "eval_type_error")
    first, last = max(first, 0), min(last, len(values))
    return values[first:last] if first < last else ()


BUILTINS: tuple[Builtin, ...] = (
    builtin("and", _and),
    builtin("or", _or),
    builtin("intersection", _intersection),
    builtin("union", _union),
    builtin("set_diff", _difference),
    builtin("array.concat", _concatenated),
    builtin("array.flatten", _flattened),
    builtin("array.reverse", _reversed),
    builtin("array.slice", _slice),
)
