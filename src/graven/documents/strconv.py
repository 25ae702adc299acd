"""Owns how texts become numbers and booleans where conftest reads them with Go's package ``strconv``.

Numbers are given as JSON has them after conftest: whole ones as integers, whatever form they were written in.
"""

from __future__ import annotations

import re

__all__ = ["float_text", "parse_bool", "parse_float", "parse_int", "single", "typed", "whole"]

_BOOLS = {**dict.fromkeys(("1", "t", "T", "TRUE", "true", "True"), True)}
_BOOLS.update(dict.fromkeys(("0", "f", "F", "FALSE", "false", "False"), False))
_DIGITS = r"(?:[0-9]+(?:_[0-9]+)*+)"
_FLOAT = rf"[+-]?(?:{_DIGITS}\.?{_DIGITS}?|\.{_DIGITS})(?:[eE][+-]?{_DIGITS})?"
_HEX = r"(?:[0-9a-fA-F]+(?:_[0-9a-fA-F]+)*+)"
_HEX_FLOAT = rf"[+-]?0[xX](?:_?{_HEX}\.?{_HEX}?|\.{_HEX})[pP][+-]?{_DIGITS}"
_INT = r"([+-]?)(0[xX][0-9a-fA-F]+|0[bB][01]+|0[oO]?[0-7]+|[1-9][0-9]*|0)"
_BASES = {"x": 16, "b": 2, "o": 8}
_WHOLE = 1e21
"""From here on Go writes a number with an exponent, and so does JSON."""


def parse_bool(text: str) -> bool | None:
    """Read one of the twelve words that are booleans; None if it is none.

    >>> parse_bool("t"), parse_bool("0"), parse_bool("yes")
    (True, False, None)
    """
    return _BOOLS.get(text)


def parse_float(text: str) -> int | float | None:
    """Read a finite number as ``ParseFloat`` does; None if it is none, or beyond what a double holds.

    >>> parse_float("1.50"), parse_float("1e3"), parse_float("1__0"), parse_float("1e999")
    (1.5, 1000, None, None)
    """
    if re.fullmatch(_FLOAT, text):
        found = float(text)
    elif text[-1:].isdigit() and "x" in text.lower() and re.fullmatch(_HEX_FLOAT, text):
        try:
            found = float.fromhex(text.replace("_", ""))
        except OverflowError:
            return None
    else:
        return None
    return None if found in (float("inf"), float("-inf")) else whole(found)


def parse_int(text: str) -> int | None:
    """Read an integer whose prefix names its base, as ``ParseInt`` with base 0 does, of any size.

    >>> parse_int("0x1F"), parse_int("017"), parse_int("-12"), parse_int("08")
    (31, 15, -12, None)
    """
    if text.isascii() and text.isdigit() and text[0] != "0" and len(text) <= 4000:
        return int(text)
    found = re.fullmatch(_INT, text)
    if not found or len(text) > 4000:
        return None
    sign, digits = found.groups()
    base = _BASES.get(digits[1:2].lower(), 8) if digits[0] == "0" and len(digits) > 1 else 10
    number = int(digits[2:] if digits[1:2].lower() in _BASES else digits, base)
    return -number if sign == "-" else number


def whole(number: float) -> int | float:
    """Give a whole number as an integer, since JSON after conftest has no ``1.0``.

    >>> whole(2.0), whole(2.5)
    (2, 2.5)
    """
    return int(number) if number.is_integer() and abs(number) < _WHOLE else number


def typed(text: str) -> float | bool | str:
    """Read what looks like a number as one, else what looks like a boolean as one, else the text.

    >>> typed("1"), typed("t"), typed("one")
    (1, True, 'one')
    """
    number = parse_float(text)
    if number is not None:
        return number
    found = parse_bool(text)
    return text if found is None else found


def float_text(number: float) -> str:
    """Write a number as Go's ``%v`` does: with an exponent below 1e-4 and from a million on, without ``.0``.

    >>> float_text(123456.0), float_text(1234567.5), float_text(0.00001), float_text(2.50)
    ('123456', '1.2345675e+06', '1e-05', '2.5')
    """
    if not number or 1e-4 <= abs(number) < 1e6:
        return repr(number).removesuffix(".0")
    digits = next(digits for digits in range(17) if float(f"{number:.{digits}e}") == number)
    return f"{number:.{digits}e}"


def single(number: float) -> float:
    """Give the number with the fewest digits that single precision does not tell from this one.

    >>> single(0.1), single(16777217.0), single(1e39)
    (0.1, 16777216.0, inf)
    """
    near = _packed(number)
    shown = (float(f"{near:.{digits}e}") for digits in range(9))
    return next((each for each in shown if _packed(each) == near), near)


def _packed(number: float) -> float:
    import struct

    try:
        found: float = struct.unpack("<f", struct.pack("<f", number))[0]
    except OverflowError:
        return float("inf") if number > 0 else float("-inf")
    return found
