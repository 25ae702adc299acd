"""Owns the comparisons; they hold between any two values, by OPA's order over all of them."""

from __future__ import annotations

from graven.rego.builtins.protocol import Builtin, builtin
from graven.rego.values import Value, boolean, compare

__all__ = ["BUILTINS"]


def _equal(left: Value, right: Value) -> Value:
    return boolean(left == right)


BUILTINS: tuple[Builtin, ...] = (
    builtin("equal", _equal),
    builtin("neq", lambda left, right: boolean(left != right)),
    builtin("lt", lambda left, right: boolean(compare(left, right) < 0)),
    builtin("lte", lambda left, right: boolean(compare(left, right) <= 0)),
    builtin("gt", lambda left, right: boolean(compare(left, right) > 0)),
    builtin("gte", lambda left, right: boolean(compare(left, right) >= 0)),
    builtin("assign", _equal),
    builtin("eq", _equal),
)
