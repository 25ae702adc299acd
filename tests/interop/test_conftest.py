"""Command lines that conftest and ``graven conftest`` both run: what is printed where, and the exit code.

The order of files is not stable in conftest, so the lines of outputs with several files are compared as sorted blocks.
Left out are help texts (in our own words); traces are in ``test_traces.py``.
"""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.interop

FILES = {
    "policy/main.rego": """package main

deny contains msg if {
	input.kind == "Deployment"
	some c in input.spec.containers
	not c.limits
	msg := sprintf("container %s of %s has no limits", [c.name, input.metadata.name])
}

deny contains {"msg": msg, "severity": "high", "_loc": {"file": "gen/x.py", "line": 12}} if {
	input.kind == "Secret"
	msg := "no <secrets> & such\\nin here"
}

warn_tags contains "no tags" if not input.metadata.labels

violation_names contains {"msg": "short name", "got": count(input.metadata.name)} if count(input.metadata.name) < 4

exception contains ["names"] if input.metadata.name == "ok"
""",
    "policy/main_test.rego": """package main

test_deny if count(deny) == 1 with input as {"kind": "Secret", "metadata": {"name": "long", "labels": {}}}

test_warn if count(warn_tags) == 1 with input as {"metadata": {"name": "long"}}

todo_test_later if false
""",
    "policy/k8s/team.rego": """package k8s.team

deny contains "team" if not data.teams[input.metadata.team]

warn contains sprintf("in %v", [data.conftest.file.name]) if input.kind == "Deployment"
""",
    "failing/a_test.rego": "package a\n\ntest_a if 1 == 2\n\ntest_b if true\n",
    "large/a.rego": """package main

deny contains {"msg": sprintf("%v, %d, %v", [n, n, n + 1]), "n": n, "more": [n * 2, 5000000]} if some n in input.items
""",
    "large.yaml": "items: [999999, 1000000, 1234567.5, 5e9, 0.00001, -2000000, 9007199254740993]\n",
    "reported/a_test.rego": """package a

test_one if {
	x := 7
	trace("a note")
	x == 8
	x == 9
}
""",
    "v0/a.rego": 'package main\n\ndeny[msg] {\n  input.kind == "Secret"\n  msg := "v0"\n}\n',
    "broken/a.rego": "package main\n\ndeny contains msg if { input.x ] }\n",
    "untyped/a.rego": "package main\n\ndeny contains msg if { msg := nothing(1) }\n",
    "unsafe/a.rego": "package main\n\ndeny contains msg if input.kind\n",
    "object/a.rego": 'package main\n\ndeny["x"] if input.kind\n',
    "unused/a.rego": 'package main\n\ndeny contains "m" if { x := 1; input.kind }\n',
    "nomsg/a.rego": 'package main\n\ndeny contains {"text": "x"} if true\n',
    "conflict/a.rego": "package main\n\ndeny := 1 if input.kind\n\ndeny := 2 if input.kind\n",
    "builtins/a.rego": """package main

deny contains msg if {
	other := parse_config_file("../data/teams.yaml")
	msg := concat(",", object.keys(other.teams))
}

deny contains msg if {
	inner := parse_config("ini", "[s]\\nk = v\\n")
	msg := inner.s.k
}

warn contains p if some p in [f.path | some f in parse_combined_config_files(["../app.yaml", "../secret.json"])]
""",
    "together/a.rego": "package main\n\ndeny contains sprintf(`%v`, [[f.path | some f in input]])\n",
    "data/teams.yaml": "teams:\n  red: true\n",
    "data/deep/more.json": '{"x": 1}',
    "clash/a.yaml": "a: 1\n",
    "clash/b.yaml": "a: 2\n",
    "app.yaml": """kind: Deployment
metadata: {name: web, team: red}
spec: {containers: [{name: a}, {name: b, limits: {}}]}
""",
    "secret.json": '{"kind": "Secret", "metadata": {"name": "ok", "labels": {}, "n": 7}}',
    "fine.toml": 'kind = "Map"\n[metadata]\nname = "plain"\nteam = "red"\nlabels = {}\n',
    "many.yaml": "kind: Secret\nmetadata: {name: one}\n---\nkind: Secret\nmetadata: {name: four, labels: {}}\n",
    "list.json": '[{"kind": "Secret", "metadata": {"name": "four", "labels": {}}}, {"metadata": {"name": "a"}}]',
    "bad.yaml": "a: [1\nb: 2\n",
    "notes.md": "# no parser\n",
    "tree/a.yaml": "kind: Secret\nmetadata: {name: long}\n",
    "tree/skip/b.json": '{"kind": "Secret", "metadata": {"name": "long"}}',
    "tree/c.txt": "nothing\n",
    "results.json": """[{"filename": "a.tf", "namespace": "main", "successes": 1, "warnings": [{"msg": "w"}],
"failures": [{"msg": "f", "loc": {"file": "b.tf", "line": 3}, "metadata": {"n": 1.50, "big": 12345678901234567890}}]}]""",
    "settings.toml": 'policy = "policy"\nno-color = true\noutput = "tap"\n',
}

LINES = [
    *(f"test app.yaml secret.json -o {form}" for form in ["stdout", "json", "tap", "table", "github", "azuredevops"]),
    "test app.yaml -o junit",
    "test app.yaml -o junit --junit-hide-message",
    "test fine.toml app.yaml -o github --github-hide-passed",
    "test app.yaml -o nothing",
    "test app.yaml --no-color",
    "test app.yaml --no-color --suppress-exceptions",
    "test secret.json --no-color",
    "test secret.json --no-color --suppress-exceptions",
    "test fine.toml --quiet",
    "test app.yaml --quiet --no-color",
    "test app.yaml --no-fail --no-color",
    "test app.yaml --fail-on-warn --no-color",
    "test fine.toml --fail-on-warn",
    "test many.yaml list.json -o json",
    "test app.yaml -n k8s.team -d data --no-color",
    "test app.yaml --all-namespaces -d data -o json",
    "test app.yaml -n 'k*' -n ma?n -o json -d data",
    "test app.yaml -n main,k8s.team -o json -d data",
    "test app.yaml -n absent",
    "test app.yaml --namespace=absent -ojson",
    "test app.yaml secret.json -p together --combine -o json",
    "test many.yaml list.json -p together --combine --no-color",
    "test tree -p v0 --rego-version v0 -o json",
    "test tree --ignore skip -o json",
    "test tree --ignore .*",
    "test app.yaml -p v0",
    "test app.yaml -p v0 --rego-version v2",
    "test app.yaml -p absent",
    "test app.yaml -p data",
    "test app.yaml -p untyped",
    "test app.yaml -p object",
    "test app.yaml -p nomsg",
    "test app.yaml -p conflict",
    "test app.yaml -p unused --no-color",
    "test app.yaml -d clash",
    "test app.yaml -d absent",
    "test app.yaml -p builtins -o json",
    "test absent.yaml",
    "test notes.md",
    "test app.yaml ''",
    "test ''",
    "test app.yaml --parser nope",
    "test app.yaml --bogus",
    "test app.yaml -z",
    "test app.yaml -p",
    "test app.yaml --policy",
    "test app.yaml --quiet=perhaps",
    "test app.yaml -c settings.toml",
    "-c settings.toml test app.yaml",
    "test app.yaml -c absent.toml",
    "-p policy test fine.toml",
    "test -- fine.toml",
    "test large.yaml -p large --no-color",
    "test large.yaml -p large -o json",
    "verify --no-color",
    "verify -o json",
    "verify -o azuredevops -n main",
    "verify -n absent --no-color",
    "verify -p failing --no-color",
    "verify -p failing -o json",
    "verify -p failing --report fails -o json",
    "verify -p absent",
    "parse app.yaml",
    "parse app.yaml fine.toml",
    "parse many.yaml list.json --combine",
    "parse",
    "parse absent.yaml",
    "parse notes.md",
    *(
        f"reformat results.json -o {form}"
        for form in ["stdout", "json", "tap", "table", "junit", "github", "azuredevops"]
    ),
    "reformat absent.json",
    "fmt absent",
    "fmt --check policy/main.rego",
    "fmt",
    "doc absent",
    "doc app.yaml",
    "push x",
    "bogus",
    "tset",
    "--bogus",
    "completion tcsh -h --bogus",
]

PIPED = [
    ("test - --no-color", "app.yaml"),
    ("test - -o json", "app.yaml"),
    ("test - -o json --stdin-filename there.yaml", "app.yaml"),
    ("test - --parser json -o tap", "secret.json"),
    ("parse -", "many.yaml"),
    ("reformat -o table", "results.json"),
    ("reformat", "notes.md"),
]

ENVIRONMENTS = [
    {"CONFTEST_OUTPUT": "tap"},
    {"CONFTEST_NO_COLOR": "true", "CONFTEST_FAIL_ON_WARN": "1"},
    {"CONFTEST_POLICY": "v0", "CONFTEST_REGO_VERSION": "v0"},
    {"CONFTEST_TRACE": "maybe"},
    {"CONFTEST_CONFIG_FILE": "settings.toml"},
]

Told = tuple[int, list[str], list[str]]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("conftest")
    for name, text in FILES.items():
        (place / name).parent.mkdir(parents=True, exist_ok=True)
        (place / name).write_text(text)
    return place


def _told(command: list[str], folder: Path, *, piped: str = "", env: dict[str, str] | None = None) -> Told:
    done = subprocess.run(
        command,
        cwd=folder,
        input=piped,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
        env={**os.environ, "XDG_DATA_HOME": str(folder / "xdg"), **(env or {})},
    )
    return done.returncode, _blocks(done.stdout), _blocks(done.stderr)


def _reported(command: list[str], folder: Path, level: str) -> list[str]:
    """Give the lines of a report in their order, without durations."""
    words = [*command, "verify", "-p", "reported", "--report", level]
    done = subprocess.run(words, cwd=folder, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 1
    return [re.sub(r"\([0-9.]+\S*s\)", "…", line) for line in done.stdout.splitlines()]


def _blocks(text: str) -> list[str]:
    return sorted(line.rstrip(",") for line in text.splitlines())


def _ours(words: str) -> list[str]:
    return [sys.executable, "-m", "graven", "conftest", *shlex.split(words)]


@pytest.mark.parametrize("line", LINES)
def test_a_command_line_is_answered_alike(line: str, folder: Path, peer: object) -> None:
    theirs = _told([peer("conftest"), *shlex.split(line)], folder)  # type: ignore[operator]
    assert _told(_ours(line), folder) == theirs


@pytest.mark.parametrize(("line", "file"), PIPED)
def test_what_is_piped_is_answered_alike(line: str, file: str, folder: Path, peer: object) -> None:
    theirs = _told([peer("conftest"), *shlex.split(line)], folder, piped=FILES[file])  # type: ignore[operator]
    ours = _told(_ours(line), folder, piped=FILES[file])
    assert ours[:2] == theirs[:2]


@pytest.mark.parametrize("env", ENVIRONMENTS, ids=" ".join)
def test_the_environment_counts_alike(env: dict[str, str], folder: Path, peer: object) -> None:
    theirs = _told([peer("conftest"), "test", "app.yaml"], folder, env=env)  # type: ignore[operator]
    assert _told(_ours("test app.yaml"), folder, env=env) == theirs


def test_a_policy_that_is_no_rego_is_named_with_its_place(folder: Path, peer: object) -> None:
    theirs = _told([peer("conftest"), "test", "app.yaml", "-p", "broken"], folder)  # type: ignore[operator]
    ours = _told(_ours("test app.yaml -p broken"), folder)
    place = "1 error occurred during loading: broken/a.rego:3: rego_parse_error: unexpected ] token"
    assert ours[0] == theirs[0] == 1
    assert all(any(place in line for line in told[2]) for told in (ours, theirs))


def test_a_link_of_that_name_is_the_command(folder: Path) -> None:
    link = folder / "conftest"
    link.symlink_to(Path(sys.executable).with_name("graven"))
    code, told, _ = _told([str(link), "test", "app.yaml", "-o", "json"], folder)
    assert (code, told) == _told(_ours("test app.yaml -o json"), folder)[:2]
    assert code == 1


@pytest.mark.parametrize("level", ["full", "notes", "fails"])
def test_a_report_is_that_of_conftest(level: str, folder: Path, peer: object) -> None:
    theirs = _reported([peer("conftest")], folder, level)  # type: ignore[operator]
    assert any("reported/a_test.rego:6" in line for line in theirs) is (level != "notes")
    assert _reported(_ours(""), folder, level) == theirs
