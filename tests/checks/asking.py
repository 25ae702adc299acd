"""Compiles modules and asks them about values, as tests of checks do."""

from __future__ import annotations

from typing import Any

from graven.checks.evaluation import Asking, judge
from graven.checks.outcome import Problem
from graven.checks.results import CheckResult
from graven.checks.rules import Rules
from graven.checks.subjects import Item, Subject, wholes
from graven.checks.views import Reading
from graven.documents import Document, parse
from graven.rego import compile_modules

__all__ = ["ask", "item"]


def item(text: str, name: str = "a.yaml") -> Item:
    return Item(name, wholes(parse(text.encode(), file=name)))


def ask(
    module: str, found: Item | Any, namespace: str = "main", *, view: str = ""
) -> tuple[CheckResult, tuple[Problem, ...]]:
    if not isinstance(found, Item):
        found = Item("a.yaml", (Subject(found, Document(found, {}, "a.yaml")),))
    policy = compile_modules({"p.rego": module})
    return judge(Asking(policy, Rules(policy.rules()), Reading(view)), found, namespace)
