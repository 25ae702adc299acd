"""Owns the questions for the type of a value, and v0's casts."""

from __future__ import annotations

from collections.abc import Callable

from graven.rego.builtins.protocol import Builtin, builtin, operand_error
from graven.rego.values import RegoSet, Value, boolean, type_name

__all__ = ["BUILTINS"]

_KINDS = ("array", "boolean", "null", "number", "object", "set", "string")


def _is(kind: str) -> Callable[[Value], Value]:
    return lambda value: boolean(type_name(value) == kind)


def _cast(kind: str) -> Callable[[Value], Value]:
    def cast(value: Value) -> Value:
        if type_name(value) != kind:
            raise operand_error(1, kind, type_name(value))
        return value

    return cast


def _array(value: Value) -> Value:
    if value.__class__ is RegoSet:
        return value.ordered()
    if value.__class__ is not tuple:
        raise operand_error(1, "one of {array, set}", type_name(value))
    return value


def _set(value: Value) -> Value:
    return RegoSet(_array(value))


BUILTINS: tuple[Builtin, ...] = (
    *(builtin(f"is_{kind}", _is(kind)) for kind in _KINDS),
    builtin("type_name", type_name),
    builtin("cast_array", _array),
    builtin("cast_set", _set),
    *(builtin(f"cast_{kind}", _cast(kind)) for kind in ("boolean", "null", "object", "string")),
)
