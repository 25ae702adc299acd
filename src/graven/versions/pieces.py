"""What keys are made of: pieces of bytes that sort like the numbers and words they stand for.

A number is one byte for how many digits it has, then the digits, without leading zeros: more digits sort higher, and
as many digits sort by digit. A word is its bytes, closed by a zero byte, so that "a" sorts before "ab". No piece is
the beginning of another of its kind, so that pieces can follow one another.
"""

from __future__ import annotations

__all__ = ["MAX_LENGTH", "number", "word"]

MAX_LENGTH = 250
"""A longer version has no key; so the count of a number's digits fits one byte."""


def number(digits: str) -> bytes:
    """Encode a number by its decimal digits.

    >>> number("9") < number("10") == number("0010")
    True
    """
    significant = digits.lstrip("0")
    return bytes((len(significant),)) + significant.encode("ascii")


def word(text: str) -> bytes:
    """Encode a word of ASCII without zero bytes.

    >>> word("a") < word("ab") < word("b")
    True
    """
    return text.encode("ascii") + b"\0"
