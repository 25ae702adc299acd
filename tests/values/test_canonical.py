"""Canonical JSON is RFC 8785's, whichever way it is written; and reading is strict."""

from __future__ import annotations

import dataclasses
import datetime as dt
import enum
import uuid
from typing import Any

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from graven.errors import Malformed
from graven.values import canonical

_SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**53) + 1, 2**53 - 1),
    st.floats(allow_nan=False, allow_infinity=False).filter(lambda f: abs(f) < 2**53 or not f.is_integer()),
    st.text(st.characters(codec="utf-8")),
    st.text('\x00\x08\t\n\x0b\f\r\x1b\x1f"\\/\x7f\u2028\u2029é😀\ue000', max_size=6),
)
_KEYS = st.text(st.characters(codec="utf-8"), max_size=4) | st.text("aB_-0😀\ue000é", max_size=3)
VALUES = st.recursive(_SCALARS, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(_KEYS, inner, max_size=5))


@given(VALUES)
def test_writing_gives_the_bytes_of_the_reference(value: Any) -> None:
    assert canonical.dumps(value) == rfc8785.dumps(value)


@given(VALUES)
def test_what_is_written_is_read_back_and_written_the_same(value: Any) -> None:
    data = canonical.dumps(value)
    assert canonical.dumps(canonical.loads(data)) == data


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_real_numbers_are_written_as_the_reference_does(value: float) -> None:
    assert canonical.dumps([value]) == rfc8785.dumps([value])


@given(st.integers())
def test_integers_are_written_or_refused_as_the_reference_does(value: int) -> None:
    if abs(value) < 2**53:
        assert canonical.dumps(value) == str(value).encode()
    else:
        with pytest.raises(Malformed):
            canonical.dumps(value)


class _Colour(enum.Enum):
    RED = "red"


class _Text(str):
    __slots__ = ()


@dataclasses.dataclass
class _Point:
    x: int = 1


@pytest.mark.parametrize(
    "value",
    [
        {1: "a"},
        {None: 1},
        "\ud800",
        {"\udc00": 1},
        float("nan"),
        float("inf"),
        2**53,
        -(2**53),
        2**64,
        b"bytes",
        {1, 2},
        object(),
        uuid.UUID(int=0),
        dt.datetime(2026, 1, 1, tzinfo=dt.UTC),
        dt.date(2026, 1, 1),
        _Point(),
        _Colour.RED,
    ],
)
def test_what_json_cannot_say_is_refused(value: Any) -> None:
    for inside in (value, [value], {"k": [value]}):
        with pytest.raises(Malformed):
            canonical.dumps(inside)


def test_kinds_of_text_are_written_as_text() -> None:
    assert canonical.dumps({"a": _Text("x"), "b": (1, 2)}) == b'{"a":"x","b":[1,2]}'


def test_keys_beyond_the_basic_plane_sort_by_utf_16() -> None:
    assert canonical.dumps({"\ue000": 1, "😀": 2}) == '{"😀":2,"\ue000":1}'.encode()


def test_a_value_that_nests_without_end_is_refused() -> None:
    value: Any = []
    for _ in range(100_000):
        value = [value]
    with pytest.raises(Malformed):
        canonical.dumps(value)


@pytest.mark.parametrize(
    "data",
    [
        *(b"", b"{", b'{"a":1,"a":2}', b"NaN", b"-Infinity", b"\xff", b"[1,]", b"[" * 300 + b"]" * 300, b"[" * 99_999),
        *(b'"\\ud800"', b'{"\\uDC00": 1}', b'["\\ude00\\ud83d"]', b"1e999", b"-1e999"),
    ],
)
def test_what_is_no_strict_json_is_refused_with_its_place(data: bytes) -> None:
    with pytest.raises(Malformed) as caught:
        canonical.loads(data, where="a file")
    assert caught.value.where == "a file"


def test_an_escaped_pair_of_surrogates_is_a_character_and_an_escaped_backslash_is_none() -> None:
    assert canonical.loads(b'["\\ud83d\\ude00", "\\\\ud800", "\\u00e9"]') == ["\U0001f600", "\\ud800", "\xe9"]
