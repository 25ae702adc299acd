"""Numbers: integers are exact at any size, the rest is computed at OPA's precision."""

from __future__ import annotations

from decimal import Decimal
from operator import add, mul, sub, truediv

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graven.rego.numerals import NumberRangeError, as_integer, compute, number_text, parse_number


@given(st.integers())
def test_integers_stay_exact(number: int) -> None:
    assert parse_number(number_text(number)) == number


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_a_float_is_read_as_it_was_written(number: float) -> None:
    assert float(parse_number(number_text(number))) == number


@given(st.integers(-(2**63), 2**63), st.integers(-(2**63), 2**63))
def test_arithmetic_on_machine_integers_is_exact(left: int, right: int) -> None:
    assert compute(sub, left, right) == left - right or abs(left - right) >= 2**64


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1.0", 1),
        ("1e3", 1000),
        ("0.10", 0.1),
        ("1e400", Decimal("1e400")),
        ("3.14159265358979323846264338327950288", Decimal("3.14159265358979323846264338327950288")),
    ],
)
def test_one_number_is_one_value(text: str, value: object) -> None:
    assert parse_number(text) == value


@pytest.mark.parametrize("text", ["", "nan", "inf", "1_000", "0x10", " 1", "1.", "--1", "\u0661"])
def test_what_is_no_json_number_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="expected a number"):
        parse_number(text)


@pytest.mark.parametrize(
    ("found", "text"),
    [
        (compute(add, 0.1, 0.2), "0.3"),
        (compute(truediv, 1, 3), "0.33333333333333333334"),
        (compute(truediv, 12345678901234567890123, 7), "1763668414462081127200"),
        (compute(mul, 0.1, 3), "0.3"),
        (compute(add, parse_number("3.14159265358979323846264338327950288"), 1), "4.1415926535897932383"),
    ],
)
def test_arithmetic_rounds_to_64_bits_as_opa_does(found: float, text: str) -> None:
    assert number_text(found) == text


def test_a_number_with_a_huge_exponent_is_not_computed_with() -> None:
    with pytest.raises(NumberRangeError, match="expected a number below"):
        compute(add, parse_number("1e1000000000"), 1)


def test_a_whole_float_is_an_integer() -> None:
    assert as_integer(2.0) == 2
    assert as_integer(2.5) is None
