"""Traces that opa and conftest print, and ours of the same policies and documents: every line is the same."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from graven.rego import compile_modules
from graven.rego.trace.asking import Tracer

pytestmark = pytest.mark.interop

DOCUMENT = {
    "kind": "Deployment",
    "name": "web",
    "n": 3,
    "on": False,
    "tags": ["a", "b", "a"],
    "paths": [["x", 1], ["y", 2]],
    "spec": {
        "containers": [{"name": "one", "image": "ghcr.io/x"}, {"name": "two", "image": "docker.io/y", "port": 80}]
    },
    "labels": {"app": "web", "tier": "front"},
    "users": {"al": {"roles": ["dev"]}, "bo": {"roles": ["dev", "ops"]}},
}
"""The input of every policy."""

POLICIES = {
    "rules, defaults and negation": """
default allow := false
allow if { input.n > 1; not denied; input.kind in {"Deployment", "Job"} }
denied if input.name == "db"
denied if { some t in input.tags; t == "z" }
""",
    "else": """
size := "small" if { input.n < 2 } else := "middle" if { input.n < 5 } else := "large"
""",
    "sets of messages": """
deny contains msg if {
	some i, c in input.spec.containers
	not startswith(c.image, "ghcr.io/")
	msg := sprintf("%d: %s is from %s", [i, c.name, split(c.image, "/")[0]])
}
deny contains "twice" if input.n == 3
deny contains "twice" if input.name == "web"
""",
    "objects": """
ports[c.name] := c.port if some c in input.spec.containers
by_tag[t] contains i if some i, t in input.tags
p := ports.two
q := ports[x] if x := "two"
r := by_tag.a
""",
    "functions": """
f(x) := y if { y := x * 2; x > 1 }
f(x) := 0 if x <= 1
g("a") := 1
g("b") := 2
h(x, y) if x == y
default d(_) := "none"
d(x) := x if x == "some"
p := [f(input.n), f(1), f(input.n)]
q := g("b")
r if h(input.n, 3)
s if not h(1, 2)
t := [d("x"), d("some")]
""",
    "comprehensions": """
names := {c.name | some c in input.spec.containers}
uppers := [upper(t) | some t in input.tags; t != "b"]
sizes := {c.name: count(c.image) | some c in input.spec.containers}
nested := {u: {r | some r in v.roles} | some u, v in input.users}
""",
    "a comprehension for each key": """
by_role[role] := users if {
	some role in {"dev", "ops"}
	users := {u | some u, v in input.users; role in v.roles}
}
""",
    "a comprehension that is evaluated once": """
roles contains [role, users] if {
	some u
	role := input.users[u].roles[_]
	users := [other | input.users[other].roles[_] == role]
}
""",
    "every": """
all_named if every c in input.spec.containers { c.name != "" }
all_ported if every c in input.spec.containers { c.port > 0 }
indexed if every i, t in input.tags { i >= 0; t in {"a", "b"} }
none if every x in [] { x == 1 }
wrong if every x in input.n { x == 1 }
""",
    "with": """
base := input.n
p if base == 7 with input.n as 7
q := x if x := base with input as {"n": {"deep": true}}
r if data.conf.on with data.conf as {"on": true}
s := y if y := upper("x") with upper as lower
t := y if y := f(1) with f as 9
f(x) := x + 1
u if count(input.tags) == 9 with count as f2
f2(_) := 9
""",
    "unification of patterns": """
p contains x if { ["x", x] = input.paths[_] }
q := y if { {"app": "web", "tier": y} = input.labels }
r if { [_, [a, b]] = input.paths; a == "y"; b == 2 }
s if { {"app": "other", "tier": _} = input.labels }
""",
    "walk": """
images contains value if { walk(input, [path, value]); path[count(path) - 1] == "image" }
leaves contains v if { walk(input.labels, [_, v]); is_string(v) }
""",
    "early exit": """
p if input.tags[_] == "a"
q if { some t in input.tags; r(t) }
r(t) if { some x in ["a", "b"]; x == t }
s := true if { p; q }
s := true if { input.n == 3 }
""",
    "an index of literals": """
team := "a" if input.name == "db"
team := "b" if input.name == "web"
team := "c" if { input.name == "web"; input.kind == "Job" }
level := 1 if input.n == 1
level := 2 if { input.n == 3; input.on == false }
route contains 1 if startswith(input.name, "we")
route contains 2 if startswith(input.name, "xx")
route contains 3 if input.name in ["web", "api"]
route contains 4 if "a" in input.tags
route contains 5 if "q" in input.tags
route contains 6 if glob.match("w*", [], input.name)
route contains 7 if input.labels.app
route contains 8 if input.labels.none
""",
    "an index of arguments": """
f("a", _) := 1
f("b", y) := y
f(x, 3) := x
p := f("b", 2)
q := f("c", 3)
""",
    "references into rules": """
users[name] := u if some name, u in input.users
p := users.al.roles[0]
q contains r if r := users[_].roles[_]
deep.a.b := input.n
deep.a.c := 4 if input.on
s := deep.a
t := deep.a.b
""",
    "references with variables in heads": """
a.b[x].c := 1 if some x in input.tags
a.d := 2
p := a.b.a.c
q := a
""",
    "false and undefined": """
p if input.on
q if not input.on
r := x if { x := input.on }
s if input.none.deeper
t if { input.n; input.on == false }
""",
    "notes and prints": """
p if { trace("looking"); print("at", input.n); trace(sprintf("%v", [input.tags])); input.n == 4 }
""",
    "numbers and text": """
p := [-2, 0.1 + 0.2, 7 / 2, 10 % 3]
q := "tab\\t\\"quoted\\" ü"
r := `raw \\n text`
s := $"{input.name} has {count(input.tags)} tags"
t := {"b": 1, "a": {input.n, 1}}
""",
    "operators in arguments": """
p if max([count(input.tags), input.n + 1]) > count(concat("", input.tags)) + 1
q := object.get(input.labels, "tier", "none")
r := {1, 2, 3} & {2, 3, 4} | {9}
""",
    "nested bodies of negation": """
p if { not input.spec.containers[0].port; not f(input.n) }
f(x) if { x > 5; not x == 7 }
q if { not has_port(80) }
has_port(n) if { some c in input.spec.containers; c.port == n }
""",
    "builtins that fail": """
p := to_number("x")
q if { to_number("x") }
r if not to_number("x")
s := 1 / (input.n - 3)
""",
    "shadowed and chained names": """
p := y if { x := input.spec; y := x.containers[0].name }
q := [x | x := input.tags[_]; x != "a"]
x := "rule"
r := x
""",
    "conditions in a chain": """
p contains x if { some x in numbers.range(1, 4); x % 2 == 0; x > 2 }
q := sum([x | some x in p])
r := count(p) > 0
""",
}
HERE = "package main\n\nimport rego.v1\n"


def _tool(name: str) -> str:
    found = shutil.which(name, path=f"{Path.home() / '.cache/graven/peers/bin'}{os.pathsep}{os.environ['PATH']}")
    if found is None:
        pytest.skip(f"needs {name}, which is not installed")
    return found


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "input.json").write_text(json.dumps(DOCUMENT))
    (tmp_path / "policy").mkdir()
    return tmp_path


def _theirs(words: list[str]) -> str:
    return subprocess.run(words, capture_output=True, text=True, check=False, timeout=60).stdout


def _ours(words: list[str]) -> str:
    return _theirs([sys.executable, "-m", "graven", *words])


@pytest.mark.parametrize("name", POLICIES)
def test_a_trace_is_that_of_opa(name: str, folder: Path) -> None:
    opa = _tool("opa")
    (folder / "policy" / "main.rego").write_text(HERE + POLICIES[name])
    words = [opa, "eval", "-d", "policy", "-i", "input.json", "-f", "pretty", "--explain=debug", "data.main"]
    told = _theirs(words).splitlines()
    tracer = Tracer(compile_modules({"policy/main.rego": (folder / "policy" / "main.rego").read_text()}, prints=True))
    ours = tracer.trace("data.main", DOCUMENT).lines("debug", located=True)
    assert ours == told[: len(ours)]
    assert told[len(ours)] in ("{", "{}")


@pytest.mark.parametrize("name", [name for name in POLICIES if "contains" in POLICIES[name]])
def test_a_trace_under_conftests_name_is_that_of_conftest(name: str, folder: Path) -> None:
    conftest = _tool("conftest")
    text = re.sub(r"\b(?:p|q|deny|route|by_tag|images|leaves|roles)(?= contains)", "deny", HERE + POLICIES[name])
    (folder / "policy" / "main.rego").write_text(text)
    words = ["test", "input.json", "--trace", "--no-color"]
    theirs = subprocess.run([conftest, *words], capture_output=True, text=True, check=False, timeout=60)
    ours = subprocess.run(
        [sys.executable, "-m", "graven", "conftest", *words], capture_output=True, text=True, check=False, timeout=60
    )
    assert (ours.stdout, ours.stderr, ours.returncode) == (theirs.stdout, theirs.stderr, theirs.returncode)


TESTS = """package main

import rego.v1

test_cases[name] if {
	some name, c in {"one": 1, "two": 2, "three": 3}
	trace(sprintf("case %v", [c]))
	x := c + 1
	every y in [x, 2] {
		y == 2
	}
}
"""
TIME = re.compile(r"\([\d.]+[µmn]?s\)")


@pytest.mark.parametrize("report", ["full", "notes", "fails"])
def test_a_report_of_tests_is_that_of_conftest(report: str, folder: Path) -> None:
    conftest = _tool("conftest")
    (folder / "policy" / "main_test.rego").write_text(TESTS)
    words = ["verify", "--report", report]
    assert TIME.sub("()", _ours(["conftest", *words])) == TIME.sub("()", _theirs([conftest, *words]))


@pytest.mark.parametrize("words", [["-v"], ["--explain", "full"], []])
def test_what_led_to_a_test_that_failed_is_told_as_by_opa(words: list[str], folder: Path) -> None:
    opa = _tool("opa")
    (folder / "policy" / "main_test.rego").write_text(TESTS)
    ours = _ours(["policy", "test", *words, "policy"])
    assert TIME.sub("()", ours) == TIME.sub("()", _theirs([opa, "test", *words, "policy"]))


def test_a_trace_stands_before_the_answer_as_in_opa(folder: Path) -> None:
    opa = _tool("opa")
    (folder / "policy" / "main.rego").write_text(HERE + POLICIES["sets of messages"])
    words = ["eval", "-d", "policy", "-i", "input.json", "-f", "pretty", "--explain", "full", "x = data.main.deny[y]"]
    assert _ours(["policy", *words]) == _theirs([opa, *words])
