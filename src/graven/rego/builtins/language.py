"""Owns the builtins that belong to the language: membership as a function, traces, tests, the parse of a module."""

from __future__ import annotations

from graven.rego.builtins.protocol import Builtin, builtin
from graven.rego.values import TRUE, UNDEFINED, RegoObject, RegoSet, Value, boolean, index

__all__ = ["BUILTINS"]


def _member_2(value: Value, container: Value) -> Value:
    if container.__class__ is RegoObject:
        return boolean(value in container.values())
    return boolean(container.__class__ in (tuple, RegoSet) and value in container)


def _member_3(key: Value, value: Value, container: Value) -> Value:
    found = index(container, key)
    return boolean(found is not UNDEFINED and found == value)


BUILTINS: tuple[Builtin, ...] = (
    builtin("internal.member_2", _member_2),
    builtin("internal.member_3", _member_3),
    builtin("trace", lambda _note: TRUE),
)
