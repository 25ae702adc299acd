"""Owns what is known of a value of CUE without parts: its kinds, and the bounds that it keeps to."""

from __future__ import annotations

from decimal import Decimal

from graven.documents.cue.syntax import Constant
from graven.record import Record

__all__ = [
    "BOOL",
    "BYTES",
    "FLOAT",
    "INT",
    "LIST",
    "NULL",
    "NUMBER",
    "STRING",
    "STRUCT",
    "TOP",
    "TYPES",
    "Bottom",
    "Bound",
    "Circle",
    "Failure",
    "Incomplete",
    "Kinds",
    "kind_name",
    "kind_of",
    "same",
    "shown",
]

NULL, BOOL, INT, FLOAT, STRING, BYTES, STRUCT, LIST = (1 << at for at in range(8))
NUMBER = INT | FLOAT
TOP = 255
_NAMES = ("null", "bool", "int", "float", "string", "bytes", "struct", "list")


class Failure(Exception):
    """Why there is no value: what is wrong, and the offset at which."""

    def __init__(self, message: str, at: int, node: object = None) -> None:
        super().__init__(message)
        self.message = message
        self.at = at
        self.node = node
        """The node that was read before it was complete."""


class Bottom(Failure):
    """Never a value, whatever else is said of it."""


class Circle(Bottom):
    """A value that contains itself."""


class Incomplete(Failure):
    """Not a value yet: more may still be said of it."""


class Bound(Record):
    """A comparison that a value must keep to."""

    sign: str
    value: Constant


class Kinds(Record):
    """A type: the kinds that a value may have, and its bounds."""

    kinds: int
    bounds: tuple[Bound, ...] = ()


def _range(low: int, high: int) -> Kinds:
    return Kinds(INT, (Bound(">=", low), Bound("<=", high)))


_SINGLE, _DOUBLE = (
    Decimal("3.40282346638528859811704183484516925440E+38"),
    Decimal("1.797693134862315708145274237317043567981E+308"),
)

TYPES: dict[str, Kinds] = {
    "_": Kinds(TOP),
    "bool": Kinds(BOOL),
    "int": Kinds(INT),
    "float": Kinds(FLOAT),
    "number": Kinds(NUMBER),
    "string": Kinds(STRING),
    "bytes": Kinds(BYTES),
    "uint": Kinds(INT, (Bound(">=", 0),)),
    "rune": _range(0, 0x10FFFF),
    "float32": Kinds(NUMBER, (Bound(">=", -_SINGLE), Bound("<=", _SINGLE))),
    "float64": Kinds(NUMBER, (Bound(">=", -_DOUBLE), Bound("<=", _DOUBLE))),
    **{f"int{bits}": _range(-(1 << bits - 1), (1 << bits - 1) - 1) for bits in (8, 16, 32, 64, 128)},
    **{f"uint{bits}": _range(0, (1 << bits) - 1) for bits in (8, 16, 32, 64, 128)},
}
"""The types that have names."""

_KINDS = {type(None): NULL, bool: BOOL, int: INT, Decimal: FLOAT, str: STRING, bytes: BYTES}


def kind_of(value: Constant) -> int:
    """Give the kind of a constant.

    >>> kind_of(True) == BOOL, kind_of(1) == INT
    (True, True)
    """
    return _KINDS[type(value)]


def kind_name(kinds: int) -> str:
    """Name kinds for an error.

    >>> kind_name(INT | STRING)
    'int or string'
    """
    return "anything" if kinds == TOP else " or ".join(name for at, name in enumerate(_NAMES) if kinds & 1 << at)


def same(left: Constant, right: Constant) -> bool:
    """Say whether two constants are one value, which 1 and 1.0 are not.

    >>> same(1, Decimal("1.0")), same(Decimal("1.0"), Decimal("1"))
    (False, True)
    """
    return type(left) is type(right) and left == right


def shown(value: Constant) -> str:
    """Write a constant for an error, cut short."""
    words = {None: "null", True: "true", False: "false"}
    if value is None or isinstance(value, bool):
        return words[value]
    text = repr(value) if isinstance(value, str | bytes) else str(value) if not isinstance(value, int) else hex(value)
    if isinstance(value, int) and abs(value) < 1 << 64:
        text = str(value)
    return text if len(text) <= 60 else f"{text[:60]}…"
