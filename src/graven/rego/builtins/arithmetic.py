"""Owns the operators ``+ - * / %``; ``-`` is the difference of sets too."""

from __future__ import annotations

from operator import add, mul, sub, truediv

from graven.rego.builtins.protocol import Builtin, BuiltinError, builtin, operand_error
from graven.rego.numerals import NumberRangeError, as_integer, compute
from graven.rego.values import RegoSet, Value, type_name

__all__ = ["BUILTINS"]

_MAX_BITS = 1_000_000
_EXACT = 2**64
"""Below this a quotient that is whole is exact at OPA's precision too."""


def _computed(operation: Value, left: Value, right: Value) -> Value:
    if left.__class__ is int and right.__class__ is int:
        return operation(left, right)
    try:
        return compute(operation, left, right)
    except NumberRangeError as error:
        raise BuiltinError(str(error)) from None


def _plus(left: Value, right: Value) -> Value:
    return _computed(add, left, right)


def _times(left: Value, right: Value) -> Value:
    if left.__class__ is int and right.__class__ is int and left.bit_length() + right.bit_length() > _MAX_BITS:
        raise BuiltinError(f"a product of more than {_MAX_BITS} bits is too large", halts=True)
    return _computed(mul, left, right)


def _minus(left: Value, right: Value) -> Value:
    sets = (left.__class__ is RegoSet) + (right.__class__ is RegoSet)
    if sets == 2:
        return RegoSet(left - right)
    if sets:
        raise operand_error(2, "set" if left.__class__ is RegoSet else "number", type_name(right))
    return _computed(sub, left, right)


def _divided(left: Value, right: Value) -> Value:
    if right == 0:
        raise BuiltinError("divide by zero")
    if left.__class__ is int and right.__class__ is int and left % right == 0 and abs(left) < _EXACT:
        return left // right
    try:
        return compute(truediv, left, right)
    except NumberRangeError as error:
        raise BuiltinError(str(error)) from None


def _remainder(left: Value, right: Value) -> Value:
    """Give the remainder with the sign of the dividend, as Go does."""
    if left.__class__ is not int or right.__class__ is not int:
        whole, divisor = as_integer(left), as_integer(right)
        if whole is None or divisor is None:
            raise BuiltinError("modulo on floating-point number")
        left, right = whole, divisor
    if right == 0:
        raise BuiltinError("modulo by zero")
    rest = abs(left) % abs(right)
    return rest if left >= 0 else -rest


BUILTINS: tuple[Builtin, ...] = (
    builtin("plus", _plus),
    builtin("minus", _minus),
    builtin("mul", _times),
    builtin("div", _divided),
    builtin("rem", _remainder),
)
