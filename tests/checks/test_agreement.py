"""Another engine is heard instead of our own or beside it, and where the two differ nothing is decided."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from checks.asking import item
from graven.checks.agreement import ABSENT, Other
from graven.checks.evaluation import Asking, judge
from graven.checks.outcome import Outcome, exit_code
from graven.checks.rules import Rules
from graven.errors import Malformed
from graven.rego import UNDEFINED, compile_modules, from_json
from graven.rego.parse.modules import parse_module

RULES = """package main

deny contains msg if {
	input.replicas < 2
	msg := "too few"
}

deny_owner contains {"msg": "no owner", "teams": {"b", "a"}} if not input.owner
"""
SAID: dict[tuple[str, ...], Any] = {
    ("main", "deny"): ["too few"],
    ("main", "deny_owner"): [{"msg": "no owner", "teams": ["a", "b"]}],
}


def _judged(said: Mapping[tuple[str, ...], Any], *, compared: bool) -> tuple[list[str], list[str]]:
    def ask(steps: tuple[str, ...], given: str, info: Mapping[str, str] | None) -> Any:
        assert (given, info) == ('{"replicas":1}', None)
        return said.get(steps, ABSENT)

    policy = compile_modules({"p.rego": RULES})
    asking = Asking(policy, Rules(policy.rules()), other=Other("opa", ask, compared))
    result, problems = judge(asking, item("replicas: 1\n"), "main")
    if problems:
        assert {each.kind for each in problems} == {"engine"}
        assert exit_code(Outcome((result,), problems), no_fail=True) == 3
    return [each.message for each in result.failures], [each.message for each in problems]


def test_what_the_other_engine_says_is_taken_in_the_place_of_our_own() -> None:
    assert _judged(SAID, compared=False) == (["too few", "no owner"], [])
    quiet: dict[tuple[str, ...], Any] = {key: [] for key in SAID}
    assert _judged({**quiet, ("main", "deny"): ["another"]}, compared=False) == (["another"], [])
    assert _judged(quiet, compared=False) == ([], [])


def test_engines_that_agree_are_heard_as_one() -> None:
    assert _judged(SAID, compared=True) == (["too few", "no owner"], [])


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ([], "[]"),
        (["too few", "too many"], '["too few","too many"]'),
        (["too feW"], '["too feW"]'),
        (ABSENT, "nothing (undefined)"),
    ],
)
def test_where_they_differ_nothing_is_decided(said: Any, told: str) -> None:
    _, problems = _judged({**SAID, ("main", "deny"): said}, compared=True)
    assert problems == [f'graven and opa disagree on data.main.deny: graven says ["too few"], opa says {told}']


def test_an_engine_that_gives_no_answer_decides_nothing() -> None:
    def ask(*_: object) -> Any:
        raise Malformed("opa: to_number:\n  it is no number")

    for compared in (False, True):
        found, fault = Other("opa", ask, compared).answer("data.a.deny", {}, None, UNDEFINED)
        assert (found, fault) == (UNDEFINED, "data.a.deny: opa gives no answer: opa: to_number: it is no number")


def test_numbers_agree_by_value_and_never_with_booleans() -> None:
    def said(value: Any) -> Other:
        return Other("opa", lambda *_: value, True)

    assert said([1]).answer("data.a.b", {}, None, from_json([1.0]))[1] == ""
    assert said([True]).answer("data.a.b", {}, None, from_json([1]))[1] != ""
    assert said([2**70]).answer("data.a.b", {}, None, from_json([2**70 + 1]))[1] != ""


@pytest.mark.parametrize("package", ['a["b.c"]', 'a["d-e"].f', 'a["é\\n\\"x\\\\"]'])
def test_rules_of_a_package_of_any_name_are_asked_by_both(package: str) -> None:
    asked = []

    def ask(steps: tuple[str, ...], given: str, info: Mapping[str, str] | None) -> Any:
        del given, info
        asked.append(steps)
        return ["no"]

    modules = {"p.rego": f'package {package}\ndeny contains "no"', "q.rego": "package a.b.c\ndeny contains 1 if false"}
    policy = compile_modules(modules)
    rules = Rules(policy.rules())
    assert list(rules.namespaces) == [package, "a.b.c"]
    asking = Asking(policy, rules, other=Other("opa", ask, compared=True))
    result, problems = judge(asking, item("a: 1\n"), package)
    assert [each.message for each in result.failures] == ["no"]
    assert not problems
    assert asked == [(*parse_module("p.rego", modules["p.rego"], "v1").package, "deny")]


@pytest.mark.parametrize("query", ["data.a.b-c.deny", 'data.a[".."].deny', 'data.a[""].deny', "data.a[x].deny"])
def test_what_another_engine_cannot_be_asked_is_no_silence(query: str) -> None:
    def ask(_steps: tuple[str, ...], _given: str, _info: Mapping[str, str] | None) -> Any:
        raise AssertionError("asked for something else")

    found, fault = Other("opa", ask, compared=False).answer(query, {}, None, UNDEFINED)
    assert found is UNDEFINED
    assert "expected steps" in fault or "no URL can name" in fault


def test_an_engine_that_gives_nothing_for_a_set_is_not_believed() -> None:
    result, problems = _judged({}, compared=False)
    assert result == []
    assert problems == [
        f"data.main.{name}: opa gives nothing, expected a set of messages, be it empty"
        for name in ("deny", "deny_owner")
    ]
