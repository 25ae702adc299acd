"""Owns the check of a JSON Schema (drafts 4 to 7) before it is used; the messages are those of OPA's validator."""

from __future__ import annotations

from collections.abc import Callable

from graven.rego.numerals import as_integer
from graven.rego.values import FALSE, TRUE, RegoObject, Value, is_number

__all__ = ["SchemaFault", "check_schema", "resolve"]

_TYPES = ("array", "boolean", "integer", "number", "null", "object", "string")
_COUNTS = ("minLength", "maxLength", "minItems", "maxItems", "minProperties", "maxProperties")
_LISTS = ("allOf", "anyOf", "oneOf")
_SINGLE = ("not", "if", "then", "else", "contains", "propertyNames")
_MAX_DEPTH = 200


class SchemaFault(Exception):
    """What is wrong with a schema."""


def _is_schema(value: Value) -> bool:
    return value.__class__ is RegoObject or value in (TRUE, FALSE)


def check_schema(schema: Value, compiles: Callable[[str], bool]) -> None:
    """Refuse what is no schema.

    Raises:
        SchemaFault: what is wrong.
    """
    if not _is_schema(schema):
        raise SchemaFault("Invalid type. Expected: object, given: schema")
    _check(schema, schema, compiles, 0)


def _check(schema: Value, root: Value, compiles: Callable[[str], bool], depth: int) -> None:
    if schema.__class__ is not RegoObject:
        return
    if depth > _MAX_DEPTH:
        raise SchemaFault("the schema is nested too deeply")
    if "$ref" in schema:
        resolve(schema["$ref"], root)
    _check_type(schema.get("type"), present="type" in schema)
    _check_numbers(schema)
    _check_texts(schema, compiles)
    for below in _subschemas(schema):
        _check(below, root, compiles, depth + 1)


def resolve(ref: Value, root: Value) -> Value:
    """Give the schema that a reference within the document names.

    Raises:
        SchemaFault: it names none, or another document, which is not fetched.
    """
    if ref.__class__ is not str:
        raise SchemaFault("Invalid type. Expected: string, given: $ref")
    if not ref.startswith("#"):
        raise SchemaFault(f"remote reference disabled: {ref}")
    found = root
    for step in ref[1:].removeprefix("/").split("/") if len(ref) > 1 else ():
        key = step.replace("~1", "/").replace("~0", "~")
        if found.__class__ is RegoObject and key in found:
            found = found[key]
        elif found.__class__ is tuple and key.isdigit() and int(key) < len(found):
            found = found[int(key)]
        else:
            raise SchemaFault(f"Object has no key '{key}'")
    if not _is_schema(found):
        raise SchemaFault("Invalid type. Expected: Valid Schema, given: $ref")
    return found


def _check_type(kind: Value, *, present: bool) -> None:
    if not present:
        return
    names = kind if kind.__class__ is tuple else (kind,)
    if any(name.__class__ is not str for name in names):
        raise SchemaFault("Invalid type. Expected: type, given: string/Array Of Strings")
    for at, name in enumerate(names):
        if name not in _TYPES:
            valid = " ".join(_TYPES)
            message = f"has a primitive type that is NOT VALID -- given: /{name}/ Expected valid values are:[{valid}]"
            raise SchemaFault(message)
        if name in names[:at]:
            raise SchemaFault(f"{name} type is duplicated")


def _check_numbers(schema: Value) -> None:
    if "multipleOf" in schema:
        if not is_number(schema["multipleOf"]):
            raise SchemaFault("Invalid type. Expected: number, given: multipleOf")
        if schema["multipleOf"] <= 0:
            raise SchemaFault("multipleOf must be strictly greater than 0")
    for name in ("minimum", "maximum"):
        if name in schema and not is_number(schema[name]):
            raise SchemaFault(f"{name} must be of a Number")
    _check_bounds(schema)
    _check_counts(schema)


def _check_bounds(schema: Value) -> None:
    for name in ("exclusiveMinimum", "exclusiveMaximum"):
        if name in schema and not (is_number(schema[name]) or schema[name] in (TRUE, FALSE)):
            raise SchemaFault(f"{name} must be a number")
        if schema.get(name) is TRUE and name.replace("exclusiveM", "m") not in schema:
            raise SchemaFault(f"{name} cannot be used without {name.replace('exclusiveM', 'm')}")


def _check_counts(schema: Value) -> None:
    for name in _COUNTS:
        if name not in schema:
            continue
        if not is_number(schema[name]) or as_integer(schema[name]) is None:
            raise SchemaFault(f"{name} must be of an integer")
        if schema[name] < 0:
            raise SchemaFault(f"{name} must be greater than or equal to 0")
    for least, most in (("minLength", "maxLength"), ("minProperties", "maxProperties")):
        if least in schema and most in schema and schema[least] > schema[most]:
            raise SchemaFault(f"{least} cannot be greater than {most}")


def _check_texts(schema: Value, compiles: Callable[[str], bool]) -> None:
    if "pattern" in schema and (schema["pattern"].__class__ is not str or not compiles(schema["pattern"])):
        raise SchemaFault("pattern must be a valid regex")
    if "format" in schema and schema["format"].__class__ is not str:
        raise SchemaFault("Invalid type. Expected: string, given: format")
    if "uniqueItems" in schema and schema["uniqueItems"] not in (TRUE, FALSE):
        raise SchemaFault("uniqueItems must be of a boolean")
    if "enum" in schema and schema["enum"].__class__ is not tuple:
        raise SchemaFault("enum must be of an array")
    if "required" in schema:
        names = schema["required"]
        if names.__class__ is not tuple:
            raise SchemaFault("required must be of an array")
        if any(name.__class__ is not str for name in names):
            raise SchemaFault("required items must be string")
    for pattern in schema.get("patternProperties", {}) if "patternProperties" in schema else ():
        if pattern.__class__ is not str or not compiles(pattern):
            raise SchemaFault(f"patternProperties: {pattern} must be a valid regex")


def _subschemas(schema: Value) -> list[Value]:
    """Give the schemas inside a schema, each of which must be one."""
    found = [*_named(schema), *_listed(schema), *_dependencies(schema)]
    found += [schema[name] for name in _SINGLE if name in schema]
    for name in ("additionalProperties", "additionalItems"):
        if name in schema:
            if not _is_schema(schema[name]):
                raise SchemaFault(f"Invalid type. Expected: boolean/Valid Schema, given: {name}")
            found.append(schema[name])
    for each in found:
        if not _is_schema(each):
            raise SchemaFault("Invalid type. Expected: valid schema, given: schema")
    return found


def _named(schema: Value) -> list[Value]:
    """Give the schemas that stand in objects, by name."""
    found: list[Value] = []
    for name in ("properties", "patternProperties", "definitions"):
        if name in schema:
            if schema[name].__class__ is not RegoObject:
                label = "Properties" if name == "properties" else name
                raise SchemaFault(f"{label} must be of type object")
            found += schema[name].ordered_values()
    return found


def _listed(schema: Value) -> list[Value]:
    """Give the schemas that stand in arrays."""
    found: list[Value] = []
    for name in _LISTS:
        if name in schema:
            if schema[name].__class__ is not tuple:
                raise SchemaFault(f"{name} must be of an array")
            found += schema[name]
    if "items" in schema:
        items = schema["items"]
        if not _is_schema(items) and items.__class__ is not tuple:
            raise SchemaFault("Invalid type. Expected: Valid Schema/Array Of Schemas, given: items")
        found += items if items.__class__ is tuple else (items,)
    return found


def _dependencies(schema: Value) -> list[Value]:
    if "dependencies" not in schema:
        return []
    if schema["dependencies"].__class__ is not RegoObject:
        raise SchemaFault("Invalid type. Expected: object, given: dependencies")
    found: list[Value] = []
    for each in schema["dependencies"].ordered_values():
        if each.__class__ is not tuple:
            found.append(each)
        elif any(name.__class__ is not str for name in each):
            raise SchemaFault("Invalid type. Expected: Valid Schema/Array Of Strings, given: dependencies")
    return found
