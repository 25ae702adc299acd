"""A profile says what each rule and each row took, by a clock that the caller gives and by steps that it does not."""

from __future__ import annotations

from itertools import count
from typing import Any

import pytest

from graven.rego import compile_modules, to_json
from graven.rego.compile.assembly import Assembled
from graven.rego.machine import Run
from graven.rego.observation import watched
from graven.rego.profile import Profile, Profiler, RowProfile, ordered
from graven.rego.results import Asked, Results
from graven.rego.testing import Coverage

RULES = """\
package p

import rego.v1

default allow := false

allow if {
	input.user == "ann"
	some x in input.xs
	x > 2
}

deny contains msg if {
	some x in input.xs
	double(x) > 3
	msg := sprintf("%d", [x])
}

double(x) := y if {
	y := x * 2
}

never if {
	input.nope
	input.other
}

either := 1 if {
	input.nope
} else := 2 if {
	allow
}
"""
INPUT = {"user": "ann", "xs": [1, 2, 3]}


def profiled(rules: str, query: str, document: Any, *, tick: int = 10) -> tuple[Results, Profile]:
    made: list[Profiler] = []

    def watch(program: Assembled, run: Run) -> None:
        clock = count(0, tick)
        made.append(Profiler(program, run, lambda: next(clock)))
        watched(run, made)

    results = compile_modules({"p.rego": rules}).results(Asked(query), document, watch=watch)
    return results, made[0].profile()


def test_each_rule_that_ran_is_told_with_its_evaluations_and_steps() -> None:
    _, profile = profiled(RULES, "data.p", INPUT)
    found = {(rule.path, rule.row): rule for rule in profile.rules}
    counts = {key: rule.evaluations for key, rule in found.items()}
    assert counts == {
        ("data.p.allow", 7): 1,
        ("data.p.deny", 13): 1,
        ("data.p.double", 19): 3,
        ("data.p.never", 23): 1,
        ("data.p.either", 28): 1,
        ("data.p.either", 30): 1,
    }
    deny, double = found["data.p.deny", 13], found["data.p.double", 19]
    assert (deny.steps, deny.total_steps) == (6, 6)  # three members, and three calls
    assert (double.steps, double.total_steps) == (0, 0)


def test_steps_of_a_rule_are_told_with_and_without_those_that_it_asked_for() -> None:
    rules = "package p\na if { some x in input; b; x == 9 }\nb if { some x in input; some y in input; x + y == 9 }"
    _, profile = profiled(rules, "data.p.a", [1, 2, 3])
    found = {rule.path: rule for rule in profile.rules}
    assert found["data.p.b"].steps == found["data.p.b"].total_steps == 3 + 9
    assert found["data.p.a"].total_steps == found["data.p.a"].steps + 12
    assert found["data.p.a"].total_time_ns == found["data.p.a"].time_ns + found["data.p.b"].total_time_ns


def test_the_steps_of_a_profile_are_those_of_the_evaluation_that_decides() -> None:
    rules = "package p\na contains x if { some x in input; some y in input; x < y }"
    results, profile = profiled(rules, "data.p.a", [1, 2, 3])
    decided = compile_modules({"p.rego": rules}).evaluate("data.p.a", [1, 2, 3])
    assert results.steps == decided.steps
    assert to_json(results.solutions[0].expressions[0].value) == decided.json()
    assert profile.rules[0].steps == 3 + 9


def test_rows_are_told_as_opas_profiler_tells_them() -> None:
    _, profile = profiled(RULES, "data.p", INPUT)
    found = {(row.file, row.row): (row.num_eval, row.num_redo, row.num_gen_expr, row.col) for row in profile.rows}
    # of `opa eval --profile`
    assert found["", 1] == (1, 1, 1, 1)
    assert found["p.rego", 8] == (1, 1, 1, 2)
    assert found["p.rego", 9] == (1, 3, 1, 2)
    assert found["p.rego", 10] == (3, 1, 1, 2)
    assert found["p.rego", 14] == (1, 3, 1, 2)
    assert found["p.rego", 15] == (6, 5, 2, 2)
    assert found["p.rego", 16] == (4, 4, 2, 9)
    assert found["p.rego", 20] == (6, 6, 2, 7)
    assert ("p.rego", 24) not in found  # which the index leaves out
    assert ("p.rego", 25) not in found


def test_the_times_of_rows_are_their_own_and_come_to_no_more_than_the_whole() -> None:
    _, profile = profiled(RULES, "data.p.deny", INPUT)
    whole = sum(rule.time_ns for rule in profile.rules)
    assert whole == max(rule.total_time_ns for rule in profile.rules)
    inside = sum(row.total_time_ns for row in profile.rows if row.file)
    assert 0 < inside <= whole
    times = [row.total_time_ns for row in profile.rows]
    assert times == sorted(times, reverse=True)


def test_several_expressions_of_one_row_are_one_row() -> None:
    _, profile = profiled("package p\na if { input.x; input.y > 1; input.y > 5 }", "data.p.a", {"x": 1, "y": 2})
    (row,) = [row for row in profile.rows if row.file]
    assert (row.num_eval, row.num_redo, row.num_gen_expr, row.col) == (5, 4, 5, 8)


def test_rows_are_sorted_by_what_is_named_then_as_opa_does() -> None:
    rows = [RowProfile(5, 1, 0, 1, "a", 1, 1), RowProfile(5, 1, 0, 1, "a", 2, 1), RowProfile(9, 0, 0, 1, "b", 1, 1)]
    assert [(row.file, row.row) for row in ordered(rows)] == [("b", 1), ("a", 2), ("a", 1)]
    assert [(row.file, row.row) for row in ordered(rows, ["line"], 1)] == [("a", 2)]
    assert [row.total_time_ns for row in ordered(rows, ["num_eval"])] == [5, 5, 9]


@pytest.mark.parametrize(
    "query", ["data.p.deny", "data.p.deny with input.xs as [7]", "data.p.deny with data.z as 1", "x := data.p.deny"]
)
def test_a_query_of_any_form_is_profiled(query: str) -> None:
    results, profile = profiled(RULES, query, INPUT)
    assert results.solutions
    assert any(rule.path == "data.p.deny" for rule in profile.rules)


def test_coverage_and_a_profile_watch_the_same_evaluation() -> None:
    made: list[Any] = []

    def watch(program: Assembled, run: Run) -> None:
        made.extend([Profiler(program, run, lambda: 0), Coverage(program)])
        watched(run, made)

    compile_modules({"p.rego": RULES}).results(Asked("data.p"), INPUT, watch=watch)
    profiler, coverage = made
    assert profiler.profile().rules
    report = coverage.json()["files"]["p.rego"]
    place = {"start": {"row": 25, "col": 2}, "end": {"row": 25, "col": 13}}
    assert {**place, "kinds": ["index_excluded"]} not in report["not_covered"]  # not even without the index
    assert place in report["not_covered"]


def test_a_trace_follows_a_query_that_replaces_documents() -> None:
    policy = compile_modules({"p.rego": "package p\n\na if data.z == 1"})
    rows: list[tuple[str, int]] = []
    policy.evaluate("data.p.a with data.z as 1", trace=lambda reached: rows.append((reached.file, reached.row)))
    assert ("p.rego", 3) in rows
