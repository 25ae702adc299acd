"""Files are found as conftest finds them; what it leaves out without a word is named."""

from __future__ import annotations

from pathlib import Path

import pytest

from graven.engines.inputs import find, included, read
from graven.errors import Malformed, NotFound


def _lay(folder: Path, *names: str) -> None:
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text("a: 1\n")


def test_a_folder_is_walked_in_the_order_of_names(tmp_path: Path) -> None:
    _lay(tmp_path, "b.yaml", "a/z.json", "a/y.toml")
    assert find([str(tmp_path)]).files == [str(tmp_path / name) for name in ("a/y.toml", "a/z.json", "b.yaml")]


def test_what_no_parser_is_for_is_named_and_not_tested(tmp_path: Path) -> None:
    _lay(tmp_path, "a.yaml", "README")
    found = find([str(tmp_path)])
    assert found.files == [str(tmp_path / "a.yaml")]
    assert found.skipped == [str(tmp_path / "README")]


def test_a_named_file_without_a_parser_is_an_error_unless_one_is_named(tmp_path: Path) -> None:
    _lay(tmp_path, "README")
    with pytest.raises(NotFound, match="no parser"):
        find([str(tmp_path / "README")])
    assert find([str(tmp_path / "README")], parser="yaml").files == [str(tmp_path / "README")]


def test_links_are_followed_and_a_loop_ends(tmp_path: Path) -> None:
    _lay(tmp_path, "in/a.yaml", "out/b.yaml")
    (tmp_path / "in" / "again").symlink_to(tmp_path / "in")
    (tmp_path / "in" / "out").symlink_to(tmp_path / "out")
    assert find([str(tmp_path / "in")]).files == [str(tmp_path / "in/a.yaml"), str(tmp_path / "out/b.yaml")]


def test_a_link_that_leads_nowhere_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").symlink_to(tmp_path / "gone.yaml")
    with pytest.raises(NotFound, match="nowhere"):
        find([str(tmp_path)])


def test_paths_that_match_are_ignored(tmp_path: Path) -> None:
    _lay(tmp_path, "a.yaml", "vendor/b.yaml")
    assert find([str(tmp_path)], ignore="vendor/").files == [str(tmp_path / "a.yaml")]
    with pytest.raises(NotFound, match="no files"):
        find([str(tmp_path)], ignore=".*")
    with pytest.raises(Malformed, match=r"^no regular expression: missing \): \( "):
        find([str(tmp_path)], ignore="(")


def test_a_chart_keeps_its_templates_out_of_the_walk(tmp_path: Path) -> None:
    _lay(tmp_path, "c/Chart.yaml", "c/values.yaml", "c/templates/a.yaml", "c/charts/d/Chart.yaml")
    found = find([str(tmp_path)])
    assert found.charts == [str(tmp_path / "c")]
    assert found.files == [str(tmp_path / "c/Chart.yaml"), str(tmp_path / "c/values.yaml")]


def test_a_path_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(NotFound, match="no such file"):
        find([str(tmp_path / "gone.yaml")])
    with pytest.raises(NotFound, match="cannot read"):
        read(str(tmp_path / "gone.yaml"))


def test_only_files_in_the_working_folder_are_included(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _lay(tmp_path, "outside.conf", "in/a/b.conf")
    (tmp_path / "in" / "link.conf").symlink_to(tmp_path / "outside.conf")
    monkeypatch.chdir(tmp_path / "in")
    assert included("a/b.conf") == included(str(tmp_path / "in/a/../a/b.conf")) == b"a: 1\n"
    for name in ("../outside.conf", "link.conf", str(tmp_path / "outside.conf")):
        with pytest.raises(NotFound, match="outside of the working folder"):
            included(name)
    with pytest.raises(NotFound, match="cannot read"):
        included("gone.conf")
