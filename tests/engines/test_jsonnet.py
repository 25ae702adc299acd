"""Programs of jsonnet: what they may reach, and that none of them takes the one that runs it down."""

from __future__ import annotations

import json
import sys
import tracemalloc
from importlib.util import find_spec
from pathlib import Path

import pytest

from graven.documents import parse
from graven.engines import jsonnet
from graven.engines.jsonnet import Limits, evaluate
from graven.errors import GravenError, Malformed, TooLarge, Unsupported, exit_code

there = pytest.mark.skipif(find_spec("_jsonnet") is None, reason="the extra jsonnet is not installed")


def _made(folder: Path, text: str) -> object:
    return json.loads(evaluate(text.encode(), str(folder / "a.jsonnet")))


@there
def test_a_program_comes_to_its_json(tmp_path: Path) -> None:
    (tmp_path / "lib").mkdir()
    (tmp_path / "lib" / "k.libsonnet").write_text("{ k: import '../n.libsonnet', file: importstr 'x' }")
    (tmp_path / "lib" / "x").write_text("ü")
    (tmp_path / "n.libsonnet").write_text("7")
    text = "local l = import 'lib/k.libsonnet'; { a: [i * i for i in std.range(1, 3)], b:: 1, l: l }"
    assert _made(tmp_path, text) == {"a": [1, 4, 9], "l": {"k": 7, "file": "ü"}}
    file = str(tmp_path / "a.jsonnet")
    [found] = parse(text.encode(), file=file, evaluate=evaluate)
    assert found.value == {"a": [1, 4, 9], "l": {"k": 7, "file": "ü"}}
    assert str(found.position(("a", 1))) == "line 1, column 1"


@there
@pytest.mark.parametrize("name", ["../secret", "{folder}/secret", "link", "below/../../secret", "/etc/hostname"])
@pytest.mark.parametrize("word", ["import", "importstr", "importbin"])
def test_imports_reach_nothing_outside_of_the_folder_of_the_file(name: str, word: str, tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("'not to be told'")
    (tmp_path / "here" / "below").mkdir(parents=True)
    (tmp_path / "here" / "link").symlink_to("../secret")
    with pytest.raises(Malformed, match="outside of the folder") as caught:
        _made(tmp_path / "here", f"{word} '{name.format(folder=tmp_path)}'")
    assert "not to be told" not in str(caught.value)


@there
def test_nothing_of_the_environment_is_seen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SECRET", "42")
    with pytest.raises(Malformed, match="undefined external variable: SECRET"):
        _made(tmp_path, "std.extVar('SECRET')")


@there
@pytest.mark.parametrize(
    ("text", "said", "where"),
    [
        ("{\n  a: 1\n  b: 2\n}", "expected a comma before next field", "line 3, column 3"),
        ("{\n  a: error 'boo',\n}", "no jsonnet: boo", "line 2, column 6"),
        ("import 'none'", "there is no such file", "line 1, column 1"),
        ("function(x) x", "function parameter x not bound", ""),
        ("local a = [a]; a", "max stack frames exceeded", ""),
        ("[" * 3000 + "]" * 3000, "parse depth", "line 1"),
    ],
)
def test_what_is_no_jsonnet_is_told_with_its_place(text: str, said: str, where: str, tmp_path: Path) -> None:
    with pytest.raises(Malformed, match=said) as caught:
        _made(tmp_path, text)
    assert caught.value.where.startswith(str(tmp_path / "a.jsonnet"))
    assert where in caught.value.where


@there
@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("local f(x) = f(x + 1) tailstrict; f(1)", "runs for more than 1 seconds"),
        ("std.foldl(function(a, i) a + a, std.range(1, 60), 'aaaaaaaa')", "MiB of memory"),
        ("std.repeat('a', 5000)", "more than 4096 bytes of JSON"),
    ],
)
def test_a_bomb_ends_with_an_error_that_says_which_limit_it_was(text: str, said: str, tmp_path: Path) -> None:
    if "memory" in said and sys.platform != "linux":
        pytest.skip("only Linux holds a process to its memory")
    with pytest.raises(TooLarge, match=said) as caught:
        evaluate(
            text.encode(), str(tmp_path / "a.jsonnet"), limits=Limits(1 if "seconds" in said else 10, 1 << 29, 4096)
        )
    assert exit_code(caught.value) == 3


@pytest.mark.parametrize("data", [b"\xff", b"{a: '\xc3\x28'}"])
def test_bytes_that_are_no_text_are_never_run(data: bytes) -> None:
    def run(text: bytes, file: str) -> bytes:
        raise AssertionError

    with pytest.raises(Malformed, match="expected UTF-8"):
        parse(data, file="a.jsonnet", evaluate=run)


def test_without_the_library_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jsonnet, "find_spec", lambda _: None)
    with pytest.raises(Unsupported, match=r"install graven\[jsonnet\]") as caught:
        evaluate(b"{}", "a.jsonnet")
    assert exit_code(caught.value) == 3


def test_who_hands_in_nothing_to_run_it_gets_no_document() -> None:
    with pytest.raises(GravenError, match="is not run here"):
        parse(b"{}", file="a.jsonnet")


@there
def test_what_a_program_traces_without_an_end_is_not_kept(tmp_path: Path) -> None:
    loop = "local f(n) = if std.trace(s, n) > 0 then f(n + 1) tailstrict else 0; f(1)"
    text = f"local s = std.repeat('x', 100000); {loop}"
    tracemalloc.start()
    try:
        with pytest.raises(TooLarge, match="more than 2 seconds"):
            evaluate(text.encode(), str(tmp_path / "a.jsonnet"), limits=Limits(seconds=2))
        assert tracemalloc.get_traced_memory()[1] < 32 << 20
    finally:
        tracemalloc.stop()
