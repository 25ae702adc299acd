"""Owns the builtins that go over a whole collection: count, max, min, product, sort, sum, all, any."""

from __future__ import annotations

from collections.abc import Callable
from math import prod
from operator import add, mul

from graven.record import TYPE_CHECKING
from graven.rego.builtins.protocol import Builtin, BuiltinError, builtin, operand_error
from graven.rego.numerals import NumberRangeError, compute
from graven.rego.values import TRUE, UNDEFINED, RegoSet, Value, boolean, is_number, sorted_values, type_name

if TYPE_CHECKING:
    from fractions import Fraction

__all__ = ["BUILTINS"]


def _sequence(values: Value) -> Value:
    return values.ordered() if values.__class__ is RegoSet else values


def _numbers(values: Value) -> Value:
    for value in values:
        if not is_number(value):
            name = type_name(values)
            raise operand_error(1, f"{name} of numbers", f"{name} containing {type_name(value)}")
    return values


def _reduced(operation: Callable[[Fraction, Fraction], Fraction], values: Value, start: int) -> Value:
    result: Value = start
    try:
        for value in _sequence(values):
            result = compute(operation, result, value)
    except NumberRangeError as error:
        raise BuiltinError(str(error)) from None
    return result


def _sum(values: Value) -> Value:
    found = _numbers(values)
    if all(value.__class__ is int for value in found):
        return sum(found)
    return _reduced(add, found, 0)


def _product(values: Value) -> Value:
    found = _numbers(values)
    if all(value.__class__ is int for value in found):
        return prod(found)
    return _reduced(mul, found, 1)


def _greatest(values: Value) -> Value:
    return sorted_values(values)[-1] if values else UNDEFINED


def _least(values: Value) -> Value:
    return sorted_values(values)[0] if values else UNDEFINED


def _sort(values: Value) -> Value:
    return tuple(sorted_values(values))


def _all(values: Value) -> Value:
    return boolean(all(value is TRUE for value in values))


def _any(values: Value) -> Value:
    return boolean(any(value is TRUE for value in values))


BUILTINS: tuple[Builtin, ...] = (
    builtin("count", len),
    builtin("max", _greatest),
    builtin("min", _least),
    builtin("product", _product),
    builtin("sort", _sort),
    builtin("sum", _sum),
    builtin("all", _all),
    builtin("any", _any),
)
