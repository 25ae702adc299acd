"""A spread program means what it meant, and its parts stand where OPA's do."""

from __future__ import annotations

from typing import Any

import pytest

from graven.rego import compile_modules
from graven.rego.results import Asked
from graven.rego.testing import Coverage
from graven.rego.unnesting import unnested

RULES = """\
package p

import rego.v1

sums contains n + count([x | some x in input.xs; x > n]) if some n in input.xs

o[k] := {"a": upper(v)} if some k, v in input.ts

first := [w | some w in input.ts][0] if not startswith(lower(input.ts[0]), upper("z"))

all_of if every x in [count(input.xs), input.xs[0]] { x * 2 > 1 + 0 }

mocked := t if t := sprintf("%s", [input.ts[0]]) with input.ts as [upper("q")]

told := $"{input.ts[0]} {count(input.xs)}"

f(x, [y, 1]) := x + y if x > 0
else := -1

fs := [f(1, [2, 1]), f(0 - 1, [count(input.xs), 1])]
"""
INPUT = {"xs": [1, 2, 3], "ts": ["b", "a"]}


@pytest.mark.parametrize("query", ["data.p", "data.p.f(count(input.xs), [1, 1])", "data.p with input.xs as [9]"])
def test_a_watched_program_gives_what_the_deciding_one_gives(query: str) -> None:
    policy = compile_modules({"p.rego": RULES})
    watched = policy.results(Asked(query), INPUT, watch=lambda _program, _run: None)
    assert watched.solutions == policy.results(Asked(query), INPUT).solutions
    assert watched.solutions


def spans(rule: str, document: Any) -> list[str]:
    """Give the texts of the parts that were covered."""
    text = f"package p\n{rule}\n"
    policy = compile_modules({"p.rego": text})
    made: list[Coverage] = []

    def watch(program: Any, run: Any) -> None:
        made.append(Coverage(program))
        run.frames, run.tracer = made[0], made[0].reached

    policy.results(Asked("data.p"), document, watch=watch)
    line = text.splitlines()[1]
    return [line[begin[1] - 1 : end[1] - 1] for begin, end in made[0].files()["p.rego"].covered]


def test_each_call_and_each_operand_of_a_call_is_a_part() -> None:
    found = spans("a if count(input.xs) + 1 == 3", {"xs": [1, 2]})
    assert found == ["a", "count(input.xs)", "count(input.xs) + 1", "count(input.xs) + 1 == 3", "input.xs"]


def test_operands_of_an_equality_are_no_parts() -> None:
    assert spans("a if input.x == 1", {"x": 1}) == ["a", "input.x == 1"]


def test_what_stands_behind_a_part_without_a_value_is_not_covered() -> None:
    assert spans("a if count(b) + 1 == 3\nb := [1] if input.n == 1", {}) == ["b"]


def test_the_rules_of_the_first_program_stay_as_they_were() -> None:
    policy = compile_modules({"p.rego": RULES})
    before = [len(each.rule.body) for group in policy.traced.unit.tree.groups for each in group.definitions]
    unnested(policy.traced)
    after = [len(each.rule.body) for group in policy.traced.unit.tree.groups for each in group.definitions]
    assert before == after
