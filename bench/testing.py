"""Measure ``graven test`` on one small file beside conftest: the whole command, policies compiled before.

The two take turns, so that what else the machine does falls on both alike; the least time of each is told beside the
median, since it is what the command costs.
"""

from __future__ import annotations

import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

PEERS = Path(os.environ.get("GRAVEN_PEERS", Path.home() / ".cache" / "graven" / "peers")) / "bin"
PLACES = os.pathsep.join([str(Path(sys.executable).parent), str(PEERS), os.environ["PATH"]])
ROUNDS = 25
TARGET = 2.0
POLICY = """package main

import rego.v1

deny contains msg if {
	input.kind == "Deployment"
	input.spec.replicas < 2
	msg := sprintf("%s has too few replicas", [input.metadata.name])
}

deny contains "an image has no tag" if {
	some container in input.spec.template.spec.containers
	not contains(container.image, ":")
}

warn contains "no labels" if not input.metadata.labels
"""
FILE = """apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
  labels: {app: web}
spec:
  replicas: 3
  template:
    spec:
      containers:
        - name: web
          image: registry.example/web:1.0
"""


def once(command: list[str], folder: Path) -> float:
    """Give the time of one run in milliseconds."""
    begun = time.perf_counter()
    done = subprocess.run(command, cwd=folder, capture_output=True, check=False)
    taken = (time.perf_counter() - begun) * 1000
    assert done.returncode == 0, done.stderr
    return taken


def main() -> None:
    programs = {name: shutil.which(name, path=PLACES) for name in ("graven", "conftest")}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "policy").mkdir()
        (folder / "policy" / "main.rego").write_text(POLICY)
        (folder / "web.yaml").write_text(FILE)
        commands = {name: [path, "test", "web.yaml"] for name, path in programs.items() if path is not None}
        taken: dict[str, list[float]] = {name: [] for name in commands}
        for number in range(ROUNDS + 1):
            for name, command in commands.items():
                found = once(command, folder)
                if number:
                    taken[name].append(found)
    for name, times in taken.items():
        print(f"{name:<10} least {min(times):6.1f} ms  median {statistics.median(times):6.1f} ms")
    if len(taken) == 2:
        ratio = min(taken["graven"]) / min(taken["conftest"])
        median = statistics.median(taken["graven"]) / statistics.median(taken["conftest"])
        print(f"graven takes {ratio:.2f} times as long (least), {median:.2f} (median); wanted: at most {TARGET}")


if __name__ == "__main__":
    main()
