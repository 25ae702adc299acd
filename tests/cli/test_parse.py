"""``graven parse`` writes what conftest's does, and where each part stands."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from graven.cli import main


@pytest.fixture
def files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a.yaml").write_text("b: 1\na: [x]\n---\nc: null\n")
    (tmp_path / "j.json").write_text('{"a": "<"}')
    return tmp_path


def _out(capsys: pytest.CaptureFixture[str], *words: str) -> str:
    assert main(["parse", *words]) == 0
    return capsys.readouterr().out


def test_one_file_gives_its_document(files: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert _out(capsys, "j.json") == '{\n  "a": "\\u003c"\n}\n'


def test_several_documents_give_a_list_and_several_files_an_object(
    files: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert json.loads(_out(capsys, "a.yaml", "j.json")) == {
        "a.yaml": [{"a": ["x"], "b": 1}, {"c": None}],
        "j.json": {"a": "<"},
    }


def test_combined_files_are_a_list_by_path(files: Path, capsys: pytest.CaptureFixture[str]) -> None:
    found = json.loads(_out(capsys, "j.json", "a.yaml", "--combine"))
    assert [each["path"] for each in found] == ["a.yaml", "a.yaml", "j.json"]


def test_positions_name_the_place_of_each_part(files: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert 'a.yaml:2:5: [0].a[0]: "x"\n' in _out(capsys, "a.yaml", "--positions")


def test_a_file_that_cannot_be_read_is_an_error_with_its_place(files: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (files / "x.json").write_text("{")
    assert main(["parse", "x.json"]) == 3
    assert "x.json: line 1" in capsys.readouterr().err


def test_what_a_file_includes_is_shown_as_rules_see_it(files: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (files / "whole.hocon").write_text('include "part.hocon"\na = 1\n')
    (files / "part.hocon").write_text("b = 5\n")
    assert json.loads(_out(capsys, "--parser", "hocon", "whole.hocon")) == {"a": 1, "b": 5}
