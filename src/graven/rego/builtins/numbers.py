"""Owns the builtins on numbers and their bits, ranges, and the choice of a number from given entropy."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal, localcontext
from math import ceil, floor

from graven.rego.builtins.protocol import Builtin, BuiltinError, Context, builtin, operand_error
from graven.rego.notation import term_text
from graven.rego.numerals import as_integer, parse_number
from graven.rego.values import TRUE, Bool, Value

__all__ = ["BUILTINS"]

_MAX_SHIFT = 1_000_000
_DIGITS = 6000


def _integer(value: Value, position: int) -> int:
    whole = as_integer(value)
    if whole is None:
        raise operand_error(position, "integer number", "floating-point number")
    return whole


def _bounded(value: Value) -> Value:
    """Refuse what is too large to be written out."""
    if value.__class__ is Decimal and abs(value.adjusted()) > _DIGITS - 100:
        raise BuiltinError("number is too large")
    return value


def _round(value: Value) -> Value:
    """Round half away from zero."""
    if value.__class__ is int:
        return value
    with localcontext() as context:
        context.prec = _DIGITS
        return int(Decimal(repr(value) if value.__class__ is float else value).to_integral_value(ROUND_HALF_UP))


def _to_number(value: Value) -> Value:
    if value is None:
        return 0
    if value.__class__ is Bool:
        return int(value is TRUE)
    if value.__class__ is not str:
        return value
    if value.lstrip("+-").lower() in ("inf", "infinity", "nan"):
        raise operand_error(1, "valid number string", "string")
    try:
        return parse_number(value.removeprefix("+"))
    except (ValueError, ArithmeticError):
        raise BuiltinError(f"strconv.ParseFloat: parsing {term_text(value)}: invalid syntax") from None


def _range(context: Context, first: Value, last: Value) -> Value:
    return _stepped(context, _integer(first, 1), _integer(last, 2), 1)


def _range_step(context: Context, first: Value, last: Value, step: Value) -> Value:
    size = _integer(step, 3)
    if size <= 0:
        raise BuiltinError("step must be a positive integer")
    return _stepped(context, _integer(first, 1), _integer(last, 2), size)


def _stepped(context: Context, first: int, last: int, step: int) -> Value:
    """Give the numbers from one to another, both included, upward or downward."""
    found = range(first, last + 1, step) if first <= last else range(first, last - 1, -step)
    count = abs(last - first) // step + 1
    if count > context.max_size:
        raise BuiltinError(f"a range of {count} numbers is too large", halts=True)
    context.charge(count)
    return tuple(found)


def _shift(value: Value, by: Value, *, left: bool) -> Value:
    number, size = _integer(value, 1), _integer(by, 2)
    if size < 0:
        raise operand_error(2, "an unsigned integer number", "a negative integer")
    if not left:
        return number >> size
    if size > _MAX_SHIFT:
        raise BuiltinError(f"a shift by {size} is too large")
    return number << size


def _chosen(context: Context, name: str, limit: Value) -> Value:
    """Choose a number below a limit; the same name and limit give the same number in an evaluation."""
    size = abs(_integer(limit, 2))
    if size == 0:
        return 0
    if context.entropy is None:
        raise BuiltinError(f"no randomness was given for {name!r}")
    return int.from_bytes(context.entropy(size.bit_length() // 8 + 16), "big") % size


BUILTINS: tuple[Builtin, ...] = (
    builtin("abs", abs),
    builtin("ceil", lambda value: ceil(_bounded(value))),
    builtin("floor", lambda value: floor(_bounded(value))),
    builtin("round", lambda value: _round(_bounded(value))),
    builtin("to_number", _to_number),
    builtin("numbers.range", _range, contextual=True),
    builtin("numbers.range_step", _range_step, contextual=True),
    builtin("rand.intn", _chosen, contextual=True),
    builtin("bits.and", lambda left, right: _integer(left, 1) & _integer(right, 2)),
    builtin("bits.or", lambda left, right: _integer(left, 1) | _integer(right, 2)),
    builtin("bits.xor", lambda left, right: _integer(left, 1) ^ _integer(right, 2)),
    builtin("bits.negate", lambda value: ~_integer(value, 1)),
    builtin("bits.lsh", lambda value, by: _shift(value, by, left=True)),
    builtin("bits.rsh", lambda value, by: _shift(value, by, left=False)),
)
