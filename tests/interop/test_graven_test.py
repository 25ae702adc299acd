"""The JSON of ``graven test`` and of the real conftest on the same files is equal, for each kind of input.

The files and the rules are written for this test; what differs on purpose is told in docs/reference/testing.md and has
tests of its own.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from interop.conftest import Peer

pytestmark = pytest.mark.interop


@dataclass(frozen=True)
class Example:
    """Files, rules in Rego v1, and the words of the command line."""

    files: dict[str, str]
    rules: str
    words: tuple[str, ...] = ()
    stdin: str = ""


EXAMPLES = {
    "kubernetes": Example(
        {
            "deployment.yaml": "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\nspec:\n  template:\n"
            "    spec:\n      securityContext: {runAsNonRoot: false}\n---\napiVersion: v1\nkind: Service\nmetadata: {name: s}\n"
        },
        'deny contains msg if {\n input.kind == "Deployment"\n not input.spec.template.spec.securityContext.runAsNonRoot\n'
        ' msg := sprintf("%s runs as root", [input.metadata.name])\n}\nwarn contains "services are looked at" if '
        'input.kind == "Service"\n',
    ),
    "terraform": Example(
        {"main.tf": 'resource "google_dns" "d" {\n  zone = "x.${var.domain}"\n  ttl = 5\n}\n'},
        'deny contains msg if { some name, found in input.resource.google_dns; found[_].ttl < 60; msg := sprintf("%v: %v", '
        "[name, found[_].zone]) }\n",
    ),
    "docker": Example(
        {"Dockerfile": "FROM debian:latest\nRUN apt-get update\nUSER root\n"},
        'deny contains msg if { some c in input; c.Cmd == "from"; endswith(c.Value[0], ":latest"); msg := c.Value[0] }\n'
        'deny contains "root" if { some c in input; c.Cmd == "user"; c.Value[0] == "root" }\n',
    ),
    "json": Example(
        {"package.json": '{"name": "x", "big": 12345678901234567890, "dependencies": {"left": "*", "right": "1.0"}}'},
        'deny contains {"msg": msg, "package": name} if { some name, v in input.dependencies; v == "*"; msg := "any" }\n',
    ),
    "toml": Example(
        {"a.toml": '[tool.x]\nlevel = 3\n[[p]]\nn = "a"\n'}, 'deny contains "deep" if input.tool.x.level > 2\n'
    ),
    "ini": Example({"a.ini": "[web]\nport = 80\ntls = false\n"}, 'deny contains "plain" if input.web.tls == false\n'),
    "dotenv": Example(
        {".env": 'PASSWORD="x y"\nA=1\n'}, 'deny contains k if { some k, _ in input; contains(k, "PASS") }\n'
    ),
    "properties": Example(
        {"a.properties": "log.level=debug\n"}, 'warn contains "debug" if input["log.level"] == "debug"\n'
    ),
    "ignore": Example(
        {".dockerignore": "*\n!src\n"}, 'deny contains e.Value if { some e in input; e.Kind == "NegatedPath" }\n'
    ),
    "xml": Example({"a.xml": '<p v="1"><d>x</d></p>'}, 'deny contains input.p.d if input.p["-v"] == "1"\n'),
    "several lists": Example({"l.json": '[{"a": 1}, {"a": 2}, {"b": 3}]'}, 'deny contains "a" if input.a > 1\n'),
    "stdin": Example({}, 'deny contains "a" if input.a\n', ("-",), "a: 1\n"),
    "combined": Example(
        {"a.yaml": "kind: A\n---\nkind: B\n", "b.json": '{"kind": "A"}'},
        'deny contains f.path if { some f in input; f.path == "b.json" }\n'
        'deny contains msg if { count(input) == 3; msg := sprintf("%v", [[f.contents.kind | some f in input]]) }\n',
        ("a.yaml", "b.json", "--combine"),
    ),
    "exceptions": Example(
        {"a.yaml": "kind: A\nadmin: true\n", "b.yaml": "kind: A\n"},
        'deny_kind contains "A" if input.kind == "A"\ndeny_x contains "x" if input.kind\nviolation contains "v" if input.z\n'
        'exception contains ["kind", "other"] if input.admin\n',
    ),
    "places of the rule's own": Example(
        {"a.yaml": "a: 1\n"},
        'deny contains {"msg": "m", "_loc": {"file": "x.tf", "line": 4}, "k": [1, {"b": null}]} if input.a\n',
    ),
    "namespaces": Example({"a.yaml": "a: 1\n"}, 'deny contains "m" if input.a\n', ("a.yaml", "-n", "ma*,other")),
    "the file's own name": Example(
        {"d/a.yaml": "a: 1\n"}, "deny contains data.conftest.file.name if input.a\n", ("d",)
    ),
}


def _both(example: Example, folder: Path, conftest: str, *words: str) -> list[tuple[int, Any]]:
    (folder / "policy").mkdir()
    (folder / "policy" / "main.rego").write_text(f"package main\n\nimport rego.v1\n\n{example.rules}")
    (folder / "policy" / "other.rego").write_text('package other\n\nimport rego.v1\n\nwarn contains "o" if input.a\n')
    for name, text in example.files.items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text(text)
    arguments = [*(example.words or tuple(example.files)), *words, "-o", "json"]
    answers = []
    for command in ([sys.executable, "-m", "graven", "test", *arguments], [conftest, "test", *arguments]):
        done = subprocess.run(
            command,
            cwd=folder,
            env=os.environ | {"XDG_CACHE_HOME": str(folder / "cache")},
            input=example.stdin,
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )
        assert done.stdout, done.stderr
        found = json.loads(done.stdout)
        answers.append((done.returncode, sorted(found, key=lambda each: (each["filename"], each["namespace"]))))
    return answers


@pytest.mark.parametrize("name", EXAMPLES)
def test_both_say_the_same(name: str, tmp_path: Path, peer: Peer) -> None:
    ours, theirs = _both(EXAMPLES[name], tmp_path, peer("conftest"))
    assert ours == theirs


@pytest.mark.parametrize("words", [("--fail-on-warn",), ("--no-fail",), ("--all-namespaces",)])
def test_both_say_the_same_with_options(words: tuple[str, ...], tmp_path: Path, peer: Peer) -> None:
    ours, theirs = _both(EXAMPLES["kubernetes"], tmp_path, peer("conftest"), *words)
    assert ours[1] == theirs[1]
    assert (ours[0] == 0) == (theirs[0] == 0)


@pytest.mark.parametrize("words", [("a.yaml",), ("a.yaml", "b.json"), ("a.yaml", "b.json", "--combine")])
def test_parse_prints_the_same(words: tuple[str, ...], tmp_path: Path, peer: Peer) -> None:
    (tmp_path / "a.yaml").write_text("b: [1, 2.5, {c: <x>}]\na: null\n---\nd: yes\n")
    (tmp_path / "b.json").write_text('{"z": 1, "a": "é"}')
    ours = [sys.executable, "-m", "graven", "parse", *words]
    theirs = [peer("conftest"), "parse", *words]
    texts = [subprocess.run(each, cwd=tmp_path, capture_output=True, check=True).stdout for each in (ours, theirs)]
    assert texts[0] == texts[1]
