"""The places of the nodes of a tree: a row, a column, and the text that stands there."""

from __future__ import annotations

from base64 import b64decode
from collections.abc import Iterator
from typing import Any

import pytest

from graven.rego.astjson import module_json
from graven.rego.astplaces import Places
from graven.rego.parse.modules import parse_module


def told(text: str) -> dict[str, Any]:
    module = parse_module("p.rego", text)
    return module_json(module, places=Places(module))


def places(node: Any) -> Iterator[tuple[int, int, str]]:
    """Give all places of a tree."""
    if isinstance(node, list):
        for each in node:
            yield from places(each)
    elif isinstance(node, dict):
        for name, each in node.items():
            if name in ("location", "Location", "alias_location"):
                assert each["file"] == "p.rego"
                yield each["row"], each["col"], b64decode(each["text"]).decode()
            else:
                yield from places(each)


@pytest.mark.parametrize(
    ("rule", "texts"),
    [
        ("a := (1 + 2) * input.x", ["(1 + 2) * input.x", "(1 + 2)", "+", "*", "input.x", "x"]),
        ("a if not f(1, [2]) with input as {}", ["not f(1, [2]) with input as {}", "f", "[2]", "with input as {}"]),
        ("a contains x if some k, x in input", ["a contains x", "some", "k, x in input", "in"]),
        ("default a := -1", ["default", "a := -1", "-"]),
        ("a if true else := 2", ["else := 2", "2", "true"]),
        ('a.b["c d"] := io.jwt.decode(input)', ['"c d"', "io.jwt.decode", "jwt", 'a.b["c d"] := io.jwt.decode(input)']),
        ("a if every x in [1] { x > 0 }", ["every x in [1] { x > 0 }", "every", "x > 0", "[1]"]),
        ('a := $"x{input.y} z"', ['$"x{', "input.y", ' z"']),
        ("f(1)", ["f", "1"]),
        ("a := {k: v | some k, v in input}", ["{k: v | some k, v in input}", "some k, v in input"]),
    ],
)
def test_the_texts_of_nodes_are_told(rule: str, texts: list[str]) -> None:
    found = [text for _, _, text in places(told(f"package p\n\nimport data.z as q # why\n\n{rule}\n"))]
    assert {*texts, "package", "p", "import", "data.z", "q", "# why"} <= {*found}


def test_a_text_stands_at_its_place_but_for_parentheses_which_stand_before_it() -> None:
    text = 'package p\n\na if {\n\t(input.x + 1) > f([1, "é"])\n\tx := {"a": 1}\n}\n'
    lines = text.splitlines()
    for row, col, said in places(told(text)):
        first = said.splitlines()[0]
        parentheses = len(first) - len(first.lstrip("("))
        assert first in lines[row - 1][max(0, col - 1 - parentheses) :][: len(first) + parentheses], (row, col, said)


def test_a_sign_before_a_term_is_no_operator_that_somebody_wrote() -> None:
    (rule,) = told("package p\n\na := -input.n\n")["rules"]
    operator, zero, number = rule["head"]["value"]["value"]
    assert "location" not in operator
    assert (zero["value"], number["location"]["col"]) == (0, 7)


def test_metadata_have_the_place_of_all_their_comments() -> None:
    tree = told("package p\n\n# METADATA\n# title: t\na := 1\n")
    (annotation,) = tree["annotations"]
    assert b64decode(annotation["location"]["text"]).decode() == "# METADATA\n# title: t"
    assert tree["rules"][0]["annotations"] == [annotation]


def test_without_places_nothing_of_them_is_told() -> None:
    module = parse_module("p.rego", "package p\n\na := (1 + 2)\n")
    assert list(places(module_json(module))) == []
