"""Configurations in JSON are read as Terraform reads them: templates, blocks, variables, instances, calls."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graven.documents import Document, Position, hcl2, parse
from graven.documents.terraform import Resource, native, resources
from graven.errors import Malformed

MAIN: dict[str, Any] = {
    "//": "made by a program",
    "terraform": {"required_providers": {"t": {"source": "org/t"}}},
    "variable": {"on": {"default": True, "type": "bool"}, "names": {"default": ["a", "b"], "type": "list(string)"}},
    "locals": [{"upper": "${upper(var.names[0])}"}, {"text": 'say "${local.upper}" and $${not this}\n'}],
    "resource": {
        "t_bucket": {
            "b": {
                "name": "n-${local.upper}",
                "text": "${local.text}",
                "versioning": {"enabled": "${var.on}"},
                "rule": [{"x": 1}, {"x": "${z_q.n.id}"}],
                "website": {"index": "i.html"},
                "tags": {"a": "${var.names[1]}", "b-c": "d"},
                "encryption": {"keys": ["k"]},
                "lifecycle": {"prevent_destroy": True},
                "dynamic": {"grant": {"for_each": "${var.names}", "content": {"to": "${grant.value}"}}},
                "depends_on": ["t_bucket.c"],
                "gone": None,
            },
            "c": [{"for_each": "${toset(var.names)}", "name": "${each.key}"}],
            "d": {"count": 0},
        }
    },
    "data": {"t_ami": {"a": {"owner": "me"}}},
    "module": {"m": {"source": "./m", "name": "${local.upper}"}},
    "output": {"o": {"value": "${module.m.name}"}},
}
MODULE = 'variable "name" {}\noutput "name" { value = var.name }\nresource "t_bucket" "i" {\n  name = var.name\n}\n'


def found(text: str, **others: str) -> dict[str, Resource]:
    documents: dict[str, Document] = {"main.tf.json": parse(text.encode(), file="main.tf.json")[0]}
    for word, said in others.items():
        name = word.replace("__", "/").replace("_tf", ".tf")
        documents[name] = hcl2.parse(said.encode(), file=name)[0]
    return {one.address: one for one in resources(documents)}


def test_templates_blocks_variables_and_calls_are_what_they_are_in_the_native_language() -> None:
    all_of_them = found(json.dumps(MAIN), m__main_tf=MODULE)
    assert list(all_of_them) == [
        "t_bucket.b",
        't_bucket.c["a"]',
        't_bucket.c["b"]',
        "data.t_ami.a",
        "module.m.t_bucket.i",
    ]
    one = all_of_them["t_bucket.b"]
    assert one.view()["values"] == {
        "name": "n-A",
        "text": 'say "A" and ${not this}\n',
        "versioning": [{"enabled": True}],
        "rule": [{"x": 1}, {"x": "${z_q.n.id}"}],
        "website": [{"index": "i.html"}],
        "tags": {"a": "b", "b-c": "d"},
        "encryption": [{"keys": ["k"]}],
        "grant": [{"to": "a"}, {"to": "b"}],
    }
    assert one.unknown == {("rule", 1, "x")}
    assert (one.lifecycle, one.provider_name) == ({"prevent_destroy": True}, "org/t")
    assert all_of_them["module.m.t_bucket.i"].values == {"name": "A"}


def test_places_are_those_of_the_json() -> None:
    text = '{"resource": {\n "t": {\n  "n": {\n   "a": "x",\n   "b": {\n    "on": true\n}}}}}'
    (one,) = found(text).values()
    assert one.file == "main.tf.json"
    assert [one.position(path).line for path in ((), ("a",), ("b", 0), ("b", 0, "on"))] == [3, 4, 5, 6]


def test_native_files_override_json_and_keep_its_places() -> None:
    text = '{"resource": {\n "t": {\n  "n": {"a": 1,\n   "b": 2}}}}'
    one = found(text, prod_override_tf='resource "t" "n" {\n  a = 3\n}\n')["t.n"]
    assert (one.values, one.position(("b",)), one.position(("a",))) == (
        {"a": 3, "b": 2},
        Position(4, 9),
        Position(3, 8),
    )


@pytest.mark.parametrize(
    "text", ['${jsonencode({a = "}"})}', '${"a${upper("}")}b"}', '${"\\""}', "%{ if true }a%{ endif }"]
)
def test_what_is_interpolated_may_hold_braces_and_quotes(text: str) -> None:
    (one,) = found(json.dumps({"resource": {"t": {"n": {"a": text}}}})).values()
    assert one.unknown == frozenset()
    assert "${" not in one.values["a"]


@pytest.mark.parametrize("text", ["${upper(}", "a ${b c}"])
def test_a_template_that_cannot_be_read_is_an_error_at_its_place(text: str) -> None:
    document = parse(json.dumps({"locals": {"a": text}}, indent=1).encode(), file="main.tf.json")[0]
    with pytest.raises(Malformed) as caught:
        native(document)
    assert "main.tf.json: line 3" in str(caught.value)


@given(st.text(max_size=20), st.booleans())
def test_a_text_without_interpolation_stays_as_it_is(text: str, literal: bool) -> None:
    plain = text.replace("${", "").replace("%{", "").encode("utf-8", "ignore").decode()
    body = {"variable": {"v": {"default": plain}}, "resource": {"t": {"n": {"a": "${var.v}" if literal else plain}}}}
    document = Document(body, {}, "main.tf.json")
    (one,) = resources({"main.tf.json": document})
    assert one.values["a"] == plain
