"""Lines: the source of a rule, with what each of its lines saw where it said something."""

from __future__ import annotations

from typing import Any

from graven.rego import Limits, compile_modules
from graven.rego.lines import Lines, part, short

MODULE = """package p

import rego.v1

deny contains msg if {
	some c in input.cs
	c.size > 3 # not input.size
	msg := sprintf("%v", [c.name])
}

deny contains {"msg": name} if {
	name := input.odd["a-b"][0]
	helped(name)
}

helped(name) if name != "x"
"""


def lines(document: Any, said: str, which: int = 0) -> dict[int, dict[str, str]]:
    policy = compile_modules({"p.rego": MODULE})
    info = [info for info in policy.rules() if info.path == "data.p.deny"][which]
    seen = Lines(policy, "data.p.deny", document)
    return {line.number: dict(line.values) for line in seen.of(info, said)}


DOCUMENT: Any = {"cs": [{"name": "a", "size": 9}, {"name": "b", "size": 8}], "size": 1}


def test_each_solution_shows_its_own_values() -> None:
    for at, name in enumerate("ab"):
        saw = lines(DOCUMENT, name)
        assert saw[5] == {"msg": f'"{name}"'}
        assert saw[7] == {"c": short(DOCUMENT["cs"][at])}
        assert list(saw) == [5, 6, 7, 8, 9]


def test_a_part_of_the_input_is_shown_and_what_is_not_there_is_undefined() -> None:
    assert lines({"odd": {"a-b": ["y"]}}, "y", 1)[12]['input.odd["a-b"][0]'] == '"y"'
    assert lines({}, "y", 1)[12]['input.odd["a-b"][0]'] == "undefined"


def test_an_evaluation_that_fails_shows_lines_without_variables() -> None:
    policy = compile_modules({"p.rego": "package p\n\ndeny contains x if { some x in input.l; x > 1 }\n"})
    (info,) = policy.rules()
    seen = Lines(policy, "data.p.deny", {"l": list(range(100))}, limits=Limits(steps=5))
    assert [(line.number, dict(line.values)["x"]) for line in seen.of(info, "said")] == [(3, '"said"')]


def test_long_values_are_cut() -> None:
    assert short("x" * 200) == '"' + "x" * 78 + "…"
    assert part({"a": [1]}, ("a", 0)) == 1
    assert part({"a": [1]}, ("a", "b"), "none") == "none"


def test_a_head_that_calls_a_function_names_no_variable_after_it() -> None:
    text = 'package p\n\nimport rego.v1\n\ndeny contains object.union(input, {"msg": m}) if {\n\tm := "no"\n}\n'
    policy = compile_modules({"p.rego": text})
    (info,) = policy.rules()
    saw = Lines(policy, "data.p.deny", {}).of(info, "no")
    assert dict(saw[0].values) == {"m": '"no"'}
