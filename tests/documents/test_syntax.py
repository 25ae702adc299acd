"""HCL 2, HCL 1 and Dockerfiles against the answers of conftest, kept in files; and what no file may do to a reader."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graven.documents import Position, parse
from graven.errors import GravenError, Malformed, TooLarge, Unsupported

VECTORS = Path(__file__).parent.parent / "vectors" / "syntax"
PARSERS = ("hcl2", "hcl1", "dockerfile")


def read(text: bytes, parser: str) -> Any:
    (document,) = parse(text, file="a.file", parser=parser)
    return document.value


@pytest.mark.parametrize("parser", PARSERS)
def test_each_text_means_what_it_means_to_conftest(parser: str) -> None:
    rows = json.loads((VECTORS / f"{parser}.json").read_text("utf-8"))
    assert len(rows) > 80
    for row in rows:
        text = row["text"].encode("latin-1")
        if "value" in row:
            assert read(text, parser) == row["value"], text
        else:
            with pytest.raises(Malformed, match=r"line \d+, column \d+"):
                read(text, parser)


@pytest.mark.parametrize("parser", PARSERS)
@given(text=st.binary(max_size=200) | st.text(alphabet="a{}[]()=\"'\n$%#<>-EOF1., \\?:*", max_size=80).map(str.encode))
@settings(deadline=None)
def test_no_text_breaks_a_reader(parser: str, text: bytes) -> None:
    try:
        (document,) = parse(text, file="x", parser=parser)
    except GravenError:
        return
    json.dumps(document.value)
    assert all(place.line >= 1 and place.column >= 1 for place in document.places.values())


HOSTILE = {
    "brackets": b"a=" + b"[" * 1_000_000,
    "braces": b"a{\n" * 100_000,
    "an open string": b'a="' + b"x" * 1_000_000,
    "signs in a string": b'a="' + b"$" * 200_000,
    "templates": b'a="' + b"${" * 200_000,
    "minuses": b"a=" + b"-" * 500_000,
    "open comments": b"/*" * 300_000,
    "an open heredoc": b"a=<<E\n" + b"x\n" * 200_000,
    "labels": b"a " + b'"x" ' * 100_000 + b"{}",
    "null bytes": b"\x00" * 100_000,
    "bytes that are no text": b"a=" + b"\xff" * 100_000,
    "conditionals": b"a=" + b"x?" * 100_000,
    "a long number": b"a=" + b"9" * 100_000 + b"e99999",
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_text_is_an_error_soon(name: str) -> None:
    for parser in ("hcl2", "hcl1"):
        started = time.process_time()
        with pytest.raises((Malformed, TooLarge), match="line"):
            read(HOSTILE[name], parser)
        assert time.process_time() - started < 20


@pytest.mark.parametrize(
    "text",
    [
        b"FROM a\nRUN " + b"\\\n" * 200_000 + b"'",
        b"FROM a\nRUN <<E " + (b"${" * 20_000 + b"\\\n") * 20,
        b"FROM a\nRUN <<" + b"'" * 60_001,
        b"FROM a\nONBUILD " + b"ONBUILD " * 7_000,
        b"FROM a\nCMD " + b"[" * 60_000,
    ],
)
def test_a_hostile_dockerfile_is_read_or_refused_soon(text: bytes) -> None:
    started = time.process_time()
    try:
        read(text, "dockerfile")
    except GravenError as e:
        assert "line" in e.where  # noqa: PT017 - either way is right, a hang is not
    assert time.process_time() - started < 20


def test_a_dockerfile_has_limits() -> None:
    with pytest.raises(TooLarge):
        read(b"FROM a\nRUN " + b"x" * 70_000, "dockerfile")
    with pytest.raises(TooLarge):
        read(b"FROM a\n" * 1_000_000, "dockerfile")


def test_hcl_has_a_limit() -> None:
    with pytest.raises(TooLarge):
        read(b"#" * ((16 << 20) + 1), "hcl2")


def test_long_chains_of_operators_and_indexes_are_no_depth() -> None:
    assert read(b"a=1" + b"+1" * 5_000, "hcl2")["a"].startswith("${1+1")
    assert read(b"a=b" + b"[c]" * 5_000, "hcl2")["a"].startswith("${b[c]")


def test_each_value_of_hcl_has_its_place() -> None:
    text = b'resource "t" "n" {\n  a = [1,\n    {b = "x"}]\n  c {\n    d = <<E\nx\nE\n  }\n  c {}\n}\r\nlocals {}\n'
    (document,) = parse(text, file="main.tf")
    body = ("resource", "t", "n", 0)
    expected = {
        ("resource",): Position(1, 1),
        ("resource", "t"): Position(1, 10),
        ("resource", "t", "n"): Position(1, 14),
        body: Position(1, 1),
        (*body, "a"): Position(2, 7),
        (*body, "a", 1, "b"): Position(3, 10),
        (*body, "c", 0): Position(4, 3),
        (*body, "c", 0, "d"): Position(5, 9),
        (*body, "c", 1): Position(9, 3),
        ("locals", 0): Position(11, 1),
    }
    assert {path: document.position(path) for path in expected} == expected
    assert document.where((*body, "a")) == "main.tf: line 2, column 7: resource.t.n.0.a"


def test_each_value_of_hcl_1_has_its_place() -> None:
    (document,) = parse(b'a "b" {\n  c = [1, {d = 2}]\n}\n', file="x.hcl", parser="hcl1")
    assert document.value == {"a": [{"b": [{"c": [1, {"d": 2}]}]}]}
    path = ("a", 0, "b", 0, "c")
    assert [document.position(one) for one in (("a",), path, (*path, 0), (*path, 1, "d"))] == [
        Position(1, 1),
        Position(2, 7),
        Position(2, 8),
        Position(2, 16),
    ]


def test_each_instruction_of_a_dockerfile_has_its_place() -> None:
    (document,) = parse(b"# why\nFROM a AS b\nRUN x \\\n  && y\nCOPY --from=b /c /d\n", file="Dockerfile")
    assert [one["Cmd"] for one in document.value[0]] == ["comment", "from", "run", "copy"]
    paths = [(0, 0), (0, 1), (0, 1, "Value", 2), (0, 2), (0, 3, "Flags", 0), (0, 3, "Value", 1)]
    assert [document.position(path) for path in paths] == [
        Position(1, 1),
        Position(2, 1),
        Position(2, 11),
        Position(3, 1),
        Position(5, 6),
        Position(5, 18),
    ]


def test_hcl_1_in_json_is_left_to_the_parser_of_json() -> None:
    with pytest.raises(Unsupported, match="--parser json"):
        read(b'{"a": 1}', "hcl1")


@pytest.mark.parametrize(
    ("parser", "text"),
    [
        ("hcl2", b"a = {b 1}"),
        ("hcl2", b"a = {b = 1 c = 2}"),
        ("hcl2", b'a = "%{while x}"'),
        ("hcl2", b"a = [for x on y : x]"),
        ("hcl2", "a = b\u00d7".encode()),
        ("hcl1", b'a = "\\777"'),
        ("hcl1", b'a = "\\UFFFFFFFF"'),
        ("hcl1", b"a {}\na = true"),
        ("dockerfile", b"FROM a\nCOPY --from x y z\n"),
        ("dockerfile", b"FROM a\nHEALTHCHECK --retries=x CMD y\n"),
        ("dockerfile", b'FROM a\nVOLUME ["", "b"]\n'),
        ("dockerfile", b"FROM a\nENV\n"),
        ("dockerfile", b"FROM a\nHEALTHCHECK\n"),
    ],
)
def test_what_has_no_meaning_is_refused_with_its_place(parser: str, text: bytes) -> None:
    with pytest.raises(Malformed, match=r"line [12], column"):
        read(text, parser)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (b"FROM a\nRUN --mount=a\\ b x\n", ["--mount=a b"]),
        (b'FROM a\nADD --chown="a b" x y\n', ["--chown=a b"]),
    ],
)
def test_flags_lose_their_quotes_and_escapes(text: bytes, words: list[str]) -> None:
    assert read(text, "dockerfile")[0][1]["Flags"] == words


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (b"a = \n", "got the end of the line, expected a value (at main.tf: line 1, column 5)"),
        (b"a {\n", "got the end of the text, expected an argument or a block (at main.tf: line 2, column 1)"),
        (b"a = 1\na = 2\n", "the argument a is set twice, first at line 1, column 1 (at main.tf: line 2, column 1)"),
        (
            b"a = 'x'\n",
            'got the character "\'", which has no meaning here (at main.tf: line 1, column 5): quote with "',
        ),
        (
            b'a = "${x"\n',
            'got the end of the line inside a string, expected " (at main.tf: line 1, column 10): write \\n, or a heredoc',
        ),
        (b'a = "\xff"', "got the byte 0xff, expected text in UTF-8 (at main.tf: line 1, column 6)"),
    ],
)
def test_an_error_says_what_stands_where_and_what_was_expected(text: bytes, message: str) -> None:
    with pytest.raises(Malformed) as caught:
        parse(text, file="main.tf")
    assert str(caught.value) == message
