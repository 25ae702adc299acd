"""Edits: all of them at once, at the paths of the document as it was; and the paths back from what they made."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graven.rego import UNDEFINED, from_json, to_json
from graven.rego.edits import Edit, applied, at, merged, original, told
from graven.rego.values import RegoObject

DOCUMENT: Any = {"a": [1, 2, 3], "o": {"k": "v"}, "s": "x"}


@pytest.mark.parametrize(
    ("edits", "made"),
    [
        ({("s",): "y"}, DOCUMENT | {"s": "y"}),
        ({("s",): UNDEFINED, ("o", "k"): UNDEFINED}, {"a": [1, 2, 3], "o": {}}),
        ({("a", 0): UNDEFINED, ("a", 2): 4}, DOCUMENT | {"a": [2, 4]}),
        ({("a", 3): 4, ("a", 4): 5}, DOCUMENT | {"a": [1, 2, 3, 4, 5]}),
        ({("a", 4): 5}, DOCUMENT | {"a": [1, 2, 3, 5]}),
        ({("n", "m", "l"): True}, DOCUMENT | {"n": {"m": {"l": True}}}),
        ({("n", 0, "l"): 1}, DOCUMENT | {"n": [{"l": 1}]}),
        ({(): 7}, 7),
        ({}, DOCUMENT),
    ],
)
def test_edits_make(edits: Any, made: Any) -> None:
    values = {path: value if value is UNDEFINED else from_json(value) for path, value in edits.items()}
    assert to_json(applied(from_json(DOCUMENT), values)) == made


@pytest.mark.parametrize("path", [("s", "k"), ("a", "k"), ("a", -1), ("a", 0, "k"), ("o", "k", 0)])
def test_an_edit_without_a_place_makes_nothing(path: Any) -> None:
    assert applied(from_json(DOCUMENT), {path: 1}) is UNDEFINED


def test_edits_are_told_in_order_with_what_was_there() -> None:
    edits = told(from_json(DOCUMENT), {("s",): UNDEFINED, ("a", 10): 1, ("a", 2): 4, ("n",): 1})
    assert [(edit.op, edit.path, edit.before, edit.after) for edit in edits] == [
        ("replace", ("a", 2), 3, 4),
        ("add", ("a", 10), UNDEFINED, 1),
        ("add", ("n",), UNDEFINED, 1),
        ("remove", ("s",), "x", UNDEFINED),
    ]
    assert edits[-1].value() == {"op": "remove", "path": ["s"], "before": "x"}


def test_an_edit_reads_as_what_is_there_after_it() -> None:
    assert str(Edit(("spec", "a-b", 0), 1, "x")) == 'spec["a-b"][0] = "x"'
    assert str(Edit(("spec",), 1)) == "no spec"


def test_of_edits_of_one_part_the_later_count() -> None:
    assert merged({("a",): 1}, {("a",): 2}) == {("a",): 2}
    assert merged({("a", "b"): 1, ("c",): 3}, {("a",): UNDEFINED}) == {("c",): 3, ("a",): UNDEFINED}
    assert merged({("a",): RegoObject({"b": 1})}, {("a", "c"): 2}) == {("a",): RegoObject({"b": 1, "c": 2})}


def paths(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Give the path of each part."""
    yield path
    pairs = enumerate(value) if value.__class__ is tuple else value.items() if value.__class__ is RegoObject else ()
    for key, part in pairs:
        yield from paths(part, (*path, key))


LISTS = st.recursive(st.integers(0, 99), lambda inner: st.lists(inner, max_size=4), max_leaves=12)


@given(LISTS, st.data())
def test_each_path_of_what_edits_made_leads_back_to_what_they_were_of(value: Any, data: st.DataObject) -> None:
    document = from_json(value)
    edits: dict[Any, Any] = {}
    for _ in range(data.draw(st.integers(0, 4))):
        known = [path for path in paths(applied(document, edits)) if path]
        if not known:
            break
        path = original(document, edits, data.draw(st.sampled_from(known)))
        edits = merged(edits, {path: data.draw(st.sampled_from([UNDEFINED, -1]))})
    made = applied(document, edits)
    for path in paths(made):
        back = original(document, edits, path)
        if not any(back[: len(edited)] == edited or edited[: len(back)] == back for edited in edits):
            assert at(made, path) == at(document, back)
    replaced = [path for path, after in edits.items() if after == -1]
    assert {original(document, edits, path) for path in paths(made) if at(made, path) == -1} == set(replaced)
