"""Every format on the cases of the vectors: the value is conftest's, and every part has its place."""

from __future__ import annotations

import contextlib
import re
import time
from collections.abc import Iterator
from typing import Any

import pytest

from graven.documents import Document, Path, parse
from graven.errors import GravenError, Malformed, NotFound, TooLarge
from parsing import PROTOS, Case, cases, same

CASES = list(cases())
READ = [case for case in CASES if case.wanted and not case.differs]


def _name(case: Case) -> str:
    return case.name


def _paths(value: Any, path: Path = ()) -> Iterator[tuple[Path, Any]]:
    yield path, value
    pairs = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, each in pairs:
        yield from _paths(each, (*path, key))


def _lines(case: Case) -> list[str]:
    text = case.data.decode("latin-1" if "latin1" in case.name else "utf-8")
    return re.split("\r\n|\r|\n" if case.parser == "dotenv" else "\n", text)


def _read(case: Case) -> tuple[Document, ...]:
    return parse(case.data, file="f", parser=case.parser, protos=PROTOS)


@pytest.mark.parametrize("case", READ, ids=_name)
def test_the_value_is_that_of_conftest(case: Case) -> None:
    found = [document.value for document in _read(case)]
    assert case.wanted
    assert same(found[0] if len(found) == 1 else found, case.wanted["value"])


@pytest.mark.parametrize("case", [case for case in CASES if not case.wanted and not case.differs], ids=_name)
def test_what_conftest_refuses_is_refused_with_its_place(case: Case) -> None:
    with pytest.raises(GravenError) as caught:
        _read(case)
    assert isinstance(caught.value, Malformed | TooLarge | NotFound)
    assert re.fullmatch(r"f: line \d+, column \d+.*|f", caught.value.where)


@pytest.mark.parametrize("case", READ, ids=_name)
def test_every_part_has_a_place_that_lies_in_the_text(case: Case) -> None:
    lines = _lines(case)
    for document in _read(case):
        for path, _ in _paths(document.value):
            line, column = document.position(path)
            assert 1 <= line <= len(lines) + 1
            assert 1 <= column <= len(lines[line - 1] if line <= len(lines) else "") + 1
            if b"*" not in case.data and document.value is not None:
                assert path in document.places


WORD = re.compile(r"[A-Za-z0-9_./-]{2,}")


@pytest.mark.parametrize("case", [case for case in READ if b"*" not in case.data], ids=_name)
def test_the_place_of_a_scalar_points_at_text_that_says_it(case: Case) -> None:
    lines = _lines(case)
    for document in _read(case):
        for path, value in _paths(document.value):
            if isinstance(value, str) and WORD.fullmatch(value) and any(value in line for line in lines):
                line, column = document.position(path)
                said = "\n".join([lines[line - 1][column - 1 :], *lines[line : line + 3]]) if line <= len(lines) else ""
                assert value in said or path[-1:] in {("Kind",), ("spdxVersion",)}, (path, value, said)


_KNOWN = b"# proto-message: known.v1.Known\n"
_THING = b"# proto-message: test.v1.Thing\n"
HOSTILE = {
    "yaml": [b"[" * 10_000, b"{a: " * 10_000, b"- " * 10_000, b'"' + b"\\" * 99_999, b"a: &a [*a]", b"%" * 9_999],
    "json": [b"[" * 100_000, b'{"a":' * 100_000, b'"' + b'\\"' * 100_000, b"1" * 10_000, b'["\\ud800"]', b"1e999"],
    "jsonc": [b"/*" * 100_000, b'"' + b'\\"' * 100_000, b"[" * 100_000],
    "toml": [b"a = " + b"[" * 10_000, b"a = " + b"{b=" * 10_000, b'a = "' + b'\\"' * 99_999],
    "ini": [b'"' * 100_000, b"[" * 100_000, b"a = `" + b"x\n" * 99_999, b"=" * 1000],
    "properties": [b"a=\\u12", b"a=${" * 50_000, b"a=${a}", b"=" + b"x" * 9999],
    "dotenv": [b'A="' + b'\\"' * 50_000, b"A B"],
    "ignore": [b"\xff"],
    "xml": [b"<a>" * 10_000, b"<a " + b" " * 100_000, b"<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>", b"<a"],
    "cyclonedx": [b"<bom>" * 10_000, b"{" * 10_000, b'{"components": 1}', b"<bom version='x'/>"],
    "spdx": [b"SPDXVersion: <text>" + b"<text>" * 99_999, b":" * 9_999, b"SPDXVersion: SPDX-2.3\nFoo: 1"],
    "nginx": [b"a{" * 10_000, b'"' + b'\\"' * 99_999, b"${" * 50_000, b"}" * 100],
    "vcl": [
        b"sub a {" * 10_000,
        b"sub a { (" + b"(" * 10_000,
        b"sub a { !" + b"!" * 10_000,
        b"sub a { if (" * 10_000,
        b'"' * 99_999,
        b"acl a;",
        b"/*" + b"x" * 99_999,
        b"sub " + b"a " * 50_000,
        b"x = ;",
    ],
    "groovy": [
        b"a {" * 10_000,
        b"(" * 10_000,
        b"[" * 10_000,
        b"-" * 9_999,
        b"x = '" + b"\\'" * 99_999,
        b'x = "' + b'${"' * 9_999,
        b"if (a) {} else " * 9_999,
        b"a = " * 9_999,
        b"/*" + b"x" * 99_999,
        b"a(\n" * 9_999,
        b"((a" * 5_000,
    ],
    "textproto": [
        _THING + b"inner { next {" + b" next {" * 10_000,
        _THING + b'name: "' + b'\\"' * 99_999,
        _THING + b"tags: [" * 10_000,
        _THING + b"i32: " + b"1" * 9_999,
        _KNOWN + b'any { type_url: "x/test.v1.Inner" value: "' + rb"\x1b" * 20_000 + b'" }',
        _KNOWN + b'any { type_url: "x/test.v1.Inner" value: "' + rb"\x1a\x80" * 9_000 + b'" }',
        b"name: 1",
    ],
    "hocon": [
        b"a{" * 10_000,
        b"a=[" * 10_000,
        b'a="' + b'\\"' * 99_999,
        b"a=" + b" " * 99_999 + b"!",
        b"a=${b}\nb=${a}",
        b"a0=xxxxxxxx\n" + b"\n".join(b"a%d=${a%d}${a%d}" % (n, n - 1, n - 1) for n in range(1, 60)),
    ],
    "edn": [b"[" * 10_000, b"#_" * 10_000, b'"' + b'\\"' * 99_999, b"{:a" * 10_000, b"#a " * 10_000],
}


@pytest.mark.parametrize("text", [b"\xff\xfe\xff", b"a\x00b: \x01"], ids=["no-utf8", "control"])
@pytest.mark.parametrize("parser", HOSTILE)
def test_bytes_that_are_no_text_end_in_a_clean_error_or_a_value(parser: str, text: bytes) -> None:
    with contextlib.suppress(Malformed):
        assert parse(text, file="f", parser=parser, protos=PROTOS)


@pytest.mark.parametrize(("parser", "text"), [(parser, text) for parser, texts in HOSTILE.items() for text in texts])
def test_hostile_text_ends_in_a_clean_error_in_little_time(parser: str, text: bytes) -> None:
    start = time.monotonic()
    with pytest.raises((Malformed, TooLarge)) as caught:
        parse(text, file="f", parser=parser, protos=PROTOS)
    assert caught.value.where.startswith("f")
    assert time.monotonic() - start < 3
