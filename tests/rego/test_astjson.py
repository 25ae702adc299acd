"""The JSON of syntax trees: the shapes that OPA prints, and OPA itself where it is at hand."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from graven.rego.astjson import module_json
from graven.rego.parse.modules import parse_module

OPA = Path.home() / ".cache/graven/peers/bin/opa"
MODULES = {
    "v1": """# METADATA
# title: a package
package a.b["c d"]

import data.foo.bar as baz

default allow := false

# METADATA
# scope: document
# custom: {a: 1}
# authors: ["J. Doe <j@example.org>"]
# schemas: [{input: schema.foo}]
allow if {
	some x in input.xs
	y := x + 1 # trailing
	not foo(x) with input.a as 1 with data.x as {}
}

foo(x) := y if { y := x } else := 2 if { x == 2 } else := 3

deny contains msg if {
	msg := sprintf("%v", [x | some x; input.xs[x]; x != "a"])
	every k, v in {"b": {3, 2}, "a": 1} { k == v }
	{a: b | a := 1; b = {"x"}} == {c | c := -1.50; input[_].foo["bar baz"][c]}
	$"hello {x} w {1}" != $`raw {x}`
	q := (1, 2 in [1])
}

p.q[r].s if r := 1
arr[i] := 1 if i := 0
a.b := 1
a.b.c := null
a[1] := 2 if true
g.h(x) if x
g.h(_) := set() if _ = input
a[x] contains 1 if x := 1
""",
    "v0": """package d

p[x] { x := 1 } { x := 2 }
q { true } else = 3 { false }
r = 1
s.t { true }
v[1] = 2 { true }
w[input.y] = 1
""",
}  # fmt: skip


def _plain(node: Any) -> Any:
    """Shorten a tree for reading: terms as text."""
    if isinstance(node, dict) and set(node) == {"type", "value"} and not isinstance(node["value"], (list, dict)):
        return f"{node['type']} {node['value']}"
    if isinstance(node, dict):
        return {key: _plain(item) for key, item in node.items()}
    return [_plain(item) for item in node] if isinstance(node, list) else node


def test_a_rule_has_head_and_body() -> None:
    made = module_json(parse_module("p.rego", "package p\nx := 1 if input.a > 2", "v1"))
    assert _plain(made["rules"]) == [
        {
            "head": {"ref": ["var x"], "name": "x", "value": "number 1", "assign": True},
            "body": [
                {
                    "index": 0,
                    "terms": [
                        {"type": "ref", "value": ["var gt"]},
                        {"type": "ref", "value": ["var input", "string a"]},
                        "number 2",
                    ],
                }
            ],
        }
    ]


def test_a_chained_body_of_v0_adds_to_the_same_set() -> None:
    rules = module_json(parse_module("p.rego", MODULES["v0"], "v0"))["rules"]
    assert [_plain(rule["head"]) for rule in rules[:2]] == [{"ref": ["var p"], "name": "p", "key": "var x"}] * 2


@pytest.mark.interop
@pytest.mark.parametrize("version", MODULES)
def test_the_tree_is_that_of_opa(version: str, tmp_path: Path) -> None:
    file = tmp_path / "m.rego"
    file.write_text(MODULES[version])
    options = ["--v0-compatible"] if version == "v0" else []
    printed = subprocess.run([OPA, "parse", "--format", "json", *options, file], capture_output=True, check=True).stdout
    assert module_json(parse_module(str(file), MODULES[version], version)) == json.loads(printed)
