"""Owns the way from the document of a GraphQL type system to a schema that keeps its rules."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from typing import Any

from graven.rego.builtins.graphqlchecks import check
from graven.rego.builtins.graphqlcursor import Node
from graven.rego.builtins.graphqlschemas import parse_schema
from graven.rego.builtins.graphqltypes import SchemaFault, Types

__all__ = ["load"]

_ROOTS = ("query", "mutation", "subscription")
_AGAIN = frozenset({"include", "skip", "deprecated", "specifiedBy", "defer", "oneOf"})
"""Directives of GraphQL's own, which a schema may declare again."""
_PRELUDE = """
scalar Int scalar Float scalar String scalar Boolean scalar ID
directive @defer(if: Boolean = true, label: String) on FRAGMENT_SPREAD | INLINE_FRAGMENT
directive @include(if: Boolean!) on FIELD | FRAGMENT_SPREAD | INLINE_FRAGMENT
directive @skip(if: Boolean!) on FIELD | FRAGMENT_SPREAD | INLINE_FRAGMENT
directive @deprecated(reason: String = "No longer supported")
  on FIELD_DEFINITION | ARGUMENT_DEFINITION | INPUT_FIELD_DEFINITION | ENUM_VALUE
directive @specifiedBy(url: String!) on SCALAR
directive @oneOf on INPUT_OBJECT
type __Schema {
  description: String types: [__Type!]! queryType: __Type! mutationType: __Type subscriptionType: __Type
  directives: [__Directive!]!
}
type __Type {
  kind: __TypeKind! name: String description: String specifiedByURL: String
  fields(includeDeprecated: Boolean = false): [__Field!] interfaces: [__Type!] possibleTypes: [__Type!]
  enumValues(includeDeprecated: Boolean = false): [__EnumValue!]
  inputFields(includeDeprecated: Boolean = false): [__InputValue!] ofType: __Type isOneOf: Boolean
}
enum __TypeKind { SCALAR OBJECT INTERFACE UNION ENUM INPUT_OBJECT LIST NON_NULL }
type __Field {
  name: String! description: String args(includeDeprecated: Boolean = false): [__InputValue!]! type: __Type!
  isDeprecated: Boolean! deprecationReason: String
}
type __InputValue {
  name: String! description: String type: __Type! defaultValue: String isDeprecated: Boolean! deprecationReason: String
}
type __EnumValue { name: String! description: String isDeprecated: Boolean! deprecationReason: String }
type __Directive {
  name: String! description: String isRepeatable: Boolean! locations: [__DirectiveLocation!]!
  args(includeDeprecated: Boolean = false): [__InputValue!]!
}
enum __DirectiveLocation {
  QUERY MUTATION SUBSCRIPTION FIELD FRAGMENT_DEFINITION FRAGMENT_SPREAD INLINE_FRAGMENT VARIABLE_DEFINITION SCHEMA
  SCALAR OBJECT FIELD_DEFINITION ARGUMENT_DEFINITION INTERFACE UNION ENUM ENUM_VALUE INPUT_OBJECT INPUT_FIELD_DEFINITION
}
"""


@cache
def _prelude() -> Node:
    return parse_schema(_PRELUDE)


def _copied(definition: Node, *, own: bool) -> Node:
    """Copy a definition as far as extensions change it."""
    copied = {key: list(item) if isinstance(item, list) else item for key, item in definition.items()}
    return {**copied, "BuiltIn": True} if own else copied


def load(document: Node) -> Types:
    """Make a schema of a document, with GraphQL's own types.

    Raises:
        SchemaFault: it is not valid.
    """
    schema, prelude = Types(), _prelude()
    _define(schema, [(each, True) for each in prelude["Definitions"]])
    _define(schema, [(each, False) for each in document.get("Definitions", ())])
    for extension in document.get("Extensions", ()):
        _extend(schema, extension)
    for definition in list(schema.types.values()):
        _relate(schema, definition)
    _declare(schema, [*prelude["Directives"], *document.get("Directives", ())])
    blocks = document.get("Schema", [])
    if len(blocks) > 1:
        raise SchemaFault(blocks[1], "Cannot have multiple schema entry points, consider schema extensions instead.")
    check(schema, [*blocks, *document.get("SchemaExtension", ())], _enter)
    _infer(schema, explicit=bool(blocks))
    return schema


def _define(schema: Types, definitions: Iterable[tuple[Node, bool]]) -> None:
    for definition, own in definitions:
        if definition["Name"] in schema.types:
            raise SchemaFault(definition, f"Cannot redeclare type {definition['Name']}.")
        schema.types[definition["Name"]] = _copied(definition, own=own)


def _extend(schema: Types, extension: Node) -> None:
    name, kind = extension["Name"], extension["Kind"]
    made = {"Kind": kind, "Name": name, "Position": extension.get("Position")}
    base = schema.types.setdefault(name, made)
    if base["Kind"] != kind:
        message = f"Cannot extend type {name} because the base type is a {base['Kind']}, not {kind}."
        raise SchemaFault(extension, message)
    for part in ("Directives", "Interfaces", "Fields", "Types", "EnumValues"):
        base[part] = [*base.get(part, ()), *extension.get(part, ())]


def _relate(schema: Types, definition: Node) -> None:
    """Note what a union, an interface and an object may be."""
    kind, name = definition["Kind"], definition["Name"]
    if kind == "UNION":
        found: list[Any] = [schema.types.get(each) for each in definition.get("Types", ())]
        schema.possible.setdefault(name, []).extend(each for each in found if each is not None)
    elif kind in ("INPUT_OBJECT", "OBJECT", "INTERFACE"):
        for interface in definition.get("Interfaces", ()):
            schema.possible.setdefault(interface, []).append(definition)
        if kind != "INTERFACE":
            schema.possible.setdefault(name, []).append(definition)


def _declare(schema: Types, directives: Iterable[Node]) -> None:
    for directive in directives:
        name = directive["Name"]
        if name in schema.directives and name not in _AGAIN:
            raise SchemaFault(directive, f"Cannot redeclare directive {name}.")
        schema.directives[name] = directive


def _enter(schema: Types, block: Node) -> None:
    """Take the roots that a schema block names."""
    for root in block.get("OperationTypes", ()):
        found = schema.types.get(root["Type"])
        if found is None:
            message = f"Schema root {root['Operation']} refers to a type {root['Type']} that does not exist."
            raise SchemaFault(root, message)
        schema.roots[root["Operation"]] = found


def _infer(schema: Types, *, explicit: bool) -> None:
    for root in _ROOTS:
        found = schema.types.get(root.capitalize())
        if not explicit and found is not None:
            schema.roots.setdefault(root, found)
    if "query" in schema.roots:
        fields = parse_schema("type _ { __schema: __Schema! __type(name: String!): __Type }")["Definitions"][0][
            "Fields"
        ]
        schema.roots["query"]["Fields"] = [*schema.roots["query"].get("Fields", ()), *fields]
