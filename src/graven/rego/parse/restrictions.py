"""Owns what v1 forbids beyond its syntax: shadowed roots, duplicate imports, deprecated builtins."""

from __future__ import annotations

from collections.abc import Iterator

from graven.rego.faults import PolicyError, fault
from graven.rego.tree import Call, Module
from graven.rego.walk import assigned, calls

__all__ = ["shadowed"]

_ROOTS = ("input", "data")
_DEPRECATED = frozenset(
    (
        "all",
        "any",
        "cast_array",
        "cast_boolean",
        "cast_null",
        "cast_object",
        "cast_set",
        "cast_string",
        "net.cidr_overlap",
        "re_match",
        "set_diff",
    )
)
"""The builtins that are flagged so in ``builtins.declarations``."""


def shadowed(module: Module) -> Iterator[PolicyError]:
    """Yield the names that hide an import, a root document or nothing that exists any more."""
    yield from _imports(module)
    source = module.source
    for rule in module.rules:
        if rule.name in _ROOTS:
            yield fault(
                source, rule.at, "rego_compile_error", f"rules must not shadow {rule.name} (use a different rule name)"
            )
        for name, at in assigned(rule):
            if name in _ROOTS:
                yield fault(
                    source,
                    at,
                    "rego_compile_error",
                    f"variables must not shadow {name} (use a different variable name)",
                )
        for call in calls(rule):
            yield from _deprecated(module, call)


def _deprecated(module: Module, call: Call) -> Iterator[PolicyError]:
    name = ".".join(call.name)
    if not call.infix and name in _DEPRECATED and all(rule.name != name for rule in module.rules):
        yield fault(
            module.source, call.at, "rego_type_error", f"deprecated built-in function calls in expression: {name}"
        )


def _imports(module: Module) -> Iterator[PolicyError]:
    seen: dict[str, str] = {}
    for entry in module.imports:
        if not entry.alias:
            continue
        if entry.alias in seen:
            path = ".".join(entry.path)
            message = f"import must not shadow import {seen[entry.alias]}"
            yield fault(module.source, entry.at, "rego_compile_error", message, f"import {path} under another name")
        seen[entry.alias] = ".".join(entry.path)
