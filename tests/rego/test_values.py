"""Values: Python's own equality is Rego's, and the order over all of them is total."""

from __future__ import annotations

import json
from functools import cmp_to_key
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graven.rego.notation import json_text, term_text, to_json
from graven.rego.values import (
    FALSE,
    TRUE,
    UNDEFINED,
    RegoObject,
    RegoSet,
    adopted,
    compare,
    from_json,
    sorted_values,
    type_name,
)

SCALARS = st.none() | st.sampled_from([TRUE, FALSE]) | st.integers() | st.floats(allow_nan=False, allow_infinity=False)
VALUES: st.SearchStrategy[Any] = st.recursive(
    SCALARS | st.text(),
    lambda inner: (
        st.lists(inner, max_size=4).map(tuple)
        | st.dictionaries(inner, inner, max_size=4).map(RegoObject)
        | st.frozensets(inner, max_size=4).map(RegoSet)
    ),
    max_leaves=12,
)
JSON: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)
IN_ORDER = (
    None,
    FALSE,
    TRUE,
    -1,
    0.5,
    1,
    2,
    "",
    "a",
    "b",
    (),
    (1,),
    (1, 0),
    (2,),
    RegoObject(),
    RegoSet(),
    RegoSet([1]),
)


def test_a_boolean_is_no_number() -> None:
    one: Any = 1
    assert one != TRUE
    assert len(RegoSet([TRUE, 1, FALSE, 0])) == 4
    assert (one,) != (TRUE,)
    assert RegoObject({TRUE: 1, 1: 2})[1] == 2


def test_an_integer_and_its_float_are_one_member() -> None:
    assert len(RegoSet([1, 1.0])) == 1
    assert RegoObject({"a": 1}) == RegoObject({"a": 1.0})


@pytest.mark.parametrize(("less", "more"), list(pairwise(IN_ORDER)), ids=str)
def test_the_order_is_null_boolean_number_string_array_object_set(less: Any, more: Any) -> None:
    assert compare(less, more) == -1
    assert compare(more, less) == 1


def test_objects_are_ordered_pair_by_pair() -> None:
    assert compare(RegoObject({"a": 1, "b": 1}), RegoObject({"a": 2})) == -1
    assert compare(RegoObject({"a": 2}), RegoObject({"b": 0})) == -1


@given(VALUES, VALUES, VALUES)
def test_the_order_is_total(a: Any, b: Any, c: Any) -> None:
    assert compare(a, b) == -compare(b, a)
    assert (compare(a, b) == 0) == (a == b)
    if compare(a, b) <= 0 and compare(b, c) <= 0:
        assert compare(a, c) <= 0


@given(st.lists(VALUES))
def test_sorting_agrees_with_comparing(values: list[Any]) -> None:
    assert sorted_values(values) == sorted(values, key=cmp_to_key(compare))


@given(VALUES, VALUES)
def test_equal_values_have_one_hash(a: Any, b: Any) -> None:
    if a == b:
        assert hash(a) == hash(b)


@given(JSON)
def test_json_comes_back_as_it_went_in(document: Any) -> None:
    assert to_json(from_json(document)) == document


@given(JSON)
def test_json_text_is_json(document: Any) -> None:
    assert json.loads(json_text(from_json(document))) == document


def test_a_set_leaves_as_its_sorted_list_and_a_key_as_its_json_text() -> None:
    value = RegoObject({("a", 0): RegoSet([3, 1]), "k": TRUE})
    assert to_json(value) == {"k": True, '["a",0]': [1, 3]}
    assert json_text(value) == '{"[\\"a\\",0]":[1,3],"k":true}'


def test_terms_are_written_as_rego() -> None:
    assert term_text(RegoObject({1: RegoSet(), "a": RegoSet(["x"])})) == '{1: set(), "a": {"x"}}'


def test_an_object_does_not_change() -> None:
    with pytest.raises(TypeError, match="does not change"):
        RegoObject({"a": 1})["b"] = 2


def test_what_is_no_json_is_refused() -> None:
    with pytest.raises(TypeError, match="expected a JSON value"):
        from_json(object())


def test_undefined_is_neither_null_nor_false() -> None:
    values: tuple[Any, ...] = (FALSE, None)
    assert UNDEFINED not in values
    assert [type_name(value) for value in (None, TRUE, 1.5, "", (), RegoObject(), RegoSet())] == [
        "null", "boolean", "number", "string", "array", "object", "set",
    ]  # fmt: skip


@given(JSON)
def test_objects_are_adopted_while_json_is_read_as_they_are_made_of_it_afterwards(value: Any) -> None:
    text = json.dumps(value)
    found, wanted = from_json(json.loads(text, object_hook=adopted)), from_json(json.loads(text))
    assert found == wanted
    assert term_text(found) == term_text(wanted)
    assert _classes(found) == _classes(wanted)


def _classes(value: Any) -> Any:
    parts = value.values() if isinstance(value, dict) else value if isinstance(value, (tuple, list)) else ()
    return type(value), [_classes(part) for part in parts]
