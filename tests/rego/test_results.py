"""What a query gave, expression by expression; and what it depends on."""

from __future__ import annotations

import pytest

from graven.rego import PolicyErrors, compile_modules, to_json
from graven.rego.results import Asked

RULES = """package a.b

import data.base
import rego.v1

allow if input.x > 1

deny contains msg if {
	some v in input.vs
	msg := f(v)
}

f(v) := sprintf("no %v", [v]) if base.words[v]

unused if data.base.other == input.z
"""
POLICY = compile_modules({"p.rego": RULES}, data={"base": {"words": {"a": 1, "b": 2}}})
INPUT = {"x": 2, "vs": ["a", "b", "c"]}

Told = list[tuple[list[object], dict[str, object]]]


def _told(query: str, package: str = "", *imports: str) -> Told:
    results = POLICY.results(Asked(query, package, imports), INPUT)
    return [
        ([to_json(each.value) for each in solution.expressions], {k: to_json(v) for k, v in solution.bindings.items()})
        for solution in results.solutions
    ]


@pytest.mark.parametrize(
    ("query", "told"),
    [
        ("1", [([1], {})]),
        ("false", [([False], {})]),
        ("1 == 2", [([False], {})]),
        ("true; false", []),
        ("data.a.b.nothing", []),
        ("x := 1; x == 1", [([True, True], {"x": 1})]),
        ("input.vs[i]", [(["a"], {"i": 0}), (["b"], {"i": 1}), (["c"], {"i": 2})]),
        ("[true, false][_]", [([True], {})]),
        ("not data.a.b.allow", []),
        ("data.a.b.allow with input.x as 0", []),
        ('some v in input.vs; v > "b"', [([True, True], {"v": "c"})]),
        ("plus(1, 2, y)", [([True], {"y": 3})]),
        ('data.a.b.f("a")', [(["no a"], {})]),
        ("data.a.b.deny[d]", [(["no a"], {"d": "no a"}), (["no b"], {"d": "no b"})]),
        ("print(1)", [([True], {})]),
        ("count(input.vs); _ = 3", [([3, True], {})]),
    ],
)
def test_each_expression_is_told(query: str, told: Told) -> None:
    assert _told(query) == told


def test_texts_and_places_are_those_of_the_query() -> None:
    [solution] = POLICY.results(Asked("x := 1\ny := {2 |\n true}; x < 3"), INPUT).solutions
    assert [(each.text, each.row, each.col) for each in solution.expressions] == [
        ("x := 1", 1, 1),
        ("y := {2 |\n true}", 2, 1),
        ("x < 3", 3, 9),
    ]


def test_names_of_a_package_and_of_imports_are_known() -> None:
    assert _told('allow; f("b")', "a.b") == [([True, "no b"], {})]
    assert _told("b.allow", "", "data.a.b") == [([True], {})]
    assert _told("vs[0]", "", "input.vs") == [(["a"], {})]
    with pytest.raises(PolicyErrors, match="var allow is unsafe"):
        _told("allow")


def test_a_query_in_error_names_no_variable_that_nobody_wrote() -> None:
    with pytest.raises(PolicyErrors) as caught:
        _told("q.z == 1; r")
    assert "~" not in str(caught.value)


def _paths(query: str) -> tuple[list[str], list[str]]:
    base, virtual = POLICY.dependencies(query)
    return [".".join(map(str, path)) for path in base], [".".join(map(str, path)) for path in virtual]


@pytest.mark.parametrize(
    ("query", "base", "virtual"),
    [
        ("1", [], []),
        ("data.a.b.allow", ["input.x"], ["data.a.b.allow"]),
        ("data.a.b.deny", ["data.base.words", "input.vs"], ["data.a.b.deny", "data.a.b.f"]),
        ("data.a.b.f(input.k[i])", ["data.base.words", "input.k"], ["data.a.b.f"]),
        ("data.base; data.base.words", ["data.base"], []),
        ("input; data.a.b.allow", ["input"], ["data.a.b.allow"]),
    ],
)
def test_a_query_depends_on_what_it_reads_and_asks(query: str, base: list[str], virtual: list[str]) -> None:
    assert _paths(query) == (base, virtual)


def test_a_package_depends_on_all_its_rules() -> None:
    assert _paths("data.a")[1] == ["data.a.b.allow", "data.a.b.deny", "data.a.b.f", "data.a.b.unused"]
