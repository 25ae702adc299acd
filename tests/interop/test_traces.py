"""Traces that opa and conftest print, and ours of the same policies and documents: every line is the same."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.interop

VECTORS = Path(__file__).parents[1] / "vectors" / "rego" / "trace"
POLICIES = {path.stem: path.read_text() for path in sorted(VECTORS.glob("*.rego"))}
DENYING = re.compile(r"\b(?:p|q|deny|route|by_tag|images|leaves|roles)(?= contains)")


def _tool(name: str) -> str:
    found = shutil.which(name, path=f"{Path.home() / '.cache/graven/peers/bin'}{os.pathsep}{os.environ['PATH']}")
    if found is None:
        pytest.skip(f"needs {name}, which is not installed")
    return found


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    shutil.copy(VECTORS / "input.json", tmp_path)
    (tmp_path / "policy").mkdir()
    return tmp_path


def _theirs(words: list[str]) -> str:
    return subprocess.run(words, capture_output=True, text=True, check=False, timeout=60).stdout


def _ours(words: list[str]) -> str:
    return _theirs([sys.executable, "-m", "graven", *words])


@pytest.mark.parametrize("name", POLICIES)
def test_a_text_is_what_opa_prints(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(VECTORS)
    words = ["eval", "-d", f"{name}.rego", "-i", "input.json", "-f", "pretty", "--explain=debug", "data.main"]
    theirs = _theirs([_tool("opa"), *words])
    assert theirs.startswith((VECTORS / f"{name}.txt").read_text())


@pytest.mark.parametrize("name", [name for name, text in POLICIES.items() if DENYING.search(text)])
def test_a_trace_under_conftests_name_is_that_of_conftest(name: str, folder: Path) -> None:
    conftest = _tool("conftest")
    (folder / "policy" / "main.rego").write_text(DENYING.sub("deny", POLICIES[name]))
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


@pytest.mark.parametrize("kind", ["full", "notes", "fails", "debug"])
def test_a_trace_stands_before_the_answer_as_in_opa(kind: str, folder: Path) -> None:
    opa = _tool("opa")
    (folder / "policy" / "main.rego").write_text(POLICIES["sets-of-messages"])
    words = ["eval", "-d", "policy", "-i", "input.json", "-f", "pretty", "--explain", kind, "x = data.main.deny[y]"]
    assert _ours(["policy", *words]) == _theirs([opa, *words])
