"""OpenVEX documents for rules: what they say of a vulnerability. Whose word it is, the caller has checked."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from graven.errors import GravenError
from graven.evidence import vex
from graven.rego import BuiltinError, Value, from_json, to_json

__all__ = ["BUILTINS", "CALLS"]

BUILTINS = ("graven.vex.statements: object[any: any], string -> array[object[string: any]]",)


def _statements(document: Value, vulnerability: str) -> Value:
    """Give the statements about a vulnerability, by its name or an alias, the latest last."""
    try:
        found = vex.read(to_json(document))
    except GravenError as e:
        raise BuiltinError(f"no OpenVEX document: {e}") from e
    about = sorted((one for one in found if vulnerability in one.vulnerabilities), key=lambda one: one.moment)
    return from_json([_row(one) for one in about])


def _row(one: vex.VexStatement) -> dict[str, Any]:
    return {
        "status": one.status,
        "justification": one.justification,
        "moment": one.moment,
        "products": sorted({name for product in one.products for name in product.names}),
        "subcomponents": sorted(
            {name for product in one.products for names in product.subcomponents for name in names}
        ),
    }


CALLS: dict[str, Callable[..., Value]] = {"graven.vex.statements": _statements}
