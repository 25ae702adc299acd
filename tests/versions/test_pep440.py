from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from packaging.version import InvalidVersion, Version

from graven.versions import pep440_key

ORDERED = [
    "0.dev0",
    "0",
    "1.0.dev456",
    "1.0a1",
    "1.0a2.dev456",
    "1.0a12.dev456",
    "1.0a12",
    "1.0b1.dev456",
    "1.0b2",
    "1.0b2.post345.dev456",
    "1.0b2.post345",
    "1.0rc1.dev456",
    "1.0rc1",
    "1.0",
    "1.0+abc.5",
    "1.0+abc.7",
    "1.0+5",
    "1.0.post456.dev34",
    "1.0.post456",
    "1.0.15",
    "1.1.dev1",
    "1.2.3.1",
    "1.2.3.10",
    "1!0.1",
]


@pytest.mark.parametrize(("low", "high"), list(combinations(ORDERED, 2)))
def test_every_pair_of_an_ordered_list_is_in_order(low: str, high: str) -> None:
    one, other = pep440_key(low), pep440_key(high)
    assert one is not None and other is not None and one < other


@st.composite
def versions(draw: st.DrawFn) -> str:
    number = st.integers(0, 12).map(str)
    text = draw(st.sampled_from(["", "", "v", "1!", "0!"])) + ".".join(draw(st.lists(number, min_size=1, max_size=4)))
    text += draw(st.sampled_from(["", "", "a", ".beta", "-rc.", "_pre", "preview1", "c2", "ALPHA3"]))
    text += draw(st.sampled_from(["", "", "-1", ".post", "post2", ".r1", "-rev3"]))
    text += draw(st.sampled_from(["", "", ".dev", "dev1", "-dev2"]))
    return text + draw(st.sampled_from(["", "", "+local", "+1.a", "+1-2", "+Ab_0", "+10", "+9"]))


@given(versions(), versions())
def test_the_order_is_that_of_packaging(one: str, other: str) -> None:
    a, b = pep440_key(one), pep440_key(other)
    assert a is not None and b is not None
    assert (a < b, a == b) == (Version(one) < Version(other), Version(one) == Version(other))


@given(st.text("0123abcdevrpost.!+-_ vx\n²", max_size=10))
def test_what_packaging_refuses_has_no_key_and_what_it_reads_has_one(text: str) -> None:
    try:
        Version(text)
    except InvalidVersion:
        assert pep440_key(text) is None
    else:
        assert pep440_key(text) is not None


@pytest.mark.parametrize("text", ["", "1.0.x", "1.0-SNAPSHOT-2", "2004-01-01-x", "1..0", "latest", "1" * 251])
def test_a_version_outside_the_grammar_has_no_key(text: str) -> None:
    assert pep440_key(text) is None
