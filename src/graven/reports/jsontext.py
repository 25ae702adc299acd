"""Owns JSON as Go's encoder writes it: sorted or given keys, its escapes, numbers as they were."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

from graven.documents.strconv import float_text

__all__ = ["Float64", "GoFloat", "dumps", "number", "string"]

_ESCAPES = str.maketrans({"<": "\\u003c", ">": "\\u003e", "&": "\\u0026", "\u2028": "\\u2028", "\u2029": "\\u2029"})
_SURROGATES = dict.fromkeys(range(0xD800, 0xE000), "\ufffd")


class GoFloat(float):
    """A number that Go has read into a float64, and prints so.

    >>> GoFloat(1.5e30), GoFloat(2), GoFloat(1e20), GoFloat(0.00001), GoFloat(0.0000001)
    (1.5e+30, 2, 100000000000000000000, 0.00001, 1e-7)
    """

    __slots__ = ()

    def __repr__(self) -> str:
        if self == 0.0 or 1e-6 <= abs(self) < 1e21:
            digits = format(Decimal(float.__repr__(self)), "f")
            return digits.rstrip("0").rstrip(".") if "." in digits else digits
        mantissa, _, exponent = float.__repr__(self).partition("e")
        return f"{mantissa}e{exponent[0]}{exponent[1:].lstrip('0')}"


class Float64(GoFloat):
    """A number that OPA was given as a float64, and keeps as the text that Go's ``%g`` makes of it.

    >>> Float64(1e6), Float64(1234567.5), Float64(0.5), Float64(0.00001)
    (1e+06, 1.2345675e+06, 0.5, 1e-05)
    """

    __slots__ = ()

    def __repr__(self) -> str:
        return float_text(float(self))


def dumps(value: Any, *, indent: str = "", newline: str = "\n", sort: bool = True) -> str:
    r"""Write a value; with an indent over several lines, else on one.

    >>> dumps({"b": [1, "<"], "a": {}}), dumps([1.5, []], indent="\t")
    ('{"a":{},"b":[1,"\\u003c"]}', '[\n\t1.5,\n\t[]\n]')
    """
    if isinstance(value, str):
        return string(value)
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    if isinstance(value, (int, float, Decimal)):
        return number(value)
    inner = newline + indent
    gap = ": " if indent else ":"
    if isinstance(value, Mapping):
        pairs: Iterable[tuple[str, Any]] = sorted(value.items()) if sort else value.items()
        members = [f"{string(k)}{gap}{dumps(v, indent=indent, newline=inner, sort=sort)}" for k, v in pairs]
        return _framed("{", members, "}", indent, newline)
    return _framed("[", [dumps(v, indent=indent, newline=inner, sort=sort) for v in value], "]", indent, newline)


def _framed(left: str, members: list[str], right: str, indent: str, newline: str) -> str:
    if not members or not indent:
        return left + ",".join(members) + right
    inner = newline + indent
    return left + inner + ("," + inner).join(members) + newline + right


def string(text: str) -> str:
    """Write a string."""
    try:
        text.encode()
    except UnicodeEncodeError:
        text = text.translate(_SURROGATES)
    return json.dumps(text, ensure_ascii=False).translate(_ESCAPES)


def number(value: float | Decimal) -> str:
    """Write a number as OPA keeps it.

    >>> number(1e21), number(2.0), number(10**19)
    ('1e21', '2.0', '10000000000000000000')
    """
    if isinstance(value, int):
        return str(value)
    if isinstance(value, GoFloat):
        return repr(value)
    text = repr(value) if isinstance(value, float) else str(value).lower()
    mantissa, mark, exponent = text.partition("e")
    return f"{mantissa}e{int(exponent)}" if mark else mantissa
