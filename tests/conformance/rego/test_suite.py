"""OPA's own suite, where it lies beside the project: nothing is silently wrong, and what is offered passes."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from conformance.rego.run import EXCLUDED, Outcome, cases, judge

SUITE = Path(__file__).parents[4] / "shared" / "data" / "rego"


@pytest.fixture(scope="module")
def outcomes() -> list[Outcome]:
    if not SUITE.is_dir():
        pytest.skip("OPA's suite does not lie at ../shared/data/rego")
    return [judge(*case) for case in cases(SUITE)]


def test_nothing_is_silently_wrong(outcomes: list[Outcome]) -> None:
    assert [each for each in outcomes if each["silently_wrong"]] == []


def test_what_is_offered_passes(outcomes: list[Outcome]) -> None:
    assert [each for each in outcomes if each["outcome"] == "failed"] == []


def test_few_cases_are_excluded_and_each_says_why(outcomes: list[Outcome]) -> None:
    counts = Counter(each["outcome"] for each in outcomes)
    assert counts["excluded"] <= 0.02 * len(outcomes)
    assert all(each["why"] for each in outcomes if each["outcome"] == "excluded")
    assert all(EXCLUDED.values())


SABOTAGED = [
    {"note": "another value", "query": "x := 1", "want_result": [{"x": 2}]},
    {"note": "no value", "query": "x := 1", "want_result": []},
    {"note": "a row too many", "query": "x := [1, 2][_]", "want_result": [{"x": 1}]},
    {"note": "true for one", "query": "x := 1", "want_result": [{"x": True}]},
    {"note": "text for a number", "query": "x := 1", "want_result": [{"x": "1"}]},
    {"note": "an error that does not come", "query": "x := 1", "want_error_code": "eval_conflict_error"},
]


@pytest.mark.parametrize("case", SABOTAGED, ids=lambda case: str(case["note"]))
def test_a_sabotaged_case_fails_and_is_silently_wrong(case: dict[str, object]) -> None:
    found = judge("v1", "v1/sabotage/case.yaml", case)
    assert (found["outcome"], found["silently_wrong"]) == ("failed", True)


def test_an_error_of_another_kind_fails() -> None:
    case = {
        "note": "n",
        "query": "data.a.p",
        "modules": ["package a\np := 1\np := 2"],
        "want_error_code": "eval_type_error",
    }
    found = judge("v1", "v1/sabotage/case.yaml", case)
    assert (found["outcome"], found["silently_wrong"]) == ("failed", False)
