"""Coverage and outcomes of the tests of rules beside ``opa test`` on the same files."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from graven.rego import compile_modules
from graven.rego.testing import Coverage, run
from graven.rego.unnesting import unnested

if TYPE_CHECKING:
    from interop.conftest import Peer

pytestmark = pytest.mark.interop

RULES = """package a

import rego.v1

default allow := false

allow if {
	input.x == 1
	not input.y
} else := true if {
	input.z == 3
}

deny contains msg if {
	some c in input.cs
	c.bad
	msg := sprintf("%s", [c.name])
}

names := [c.name |
	some c in input.cs
	c.name != ""
]

g(x) if every v in x {
	v > 1
	v < 9
}
"""
PASSING = """package a

import rego.v1

test_allow if {
	allow with input as {"x": 1}
}

test_names if count(names) == 1 with input as {"cs": [{"name": "a"}]}

test_g if g([2, 3])
"""
FAILING = """package a

import rego.v1

test_denied if "n" in deny with input as {"cs": [{"bad": true}]}

todo_test_later if false
"""


def asked(opa: str, folder: Path, *options: str) -> Any:
    command = [opa, "test", "--format", "json", *options, "."]
    done = subprocess.run(command, cwd=folder, capture_output=True, check=False, timeout=60)
    return json.loads(done.stdout)


def test_the_rows_are_those_of_opa(peer: Peer, tmp_path: Path) -> None:
    modules = {"a.rego": RULES, "a_test.rego": PASSING}
    for name, text in modules.items():
        (tmp_path / name).write_text(text)
    policy = compile_modules(modules)
    coverage = Coverage(unnested(policy.traced))
    run(policy, coverage=coverage)
    theirs = asked(peer("opa"), tmp_path, "--coverage")["files"]
    for file, ours in coverage.files().items():
        assert len(ours.covered_rows) == theirs[file].get("covered_lines", 0), file
        assert len(ours.missed_rows) == theirs[file].get("not_covered_lines", 0), file
        assert ours.coverage == pytest.approx(theirs[file]["coverage"], abs=0.01)


def test_the_outcomes_are_those_of_opa(peer: Peer, tmp_path: Path) -> None:
    modules = {"a.rego": RULES, "a_test.rego": PASSING, "b_test.rego": FAILING}
    for name, text in modules.items():
        (tmp_path / name).write_text(text)
    words = {
        each["name"]: "skip" if each.get("skip") else "fail" if each.get("fail") else "pass"
        for each in asked(peer("opa"), tmp_path)
    }
    assert {result.case.name: result.outcome for result in run(compile_modules(modules))} == words
