"""Owns the look-up of builtins by name; each module of functions is imported when one of its own is first used."""

from __future__ import annotations

from functools import cache
from importlib import import_module

from graven.rego.builtins.declarations import Declaration, declaration, declarations, declare, home
from graven.rego.builtins.protocol import Builtin, BuiltinError, Context, builtin, operand_error

__all__ = [
    "Builtin",
    "BuiltinError",
    "Context",
    "Declaration",
    "builtin",
    "declaration",
    "declarations",
    "declare",
    "find",
    "operand_error",
]


@cache
def find(name: str) -> Builtin | None:
    """Give a builtin that is declared and written, or None."""
    module = home(name)
    if not module:
        return None
    functions: tuple[Builtin, ...] = import_module(f"{__name__}.{module}").BUILTINS
    return next((one for one in functions if one.name == name), None)
