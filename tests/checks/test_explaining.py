"""The way from a value to a verdict, and what would turn it."""

from __future__ import annotations

from graven.checks.evaluation import Asking, judge
from graven.checks.explaining import Explainer
from graven.checks.rules import Rules
from graven.checks.subjects import Item, Subject
from graven.documents import Document
from graven.rego import compile_modules
from graven.reports import explained


def test_a_run_spends_no_more_on_changes_than_it_may() -> None:
    explainer = Explainer(left=1)
    value = {"a": True, "b": True}
    policy = compile_modules(
        {"p.rego": 'package main\n\ndeny contains "a" if input.a\n\ndeny contains "b" if input.b\n'}
    )
    asking = Asking(policy, Rules(policy.rules()), explainer=explainer)
    judge(asking, Item("a.yaml", (Subject(value, Document(value, {}, "a.yaml")),)), "main")
    told = explained.render(explainer.found)
    assert "no change of the input was found in 1 evaluations" in told
    assert "was not searched" in told


def test_a_hostile_key_is_drawn_as_text() -> None:
    explainer = Explainer()
    value = {"a\x1b[31m\nb": True}
    policy = compile_modules({"p.rego": 'package main\n\ndeny contains "x" if { some v in input; v }\n'})
    asking = Asking(policy, Rules(policy.rules()), explainer=explainer)
    judge(asking, Item("a.yaml", (Subject(value, Document(value, {}, "a.yaml")),)), "main")
    told = explained.render(explainer.found)
    assert "\x1b" not in told
    assert 'would pass with: ["a\\x1b[31m\\nb"] = false (line 1)' in told
