"""``graven test`` with a real OPA: it answers instead of our engine, and agrees with it, on each kind of input."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from interop.conftest import Peer
from interop.test_graven_test import EXAMPLES

pytestmark = pytest.mark.interop

Told = tuple[int, str, str]


def _graven(folder: Path, opa: str, *words: str, stdin: str = "") -> Told:
    env = {**os.environ, "PATH": f"{Path(opa).parent}{os.pathsep}{os.environ['PATH']}"}
    env["GRAVEN_CACHE"] = str(folder / "cache")
    command = [sys.executable, "-m", "graven", "test", *words]
    done = subprocess.run(
        command, cwd=folder, env=env, input=stdin, capture_output=True, text=True, check=False, timeout=60
    )
    return done.returncode, done.stdout, done.stderr


def _written(folder: Path, files: dict[str, str]) -> None:
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)


@pytest.mark.parametrize("name", EXAMPLES)
def test_opa_answers_as_our_own_engine_does(name: str, tmp_path: Path, peer: Peer) -> None:
    example = EXAMPLES[name]
    rules = {"main": example.rules, "other": 'warn contains "o" if input.a\n'}
    policies = {f"policy/{name}.rego": f"package {name}\n\n{text}" for name, text in rules.items()}
    _written(tmp_path, {**example.files, **policies})
    words = [*(example.words or sorted(example.files)), "-o", "full"]
    own = _graven(tmp_path, peer("opa"), *words, stdin=example.stdin)
    assert own[0] in (0, 1)
    for second in (["--engine", "opa"], ["--cross-check"]):
        assert _graven(tmp_path, peer("opa"), *words, *second, stdin=example.stdin) == own


def test_it_is_asked_about_each_document_and_view_with_what_the_rules_may_know(tmp_path: Path, peer: Peer) -> None:
    _written(
        tmp_path,
        {
            "main.tf": 'resource "aws_s3_bucket" "one" {\n  bucket = "a"\n}\nresource "aws_s3_bucket" "two" {\n'
            '  bucket = "b"\n  versioning {\n    enabled = true\n  }\n}\n',
            "two.yaml": "a: 1\n---\na: 2\n",
            "old/s3.rego": 'package terraform.aws\ndeny[msg] {\n  input.type == "aws_s3_bucket"\n'
            "  not input.values.versioning[0].enabled\n"
            '  msg := sprintf("%v is not versioned", [input.address])\n}\n',
            "new/files.rego": "package files\n\n"
            'deny contains sprintf("%v in %v", [input.a, data.conftest.file.name]) if input.a > data.limits.a\n'
            'exception contains ["two"] if input.a == 2\n\ndeny_two contains "two" if input.a\n',
            "data/limits.json": '{"limits": {"a": 0}}',
        },
    )
    words = ["main.tf", "two.yaml", "-p", "old,new", "-d", "data", "--all-namespaces", "--allow", "undefined"]
    own = _graven(tmp_path, peer("opa"), *words)
    assert own[0] == 1
    for said in ("aws_s3_bucket.one is not versioned", "1 in two.yaml", "2 in two.yaml", "EXCP - two.yaml"):
        assert said in own[1]
    for second in (["--engine", "opa"], ["--cross-check"]):
        assert _graven(tmp_path, peer("opa"), *words, *second) == own


def test_a_builtin_that_fails_in_opa_leaves_the_run_undecided(tmp_path: Path, peer: Peer) -> None:
    rules = 'package main\n\ndeny contains "small" if to_number(input.a) < 2\n'
    _written(tmp_path, {"a.yaml": "a: many\n", "policy/main.rego": rules})
    code, _, err = _graven(tmp_path, peer("opa"), "a.yaml", "--engine", "opa")
    assert (code, "opa gives no answer" in err, "to_number" in err) == (3, True, True)


@pytest.mark.parametrize(
    ("call", "said"),
    [
        ("graven.versions.compare('npm', input.a, input.a) == 0", "graven.versions.compare, which OPA does not have"),
        ("parse_config('yaml', input.a)", "parse_config, which OPA does not have"),
        ("http.send({'method': 'get', 'url': input.a})", "http.send: rules that are tested speak to no network"),
    ],
)
def test_rules_that_opa_must_not_be_asked_are_named(call: str, said: str, tmp_path: Path, peer: Peer) -> None:
    rules = "package main\n\ndeny contains 'x' if " + call + "\n"
    _written(tmp_path, {"a.yaml": "a: 1.0.0\n", "policy/main.rego": rules.replace("'", '"')})
    for second in (["--engine", "opa"], ["--cross-check"]):
        code, out, err = _graven(tmp_path, peer("opa"), "a.yaml", *second)
        assert (code, out, said in err, "policy/main.rego" in err) == (3, "", True, True)
