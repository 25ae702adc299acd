"""Tests of rules: outcomes as OPA's, and what they covered by line and by branch."""

from __future__ import annotations

import itertools

import pytest

from graven.errors import Malformed
from graven.rego import compile_modules
from graven.rego.testing import Coverage, cases, run
from graven.rego.unnesting import unnested

RULES = """package a

import rego.v1

default allow := false

allow if {
	input.x == 1
	not input.y
} else := true if {
	input.z == 3
}

deny contains msg if {
	some c in input.cs
	c.bad
	msg := sprintf("%s", [c.name])
}

f(x) := y if {
	y := x + 1
}

g(x) if every v in x {
	v > 1
	v < 9
}
"""
TESTS = """package a

import rego.v1

test_allow if {
	allow with input as {"x": 1}
}

test_fail if {
	f(1) == 3
}

test_g if g([2, 3])

test_error := 7

todo_test_x if false
"""
POLICY = compile_modules({"a.rego": RULES, "a_test.rego": TESTS})


def test_outcomes_are_those_of_opa() -> None:
    ticks = itertools.count(0, 10)
    found = {result.case.name: result for result in run(POLICY, clock=lambda: next(ticks))}
    outcomes = {name: result.outcome for name, result in found.items()}
    assert outcomes == {
        "test_allow": "pass",
        "test_fail": "fail",
        "test_g": "pass",
        "test_error": "fail",
        "todo_test_x": "skip",
    }
    assert found["test_allow"].nanoseconds == 10
    assert found["test_fail"].failures[0].text == "f(1) == 3"


def test_a_regular_expression_chooses_and_a_broken_one_is_refused() -> None:
    assert [case.path for case in cases(POLICY, "allow$")] == ["data.a.test_allow"]
    with pytest.raises(Malformed):
        cases(POLICY, "(")


def test_coverage_counts_the_lines_that_opa_counts() -> None:
    coverage = Coverage(unnested(POLICY.traced))
    run(POLICY, coverage=coverage)
    found = coverage.files()["a.rego"]
    assert found.covered_rows == {7, 8, 9, 20, 21, 24, 25, 26, 27}
    assert found.missed_rows == {5, 10, 11, 14, 16, 17}
    told = coverage.json()["files"]["a.rego"]["not_covered"]
    assert told[2] == {"start": {"row": 10, "col": 3}, "end": {"row": 10, "col": 15}}


def test_branches_are_bodies_that_held() -> None:
    coverage = Coverage(unnested(POLICY.traced))
    run(POLICY, coverage=coverage)
    branches = {(each.row, each.kind): each.covered for each in coverage.files()["a.rego"].branches}
    assert branches == {
        (7, "rule"): True,
        (10, "else"): False,
        (14, "rule"): False,
        (20, "rule"): True,
        (24, "rule"): True,
        (24, "every"): True,
    }
