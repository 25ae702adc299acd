"""Owns the reading of GraphQL's tokens: what a query and a schema have in common, down to values and types.

A node is a dict in the fields of the syntax tree of OPA's parser; a field that is null or an empty list is left out.
``Position`` is where it begins, for messages; ``pruned`` takes it out.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from graven.rego.builtins.graphqltokens import Token, tokens
from graven.rego.builtins.protocol import BuiltinError

__all__ = ["Cursor", "Node", "node", "pruned"]

Node = dict[str, Any]
_DEEPEST = 100
_LITERALS = {"Int": 1, "Float": 2, "String": 3, "BlockString": 4}


def node(**fields: Any) -> Node:
    """Make a node without the fields that are null or an empty list."""
    return {name: value for name, value in fields.items() if value is not None and value != []}


def pruned(value: Any) -> Any:
    """Give a tree without the places."""
    if isinstance(value, dict):
        return {key: pruned(item) for key, item in value.items() if key != "Position"}
    return [pruned(item) for item in value] if isinstance(value, list) else value


class Cursor:
    """The tokens of one text, and how far they are read."""

    def __init__(self, text: str, *, silent: str) -> None:
        self._tokens = tokens(text)
        self._silent = silent
        """The signs before which comments are no part of the tree."""
        self._told = -1
        self.ending: Node | None = None
        """The comments before the last closing brace."""
        self._at = 0
        self._depth = 0

    @property
    def token(self) -> Token:
        """The next token."""
        return self._tokens[self._at]

    def place(self) -> tuple[int, int]:
        """Give row and column of the next token."""
        return self.token.row, self.token.column

    def comment(self) -> Node | None:
        """Tell the comments before the next token, to be a part of the node that it begins or ends."""
        self._told = self._at
        comments = self.token.comments
        return {"List": [{"Value": each} for each in comments]} if comments else None

    def fault(self, message: str, token: Token) -> BuiltinError:
        """Give an error with its place."""
        return BuiltinError(f"{message} in GraphQL string at location {token.row}:{token.column}")

    def unexpected(self, token: Token | None = None) -> BuiltinError:
        """Give the error of a token that cannot stand here."""
        token = token or self.token
        return self.fault(f"Unexpected {token}", token)

    def next(self) -> Token:
        """Take a token.

        Raises:
            BuiltinError: a comment stands before it, of which it is not known where OPA tells it.
        """
        found = self.token
        if found.comments and self._told != self._at and found.kind not in self._silent:
            raise BuiltinError(f"a comment before {found} at {found.row}:{found.column} cannot be told", halts=True)
        self._at = min(self._at + 1, len(self._tokens) - 1)
        return found

    def skip(self, kind: str) -> bool:
        """Take a token if it is of a kind."""
        found = self.token.kind == kind
        if found:
            self.next()
        return found

    def expect(self, kind: str) -> str:
        """Take a token of a kind and give its value.

        Raises:
            BuiltinError: it is of another kind.
        """
        if self.token.kind != kind:
            raise self.fault(f"Expected {kind}, found {self.token.kind}", self.token)
        return self.next().value

    def name(self) -> str:
        """Take a name."""
        return self.expect("Name")

    def keyword(self, word: str) -> None:
        """Take a word.

        Raises:
            BuiltinError: it is another.
        """
        if not self.at_word(word):
            raise self.fault(f'Expected "{word}", found {self.token}', self.token)
        self.next()

    def at_word(self, word: str) -> bool:
        """Say whether a word is next."""
        return self.token.kind == "Name" and self.token.value == word

    def group(self, brackets: str, read: Callable[[], Node], *, needed: bool = True) -> list[Node]:
        """Read what stands in brackets, if an opening one is next.

        Raises:
            BuiltinError: nothing stands there and something must, or it is nested too deep.
        """
        opening, closing = brackets[0], brackets[1]
        if not self.skip(opening):
            return []
        found = []
        self._depth += 1
        if self._depth > _DEEPEST:
            raise BuiltinError(f"GraphQL that is nested more than {_DEEPEST} deep is not read", halts=True)
        while self.token.kind != closing:
            found.append(read())
        if needed and not found:
            raise self.fault(f"expected at least one definition, found {closing}", self.token)
        self._depth -= 1
        if closing == "}":
            self.ending = self.comment()
        self.next()
        return found

    def directives(self, *, const: bool) -> list[Node]:
        """Read the directives that stand here."""
        found = []
        while self.skip("@"):
            found.append(
                node(Position=self.place(), Name=self.name(), Arguments=self.arguments(const=const), Location="")
            )
        return found

    def arguments(self, *, const: bool) -> list[Node]:
        """Read the arguments of a field or directive."""
        return self.group("()", lambda: self._named(const=const))

    def _named(self, *, const: bool) -> Node:
        comment, place, name = self.comment(), self.place(), self.name()
        self.expect(":")
        return node(Comment=comment, Position=place, Name=name, Value=self.value(const=const))

    def value(self, *, const: bool) -> Node:
        """Read a value.

        Raises:
            BuiltinError: none stands here, or a variable where none is allowed.
        """
        return {"Position": self.place(), **self._value(const=const)}

    def _value(self, *, const: bool) -> Node:
        token = self.token
        if token.kind == "[":
            comment = self.comment()
            items = self.group("[]", lambda: {"Name": "", "Value": self.value(const=const)}, needed=False)
            return node(Comment=comment) | self._valued("", 8, items)
        if token.kind == "{":
            comment = self.comment()
            items = self.group("{}", lambda: self._named(const=const), needed=False)
            return node(Comment=comment) | self._valued("", 9, items)
        if token.kind == "$" and not const:
            self.next()
            return self._valued(self.name(), 0)
        if token.kind == "Name":
            kinds = {"true": 5, "false": 5, "null": 6}
            return self._valued(self.next().value, kinds.get(token.value, 7))
        if token.kind not in _LITERALS:
            raise self.unexpected()
        return self._valued(self.next().value, _LITERALS[token.kind])

    def _valued(self, raw: str, kind: int, children: list[Node] | None = None) -> Node:
        return node(Raw=raw, Kind=kind, Children=children, ExpectedTypeHasDefault=False)

    def type(self) -> Node:
        """Read a type.

        Raises:
            BuiltinError: none stands here, or it is nested too deep.
        """
        depth, place = 0, self.place()
        while self.skip("["):
            depth += 1
        if depth > _DEEPEST:
            raise BuiltinError(f"GraphQL that is nested more than {_DEEPEST} deep is not read", halts=True)
        found: Node = {"Position": place, "NamedType": self.name(), "NonNull": self.skip("!")}
        for _ in range(depth):
            self.expect("]")
            found = {"Position": place, "NamedType": "", "Elem": found, "NonNull": self.skip("!")}
        return found
