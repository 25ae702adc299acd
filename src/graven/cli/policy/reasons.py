"""Tells on stderr why a document has its value: which rule gave what, why the others did not, what would turn it."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import Any

from graven.errors import NotFound
from graven.rego import Explanation, Policy, RuleReport
from graven.rego.change import Goal, holds, search, without
from graven.rego.notation import term_text
from graven.rego.values import FALSE, UNDEFINED, RegoSet

__all__ = ["explain"]

_MOST = 8
"""So many members of a set are told a change."""


def explain(policy: Policy, query: str, value: Any, asking: dict[str, Any]) -> None:
    """Write the reasons of a document that rules make; of another query, that there are none."""
    around = {"now_ns": asking["now_ns"], "world": asking["world"]}
    try:
        found = policy.explain(query.strip(), value, **around)
    except NotFound as error:
        sys.stderr.write(f"no explanation: {error}\n")
        return
    for rule in found.rules:
        sys.stderr.write(f"{_reason(rule)}\n")
    for words, goal in _goals(found) if value is not UNDEFINED else ():
        done = search(policy, found.path, value, goal, **around)
        edits = " and ".join(map(str, done.edits or ()))
        edits = edits or f"no change of the input was found in {done.evaluations} evaluations"
        sys.stderr.write(f"{words} with: {edits}\n")


def _reason(rule: RuleReport) -> str:
    if rule.failure is not None:
        return str(rule.failure)
    return f"{rule.file}:{rule.row}: {rule.error or 'gave ' + ', '.join(map(term_text, rule.values))}"


def _goals(found: Explanation) -> Iterator[tuple[str, Goal]]:
    """Give what one may want of the value instead."""
    if found.value is FALSE or found.value is UNDEFINED:
        yield "would hold", holds()
    elif found.value.__class__ is RegoSet:
        for member in found.value.ordered()[:_MOST]:
            yield f"would be without {term_text(member)}", without(member)
