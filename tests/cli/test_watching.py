"""Watching runs again when a file changes, and goes on after an error."""

from __future__ import annotations

from pathlib import Path

from graven.cli.watching import watch
from graven.errors import NotFound


def test_it_runs_again_after_a_change_and_survives_an_error(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text("a: 1\n")
    seen: list[str] = []

    def run() -> int:
        seen.append((tmp_path / "a.yaml").read_text())
        (tmp_path / "a.yaml").write_text(f"a: {'1' * (len(seen) + 1)}\n")
        if len(seen) == 1:
            raise NotFound("it was not there for a moment")
        return 1

    assert watch([str(tmp_path)], run, rounds=3, pause=0.01) == 1
    assert seen == ["a: 1\n", "a: 11\n", "a: 111\n"]
