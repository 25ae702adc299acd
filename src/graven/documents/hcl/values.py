"""Owns the values of expressions: JSON values, with ``Unknown`` for what a run would decide, and their conversions.

The conversions are Terraform's ("Type Conversion"): numbers and booleans to and from strings, nothing else by itself.
"""

from __future__ import annotations

import re
from typing import Any

from graven.documents.hcl.shape import numeral
from graven.documents.hcl.tree import Call, Expression, Literal, Object, Traversal
from graven.errors import TooLarge

__all__ = [
    "MAX_TEXT",
    "Budget",
    "Failed",
    "Unknown",
    "boolean",
    "converted",
    "distinct",
    "equal",
    "number",
    "string",
    "united",
]

_NUMBER = re.compile(r"-?[0-9]+(\.[0-9]+)?([eE][+-]?[0-9]+)?")
MAX_TEXT = 1 << 20


class Failed(Exception):
    """An expression that would be an error in a run too, as an index beyond the end is."""


class Unknown:
    """What cannot be known before a run; ``text`` is how it is written, ``about`` which resources it is a part of."""

    __slots__ = ("about", "text")

    def __init__(self, text: str = "", about: frozenset[str] = frozenset()) -> None:
        self.text = text
        self.about = about


class Budget:
    """The steps that are left to all evaluations of one configuration, so that a small text cannot say a huge one."""

    __slots__ = ("left",)

    def __init__(self, steps: int = 2_000_000) -> None:
        self.left = steps

    def spend(self, steps: int = 1) -> None:
        """Take some away.

        Raises:
            TooLarge: none is left.
        """
        self.left -= steps
        if self.left < 0:
            raise TooLarge("the expressions of this configuration take too many steps to evaluate")

    def known(self, value: Any) -> bool:
        """Tell whether nothing in a value is unknown."""
        self.spend()
        if isinstance(value, Unknown):
            return False
        if isinstance(value, dict):
            return all(map(self.known, value.values()))
        return all(map(self.known, value)) if isinstance(value, list) else True


def string(value: Any) -> str:
    """Convert to a string.

    Raises:
        Failed: it is null, a list or an object.
    """
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return numeral(repr(value)) if value >= 0 else "-" + numeral(repr(-value))
    raise Failed


def number(value: Any) -> int | float:
    """Convert to a number.

    Raises:
        Failed: it is none, nor a string that says one.
    """
    if isinstance(value, str) and _NUMBER.fullmatch(value) and len(value) < 400:
        value = float(value) if "." in value or "e" in value.lower() else int(value)
    if isinstance(value, bool) or not isinstance(value, int | float) or value in {float("inf"), float("-inf")}:
        raise Failed
    return int(value) if isinstance(value, float) and value.is_integer() else value


def boolean(value: Any) -> bool:
    """Convert to a boolean.

    Raises:
        Failed: it is none, nor a string that says one.
    """
    if isinstance(value, bool):
        return value
    if value in ("true", "false"):
        return bool(value == "true")
    raise Failed


def equal(left: Any, right: Any) -> bool:
    """Tell whether two values are equal; those of different types never are.

    >>> equal(1, 1.0), equal(1, True), equal([1], ["1"])
    (True, False, False)
    """
    if isinstance(left, bool) or isinstance(right, bool):
        return left is right
    if isinstance(left, list) and isinstance(right, list):
        return len(left) == len(right) and all(map(equal, left, right))
    if isinstance(left, dict) and isinstance(right, dict):
        return left.keys() == right.keys() and all(equal(value, right[key]) for key, value in left.items())
    return bool(left == right)


def united(values: list[Any]) -> list[Any]:
    """Give values of one simple type, as the elements of a list have: strings if they differ."""
    if None in values or any(isinstance(one, list | dict | Unknown) for one in values):
        return values
    kinds = {bool if isinstance(one, bool) else str if isinstance(one, str) else int for one in values}
    return values if len(kinds) < 2 else [string(one) for one in values]


_SIMPLE = {"string": string, "number": number, "bool": boolean}


def converted(value: Any, kind: Expression | None) -> Any:
    """Convert to the type that a variable is declared with; what is unknown stays so.

    Raises:
        Failed: it cannot be converted.
    """
    if value is None or kind is None or isinstance(value, Unknown):
        return value
    if isinstance(kind, Traversal) and kind.root in _SIMPLE:
        return _SIMPLE[str(kind.root)](value)
    if not isinstance(kind, Call) or not kind.arguments:
        return value
    inner = kind.arguments[0]
    if kind.name in {"list", "set"} and isinstance(value, list):
        items = [converted(one, inner) for one in value]
        return distinct(items) if kind.name == "set" else items
    if kind.name == "map" and isinstance(value, dict):
        return {key: converted(one, inner) for key, one in value.items()}
    if kind.name == "object" and isinstance(value, dict) and isinstance(inner, Object):
        return _object(value, inner)
    return value


def _object(value: dict[str, Any], kind: Object) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, inner in kind.items:
        name = str(key.root) if isinstance(key, Traversal) else ""
        if isinstance(inner, Call) and inner.name == "optional":
            default = inner.arguments[1] if len(inner.arguments) > 1 else Literal(0, 0, None)
            absent = default.value if isinstance(default, Literal) else Unknown()
            given = value.get(name)
            found[name] = converted(absent if given is None else given, inner.arguments[0])
        elif name not in value:
            raise Failed
        else:
            found[name] = converted(value[name], inner)
    return found


def distinct(items: list[Any]) -> list[Any]:
    """Leave out what stands there already; with something unknown inside, nothing can be told."""
    found: list[Any] = []
    seen: set[tuple[type, str]] = set()
    for one in items:
        key = (type(one), repr(one))
        if key not in seen:
            seen.add(key)
            found.append(one)
    return found
