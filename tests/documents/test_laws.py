"""Laws of the formats that others write: what is written is read again; places and documents are kept apart."""

from __future__ import annotations

import json

import pytest
import yaml as pyyaml
from hypothesis import given, settings
from hypothesis import strategies as st

from graven.documents import Position, parse
from graven.documents import json as jsonformat
from graven.documents import yaml as yamlformat
from graven.documents.yaml import expand_lists
from graven.errors import TooLarge

_leaf = st.none() | st.booleans() | st.integers(-(2**80), 2**80) | st.text(st.characters(codec="utf-8"), max_size=8)
_json = st.recursive(
    _leaf,
    lambda below: st.lists(below, max_size=4) | st.dictionaries(st.text(max_size=4), below, max_size=4),
    max_leaves=12,
)


@settings(deadline=None, max_examples=60)
@given(_json, st.sampled_from([None, 2]))
def test_json_that_is_written_is_read_again_with_a_place_for_each_part(value: object, indent: int | None) -> None:
    [found] = jsonformat.parse(json.dumps(value, indent=indent).encode())
    assert found.value == value
    assert found.places[()] == Position(1, 1)


@settings(deadline=None, max_examples=60)
@given(_json)
def test_json_is_yaml_with_the_same_value(value: object) -> None:
    [found] = yamlformat.parse(pyyaml.safe_dump(value, default_style='"').encode())
    assert found.value == value


@settings(deadline=None, max_examples=60)
@given(
    st.dictionaries(st.text("abcxyz", min_size=1), st.integers(-(2**60), 2**60) | st.booleans() | st.text("az \"'\\"))
)
def test_toml_that_is_written_is_read_again(table: dict[str, object]) -> None:
    text = "".join(f"{json.dumps(key)} = {json.dumps(value)}\n" for key, value in table.items())
    [found] = parse(text.encode(), file="a.toml")
    assert found.value == table
    assert [found.position((key,)).line for key in table] == list(range(1, len(table) + 1))


@pytest.mark.parametrize("mark", ["---", "--- # next", "--- ", "...\n---"])
def test_documents_are_split_as_yaml_says_and_not_by_a_line(mark: str) -> None:
    text = f"a: |\n  ---\n  x\n{mark}\nb: 1\n"
    assert [each.value for each in yamlformat.parse(text.encode())] == [{"a": "---\nx\n"}, {"b": 1}]


def test_the_source_that_helm_writes_stays_with_its_document() -> None:
    text = b"---\n# Source: c/templates/a.yaml\na: 1\n---\n# Source: c/templates/b.yaml\nb: '# Source: no'\n---\nc: 1\n"
    assert [each.source for each in yamlformat.parse(text)] == ["c/templates/a.yaml", "c/templates/b.yaml", ""]


def test_the_items_of_a_list_know_where_they_stand() -> None:
    text = (
        b"apiVersion: v1\nkind: List\nitems:\n- kind: Pod\n- kind: List\n  apiVersion: v1\n  items:\n  - {kind: Job}\n"
    )
    found = expand_lists(yamlformat.parse(text, file="f"))
    assert [(each.value["kind"], each.where(("kind",))) for each in found] == [
        ("Pod", "f: line 4, column 9: kind"),
        ("Job", "f: line 8, column 12: kind"),
    ]


def test_aliases_cannot_make_a_small_text_huge() -> None:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 9)]
    with pytest.raises(TooLarge):
        yamlformat.parse("\n".join(lines).encode())
