"""Records against the named tuples of the standard library, which they stand in for."""

from __future__ import annotations

import copy
import pickle
from typing import NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graven.record import Record


class Point(Record):
    """A record of three fields, two with defaults."""

    x: int
    y: int = 2
    name: str = "origin"

    @property
    def far(self) -> bool:
        """Say whether it lies apart."""
        return self.x > 1


class Twin(NamedTuple):
    """The same, of the standard library."""

    x: int
    y: int = 2
    name: str = "origin"


@given(st.lists(st.integers(), max_size=4), st.dictionaries(st.sampled_from(["x", "y", "name", "z"]), st.integers()))
def test_a_record_takes_and_refuses_the_values_that_a_named_tuple_does(
    places: list[int], named: dict[str, int]
) -> None:
    def told(kind: type[Point | Twin]) -> object:
        try:
            return tuple(kind(*places, **named))  # type: ignore[arg-type]
        except TypeError:
            return TypeError

    assert told(Point) == told(Twin)


def test_a_record_is_a_tuple_with_names() -> None:
    point = Point(1, name="here")
    assert (point.x, point.y, point.name, point.far) == (1, 2, "here", False)
    assert point == (1, 2, "here")
    assert point < Point(2)
    assert hash(point) == hash((1, 2, "here"))
    assert repr(point) == "Point(x=1, y=2, name='here')"
    assert point._asdict() == {"x": 1, "y": 2, "name": "here"}
    assert point._replace(x=4) == Point(4, 2, "here")
    assert Point._fields == Twin._fields
    assert Point._field_defaults == Twin._field_defaults


def test_a_record_is_matched_by_place() -> None:
    match Point(7):
        case Point(x, _, name):
            assert (x, name) == (7, "origin")


def test_a_record_cannot_be_changed_nor_given_other_fields() -> None:
    point = Point(1)
    with pytest.raises(AttributeError):
        point.x = 3  # type: ignore[misc]
    with pytest.raises(AttributeError):
        point.other = 3  # type: ignore[attr-defined]
    with pytest.raises(TypeError, match="unfit: other"):
        point._replace(other=1)  # type: ignore[call-arg]


def test_a_record_survives_being_copied_and_pickled() -> None:
    point = Point(1, 5)
    assert copy.deepcopy(point) == point
    again = pickle.loads(pickle.dumps(point))  # noqa: S301 -- what was just written
    assert (again, type(again)) == (point, Point)
