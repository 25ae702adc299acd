"""Owns the syntax of GraphQL's executable documents: operations, selections and fragments."""

from __future__ import annotations

from graven.rego.builtins.graphqlcursor import Cursor, Node, node

__all__ = ["parse_query"]

_OPERATIONS = ("query", "mutation", "subscription")


def parse_query(text: str) -> Node:
    """Read a document of operations and fragments.

    Raises:
        BuiltinError: it is not well formed; the message names the place.

    >>> parse_query("{ a }")["Operations"][0]["SelectionSet"]
    [{'Position': (1, 3), 'Alias': 'a', 'Name': 'a'}]
    """
    cursor = Cursor(text, silent="{}@)]")
    operations, fragments = [], []
    while cursor.token.kind != "<EOF>":
        if cursor.token.kind == "{" or any(cursor.at_word(word) for word in _OPERATIONS):
            operations.append(_operation(cursor))
        elif cursor.at_word("fragment"):
            fragments.append(_fragment(cursor))
        else:
            raise cursor.unexpected()
    return node(Operations=operations, Fragments=fragments)


def _operation(cursor: Cursor) -> Node:
    if cursor.token.kind == "{":
        return node(Position=cursor.place(), Operation="query", Name="", SelectionSet=_needed_selections(cursor))
    return node(
        Comment=cursor.comment(),
        Position=cursor.place(),
        Operation=cursor.next().value,
        Name=cursor.name() if cursor.token.kind == "Name" else "",
        VariableDefinitions=_variables(cursor),
        Directives=cursor.directives(const=False),
        SelectionSet=_needed_selections(cursor),
    )


def _variables(cursor: Cursor) -> list[Node]:
    return cursor.group("()", lambda: _variable(cursor))


def _variable(cursor: Cursor) -> Node:
    comment, place = cursor.comment(), cursor.place()
    cursor.expect("$")
    name = cursor.name()
    cursor.expect(":")
    return node(
        Comment=comment,
        Position=place,
        Variable=name,
        Type=cursor.type(),
        DefaultValue=cursor.value(const=True) if cursor.skip("=") else None,
        Directives=cursor.directives(const=False),
        Used=False,
    )


def _fragment(cursor: Cursor) -> Node:
    comment, place = cursor.comment(), cursor.place()
    cursor.next()
    name, variables = _fragment_name(cursor), _variables(cursor)
    cursor.keyword("on")
    return node(
        Comment=comment,
        Position=place,
        Name=name,
        VariableDefinition=variables,
        TypeCondition=cursor.name(),
        Directives=cursor.directives(const=False),
        SelectionSet=_needed_selections(cursor),
    )


def _fragment_name(cursor: Cursor) -> str:
    if cursor.at_word("on"):
        raise cursor.unexpected()
    return cursor.name()


def _needed_selections(cursor: Cursor) -> list[Node]:
    if cursor.token.kind != "{":
        raise cursor.fault(f"Expected {{, found {cursor.token.kind}", cursor.token)
    return _selections(cursor)


def _selections(cursor: Cursor) -> list[Node]:
    return cursor.group("{}", lambda: _spread(cursor) if cursor.token.kind == "..." else _field(cursor))


def _spread(cursor: Cursor) -> Node:
    comment = cursor.comment()
    cursor.next()
    place = cursor.place()
    if cursor.token.kind == "Name" and not cursor.at_word("on"):
        return node(Comment=comment, Position=place, Name=cursor.name(), Directives=cursor.directives(const=False))
    condition = ""
    if cursor.at_word("on"):
        cursor.next()
        condition = cursor.name()
    return node(
        Comment=comment,
        Position=place,
        TypeCondition=condition,
        Directives=cursor.directives(const=False),
        SelectionSet=_needed_selections(cursor),
    )


def _field(cursor: Cursor) -> Node:
    comment, place, alias = cursor.comment(), cursor.place(), cursor.name()
    return node(
        Comment=comment,
        Position=place,
        Alias=alias,
        Name=cursor.name() if cursor.skip(":") else alias,
        Arguments=cursor.arguments(const=False),
        Directives=cursor.directives(const=False),
        SelectionSet=_selections(cursor),
    )
