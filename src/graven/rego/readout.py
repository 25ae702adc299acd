"""Owns the text of terms for people, and terms with variables replaced by their values."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from graven.rego.notation import term_text
from graven.rego.tree import Ref, Scalar, Term, Var, rebuild
from graven.rego.values import Value

__all__ = ["shown", "substituted"]

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*\Z")


def shown(term: Ref | Iterable[Value]) -> str:
    """Write a reference, or the steps of one.

    >>> shown(["sbom", "a-b", 0])
    '.sbom["a-b"][0]'
    """
    if isinstance(term, Ref):
        head = term.head.name.partition("%")[0] if isinstance(term.head, Var) else "…"
        return head + "".join(map(_step, term.steps))
    return "".join(_key(step) for step in term)


def _step(step: Term) -> str:
    if isinstance(step, Scalar):
        return _key(step.value)
    if isinstance(step, Var):
        return "[_]" if step.wild else f"[{step.name.partition('%')[0]}]"
    return f"[{shown(step)}]" if isinstance(step, Ref) else "[…]"


def _key(key: Value) -> str:
    return f".{key}" if key.__class__ is str and _NAME.match(key) else f"[{term_text(key)}]"


def substituted(term: Term, values: Mapping[str, Value]) -> Term:
    """Give the term with the known variables replaced by their values."""
    if isinstance(term, Var):
        return Scalar(term.at, values[term.name]) if term.name in values else term
    return rebuild(term, lambda part: substituted(part, values))
