from functools import cmp_to_key
from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graven.versions import semver_key

ORDERED = [
    "0.0.0-0",
    "0.0.0-20191109021931-daa7c04131f5",
    "0.0.0",
    "0.9.10",
    "1.0.0-alpha",
    "1.0.0-alpha.1",
    "1.0.0-alpha.beta",
    "1.0.0-beta",
    "1.0.0-beta.2",
    "1.0.0-beta.11",
    "1.0.0-rc.1",
    "1.0.0",
    "1.0.1",
    "1.2.0",
    "1.10.0",
    "2.0.0",
    "10.0.0",
    "99999999999999999999.0.0",
]


@pytest.mark.parametrize(("low", "high"), list(combinations(ORDERED, 2)))
def test_every_pair_of_an_ordered_list_is_in_order(low: str, high: str) -> None:
    one, other = semver_key(low), semver_key(high)
    assert one is not None and other is not None and one < other


@pytest.mark.parametrize(
    ("one", "other"),
    [("v1.2.3", "1.2.3"), ("1.2", "1.2.0"), ("1", "1.0.0"), ("1.0.0+a", "1.0.0"), ("2.0.0+incompatible", "v2.0.0")],
)
def test_a_prefix_an_absent_number_and_build_metadata_change_nothing(one: str, other: str) -> None:
    assert semver_key(one) == semver_key(other) is not None


@pytest.mark.parametrize(
    "text",
    [
        "",
        "v",
        "1.2.3.4",
        "01.2.3",
        "1.2.3-01",
        "1.2.3-",
        "1.2.3-a..b",
        "1.2-rc",
        "1.x",
        "latest",
        "1.2.3-é",
        " 1.0.0",
        "1" * 251,
    ],
)
def test_a_version_outside_the_grammar_has_no_key(text: str) -> None:
    assert semver_key(text) is None


_NUMBER = st.integers(0, 30).map(str)
_IDENTIFIER = _NUMBER | st.text("ab-Z9", min_size=1, max_size=3).filter(lambda t: not t.isdigit())
_VERSION = st.tuples(st.tuples(_NUMBER, _NUMBER, _NUMBER), st.lists(_IDENTIFIER, max_size=3))


def _precedence(one: tuple[tuple[str, ...], list[str]], other: tuple[tuple[str, ...], list[str]]) -> int:
    """SemVer 2.0.0, section 11, word for word."""
    for a, b in zip(one[0], other[0], strict=True):
        if int(a) != int(b):
            return int(a) - int(b)
    if not one[1] or not other[1]:
        return bool(other[1]) - bool(one[1])
    for a, b in zip(one[1], other[1], strict=False):
        if a.isdigit() and b.isdigit():
            if int(a) != int(b):
                return int(a) - int(b)
        elif a.isdigit() or b.isdigit():
            return -1 if a.isdigit() else 1
        elif a != b:
            return -1 if a < b else 1
    return len(one[1]) - len(other[1])


@given(st.lists(_VERSION, min_size=2, max_size=8))
def test_sorting_by_key_is_sorting_by_precedence(versions: list[tuple[tuple[str, str, str], list[str]]]) -> None:
    def text(version: tuple[tuple[str, ...], list[str]]) -> str:
        return ".".join(version[0]) + ("-" if version[1] else "") + ".".join(version[1])

    by_rule = sorted(versions, key=cmp_to_key(_precedence))
    keys = [semver_key(text(version)) for version in by_rule]
    assert None not in keys
    assert keys == sorted(key for key in keys if key is not None)
