"""A test with cases: which were reached, which passed, and that one which failed is never taken for one that passed."""

from __future__ import annotations

from typing import Any

import pytest

from graven.rego import compile_modules
from graven.rego.testing import SubResult, TestResult, run
from graven.rego.unnesting import unnested

CASES = """package t_test

import rego.v1

test_flat[name] if {
	some name, case in {"one": {"x": 1}, "two": {"x": 2}}
	case.x == 1
}

test_deep[a][b] if {
	some a in ["p", "q"]
	some b in ["r", "s"]
	a == "p"
}

test_all[n] if some n in [1, 2]

test_late[n] if {
	some n
	m := n + 1
	n = [1, 2][_]
	m < 9
}

test_valued[n] := n > 1 if some n in [1, 2]

test_none[n] if {
	some n in [1, 2]
	false
	n == n
}

test_empty[n] if {
	some n in {x | x := [1, 2][_]; x > 2}
}

test_fixed["a"] if true

test_broken[n] if {
	some n in [1, 2]
	to_number("x") == n
}
"""


def found(name: str, **how: Any) -> TestResult:
    (result,) = run(compile_modules({"t_test.rego": CASES}), match=f"{name}$", **how)
    return result


def told(cases: tuple[SubResult, ...]) -> dict[str, Any]:
    return {case.name: told(case.below) if case.below else case.passed for case in cases}


@pytest.mark.parametrize(
    ("name", "outcome", "cases"),
    [
        ("test_flat", "fail", {"one": True, "two": False}),
        ("test_deep", "fail", {"p": {"r": True, "s": True}, "q": {"r": False, "s": False}}),
        ("test_all", "pass", {"1": True, "2": True}),
        ("test_late", "pass", {"1": True, "2": True}),
        ("test_valued", "fail", {"1": False, "2": True}),
        ("test_none", "fail", {"1": False, "2": False}),
        ("test_fixed", "fail", {}),
        ("test_broken", "fail", {"1": False, "2": False}),
    ],
)
def test_each_case_that_was_reached_is_told(name: str, outcome: str, cases: dict[str, Any]) -> None:
    result = found(name)
    assert (result.outcome, told(result.cases)) == (outcome, cases)


def test_a_test_of_no_case_proves_nothing() -> None:
    result = found("test_empty")
    assert (result.outcome, result.error) == ("fail", "none of its cases was reached")


def test_a_builtin_that_fails_is_an_error_where_errors_are_strict() -> None:
    assert found("test_broken", strict=True).outcome == "error"


def test_what_is_printed_is_told_with_coverage_too() -> None:
    from graven.rego.testing import Coverage

    text = 'package t_test\n\nimport rego.v1\n\ntest_a if {\n\tprint("hello")\n\ttrue\n}\n'
    policy = compile_modules({"t_test.rego": text}, prints=True)
    (result,) = run(policy, coverage=Coverage(unnested(policy.traced)))
    assert [said.text for said in result.prints] == ["hello"]
