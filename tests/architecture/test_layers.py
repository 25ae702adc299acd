"""The import contracts hold, and each of them is seen to fail on a planted import."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from architecture.tree import ROOT

PLANTED = {
    "layers": ("values/planted.py", "import graven.projection\n"),
    "rego": ("rego/planted.py", "import graven.values\n"),
    "adapters": ("stores/planted.py", "import graven.flows\n"),
    "pure": ("decide/planted.py", "import socket\n"),
    "protocols": ("protocols/planted.py", "import graven.protocols.health\n"),
    "acyclic": ("values/planted.py", "import graven.values.loop_b\n"),
    "exhaustive": ("planted/__init__.py", "\n"),
}


def _lint(folder: Path) -> subprocess.CompletedProcess[str]:
    command = "import sys; from importlinter.cli import lint_imports_command; sys.exit(lint_imports_command())"
    return subprocess.run(
        [sys.executable, "-c", command, "--no-cache", "--config", str(ROOT / ".importlinter")],
        cwd=folder,
        env={"PYTHONPATH": str(folder), "PATH": ""},
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_tree_keeps_its_contracts() -> None:
    result = _lint(ROOT / "src")
    assert result.returncode == 0, result.stdout + result.stderr


@pytest.mark.parametrize("contract", sorted(PLANTED))
def test_a_planted_import_breaks_the_contract(contract: str, tmp_path: Path) -> None:
    shutil.copytree(ROOT / "src" / "graven", tmp_path / "graven", ignore=shutil.ignore_patterns("__pycache__"))
    file, text = PLANTED[contract]
    target = tmp_path / "graven" / file
    target.parent.mkdir(exist_ok=True)
    target.write_text(text)
    if contract == "acyclic":
        (target.parent / "loop_b.py").write_text("import graven.values.planted\n")
    result = _lint(tmp_path)
    assert result.returncode != 0, result.stdout
