"""A Rego engine, compiled to Python functions: the policy language of graven, and a library of its own.

It imports ``graven.errors`` and nothing else of graven, does no input or output, and reads neither clock nor
environment: what a policy may know of the world is an argument of ``Policy.evaluate``.
"""

from __future__ import annotations

from graven.record import TYPE_CHECKING
from graven.rego.builtins import Builtin, BuiltinError, Context, declare
from graven.rego.faults import BudgetExhausted, EvaluationError, PolicyError, PolicyErrors
from graven.rego.notation import to_json
from graven.rego.policy import Answer, BuiltinFailure, Limits, Policy, Reached, Tracer, World, compile_modules, load
from graven.rego.values import UNDEFINED, Value, from_json

if TYPE_CHECKING:
    from typing import Any

    from graven.rego.explanation import Explanation, Failure, RuleReport
    from graven.rego.roster import RuleInfo

__all__ = [
    "UNDEFINED",
    "Answer",
    "BudgetExhausted",
    "Builtin",
    "BuiltinError",
    "BuiltinFailure",
    "Context",
    "EvaluationError",
    "Explanation",
    "Failure",
    "Limits",
    "Policy",
    "PolicyError",
    "PolicyErrors",
    "Reached",
    "RuleInfo",
    "RuleReport",
    "Tracer",
    "Value",
    "World",
    "compile_modules",
    "declare",
    "from_json",
    "load",
    "to_json",
]

_LATER = {
    "Explanation": "explanation",
    "Failure": "explanation",
    "RuleReport": "explanation",
    "RuleInfo": "roster",
}
"""Names that are imported when they are first asked for, so that to decide stays quick to start."""


def __getattr__(name: str) -> Any:
    """Import what only reasons and lists need."""
    if name not in _LATER:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(f"{__name__}.{_LATER[name]}"), name)
