"""Owns the syntax of GraphQL's type systems: definitions of types, schemas and directives, and their extensions."""

from __future__ import annotations

from collections.abc import Callable

from graven.rego.builtins.graphqlcursor import Cursor, Node, node

__all__ = ["parse_schema"]

_OPERATIONS = ("query", "mutation", "subscription")
_KINDS = {
    "scalar": "SCALAR", "type": "OBJECT", "interface": "INTERFACE", "union": "UNION", "enum": "ENUM",
    "input": "INPUT_OBJECT",
}  # fmt: skip
_LOCATIONS = frozenset(
    {
        "QUERY", "MUTATION", "SUBSCRIPTION", "FIELD", "FRAGMENT_DEFINITION", "FRAGMENT_SPREAD", "INLINE_FRAGMENT",
        "VARIABLE_DEFINITION", "SCHEMA", "SCALAR", "OBJECT", "FIELD_DEFINITION", "ARGUMENT_DEFINITION", "INTERFACE",
        "UNION", "ENUM", "ENUM_VALUE", "INPUT_OBJECT", "INPUT_FIELD_DEFINITION",
    }
)  # fmt: skip
_MEMBERS = ("Directives", "Interfaces", "Fields", "Types", "EnumValues", "OperationTypes")


def parse_schema(text: str) -> Node:
    """Read a document of a type system.

    Raises:
        BuiltinError: it is not well formed; the message names the place.

    >>> parse_schema("scalar Day")["Definitions"][0]["Kind"]
    'SCALAR'
    """
    cursor = Cursor(text, silent="{)")
    found: dict[str, list[Node]] = {}
    while cursor.token.kind != "<EOF>":
        said = cursor.token
        described = _described(cursor)
        word = cursor.token.value if cursor.token.kind == "Name" else ""
        if word in _KINDS:
            found.setdefault("Definitions", []).append(_definition(cursor, described))
        elif word == "schema":
            found.setdefault("Schema", []).append(_schema(cursor, described))
        elif word == "directive":
            found.setdefault("Directives", []).append(_directive(cursor, described))
        elif word == "extend":
            if described["Description"]:
                raise cursor.unexpected(said)
            described.pop("BeforeDescriptionComment", None)
            _extension(cursor, described, found)
        else:
            raise cursor.unexpected()
    return node(**found, Comment=cursor.comment())


def _described(cursor: Cursor) -> Node:
    """Read a description, with the comments before and behind it."""
    if cursor.token.kind not in ("String", "BlockString"):
        return node(Description="", AfterDescriptionComment=cursor.comment())
    before, text = cursor.comment(), cursor.next().value
    return node(BeforeDescriptionComment=before, Description=text, AfterDescriptionComment=cursor.comment())


def _extension(cursor: Cursor, described: Node, found: dict[str, list[Node]]) -> None:
    cursor.next()
    if cursor.at_word("schema"):
        place, made = "SchemaExtension", _schema(cursor, described)
    elif cursor.token.kind == "Name" and cursor.token.value in _KINDS:
        place, made = "Extensions", _definition(cursor, described, extends=True)
    else:
        raise cursor.unexpected()
    if not any(member in made for member in _MEMBERS):
        raise cursor.unexpected()
    found.setdefault(place, []).append(made)


def _schema(cursor: Cursor, described: Node) -> Node:
    cursor.next()
    return node(
        **described,
        Position=cursor.place(),
        Directives=cursor.directives(const=True),
        **_body(cursor, "OperationTypes", _operation_type),
    )


def _operation_type(cursor: Cursor) -> Node:
    comment, place, token = cursor.comment(), cursor.place(), cursor.next()
    if token.kind != "Name" or token.value not in _OPERATIONS:
        raise cursor.unexpected(token)
    cursor.expect(":")
    return node(Comment=comment, Position=place, Operation=token.value, Type=cursor.name())


def _body(cursor: Cursor, name: str, read: Callable[[Cursor], Node]) -> Node:
    """Read the members of a definition, with the comments behind the last one."""
    members = cursor.group("{}", lambda: read(cursor))
    return node(**{name: members}, EndOfDefinitionComment=cursor.ending) if members else {}


def _definition(cursor: Cursor, described: Node, *, extends: bool = False) -> Node:
    word = cursor.next().value
    made = node(Kind=_KINDS[word], **described, Position=cursor.place(), Name=cursor.name(), BuiltIn=False)
    if word == "type" or (word == "interface" and not extends):
        made |= node(Interfaces=_interfaces(cursor))
    made |= node(Directives=cursor.directives(const=True))
    if word in ("type", "interface"):
        made |= _body(cursor, "Fields", _field)
    elif word == "input":
        made |= _body(cursor, "Fields", _input)
    elif word == "enum":
        made |= _body(cursor, "EnumValues", _enum_value)
    elif word == "union" and cursor.skip("="):
        made["Types"] = _several(cursor, "|")
    return made


def _interfaces(cursor: Cursor) -> list[str]:
    if not cursor.at_word("implements"):
        return []
    cursor.next()
    return _several(cursor, "&")


def _several(cursor: Cursor, between: str) -> list[str]:
    """Read names with a sign between, and perhaps before."""
    cursor.skip(between)
    found = [cursor.name()]
    while cursor.skip(between):
        found.append(cursor.name())
    return found


def _field(cursor: Cursor) -> Node:
    described, place, name = _described(cursor), cursor.place(), cursor.name()
    arguments = cursor.group("()", lambda: _input(cursor))
    cursor.expect(":")
    return node(
        **described,
        Position=place,
        Name=name,
        Arguments=arguments,
        Type=cursor.type(),
        Directives=cursor.directives(const=True),
    )


def _input(cursor: Cursor) -> Node:
    described, place, name = _described(cursor), cursor.place(), cursor.name()
    cursor.expect(":")
    return node(
        **described,
        Position=place,
        Name=name,
        Type=cursor.type(),
        DefaultValue=cursor.value(const=True) if cursor.skip("=") else None,
        Directives=cursor.directives(const=True),
    )


def _enum_value(cursor: Cursor) -> Node:
    return node(
        **_described(cursor), Position=cursor.place(), Name=cursor.name(), Directives=cursor.directives(const=True)
    )


def _directive(cursor: Cursor, described: Node) -> Node:
    cursor.next()
    cursor.expect("@")
    place, name, arguments = cursor.place(), cursor.name(), cursor.group("()", lambda: _input(cursor))
    repeatable = cursor.at_word("repeatable")
    if repeatable:
        cursor.next()
    cursor.keyword("on")
    cursor.skip("|")
    locations = [_location(cursor)]
    while cursor.skip("|"):
        locations.append(_location(cursor))
    return node(
        **described, Position=place, Name=name, Arguments=arguments, Locations=locations, IsRepeatable=repeatable
    )


def _location(cursor: Cursor) -> str:
    token = cursor.token
    name = cursor.name()
    if name not in _LOCATIONS:
        raise cursor.unexpected(token)
    return name
