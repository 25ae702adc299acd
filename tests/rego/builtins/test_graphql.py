"""GraphQL as OPA tells it: the trees of queries and schemas, and the place of what is wrong."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graven.rego import EvaluationError, compile_modules, to_json


def tell(text: str, what: str = "query") -> Any:
    """Read a text with a builtin."""
    policy = compile_modules({})
    found = policy.evaluate(f"x := graphql.parse_{what}(input)", text, strict_builtin_errors=True)
    return to_json(found.bindings[0]["x"])


def argument(value: str) -> Any:
    """Give the tree of one value."""
    return tell(f"{{ f(a: {value}) }}")["Operations"][0]["SelectionSet"][0]["Arguments"][0]["Value"]


@pytest.mark.parametrize(
    ("written", "kind", "raw"),
    [
        ("$v", 0, "v"),
        ("-0", 1, "-0"),
        ("1.5e3", 2, "1.5e3"),
        ('"\\u00e9\\n"', 3, "é\n"),
        ('"\\ud83d"', 3, "\ufffd"),
        ('"""\n    x\n  y\n"""', 4, "  x\ny"),
        ('"""x\n  y"""', 4, "x\n  y"),
        ("true", 5, "true"),
        ("null", 6, "null"),
        ("RED", 7, "RED"),
        ("[]", 8, ""),
        ("{}", 9, ""),
    ],
)
def test_a_value_has_its_kind_and_its_text(written: str, kind: int, raw: str) -> None:
    assert argument(written) == {"ExpectedTypeHasDefault": False, "Kind": kind, "Raw": raw}


def test_a_comment_belongs_to_the_node_that_follows() -> None:
    comment = {"List": [{"Value": "# one"}, {"Value": "#two"}]}
    assert tell("{ # one\n#two\n a }")["Operations"][0]["SelectionSet"] == [
        {"Alias": "a", "Comment": comment, "Name": "a"}
    ]
    assert tell("type A { b: C # one\n#two\n}", "schema")["Definitions"][0]["EndOfDefinitionComment"] == comment


def test_a_comment_whose_place_is_not_known_stops_the_evaluation() -> None:
    with pytest.raises(EvaluationError, match="a comment before Name"):
        compile_modules({}).evaluate("graphql.parse_query(input)", "query # why\n A { b }")


@pytest.mark.parametrize(
    ("what", "text", "message"),
    [
        ("query", "{", "Expected Name, found <EOF> in GraphQL string at location 1:2"),
        ("query", "{ a() }", "expected at least one definition, found ) in GraphQL string at location 1:5"),
        ("query", "{ ...on }", "Expected Name, found } in GraphQL string at location 1:9"),
        ("query", "query($a: Int = $b) { a }", "Unexpected $ in GraphQL string at location 1:17"),
        (
            "schema",
            "extend interface A implements B",
            'Unexpected Name "implements" in GraphQL string at location 1:20',
        ),
        ("schema", '"d" extend type A { a: Int }', 'Unexpected String "d" in GraphQL string at location 1:2'),
        ("schema", "directive @a on field", 'Unexpected Name "field" in GraphQL string at location 1:17'),
        ("query", "{ a" * 101 + "}" * 101, "nested more than 100 deep"),
    ],
)
def test_what_is_wrong_is_named_with_its_place(what: str, text: str, message: str) -> None:
    with pytest.raises(EvaluationError) as caught:
        tell(text, what)
    assert message in str(caught.value)


@given(st.text(alphabet='{}()[]:!$@=|&".#\\, \n\rabon1-', max_size=40), st.sampled_from(["query", "schema"]))
def test_no_text_brings_down_the_reader(text: str, what: str) -> None:
    try:
        found = tell(text, what)
    except EvaluationError:
        return
    assert isinstance(found, dict)
