"""Silence: a rule that held, whose message is undefined, is named; one that only asks is not."""

from __future__ import annotations

import pytest

from graven.rego import compile_modules

HEAD = "package p\nimport rego.v1\n"
DOCUMENT = {"bad": True, "cs": [{"bad": True, "name": "a"}, {"bad": True, "name": "b", "ns": "n"}]}
SILENT = {
    "an assigned message": ('deny contains msg if { input.bad; msg := sprintf("%v", [input.missing]) }',
                            "input.missing"),
    "a message in the head": ('deny contains sprintf("%v", [c.nam]) if { some c in input.cs; c.bad }', "c.nam"),
    "an object in the head": ('deny contains {"msg": "m", "n": c.nam} if { some c in input.cs; c.bad }', "c.nam"),
    "a message in two steps": ('deny contains m if { input.bad; n := concat("/", [input.x, "y"]); m := n }', "input.x"),
    "a message of one member of several": ('deny contains m if { some c in input.cs; m := concat("/", [c.ns]) }',
                                           "c.ns"),
    "a template of the old form": ('deny contains m if { input.bad; m := concat("", ["a", input.y.z]) }', "input.y"),
}  # fmt: skip
ASKING = {
    "a test that fails": 'deny contains msg if { input.good; msg := sprintf("%v", [input.missing]) }',
    "a message that is a field": "deny contains msg if { input.bad; msg := input.missing }",
    "a function that finds": 'deny contains msg if { some c in input.cs; msg := f(c) }\nf(c) := "x" if c.no',
    "a loop over nothing": "deny contains msg if { msg := input.problems[_] }",
    "a rule that speaks": 'deny contains msg if { input.bad; msg := "bad" }',
    "an assignment before a test": 'deny contains "x" if { n := concat("/", [input.no]); n == "y" }',
}


@pytest.mark.parametrize("shape", SILENT)
def test_silence_is_named_for(shape: str) -> None:
    rules, reference = SILENT[shape]
    found = compile_modules({"p.rego": HEAD + rules}).silent("data.p.deny", DOCUMENT)
    assert [(each.file, each.row, each.reference) for each in found] == [("p.rego", 3, reference)]
    assert "held, and its message is undefined" in str(found[0])


@pytest.mark.parametrize("shape", ASKING)
def test_no_silence_is_named_for(shape: str) -> None:
    assert compile_modules({"p.rego": HEAD + ASKING[shape]}).silent("data.p.deny", DOCUMENT) == ()
