"""How Go words that a text is no JSON."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graven.checks.gojson import fault
from graven.checks.lax import LaxFault
from graven.checks.laxdocuments import parse_laxly


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (b"", "unexpected end of JSON input"),
        (b'{"a": [1', "unexpected end of JSON input"),
        (b"{,}", "invalid character ',' looking for beginning of object key string"),
        (b'{"a": 1,}', "invalid character '}' looking for beginning of object key string"),
        (b"[1,]", "invalid character ']' looking for beginning of value"),
        (b'{"a" 1}', "invalid character '1' after object key"),
        (b'{"a": 1 "b"}', "invalid character '\"' after object key:value pair"),
        (b"[1 2}", "invalid character '2' after array element"),
        (b"01", "invalid character '1' after top-level value"),
        (b"tru", "invalid character ' ' in literal true (expecting 'e')"),
        (b"-a", "invalid character 'a' in numeric literal"),
        (b"1.", "invalid character ' ' after decimal point in numeric literal"),
        (b"1e+'", r"invalid character '\'' in exponent of numeric literal"),
        (b'"\n"', r"invalid character '\n' in string literal"),
        (b'"\\x"', "invalid character 'x' in string escape code"),
        (b'"\\u12z4"', r"invalid character 'z' in \u hexadecimal character escape"),
        (b"\x7f", r"invalid character '\x7f' looking for beginning of value"),
        (b"\xa0", r"invalid character '\u00a0' looking for beginning of value"),
        (b"[" * 10_001, "invalid character '[' exceeded max depth"),
    ],
)
def test_each_fault_has_the_words_of_go(text: bytes, said: str) -> None:
    assert fault(text) == said


@given(st.lists(st.none() | st.booleans() | st.floats(allow_nan=False, allow_infinity=False) | st.text()), st.data())
def test_what_is_json_has_no_fault_and_its_beginning_has_one(value: object, data: st.DataObject) -> None:
    text = json.dumps({"a": value}).encode()
    assert fault(text) == ""
    assert fault(text[: data.draw(st.integers(0, len(text) - 1))])


def test_a_file_of_json_is_refused_in_those_words_and_after_its_mark_of_order() -> None:
    with pytest.raises(LaxFault) as refused:
        parse_laxly(b"\xef\xbb\xbf[1 2]", file="a.json")
    assert refused.value.message == "parser unmarshal: unmarshal json: invalid character '2' after array element"
