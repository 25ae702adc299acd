"""How go-yaml words that a text is no YAML."""

from __future__ import annotations

import pytest

from graven.checks.lax import LaxFault
from graven.checks.laxdocuments import parse_laxly


def refusal(text: bytes) -> str:
    with pytest.raises(LaxFault) as refused:
        parse_laxly(text, file="a.yaml")
    return refused.value.message


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (b"a: [1, 2\nb: 3\n", "line 1: did not find expected ',' or ']'"),
        (b"a: b: c\n", "mapping values are not allowed in this context"),
        (b"x: 1\na: b: c\n", "line 2: mapping values are not allowed in this context"),
        (b"- a\nb: c\n", "line 1: did not find expected '-' indicator"),
        (b"a: 1\n\tb: 2\n", "line 2: found a tab character that violates indentation"),
        (b"a: \x01\n", "control characters are not allowed"),
        (b"a: \xff\n", "invalid leading UTF-8 octet"),
        (b"a: *b\n", "unknown anchor 'b' referenced"),
        (b"a: &a [*a]\n", "anchor 'a' value contains itself"),
        (b"a: !!int x\n", "cannot decode !!str `x` as a !!int"),
        (b'a: !!binary "#"\n', "!!binary value contains invalid base64 data"),
        (b"<<: 1\n", "map merge requires map or sequence of maps as the value"),
        (b"a: {{ .x }}\n", 'invalid map key: map[interface {}]interface {}{".x":interface {}(nil)}'),
        (b"? [a, 1, true]\n: 1\n", 'invalid map key: []interface {}{"a", 1, true}'),
        (b"a: &q {b: 1.5}\n*q : 2\n", 'invalid map key: map[interface {}]interface {}{"b":1.5}'),
    ],
)
def test_each_fault_has_the_words_and_the_line_of_go_yaml(text: bytes, said: str) -> None:
    assert refusal(text) == f"parser unmarshal: unmarshal yaml: error converting YAML to JSON: yaml: {said}"


def test_of_several_documents_the_line_is_that_of_the_one_that_fails() -> None:
    lead = "parser unmarshal: unmarshal multiple documents: unmarshal subdocument yaml: error converting YAML to JSON"
    assert refusal(b"a: 1\n---\nb: [\n") == f"{lead}: yaml: line 1: did not find expected node content"


def test_what_comes_after_the_first_document_of_a_part_is_not_read() -> None:
    assert parse_laxly(b"a: 1\n--- b: 2\n", file="a.yaml") == {"a": 1}
