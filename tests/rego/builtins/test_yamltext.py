"""YAML as Go writes it: block style, and in quotes what some reader would take for no string."""

from __future__ import annotations

from typing import Any

import pytest

from graven.rego import from_json
from graven.rego.builtins.yamltext import yaml_text

CASES: list[tuple[Any, str]] = [
    ("a", "a\n"),
    (1, "1\n"),
    (None, "null\n"),
    (True, "true\n"),
    (0.1, "0.1\n"),
    (1e25, "1e+25\n"),
    (10**29, "1e+29\n"),
    (1234567.5, "1.2345675e+06\n"),
    ("", '""\n'),
    ("1e3", '"1e3"\n'),
    ("1_000", '"1_000"\n'),
    ("08", '"08"\n'),
    ("yes", '"yes"\n'),
    ("y", '"y"\n'),
    ("1:20", '"1:20"\n'),
    ("2020-01-01", '"2020-01-01"\n'),
    ("1.2.3", "1.2.3\n"),
    ("nUll", "nUll\n"),
    ("a: b", "'a: b'\n"),
    ("- a", "'- a'\n"),
    ("a\nb", "|-\n  a\n  b\n"),
    ("a\n", "|\n  a\n"),
    ("\U0001f600", '"\\U0001F600"\n'),
    ([], "[]\n"),
    ({}, "{}\n"),
    ({"": 1}, '"": 1\n'),
    ({"a": [1, {"b": 2}], "c": {}}, "a:\n  - 1\n  - b: 2\nc: {}\n"),
    ([{"a": 1, "b": [2]}], "- a: 1\n  b:\n    - 2\n"),
    ({"a10": 1, "a2": 2}, "a2: 2\na10: 1\n"),
]


@pytest.mark.parametrize(("value", "wanted"), CASES, ids=[repr(value) for value, _ in CASES])
def test_a_value_is_written_as_go_writes_it(value: Any, wanted: str) -> None:
    assert yaml_text(from_json(value)) == wanted
