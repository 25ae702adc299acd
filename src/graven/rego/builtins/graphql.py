"""Owns the builtins that read GraphQL: the JSON of syntax trees as OPA gives it, and queries held against schemas."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from graven.rego.builtins.graphqlcursor import Node, pruned
from graven.rego.builtins.graphqlloading import load
from graven.rego.builtins.graphqlqueries import parse_query
from graven.rego.builtins.graphqlrules import validate
from graven.rego.builtins.graphqlschemas import parse_schema
from graven.rego.builtins.graphqltypes import SchemaFault, Types, placed
from graven.rego.builtins.protocol import Builtin, BuiltinError, Context, builtin, operand_error
from graven.rego.notation import to_json
from graven.rego.values import FALSE, TRUE, RegoObject, Value, from_json, type_name

__all__ = ["BUILTINS"]

_END = ".\n"
_Parse = Callable[[str], Node]


def _reading(parse: _Parse) -> Callable[[Context, str], Value]:
    def read(context: Context, text: str) -> Value:
        context.charge(len(text))
        return from_json(pruned(parse(text)))

    return read


def _document(context: Context, value: Value, parse: _Parse, position: int) -> Node:
    """Give the tree of a text, or of an object that is one."""
    if value.__class__ is str:
        context.charge(len(value))
        return parse(value)
    if value.__class__ is not RegoObject:
        raise operand_error(position, "one of {string, object}", type_name(value))
    found: Node = _without_empty(to_json(value))
    return found


def _without_empty(value: Any) -> Any:
    """Take out what is null or an empty list, as in a tree that was read from a text."""
    if isinstance(value, dict):
        return {key: _without_empty(item) for key, item in value.items() if item is not None and item != []}
    return [_without_empty(item) for item in value] if isinstance(value, list) else value


def _schema(context: Context, document: Node, key: Value) -> Types:
    """Give the schema of a document, made once for an evaluation."""
    found = context.cache.get(("graphql", key))
    if not isinstance(found, Types):
        try:
            found = context.cache["graphql", key] = load(document)
        except SchemaFault as error:
            message = f"Error in gqlparser SchemaDocument to Schema conversion: {error}"
            raise BuiltinError(message) from None
    return found


def _verified(context: Context, query: Value, schema: Value) -> tuple[Value, Value]:
    """Give the trees of a query and of the schema whose rules it keeps."""
    try:
        asked = _document(context, query, parse_query, 1)
        types = _document(context, schema, parse_schema, 2)
        trees = from_json(pruned(asked)), from_json(pruned(types))
        faults = validate(_schema(context, types, schema), asked)
    except (KeyError, TypeError, AttributeError, ValueError, IndexError):
        raise BuiltinError("the object is no tree of a GraphQL document") from None
    if faults:
        raise BuiltinError(_worded(faults))
    return trees


def _worded(faults: list[tuple[Node, str]]) -> str:
    """Word what is wrong as OPA does, the first place at the end."""
    lines = [placed(at, message) for at, message in faults]
    place = faults[0][0].get("Position")
    if not place:
        return "GraphQL parse error: " + "\n".join(lines) + "\n"
    text = "\n".join([faults[0][1], *lines[1:], ""])
    return f"{text.removesuffix(_END)} in GraphQL string at location {place[0]}:{place[1]}"


def _parse(context: Context, query: Value, schema: Value) -> Value:
    return _verified(context, query, schema)


def _parse_and_verify(context: Context, query: Value, schema: Value) -> Value:
    try:
        return (TRUE, *_verified(context, query, schema))
    except BuiltinError as error:
        if error.halts:
            raise
        return (FALSE, RegoObject({}), RegoObject({}))


def _is_valid(context: Context, query: Value, schema: Value) -> bool:
    return _parse_and_verify(context, query, schema)[0] is TRUE


def _schema_is_valid(context: Context, schema: Value) -> bool:
    try:
        _schema(context, _document(context, schema, parse_schema, 1), schema)
    except (KeyError, TypeError, AttributeError, ValueError, IndexError):
        return False
    except BuiltinError as error:
        if error.halts:
            raise
        return False
    return True


BUILTINS: tuple[Builtin, ...] = (
    builtin("graphql.is_valid", _is_valid, contextual=True, unchecked=True),
    builtin("graphql.parse", _parse, contextual=True, unchecked=True),
    builtin("graphql.parse_and_verify", _parse_and_verify, contextual=True, unchecked=True),
    builtin("graphql.parse_query", _reading(parse_query), contextual=True),
    builtin("graphql.parse_schema", _reading(parse_schema), contextual=True),
    builtin("graphql.schema_is_valid", _schema_is_valid, contextual=True, unchecked=True),
)
