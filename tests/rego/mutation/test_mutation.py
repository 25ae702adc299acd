"""Mutants are what the operators say; tests that ask notice them, and what nobody asks survives."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from graven.errors import GravenError, Malformed
from graven.rego import compile_modules
from graven.rego.mutation import OPERATORS, mutants, survey

RULE = """package p

import rego.v1

deny contains msg if {
	input.age < 18
	not input.parent
	msg := sprintf("%d is too young", [input.age])
}

grown if input.age + 1 > 18

kind := "old" if {
	grown
} else := "young"
"""
TESTS = """package p_test

import data.p

import rego.v1

test_ages[name] if {
	some name, case in {
		"young": {"input": {"age": 17}, "want": {"17 is too young"}},
		"just old enough": {"input": {"age": 18}, "want": set()},
		"accompanied": {"input": {"age": 17, "parent": true}, "want": set()},
	}
	p.deny == case.want with input as case.input
}

test_kinds if {
	p.kind == "old" with input as {"age": 18}
	p.kind == "young" with input as {"age": 17}
}
"""
BOTH = {"p.rego": RULE, "p_test.rego": TESTS}


def test_each_operator_makes_mutants_and_each_mutant_is_another_text() -> None:
    text = RULE + '\nname := lower("A") if true\n'
    found = mutants("p.rego", text)
    assert {one.operator for one in found} == set(OPERATORS)
    assert all(one.text != text and one.before in text for one in found)
    assert len({one.id for one in found}) == len(found)


def test_a_mutant_keeps_its_name_when_other_rules_change() -> None:
    names = {one.id for one in mutants("p.rego", RULE)}
    moved = RULE.replace("deny contains", "# why\n\nother := 1\n\ndeny contains", 1)
    assert names <= {one.id for one in mutants("p.rego", moved)}


def test_what_binds_a_variable_is_no_expression_to_be_dropped() -> None:
    assert not [one for one in mutants("p.rego", RULE) if one.before.startswith("msg :=")]


def test_thorough_tests_leave_no_survivor() -> None:
    found = survey(BOTH)
    assert [verdict.mutant.id for verdict in found.survivors] == []
    assert found.score == 1.0
    assert {verdict.test for verdict in found.of("killed")} == {"data.p_test.test_ages", "data.p_test.test_kinds"}


def test_what_no_test_asks_survives_and_is_told() -> None:
    weaker = TESTS.replace('		"just old enough": {"input": {"age": 18}, "want": set()},\n', "")
    found = survey({**BOTH, "p_test.rego": weaker})
    assert [verdict.mutant.id for verdict in found.survivors] == [
        "p.deny:expression:input.age < 18=>true",
        "p.deny:comparison:<=><=",
        "p.deny:number:18=>19",
    ]
    assert 0.8 < found.score < 1.0


def test_a_survivor_that_is_listed_is_equivalent_and_a_name_that_none_has_is_told() -> None:
    weaker = TESTS.replace('		"just old enough": {"input": {"age": 18}, "want": set()},\n', "")
    names = [
        "p.deny:expression:input.age < 18=>true",
        "p.deny:comparison:<=><=",
        "p.deny:number:18=>19",
        "p.deny:number:18=>20",
    ]
    found = survey({**BOTH, "p_test.rego": weaker}, equivalent=names)
    assert found.survivors == ()
    assert found.unlisted == ("p.deny:number:18=>20",)


def test_each_mutant_that_is_called_killed_answers_another_way() -> None:
    for verdict in survey(BOTH).of("killed"):
        policy = compile_modules({"p.rego": verdict.mutant.text, "p_test.rego": TESTS})
        expected = compile_modules(BOTH).evaluate(verdict.test).value
        try:
            value: object = policy.evaluate(verdict.test).value
        except GravenError as e:
            value = e  # an error is another answer too
        assert value != expected, verdict.mutant.id


def test_a_mutant_that_never_ends_is_exhausted_and_counts_as_noticed() -> None:
    rule = "package p\n\nimport rego.v1\n\nrows := [i | some i in numbers.range(1, 10 + 1)]\n\nn := count(rows)\n"
    test = "package p_test\n\nimport data.p\n\nimport rego.v1\n\ntest_n if p.n == 11\n"
    found = survey({"p.rego": rule, "p_test.rego": test})
    assert found.survivors == ()


def test_tests_that_fail_as_they_are_are_mended_first() -> None:
    with pytest.raises(Malformed, match="test_kinds fails before anything was changed"):
        survey({**BOTH, "p_test.rego": TESTS.replace('"old" with', '"older" with')})


def test_each_operator_is_told_in_its_page() -> None:
    page = (Path(__file__).parents[3] / "docs" / "reference" / "mutation.md").read_text()
    assert dict(re.findall(r"^\| `(\w+)` \| (.*) \|$", page, re.MULTILINE)) == dict(OPERATORS)
