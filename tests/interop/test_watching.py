"""Coverage and profiles of ``graven policy`` beside those of ``opa``: the same parts with the same columns and counts."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from interop.conftest import Peer

pytestmark = pytest.mark.interop

NESTED = """package a

x := upper(lower(input.a))

y if {
	count(input.xs) + 1 == to_number(concat("", ["2", input.one]))
	not startswith(upper(input.a), lower("B"))
	z := [upper(input.a), {"k": count([1, 2])}]
	z[count([])] == "A"
	input.m[input.a] == x
	[w | w := upper(input.xs[_])][0] == "Q"
	every e in [upper("a")] { lower(e) == "a" }
	sprintf("%s", [input.a]) with input.a as upper("q")
	startswith(input.a, "a")
	f(input.a, x) == 7
	some q in [upper("k")]
	q == input.a
}

f(p, [r]) := count(p) + 1 if r > 1
f(p, r) := count(p) + 6 if { upper(r) == "A" }

s contains upper(v) if some v in input.xs
o[k] := {"a": upper(v)} if some k, v in input.xs
t if { a := {v | some v in input.xs; not v == "z"}; count(a) > 3 }
t3 if { input.a in {"a", "b"}; object.get(input, ["a", "b"], "q") == "q" }
t4 if 0 - input.n == -1
t5 if { x == "A"; data.a.x == "A"; data.b.c.d == 3 }
t6 := [1, input.a, x]
t7 := {"a": x, "b": {x | x := 1}}
t8 := x
t9 := input.a
"""
"""Calls in calls, in heads, in comprehensions; ``with``, ``every`` and ``not``."""
LED = """package e

allow if { input.k == "A"; input.z }
allow if { input.k == "B"
  input.q }
allow if input.one == ""

deny contains "a" if { input.a in {"x"}; true }
deny contains "b" if { input.k; input.xs[_] == "q" }
deny contains "c" if { startswith(input.a, "z"); true }
deny contains "d" if { startswith(input.a, "a"); true }
g(x) := 1 if { x == "a"; true } else := 2 if { x == "b"; true }
h := g("a") + g("b")
ev if { every x in [1, 2, 3] { x > 0; x < 3 } }
ev2 if { every x in [1, 2, 3] { x > 0; x < 5 } }
default dd := 3
dd := 1 if input.nope
nn if not input.nope
nm if { not input.a == "a" }
loop if { some i; input.xs[i] == "q"; count(input.xs) == 1 }
two := x if { some x in [1, 2]; x > 1 }
"""
"""Rules that an index leaves out, and rules that it cannot."""
INPUT = {"a": "a", "one": "", "xs": ["q"], "m": {"a": "A"}, "n": 1}
BARE = """package k

k := 1
s contains 1
s contains "b"
f(x) := [1]
f2(x) := x
o["a"] := 2
o.b := 3
b if true
d if { input.q } else := 5
d2 if { input.q == 1 } else := input.nope
d3 if { input.q == 1 } else := true
e1[1] := 4
"""
"""Rules without bodies."""
ELSE = """package el

a := 1 if {
	input.x == 1
} else := count(input.xs) if count(input.xs) > 1
else := 3 if input.z
"""
TESTS = """package a

test_t8 if t8 == "A" with input as {"a": "a"}

test_o if {
	o[0].a == "Q" with input as {"xs": ["q"]}
	not t with input as {"xs": ["q"]}
}
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name, text in (("a.rego", NESTED), ("e.rego", LED), ("a_test.rego", TESTS)):
        (tmp_path / name).write_text(text)
    (tmp_path / "k.rego").write_text(BARE)
    (tmp_path / "el.rego").write_text(ELSE)
    (tmp_path / "given").mkdir()
    (tmp_path / "given" / "input.json").write_text(json.dumps(INPUT))
    return tmp_path


def both(folder: Path, opa: str, *words: str) -> tuple[Any, Any]:
    """Give what opa says and what graven says."""
    theirs, ours = (
        subprocess.run([*command, *words], cwd=folder, capture_output=True, text=True, check=False, timeout=60)
        for command in ([opa], [sys.executable, "-m", "graven", "policy"])
    )
    return json.loads(theirs.stdout), json.loads(ours.stdout)


@pytest.mark.parametrize(
    "query", ["data.a", "data.e", "data.e.deny", "x := data.a.y", "data.k", "data.k.f(1)", "data.el"]
)
def test_the_parts_covered_by_a_query_are_those_of_opa(query: str, folder: Path, peer: Peer) -> None:
    words = ["-d", "a.rego", "-d", "e.rego", "-d", "k.rego", "-d", "el.rego", "-i", "given/input.json", "--coverage"]
    theirs, ours = both(folder, peer("opa"), "eval", *words, query)
    assert without_branches(ours["coverage"]) == without_early_exit(theirs["coverage"])


def test_the_parts_covered_by_tests_are_those_of_opa(folder: Path, peer: Peer) -> None:
    theirs, ours = both(folder, peer("opa"), "test", "--coverage", "--format", "json", "--ignore", "given", ".")
    assert theirs["covered_lines"] > 0
    assert without_branches(ours) == without_early_exit(theirs)


@pytest.mark.parametrize("query", ["data.a", "data.e", "data.e.deny", "data.a.y", "data.k", "data.el"])
def test_the_counts_of_rows_are_those_of_opa(query: str, folder: Path, peer: Peer) -> None:
    words = [
        "-d",
        "a.rego",
        "-d",
        "e.rego",
        "-d",
        "k.rego",
        "-d",
        "el.rego",
        "-i",
        "given/input.json",
        "--profile-limit",
        "0",
    ]
    theirs, ours = (rows(told) for told in both(folder, peer("opa"), "eval", *words, query))
    assert ours == theirs


def rows(told: Any) -> dict[tuple[str, int], tuple[int, ...]]:
    """Give the counts of each row; OPA's row 0 is of what its compiler gave no place."""
    return {
        (row["location"]["file"], row["location"]["row"]): (
            row["location"]["col"],
            row["num_eval"],
            row["num_redo"],
            row["num_gen_expr"],
        )
        for row in told["profile"]
        if row["location"]["row"]
    }


def without_branches(report: Any) -> Any:
    for file in report["files"].values():
        assert isinstance(file.pop("branches"), list)
    return report


def without_early_exit(report: Any) -> Any:
    """Leave out what OPA says of the parts that it would have come to, had a rule not held already."""
    for file in report["files"].values():
        for part in file.get("not_covered", ()):
            kinds = [kind for kind in part.pop("kinds", ()) if kind != "early_exit"]
            part.update({"kinds": kinds} if kinds else {})
    return report
