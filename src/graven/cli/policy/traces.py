"""Owns how the trace of a query is told: before the answer for people, on stderr beside any other form."""

from __future__ import annotations

import sys

from graven.record import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import Any

    from graven.rego import Policy
    from graven.rego.tree import Import

__all__ = ["replayed", "tell"]


def replayed(policy: Policy, query: str, value: Any, asking: dict[str, Any]) -> dict[str, Any]:
    """Give how a query is asked again so that the world answers as it does now, however often."""
    from graven.errors import GravenError

    try:
        answer = policy.evaluate(query, value, **asking)
    except GravenError:
        return asking  # the answer will tell it
    return asking | {"world": asking["world"]._replace(recorded=answer.recorded)}


def tell(policy: Policy, query: str, value: Any, asking: dict[str, Any], how: tuple[str, str, str, list[str]]) -> None:
    """Trace a query and tell it; ``how`` is the kind, the format of the answer, the package and the imports.

    Raises:
        BudgetExhausted: there is more to tell than may be kept.
    """
    from graven.rego.trace.asking import Tracer

    kind, form, package, imports = how
    around = (tuple(package.split(".")) if package else (), _imports(imports))
    trace = Tracer(policy).trace(query, value, now_ns=asking["now_ns"], world=asking["world"], around=around)
    out = sys.stdout if form == "pretty" else sys.stderr
    out.write("".join(f"{line}\n" for line in trace.lines(kind, located=True)))


def _imports(paths: list[str]) -> tuple[Import, ...]:
    from graven.rego.parse.modules import parse_module

    return tuple(parse_module("", "\n".join(["package q", *(f"import {path}" for path in paths)])).imports)
