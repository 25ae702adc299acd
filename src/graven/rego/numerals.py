"""Owns the numbers of Rego: their text, and arithmetic as OPA does it.

Integers are exact at any size. Everything else is computed as OPA's ``big.Float`` does: a mantissa of 64 bits, rounded
to nearest even, and printed with the fewest digits that give the same 64 bits back. What a number looks like as a
Python value is said in ``values``.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from decimal import MAX_EMAX, MIN_EMIN, ROUND_HALF_EVEN, Context, Decimal

from graven.record import TYPE_CHECKING

if TYPE_CHECKING:
    from fractions import Fraction

__all__ = ["NumberRangeError", "as_integer", "compute", "number_text", "parse_number"]

_BITS = 64
_JSON_NUMBER = r"-?[0-9]+(\.[0-9]+)?([eE][+-]?[0-9]+)?\Z"
_MAX_EXPONENT = 5000
"""Numbers beyond 10^5000 are refused in arithmetic: their exact form would be as large as their exponent says."""


class NumberRangeError(ValueError):
    """A number too large to compute with."""


def parse_number(text: str) -> int | float | Decimal:
    """Read a JSON number: the same number always becomes the same Python value.

    >>> parse_number("10"), parse_number("0.10"), parse_number("1e400")
    (10, 0.1, Decimal('1E+400'))

    Raises:
        ValueError: not a number.
    """
    if not re.match(_JSON_NUMBER, text):
        raise ValueError(f"got {text[:40]!r}, expected a number")
    if text.removeprefix("-").isdigit():
        return int(text) if len(text) < 4000 else int(Decimal(text))
    try:
        return _canonical(Decimal(text), text)
    except ArithmeticError:
        raise ValueError(f"got {text[:40]!r}, expected a number with a smaller exponent") from None


def _canonical(number: Decimal, text: str = "") -> int | float | Decimal:
    """Choose int, float or Decimal by the value alone; a float keeps its ``.0`` only where the text has one."""
    if number == number.to_integral_value() and "." not in text and abs(number.adjusted()) < 300:
        return int(number)
    near = float(number)
    if near not in (float("inf"), float("-inf")) and Decimal(repr(near)) == number:
        return near
    return number.normalize(Context(prec=max(len(number.as_tuple().digits), 1), Emax=MAX_EMAX, Emin=MIN_EMIN))


def number_text(number: float | Decimal) -> str:
    """Give the JSON text of a number.

    >>> number_text(1.5), number_text(1e21), number_text(10**25)
    ('1.5', '1e21', '10000000000000000000000000')
    """
    if isinstance(number, int):
        return _integer_text(number)
    text = repr(number) if isinstance(number, float) else str(number).lower()
    mantissa, mark, exponent = text.partition("e")
    return f"{mantissa}e{int(exponent)}" if mark else mantissa


def _integer_text(number: int) -> str:
    """Write an integer of any size, past Python's own limit of 4,300 digits too."""
    return str(number) if number.bit_length() < 14000 else format(Decimal(number), "f")


def as_integer(number: float | Decimal) -> int | None:
    """Give the integer that a number is, or None.

    >>> as_integer(2.0), as_integer(2.5)
    (2, None)
    """
    if isinstance(number, int):
        return number
    _guard(number)
    whole = int(number)
    return whole if whole == number else None


def _guard(number: float | Decimal) -> None:
    if isinstance(number, Decimal) and abs(number.adjusted()) > _MAX_EXPONENT:
        raise NumberRangeError(f"got {number:.3e}, expected a number below 10^{_MAX_EXPONENT}")


def compute(
    operation: Callable[[Fraction, Fraction], Fraction], left: float | Decimal, right: float | Decimal
) -> int | float | Decimal:
    """Apply an operation to two numbers, at OPA's precision.

    >>> from operator import add, truediv
    >>> compute(add, 0.1, 0.2), compute(truediv, 1, 3)
    (0.3, Decimal('0.33333333333333333334'))

    Raises:
        NumberRangeError: an operand is too large to compute with.
        ZeroDivisionError: a division by zero.
    """
    return _from_fraction(_round(operation(_exact(left), _exact(right))))


def _exact(number: float | Decimal) -> Fraction:
    """Give the number as OPA's parser reads its text: rounded to the mantissa."""
    from fractions import Fraction

    _guard(number)
    if isinstance(number, int):
        return _round(Fraction(number))
    return _round(Fraction(Decimal(repr(number)) if isinstance(number, float) else number))


def _round(number: Fraction) -> Fraction:
    """Round to a mantissa of 64 bits, ties to even."""
    from fractions import Fraction

    if not number:
        return number
    top, bottom = abs(number.numerator), number.denominator
    shift = _BITS - (top.bit_length() - bottom.bit_length())
    scaled = Fraction(top, bottom) * (Fraction(2) ** shift)
    if scaled >= 2**_BITS:
        shift -= 1
        scaled /= 2
    rounded = Fraction(round(scaled)) / (Fraction(2) ** shift)
    return rounded if number > 0 else -rounded


def _from_fraction(number: Fraction) -> int | float | Decimal:
    """Give the value with the fewest digits that rounds back to the same mantissa."""
    from fractions import Fraction

    if not number or (number.denominator == 1 and abs(number.numerator) < 2**_BITS):
        return int(number)
    for digits in range(1, 23):
        context = Context(prec=digits, rounding=ROUND_HALF_EVEN)
        shortest = context.divide(Decimal(number.numerator), Decimal(number.denominator))
        if _round(Fraction(shortest)) == number:
            return _canonical(shortest)
    return _canonical(shortest)
