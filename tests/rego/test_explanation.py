"""Reasons: which rule gave what, and at which expression, on what value, the others failed."""

from __future__ import annotations

from typing import Any

import pytest

from graven.errors import NotFound
from graven.rego import UNDEFINED, Explanation, Failure, compile_modules, to_json

MODULE = """package artifact.gate
import rego.v1

# METADATA
# title: Signed
# custom:
#   severity: high
deny contains msg if {
	not signed
	msg := "unsigned"
}

deny contains msg if {
	some c in input.sbom.components
	c.name == "log4j"
	c.version < 3
	msg := sprintf("%s is old", [c.name])
}

default allow := false

allow if count(deny) == 0

signed if {
	input.sbom.format == "cdx"
	some s in input.signatures
	s.verified == true
}

grade := 1 if {
	input.level > 5
} else := 2 if {
	input.level > 3
}
"""
INPUT = {
    "sbom": {"type": "cdx", "components": [{"name": "log4j", "version": 4}]},
    "signatures": [{"verified": False}],
    "level": 4,
}


@pytest.fixture
def explain() -> Any:
    policy = compile_modules({"gate.rego": MODULE})

    def ask(rule: str, document: Any = None) -> Explanation:
        return policy.explain(f"data.artifact.gate.{rule}", INPUT if document is None else document)

    return ask


def _failure(explanation: Explanation, at: int = 0) -> Failure:
    failure = explanation.rules[at].failure
    assert failure is not None
    return failure


def test_each_member_of_a_set_names_the_rule_that_gave_it(explain: Any) -> None:
    found = explain("deny")
    assert to_json(found.value) == ["unsigned"]
    assert [(rule.row, rule.values) for rule in found.rules] == [(8, ("unsigned",)), (13, ())]
    assert [rule.row for rule in found.origin("unsigned")] == [8]


def test_a_rule_that_failed_names_the_expression_and_its_values(explain: Any) -> None:
    failure = _failure(explain("deny"), 1)
    assert (failure.file, failure.row, failure.col) == ("gate.rego", 16, 2)
    assert failure.text == "c.version < 3"
    assert failure.reason == "it is false"
    assert ("c.version", 4) in failure.values


def test_an_undefined_reference_is_named_with_what_may_have_been_meant(explain: Any) -> None:
    failure = _failure(explain("signed"))
    assert failure.reason == "undefined: input.sbom.format"
    assert failure.hint == "did you mean input.sbom.type?"
    assert str(failure).startswith('gate.rego:25:2: input.sbom.format == "cdx": undefined: input.sbom.format, did you')


def test_a_failed_rule_leads_to_the_rules_that_it_reads(explain: Any) -> None:
    policy = compile_modules({"a.rego": "package a\np if q\nq if input.x == 1"})
    failure = _failure(policy.explain("data.a.p", {"x": 2}))
    assert failure.reason == "undefined: data.a.q"
    assert [cause.path for cause in failure.causes] == ["data.a.q"]
    assert _failure(failure.causes[0]).values == (("input.x", 2),)


def test_a_default_says_that_it_is_one(explain: Any) -> None:
    found = explain("allow")
    assert found.default
    assert to_json(found.value) is False
    assert _failure(found).text == "count(deny) == 0"


def test_an_else_that_gave_the_value_is_named_by_its_row(explain: Any) -> None:
    found = explain("grade")
    assert found.value == 2
    assert found.rules[0].row == 32


def test_a_loop_over_nothing_is_undefined(explain: Any) -> None:
    failure = _failure(explain("deny", {"sbom": {}}), 1)
    assert failure.undefined == "input.sbom.components"


def test_a_document_that_no_rule_makes_cannot_be_explained(explain: Any) -> None:
    with pytest.raises(NotFound):
        explain("nosuch")


def test_every_rule_is_listed_with_its_place_metadata_and_inputs() -> None:
    policy = compile_modules({"gate.rego": MODULE})
    first = policy.rules()[0]
    assert (first.path, first.kind, first.file, first.row, first.end_row) == (
        "data.artifact.gate.deny", "set", "gate.rego", 8, 11,
    )  # fmt: skip
    assert first.annotations["title"] == "Signed"
    assert first.inputs == ("input.sbom.format", "input.signatures[_].verified")
    assert [rule.kind for rule in policy.rules()] == ["set", "set", "default", "complete", "complete", "complete"]


def test_inputs_are_followed_through_variables_and_functions() -> None:
    module = """package a
p if { x := input.a; y := x.b[_]; y.c == 1 }
f(v) := v.z if input.k
q if f(input.m)
r if every e in input.list { e.ok }
"""
    inputs = {rule.name: rule.inputs for rule in compile_modules({"a.rego": module}).rules()}
    assert inputs["p"] == ("input.a.b[_].c",)
    assert inputs["q"] == ("input.k", "input.m")
    assert inputs["r"] == ("input.list[_].ok",)


def test_a_trace_tells_each_expression_that_is_reached() -> None:
    policy = compile_modules({"a.rego": "package a\np if {\n  some x in input\n  x > 1\n}"})
    seen: list[tuple[int, Any]] = []
    answer = policy.evaluate(
        "data.a.p", [1, 2], trace=lambda reached: seen.append((reached.row, reached.values.get("x")))
    )
    assert answer.json() is True
    assert [place for place in seen if place[0] > 1] == [(3, None), (4, 1), (4, 2)]
    assert policy.evaluate("data.a.p", [0]).value is UNDEFINED
