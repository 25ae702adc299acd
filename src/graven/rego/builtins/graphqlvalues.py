"""Owns the rules that values in a GraphQL query must keep (October 2021, sections 5.6 and 5.8)."""

from __future__ import annotations

from graven.rego.builtins.graphqlchecks import compatible
from graven.rego.builtins.graphqlcursor import Node
from graven.rego.builtins.graphqltypes import named, type_text
from graven.rego.builtins.graphqlwalk import Walk

__all__ = ["allowed_position", "correct_type", "one_of", "same_value", "unique_fields"]

_VARIABLE, _INT, _FLOAT, _STRING, _BLOCK, _BOOLEAN, _NULL, _ENUM, _LIST, _OBJECT = range(10)
_OWN = {
    _INT: frozenset({"Int", "Float", "ID"}), _FLOAT: frozenset({"Float"}), _STRING: frozenset({"String", "ID"}),
    _BLOCK: frozenset({"String", "ID"}), _BOOLEAN: frozenset({"Boolean"}),
}  # fmt: skip
"""The scalars that a literal may be."""
_SCALARS = frozenset({"Int", "Float", "String", "Boolean", "ID"})
_WORDED = {
    "Int": "Int cannot represent non-integer value", "String": "String cannot represent a non string value",
    "[String]": "String cannot represent a non string value", "Float": "Float cannot represent non numeric value",
    "Boolean": "Boolean cannot represent a non boolean value",
    "ID": "ID cannot represent a non-string and non-integer value",
}  # fmt: skip


def _text(value: Node) -> str:
    """Write a value as OPA's parser does."""
    kind, raw, children = value["Kind"], value.get("Raw", ""), value.get("Children", ())
    if kind in (_STRING, _BLOCK):
        from graven.rego.notation import json_text

        return json_text(raw)
    if kind == _LIST:
        return "[" + ",".join(_text(child["Value"]) for child in children) + "]"
    if kind == _OBJECT:
        return "{" + ",".join(f"{child['Name']}:{_text(child['Value'])}" for child in children) + "}"
    return f"${raw}" if kind == _VARIABLE else str(raw)


def same_value(one: Node, other: Node) -> bool:
    """Say whether two values are written alike; the order of an object's fields says nothing."""
    if one["Kind"] != other["Kind"] or one.get("Raw", "") != other.get("Raw", ""):
        return False
    children, others = one.get("Children", []), other.get("Children", [])
    if one["Kind"] == _OBJECT:
        children = sorted(children, key=lambda child: str(child["Name"]))
        others = sorted(others, key=lambda child: str(child["Name"]))
    return len(children) == len(others) and all(
        left.get("Name", "") == right.get("Name", "") and same_value(left["Value"], right["Value"])
        for left, right in zip(children, others, strict=True)
    )


def unique_fields(walk: Walk, value: Node) -> None:
    """Refuse a field that stands twice in an input object."""
    seen: set[str] = set()
    for child in value.get("Children", ()) if value["Kind"] == _OBJECT else ():
        if child["Name"] in seen:
            walk.error(child, f'There can be only one input field named "{child["Name"]}".')
        seen.add(child["Name"])


def correct_type(walk: Walk, value: Node) -> None:
    """Hold a value against the type that is wanted in its place."""
    definition, expected, kind = value.get("definition"), value.get("expected"), value["Kind"]
    if definition is None or expected is None:
        return
    if kind == _NULL and expected.get("NonNull"):
        walk.error(value, f'Expected value of type "{type_text(expected)}", found {_text(value)}.')
    if kind in (_NULL, _VARIABLE) or (definition["Kind"] == "SCALAR" and definition["Name"] not in _SCALARS):
        return
    if not _readable(value):
        _unexpected(walk, value)
    if kind == _LIST and "Elem" in expected:
        return
    if kind == _OBJECT:
        _object(walk, value, definition)
    elif kind == _ENUM and definition["Kind"] == "ENUM":
        if named(definition.get("EnumValues", ()), value["Raw"]) is None:
            walk.error(value, f'Value "{value["Raw"]}" does not exist in "{type_text(expected)}" enum.')
    elif kind in (_STRING, _BLOCK) and definition["Kind"] == "ENUM":
        walk.error(value, f'Enum "{type_text(expected)}" cannot represent non-enum value: {_text(value)}.')
    elif definition["Name"] not in _OWN.get(kind, ()):
        _unexpected(walk, value)


def _readable(value: Node) -> bool:
    """Say whether every number in a value is one of 64 bits, and every float finite."""
    kind, raw = value["Kind"], value.get("Raw", "")
    if kind == _INT:
        return -(2**63) <= int(raw[:40]) < 2**63
    if kind == _FLOAT:
        return abs(float(raw)) != float("inf")
    return all(_readable(child["Value"]) for child in value.get("Children", ()))


def _unexpected(walk: Walk, value: Node) -> None:
    wanted, text = type_text(value["expected"]), _text(value)
    said = _WORDED.get(wanted.removesuffix("!") if wanted[0] != "[" else wanted)
    if said and wanted.startswith("Int") and value["Kind"] == _INT:
        said = "Int cannot represent non 32-bit signed integer value"
    if said:
        walk.error(value, f"{said}: {text}")
    elif value["definition"]["Kind"] == "ENUM":
        walk.error(value, f'Enum "{wanted}" cannot represent non-enum value: {text}.')
    else:
        walk.error(value, f'Expected value of type "{wanted}", found {text}.')


def _object(walk: Walk, value: Node, definition: Node) -> None:
    name, fields, children = definition["Name"], definition.get("Fields", ()), value.get("Children", [])
    for field in fields:
        if field["Type"].get("NonNull") and "DefaultValue" not in field and named(children, field["Name"]) is None:
            lead = f'Field "{name}.{field["Name"]}" of required type "{type_text(field["Type"])}"'
            walk.error(value, f"{lead} was not provided.")
    if named(definition.get("Directives", ()), "oneOf") is not None:
        if len(children) != 1:
            walk.error(value, f'OneOf Input Object "{name}" must specify exactly one key.')
        elif children[0]["Value"]["Kind"] == _NULL:
            walk.error(children[0]["Value"], f'Field "{name}.{fields[0]["Name"]}" must be non-null.')
    for child in children:
        if named(fields, child["Name"]) is None:
            walk.error(child, f'Field "{child["Name"]}" is not defined by type "{name}".')


def allowed_position(walk: Walk, value: Node) -> None:
    """Hold the type of a variable against the type that is wanted where it stands."""
    variable, expected = value.get("variable"), value.get("expected")
    if value["Kind"] != _VARIABLE or expected is None or variable is None or walk.operation is None:
        return
    default = variable.get("DefaultValue")
    optional = value.get("defaulted") or (default is not None and default["Kind"] != _NULL)
    wanted = {**expected, "NonNull": False} if optional else expected
    if not compatible(variable["Type"], wanted):
        lead = f'Variable "${value["Raw"]}" of type "{type_text(variable["Type"])}"'
        walk.error(value, f'{lead} used in position expecting type "{type_text(expected)}".')


def one_of(walk: Walk, value: Node) -> None:
    """Refuse a variable that may be null in an input object of which one field must be given."""
    definition = value.get("definition")
    if value["Kind"] != _OBJECT or definition is None or named(definition.get("Directives", ()), "oneOf") is None:
        return
    for child in value.get("Children", ()):
        variable = child["Value"].get("variable")
        if variable is not None and not variable["Type"].get("NonNull"):
            lead = f'Variable "${variable["Variable"]}" is of type "{type_text(variable["Type"])}"'
            message = f'{lead} but must be non-nullable to be used for OneOf Input Object "{definition["Name"]}".'
            walk.error(variable, message)
