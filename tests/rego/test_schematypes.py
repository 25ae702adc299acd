"""Rules held against JSON schemas: a reference that no value of the schema has is an error, and nothing else is."""

from __future__ import annotations

from typing import Any

import pytest

from graven.rego import compile_modules
from graven.rego.compile.schematypes import Schemas, check_schemas, type_of_schema

TEXT = {"type": "string"}


def told(rules: str, schemas: Schemas) -> list[tuple[int, str]]:
    policy = compile_modules({"p.rego": rules})
    return [(error.row, error.message.splitlines()[0]) for error in check_schemas(policy.traced.unit, schemas)]


@pytest.mark.parametrize(
    ("schema", "type_"),
    [
        ({"properties": {"a": TEXT}}, "object<a: string>"),
        ({"type": "object", "properties": {"a": TEXT}, "additionalProperties": True}, "object<a: string>"),
        ({"type": "object"}, "object[any: any]"),
        ({"type": ["string", "null"]}, "string"),
        ({"type": "integer"}, "number"),
        ({"type": "array", "items": [TEXT, {"type": "null"}]}, "array<string, null>"),
        ({"type": "array", "items": TEXT}, "array[string]"),
        ({"allOf": [{"properties": {"a": TEXT}}, {"properties": {"b": TEXT}}]}, "object<a: string, b: string>"),
        ({"properties": {"c": TEXT}, "anyOf": [{"properties": {"a": TEXT}}]}, "object<a: string, c: string>"),
        ({"$ref": "#/definitions/x~1y", "definitions": {"x/y": TEXT}}, "string"),
        ({"$ref": "http://127.0.0.1/x"}, "any"),
        ({"enum": [1]}, "any"),
        ({"oneOf": [TEXT]}, "any"),
        (True, "any"),
    ],
)
def test_a_schema_is_a_type_as_far_as_opa_reads_it(schema: object, type_: str) -> None:
    assert str(type_of_schema(schema)) == type_


def test_a_schema_that_refers_to_itself_ends() -> None:
    schema: dict[str, Any] = {"properties": {"n": {"$ref": "#"}, "v": TEXT}}
    assert told("package p\n\na if input.n.n.n.v == 1\n", Schemas(schema)) == [(3, "match error")]
    assert told("package p\n\na if input.n.n.w\n", Schemas(schema)) == [(3, "undefined ref: input.n.n.w")]


USER = {
    "type": "object",
    "properties": {"user": {"properties": {"age": {"type": "integer"}}}, "xs": {"type": "array", "items": TEXT}},
}


@pytest.mark.parametrize(
    ("body", "errors"),
    [
        ("input.user.age > 3", []),
        ("input.usr", ["undefined ref: input.usr"]),
        ("count(input.user.age) > 1", ["count: invalid argument(s)"]),
        ("input.user.age.x", ["undefined ref: input.user.age.x"]),
        ("some x in input.xs; upper(x) == 'X'", []),
        ("x := input; x.nope", ["undefined ref: x.nope"]),
        ("object.get(input, ['x'], 1) == 1", []),
        ("data.free.to.be.anything", []),
    ],
)
def test_references_are_held_against_the_schema_of_the_input(body: str, errors: list[str]) -> None:
    body = body.replace("'", '"')
    found = [message for _, message in told(f"package p\n\na if {{ {body} }}\n", Schemas(USER))]
    assert found == errors


ANNOTATED = """# METADATA
# scope: package
# schemas:
# - input: schema.all
package p

a if input.nope

# METADATA
# schemas:
# - input.deep: {type: number}
# - data.acl: schema.acl["of-all"]
b if { input.deep == "x"; data.acl.nope }

# METADATA
# schemas:
# - input: schema.none
c if input.b
"""


def test_annotations_say_which_schema_bears_on_which_rule() -> None:
    named = {("all",): {"properties": {"b": TEXT}}, ("acl", "of-all"): {"properties": {"x": TEXT}}}
    assert sorted(told(ANNOTATED, Schemas(named=named))) == [
        (7, "undefined ref: input.nope"),
        (13, "match error"),
        (13, "undefined ref: data.acl.nope"),
        (18, "undefined schema: schema.none"),
    ]


def test_names_mean_nothing_where_no_schemas_are_given() -> None:
    assert told(ANNOTATED, Schemas()) == [(13, "match error")]
