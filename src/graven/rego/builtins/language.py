"""Owns the builtins that belong to the language: membership as a function, traces, tests, the parse of a module."""

from __future__ import annotations

from graven.rego.builtins.protocol import Builtin, BuiltinError, Context, builtin
from graven.rego.values import TRUE, UNDEFINED, RegoObject, RegoSet, Value, boolean, from_json, index

__all__ = ["BUILTINS"]


def _member_2(value: Value, container: Value) -> Value:
    if container.__class__ is RegoObject:
        return boolean(value in container.values())
    return boolean(container.__class__ in (tuple, RegoSet) and value in container)


def _member_3(key: Value, value: Value, container: Value) -> Value:
    found = index(container, key)
    return boolean(found is not UNDEFINED and found == value)


def _parse_module(context: Context, file: str, text: str) -> Value:
    from graven.rego.astjson import module_json
    from graven.rego.faults import PolicyErrors
    from graven.rego.parse.modules import parse_module

    context.charge(len(text))
    if not text.strip():
        raise BuiltinError(f"{file}:0: rego_parse_error: empty module")
    try:
        return from_json(module_json(parse_module(file, text, "v1")))
    except PolicyErrors as errors:
        raise BuiltinError(str(errors)) from None


BUILTINS: tuple[Builtin, ...] = (
    builtin("internal.member_2", _member_2),
    builtin("internal.member_3", _member_3),
    builtin("rego.parse_module", _parse_module, contextual=True),
    builtin("trace", lambda _note: TRUE),
)
