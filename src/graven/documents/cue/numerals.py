"""Owns the numbers of CUE: how they are written, and the 34 digits that those with a fraction have."""

from __future__ import annotations

import re
from decimal import ROUND_HALF_UP, Context, Decimal, InvalidOperation

from graven.documents.faults import Text

__all__ = ["DIGITS", "FRACTIONS", "number"]

DIGITS = 4000
"""How long an integer may be that is read or computed."""

FRACTIONS = Context(prec=34, rounding=ROUND_HALF_UP, Emax=100_000, Emin=-100_000)
"""How numbers with a fraction are computed."""

_BASED = re.compile(r"0([xXbo])([0-9A-Fa-f_]+)")
_PLAIN = re.compile(
    r"(?:0|[1-9][0-9_]*|(?=\.))(?:(\.)[0-9_]*)?(?:[KMGTP]i?|([eE])[+-]?[0-9_]+)?|0[0-9_]+(?:\.[0-9_]*|(?=[eE]))(?:[eE][+-]?[0-9_]+)?"
)
_BASES = {"x": 16, "X": 16, "b": 2, "o": 8}
_STEPS = "KMGTP"


def number(word: str, text: Text, at: int) -> int | Decimal:
    """Read a number, with the multiplier behind it.

    >>> number("1.5Ki", Text(""), 0), number("0x_1F", Text(""), 0), number("1e3", Text(""), 0)
    (1536, 31, Decimal('1E+3'))

    Raises:
        Malformed: it is none, or a fraction where it must be whole.
    """
    based = _BASED.fullmatch(word)
    if len(word) <= DIGITS and "__" not in word and not word.endswith("_"):
        try:
            if based:
                return int(based[2].lstrip("_"), _BASES[based[1]])
            if _PLAIN.fullmatch(word):
                return _plain(word.replace("_", ""))
        except (ValueError, InvalidOperation):
            pass
    raise text.fault(f"got {word[:40]!r}, expected a number", at)


def _plain(word: str) -> int | Decimal:
    digits = word.rstrip("KMGTPi")
    if digits != word:
        power = _STEPS.index(word[len(digits)]) + 1
        whole = Decimal(digits) * (1024 if word.endswith("i") else 1000) ** power
        if whole != whole.to_integral_value():
            raise ValueError(word)
        return int(whole)
    if "." in word or "e" in word.lower():
        return Decimal(word)
    return int(word)
