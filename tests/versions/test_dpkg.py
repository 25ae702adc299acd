import shutil
import subprocess
from itertools import combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graven.versions import dpkg_key

ORDERED = [
    "0~~",
    "0~~a",
    "0~",
    "0",
    "0.1",
    "1.0~beta1~svn1245-1",
    "1.0~beta1-1",
    "1.0-1~bpo12+1",
    "1.0-1",
    "1.0-1ubuntu1",
    "1.0-1+b1",
    "1.0-1.1",
    "1.0-10",
    "1.0A",
    "1.0Z",
    "1.0a",
    "1.0+dfsg-1",
    "1.0-1-1",
    "1.0.0",
    "1.0.1",
    "1.0.10",
    "3.0.15-1~deb12u1",
    "3.0.15-1",
    "10",
    "1:0.1",
    "2:0",
]
CHARACTERS = "0129aZz.+~-:"


def _key(version: str) -> bytes:
    found = dpkg_key(version)
    assert found is not None, version
    return found


@pytest.mark.parametrize(("low", "high"), list(combinations(ORDERED, 2)))
def test_every_pair_of_an_ordered_list_is_in_order(low: str, high: str) -> None:
    assert _key(low) < _key(high)


@pytest.mark.parametrize(
    ("one", "other"), [("1.0", "1.0-0"), ("1.0", "0:1.0"), ("1.00", "1.0"), ("1a", "1a0"), ("01.2-3", "1.02-03")]
)
def test_versions_that_dpkg_calls_equal_share_a_key(one: str, other: str) -> None:
    assert _key(one) == _key(other)


@pytest.mark.parametrize(
    "text", ["", " ", "1 0", "1.0-", ":1", "a:1", "-1", "1_0", "1/2", "1:", "²", "2147483648:1", "1" * 251]
)
def test_a_version_outside_the_grammar_has_no_key(text: str) -> None:
    assert dpkg_key(text) is None


def _dpkg_says(pairs: list[tuple[str, str]]) -> list[str]:
    """Ask the real dpkg about all pairs at once; warnings about a first character that is no digit are its own."""
    script = "".join(
        f"if dpkg --compare-versions '{a}' lt '{b}'; then echo lt; "
        f"elif dpkg --compare-versions '{a}' eq '{b}'; then echo eq; else echo gt; fi\n"
        for a, b in pairs
    )
    told = subprocess.run(["sh"], input=script, capture_output=True, text=True, check=True)
    return told.stdout.split()


@pytest.mark.skipif(shutil.which("dpkg") is None, reason="dpkg is not installed: nothing to compare with")
@settings(max_examples=4, deadline=None)
@given(
    st.lists(
        st.tuples(*[st.text(CHARACTERS, min_size=1, max_size=9).map(lambda t: f"1{t}")] * 2), min_size=60, max_size=60
    )
)
def test_the_order_is_that_of_dpkg(pairs: list[tuple[str, str]]) -> None:
    readable = [pair for pair in pairs if dpkg_key(pair[0]) is not None and dpkg_key(pair[1]) is not None]
    words = {-1: "lt", 0: "eq", 1: "gt"}
    ours = [words[(_key(a) > _key(b)) - (_key(a) < _key(b))] for a, b in readable]
    assert ours == _dpkg_says(readable)


@given(st.text(CHARACTERS, min_size=1, max_size=12))
def test_a_tilde_sorts_below_and_a_plus_above_the_bare_version(text: str) -> None:
    if dpkg_key(f"1{text}") is not None and "-" not in text:
        assert _key(f"1{text}~x") < _key(f"1{text}") < _key(f"1{text}+x")
