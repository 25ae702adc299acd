"""What a short command does not load: each of these takes as long as a small file takes to be tested (ADR 0008)."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

DEAR = (
    "asyncio", "contextlib", "dataclasses", "fractions", "hashlib", "httpx", "inspect", "json",
    "jsonschema", "locale", "logging", "pathlib", "random", "rich", "secrets", "shutil", "ssl", "subprocess",
    "tempfile", "threading", "tomllib", "typing", "urllib.parse", "yaml", "graven.rego.compile", "graven.rego.parse",
)  # fmt: skip
RULE = """package main

import rego.v1

deny contains msg if {
	input.replicas < 2
	msg := sprintf("%s has too few replicas", [input.name])
}
"""
RUN = "import sys; {before}; from graven.__main__ import main; code = main(); {after}; sys.exit(code)"


def test_testing_a_small_file_by_a_compiled_policy_loads_nothing_dear(tmp_path: Path) -> None:
    (tmp_path / "policy").mkdir()
    (tmp_path / "policy" / "main.rego").write_text(RULE)
    (tmp_path / "web.yaml").write_text("name: web\nreplicas: 3\n")
    before = "sys.argv = ['graven', 'test', 'web.yaml']; there = set(sys.modules)"
    after = "print('\\n' + ' '.join(set(sys.modules) - there))"
    environment = {"GRAVEN_CACHE": str(tmp_path / "cache"), "PATH": ""}
    for _ in range(2):  # the first run compiles the policy, and loads what it needs for it
        done = subprocess.run(
            [sys.executable, "-c", RUN.format(before=before, after=after)],
            cwd=tmp_path, env=environment, capture_output=True, text=True, check=True,
        )  # fmt: skip
    loaded = set(done.stdout.splitlines()[-1].split())
    assert "graven.rego.program" in loaded
    assert loaded.isdisjoint(DEAR), json.dumps(sorted(loaded.intersection(DEAR)))
