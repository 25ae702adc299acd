"""Origins: the parts of the input that the body behind each result looked at, most telling first."""

from __future__ import annotations

from typing import Any

import pytest

from graven.errors import NotFound
from graven.rego import Limits, compile_modules

HEAD = "package p\nimport rego.v1\n"


def first(rules: str, document: Any, path: str = "data.p.deny") -> dict[Any, Any]:
    """Give the most telling path of each result."""
    origins = compile_modules({"p.rego": HEAD + rules}).origins(path, document)
    return {origin.value: origin.paths[0] if origin.paths else None for origin in origins}


DOCUMENT: dict[str, Any] = {
    "type": "bucket",
    "values": {"versioning": [{"enabled": False}], "image": {"repository": "docker.io/x"}},
    "cs": [
        {"name": "a", "priv": False, "ports": [80]},
        {"name": "b", "priv": True, "ports": [80, 22], "env": {"KEY": "s3cret"}},
    ],
    "tags": ["v1", "latest"],
    "a": {"deep": {"er": 5}},
    "same": [],
    "other": [],
}
SHAPES = {
    "a negated truth": ('deny contains "x" if { input.type == "bucket"; not input.values.versioning[0].enabled }',
                        ("values", "versioning", 0, "enabled")),
    "a missing field": ('deny contains "x" if { input.type == "bucket"; not input.values.logging.on }',
                        ("values", "logging")),
    "a missing root": ('deny contains "x" if not input.nothing.at.all', ("nothing",)),
    "a comparison": ('deny contains "x" if input.a.deep.er > 4', ("a", "deep", "er")),
    "an inequality": ('deny contains "x" if input.a.deep.er != 4', ("a", "deep", "er")),
    "a variable": ('deny contains "x" if { d := input.a.deep; d.er == 5 }', ("a", "deep", "er")),
    "a scalar variable": ('deny contains "x" if { e := input.a.deep.er; e > 4 }', ("a", "deep", "er")),
    "some in an array": ('deny contains "x" if { some c in input.cs; c.priv == true }', ("cs", 1, "priv")),
    "some with a key": ('deny contains "x" if { some i, c in input.cs; i > 0; c.priv }', ("cs", 1, "priv")),
    "some over scalars": ('deny contains "x" if { some t in input.tags; t == "latest" }', ("tags", 1)),
    "an index": ('deny contains "x" if { some i; input.cs[i].priv }', ("cs", 1, "priv")),
    "a wildcard": ('deny contains "x" if input.cs[_].priv == true', ("cs", 1, "priv")),
    "an assigned wildcard": ('deny contains "x" if { c := input.cs[_]; c.priv }', ("cs", 1, "priv")),
    "nested loops": ('deny contains "x" if { some c in input.cs; some p in c.ports; p == 22 }', ("cs", 1, "ports", 1)),
    "a loop over an object": ('deny contains "x" if { some k, v in input.cs[1].env; startswith(v, "s3") }',
                              ("cs", 1, "env", "KEY")),
    "a builtin": ('deny contains "x" if { not startswith(input.values.image.repository, "ghcr.io/") }',
                  ("values", "image", "repository")),
    "membership": ('deny contains "x" if "latest" in input.tags', ("tags", 1)),
    "no membership": ('deny contains "x" if not "v9" in input.tags', ("tags",)),
    "every": ('deny contains "x" if { every t in input.tags { t != "q" } }', ("tags", 1)),
    "a comprehension": ('deny contains "x" if count([c | some c in input.cs; c.priv]) > 0', ("cs", 1, "priv")),
    "an assigned comprehension": ('deny contains "x" if { n := [c | some c in input.cs; c.priv]; count(n) > 0 }',
                                  ("cs", 1, "priv")),
    "walk": ('deny contains "x" if { walk(input, [p, v]); v == 5 }', ("a", "deep", "er")),
    "walk to an object": ('deny contains "x" if { walk(input.cs, [_, v]); v.priv == true }', ("cs", 1, "priv")),
    "object.get": ('deny contains "x" if object.get(input, ["a", "no"], 0) == 0', ("a", "no")),
    "object.get of a member": ('deny contains "x" if { some c in input.cs; object.get(c, "priv", false) == true }',
                               ("cs", 1, "priv")),
    "a function": ('deny contains "x" if { some c in input.cs; bad(c) }\nbad(c) if c.priv == true', ("cs", 1, "priv")),
    "a function of a scalar": ('deny contains "x" if { some c in input.cs; bad(c.name) }\nbad(n) if n == "b"',
                               ("cs", 1, "name")),
    "a function that failed": ('deny contains "x" if { c := input.cs[0]; not ok(c) }\nok(c) if { c.name; c.priv }',
                               ("cs", 0, "priv")),
    "a function in a function": ('deny contains "x" if f(input.a)\nf(a) if g(a.deep)\ng(d) if d.er == 5',
                                 ("a", "deep", "er")),
    "a rule": ('deny contains "x" if bad\nbad if input.a.deep.er == 5', ("a", "deep", "er")),
    "a rule that failed": ('deny contains "x" if not good\ngood if { input.type == "bucket"; input.a.deep.er == 6 }',
                           ("a", "deep", "er")),
    "a member of a set": ("deny contains m if { some c in bads; m := c.name }\nbads contains c if { some c in input.cs; c.priv }",
                          ("cs", 1, "priv")),
    "an alias by a rule": ('deny contains "x" if spec.deep.er == 5\nspec := input.a', ("a", "deep", "er")),
    "with": ('deny contains "x" if bad with input as input.a\nbad if input.deep.er == 5', ("a", "deep", "er")),
    "a pattern": ('deny contains "x" if { [_, t] := input.tags; t == "latest" }', ("tags", 1)),
    "only a message": ('deny contains msg if { msg := sprintf("%v", [input.a.deep.er]) }', ("a", "deep", "er")),
    "empty arrays that look alike": ('deny contains "x" if count(input.other) == 0', ("other",)),
    "a conjunction of chosen and told": ('deny contains "x" if { some c in input.cs; c.name == "b"; c.priv }',
                                         ("cs", 1, "priv")),
}  # fmt: skip


@pytest.mark.parametrize("shape", SHAPES)
def test_the_most_telling_path_of(shape: str) -> None:
    rules, path = SHAPES[shape]
    found = first(rules, DOCUMENT)
    assert list(found.values()) == [path]


def test_each_member_of_a_set_has_the_paths_of_its_own_solution() -> None:
    rules = 'deny contains c.name if { some c in input.cs; c.name != "x" }'
    assert first(rules, DOCUMENT) == {"a": ("cs", 0, "name"), "b": ("cs", 1, "name")}


def test_each_member_of_a_set_that_another_rule_makes_has_the_paths_of_its_own_solution() -> None:
    rules = (
        "deny contains c.name if { some c in bad; not young(c) }\n"
        "young(c) if c.age < 3\n"
        "bad contains c if { some c in input.cs; not c.vex.ok }\n"
    )
    document = {"cs": [{"name": str(at), "age": 9} for at in range(20)]}
    origins = compile_modules({"p.rego": HEAD + rules}).origins("data.p.deny", document)
    assert {origin.value: {path[:2] for path in origin.paths if len(path) > 1} for origin in origins} == {
        str(at): {("cs", at)} for at in range(20)
    }


def test_a_result_of_two_solutions_comes_once_for_each() -> None:
    policy = compile_modules({"p.rego": HEAD + 'deny contains "x" if { some t in input.tags; t != "" }'})
    assert [origin.paths[0] for origin in policy.origins("data.p.deny", DOCUMENT)] == [("tags", 0), ("tags", 1)]


def test_a_complete_rule_tells_its_else_with_the_row() -> None:
    rules = "grade := 1 if input.a.deep.er > 9\nelse := 2 if input.tags[0]"
    (origin,) = compile_modules({"p.rego": HEAD + rules}).origins("data.p.grade", DOCUMENT)
    assert (origin.value, origin.file, origin.row, origin.paths[0]) == (2, "p.rego", 4, ("tags", 0))


def test_entries_of_an_object_are_objects() -> None:
    rules = "deny[c.name] := c.priv if some c in input.cs"
    origins = compile_modules({"p.rego": HEAD + rules}).origins("data.p.deny", DOCUMENT)
    assert [origin.value["b"] for origin in origins if "b" in origin.value] != []
    assert {origin.paths[0][:2] for origin in origins} == {("cs", 0), ("cs", 1)}


def test_a_default_tells_what_the_rules_failed_on() -> None:
    rules = 'default allow := false\nallow if { input.type == "bucket"; input.a.deep.er == 6 }'
    assert list(first(rules, DOCUMENT, "data.p.allow").values()) == [("a", "deep", "er")]


def test_a_result_that_looks_at_nothing_has_no_paths() -> None:
    assert list(first('deny contains "x" if 1 < 2', DOCUMENT).values()) == [None]


def test_shared_parts_of_the_input_are_told_apart() -> None:
    shared = {"bad": True}
    rules = "deny contains k if { some k, v in input; v.bad }"
    assert first(rules, {"one": shared, "two": shared}) == {"one": ("one", "bad"), "two": ("two", "bad")}


def test_what_no_rule_makes_is_refused() -> None:
    with pytest.raises(NotFound):
        compile_modules({"p.rego": HEAD + "deny contains 1 if input.x"}).origins("data.p.nothing", {})


def test_a_traced_evaluation_of_many_members_stays_quick() -> None:
    document = {"cs": [{"name": f"c{at}", "n": at} for at in range(3000)]}
    found = first('deny contains c.name if { some c in input.cs; c.n >= 2990; c.name != "" }', document)
    assert len(found) == 10


@pytest.mark.parametrize("name", ['["b.c"]', '["b\\"c é"]', '.c["d-e"]'])
def test_rules_of_packages_of_any_name_have_origins(name: str) -> None:
    policy = compile_modules({"p.rego": f'package p{name}\nimport rego.v1\ndeny contains "x" if input.a.deep.er > 4'})
    (origin,) = policy.origins(f"data.p{name}.deny", DOCUMENT)
    assert origin.paths[0] == ("a", "deep", "er")


SLOW = """\
deny contains msg if { some c in input.cs; c.priv; msg := c.name }
deny contains "never" if { some a in input.n; some b in input.n; some c in input.n; a + b + c == -1 }
deny contains "late" if input.a.deep.er > 4
"""


@pytest.mark.parametrize("limits", [Limits(steps=5_000), Limits(rule_steps=5_000)])
def test_what_rules_gave_has_its_origins_though_another_ran_out_of_steps(limits: Limits) -> None:
    policy = compile_modules({"p.rego": HEAD + SLOW})
    found = policy.origins("data.p.deny", {**DOCUMENT, "n": list(range(60))}, limits=limits)
    assert {each.value: each.paths[0] for each in found} == {"b": ("cs", 1, "priv"), "late": ("a", "deep", "er")}


def test_a_member_of_a_set_that_several_rules_make_comes_from_the_rule_that_gave_it() -> None:
    text = """package p
import rego.v1
deny contains m if { some m in found; not named(m) }
named(m) if contains(m, ":")
found contains s.from if some s in input.steps
found contains flag if { some s in input.steps; some flag in s.flags }
"""
    document = {"steps": [{"from": "golang"}, {"flags": ["nginx"]}, {"from": "debian:12"}]}
    found = compile_modules({"p.rego": text}).origins("data.p.deny", document)
    assert [(each.value, each.paths[0]) for each in found] == [
        ("golang", ("steps", 0, "from")),
        ("nginx", ("steps", 1, "flags", 0)),
    ]
