"""Owns GraphQL's type systems (October 2021, section 3): what a schema means, and whether it is one.

Builds on the trees of ``graphqlschemas``; queries are held against a schema in ``graphqlwalk``.
"""

from __future__ import annotations

from collections.abc import Iterable

from graven.rego.builtins.graphqlcursor import Node

__all__ = [
    "COMPOSITE", "INPUT", "LEAF", "SchemaFault", "Types", "named", "of_name", "placed", "quoted", "type_text",
]  # fmt: skip

COMPOSITE = frozenset({"OBJECT", "INTERFACE", "UNION"})
LEAF = frozenset({"SCALAR", "ENUM"})
INPUT = frozenset({"SCALAR", "ENUM", "INPUT_OBJECT"})
_OUTPUT = COMPOSITE | LEAF


class SchemaFault(Exception):
    """A schema that is none; its text names the place as OPA's parser does."""

    def __init__(self, at: Node, message: str) -> None:
        super().__init__(placed(at, message))


def placed(at: Node, message: str) -> str:
    """Put the place of a node before a message."""
    place = at.get("Position")
    return f"input:{place[0]}:{place[1]}: {message}" if place else f"input: {message}"


def quoted(text: str) -> str:
    """Give a name in quotes."""
    return f'"{text}"'


def named(items: Iterable[Node], name: str) -> Node | None:
    """Give the node of a name."""
    return next((item for item in items if item.get("Name", "") == name), None)


def of_name(type_: Node) -> str:
    """Give the name within a type."""
    while not type_.get("NamedType"):
        type_ = type_["Elem"]
    return str(type_["NamedType"])


def type_text(type_: Node) -> str:
    """Write a type.

    >>> type_text({"NamedType": "", "Elem": {"NamedType": "Int", "NonNull": True}})
    '[Int!]'
    """
    inside = type_.get("NamedType") or f"[{type_text(type_['Elem'])}]"
    return inside + ("!" if type_.get("NonNull") else "")


class Types:
    """The types and directives of a schema by name, and where operations begin."""

    def __init__(self) -> None:
        self.types: dict[str, Node] = {}
        self.directives: dict[str, Node] = {}
        self.possible: dict[str, list[Node]] = {}
        self.roots: dict[str, Node] = {}

    def type(self, type_: Node) -> Node | None:
        """Give the definition that a type names."""
        return self.types.get(of_name(type_))

    def possible_types(self, definition: Node) -> list[Node]:
        """Give the objects that a composite type may be."""
        return [definition] if definition["Kind"] == "OBJECT" else self.possible.get(definition["Name"], [])
