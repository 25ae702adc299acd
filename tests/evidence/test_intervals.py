import pytest
from hypothesis import given
from hypothesis import strategies as st

from graven.errors import Malformed
from graven.evidence.intervals import intervals
from graven.versions import key


def _affected(version: str, *events: tuple[str, str]) -> bool:
    found = key("npm", version)
    assert found is not None
    return any(found in interval for interval in intervals("npm", events))


def test_introduced_is_inside_and_fixed_is_outside() -> None:
    events = (("introduced", "1.0.0"), ("fixed", "2.0.0"))
    told = [_affected(version, *events) for version in ("0.9.9", "1.0.0-rc.1", "1.0.0", "2.0.0-rc.1", "2.0.0")]
    assert told == [False, False, True, True, False]


def test_last_affected_is_inside() -> None:
    events = (("introduced", "0"), ("last_affected", "2.0.0"))
    assert [_affected(version, *events) for version in ("0.0.0-0", "2.0.0", "2.0.1-0")] == [True, True, False]


def test_a_range_without_an_end_holds_all_later_versions() -> None:
    assert _affected("99999999999999.0.0", ("introduced", "3.0.0"))


def test_events_count_in_the_order_of_versions_not_of_the_list() -> None:
    events = (("fixed", "3.0.0"), ("introduced", "2.0.0"), ("fixed", "1.1.0"), ("introduced", "1.0.0"))
    told = [_affected(version, *events) for version in ("1.0.0", "1.1.0", "2.5.0", "3.0.0")]
    assert told == [True, False, True, False]


def test_a_limit_bounds_a_range_and_a_star_does_not() -> None:
    assert not _affected("5.0.0", ("introduced", "1.0.0"), ("limit", "4.0.0"))
    assert _affected("3.0.0", ("introduced", "1.0.0"), ("limit", "4.0.0"))
    assert _affected("5.0.0", ("introduced", "1.0.0"), ("limit", "4.0.0"), ("limit", "*"))


def test_a_fix_in_the_version_that_introduces_it_leaves_nothing() -> None:
    assert intervals("npm", [("introduced", "1.0.0"), ("fixed", "1.0.0")]) == []


def test_a_version_outside_the_grammar_is_refused_and_named() -> None:
    with pytest.raises(Malformed, match=r"'1\.x'"):
        intervals("npm", [("introduced", "0"), ("fixed", "1.x")])


_EVENT = st.tuples(
    st.sampled_from(["introduced", "fixed", "last_affected", "limit"]),
    st.integers(0, 9).map(lambda n: f"{n}.0.0") | st.just("0"),
)


def _by_specification(version: int, events: list[tuple[str, str]]) -> bool:
    """The OSV schema's own algorithm, over whole numbers."""

    def number(text: str, kind: str) -> float:
        return -1 if text == "0" and kind == "introduced" else int(text.partition(".")[0])

    limits = [number(text, kind) for kind, text in events if kind == "limit"]
    if limits and not any(version < limit for limit in limits):
        return False
    vulnerable = False
    for kind, text in sorted((e for e in events if e[0] != "limit"), key=lambda e: number(e[1], e[0])):
        bound = number(text, kind)
        if kind == "introduced" and version >= bound:
            vulnerable = True
        elif (kind == "fixed" and version >= bound) or (kind == "last_affected" and version > bound):
            vulnerable = False
    return vulnerable


@given(st.lists(_EVENT, min_size=1, max_size=6, unique_by=lambda event: int(event[1][0])), st.integers(0, 10))
def test_intervals_say_what_the_algorithm_of_the_specification_says(
    events: list[tuple[str, str]], version: int
) -> None:
    assert _affected(f"{version}.0.0", *events) == _by_specification(version, events)
