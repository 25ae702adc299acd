"""What the outputs of ``graven test`` say of the run that made them."""

from __future__ import annotations

import json
from importlib.metadata import version
from pathlib import Path

import pytest

from graven.cli import main


def _sarif(tmp_path: Path, *words: str) -> tuple[int, dict[str, object]]:
    (tmp_path / "rules.rego").write_text('package main\n\nimport rego.v1\n\ndeny contains "no" if input.a\n')
    (tmp_path / "a.json").write_text('{"a": true}')
    found = tmp_path / "found.sarif"
    paths = [str(tmp_path / "a.json"), "-p", str(tmp_path / "rules.rego"), "-o", f"sarif={found}"]
    code = main(["test", *paths, *words])
    run: dict[str, object] = json.loads(found.read_text())["runs"][0]
    return code, run


def test_sarif_names_the_version_that_found_it(tmp_path: Path) -> None:
    _, run = _sarif(tmp_path)
    assert run["tool"]["driver"]["version"] == version("graven")  # type: ignore[index]


@pytest.mark.parametrize(("words", "code"), [((), 1), (("--no-fail",), 0)])
def test_sarif_tells_the_exit_code_of_the_command(tmp_path: Path, words: tuple[str, ...], code: int) -> None:
    answered, run = _sarif(tmp_path, *words)
    assert (answered, run["invocations"][0]["exitCode"]) == (code, code)  # type: ignore[index]


def test_a_named_file_that_holds_no_data_is_an_error(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "values.txt").write_text("a: 1\n")
    code, _ = _sarif(tmp_path)
    assert code == 1
    words = [str(tmp_path / "a.json"), "-p", str(tmp_path / "rules.rego"), "-d", str(tmp_path / "values.txt")]
    assert main(["test", *words]) == 3
    assert "values.txt" in capsys.readouterr().err


def test_a_baseline_is_written_where_there_is_nothing_to_report_and_read_again(tmp_path: Path) -> None:
    (tmp_path / "rules.rego").write_text('package main\n\nimport rego.v1\n\ndeny contains "no" if input.b\n')
    (tmp_path / "a.json").write_text('{"a": true}')
    words = ["test", str(tmp_path / "a.json"), "-p", str(tmp_path / "rules.rego")]
    baseline = str(tmp_path / "baseline.json")
    assert main([*words, "--write-baseline", baseline]) == 0
    assert main([*words, "--baseline", baseline]) == 0
