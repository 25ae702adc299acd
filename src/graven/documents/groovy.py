"""Owns the reading of a ``Jenkinsfile``: the syntax tree of Groovy 2.4 as groovy-parser-go builds it.

A node is ``{kind, line, column, children}``, a word ``{kind, text, line, column}``; columns count bytes there, as in
conftest. Statements are read by ``groovystatements``, expressions by ``groovyexpressions``, words by ``groovytokens``.
Classes and their like are read by ``groovyclasses``.
"""

from __future__ import annotations

from typing import Any

from graven.documents.faults import Text, decoded
from graven.documents.groovybuilder import Node
from graven.documents.groovystatements import Statements
from graven.documents.groovytokens import Token
from graven.documents.position import Document, Path, Position
from graven.errors import TooLarge

__all__ = ["MAX_LEVELS", "MAX_NODES", "parse"]

MAX_LEVELS = 256
MAX_NODES = 100_000


def parse(data: bytes, *, file: str = "") -> tuple[Document, ...]:
    """Read a script.

    >>> [found] = parse(b"sh 'make'")
    >>> call = found.value["children"][0]["children"][0]
    >>> call["kind"], call["children"][1]["children"][0]["text"]
    ('CallExpr', "'make'")

    Raises:
        Malformed: it is no Groovy; says line and column.
        TooLarge: its tree has more than 256 levels or 100,000 nodes.
    """
    text = Text(decoded(data, file), file)
    root = Statements(text).file()
    writer = _Writer(text)
    value = writer.node(root, 1)
    return (Document(value, lambda: writer.places(value), file),)


class _Writer:
    """Turns nodes into objects."""

    def __init__(self, text: Text) -> None:
        self.text = text
        self.count = 0

    def node(self, node: Node, level: int) -> dict[str, Any]:
        """Give the object of a node and of all below it."""
        if level > MAX_LEVELS:
            raise TooLarge(f"got a tree of more than {MAX_LEVELS} levels", where=self.text.file)
        self.count += len(node.children)
        if self.count >= MAX_NODES:
            raise TooLarge(f"got a tree of more than {MAX_NODES} nodes", where=self.text.file)
        found: dict[str, Any] = {"kind": node.kind, "line": 1, "column": 1}
        children = [
            self._word(each) if isinstance(each, Token) else self.node(each, level + 1)
            for each in node.children
            if not isinstance(each, Token) or each.text
        ]
        if children:
            found.update(line=children[0]["line"], column=children[0]["column"], children=children)
        return found

    def _word(self, word: Token) -> dict[str, Any]:
        line, column = self.text.position(word.at)
        before = self.text.text[word.at - column + 1 : word.at]
        return {"kind": word.kind, "text": word.text, "line": line, "column": len(before.encode()) + 1}

    def places(self, value: dict[str, Any]) -> dict[Path, Position]:
        """Give the place of each node, in characters."""
        lines = self.text.text.split("\n")
        found: dict[Path, Position] = {}
        waiting: list[tuple[Path, dict[str, Any]]] = [((), value)]
        while waiting:
            path, node = waiting.pop()
            before = lines[node["line"] - 1].encode()[: node["column"] - 1].decode()
            place = Position(node["line"], len(before) + 1)
            found[path] = place
            for key, each in node.items():
                found[(*path, key)] = place
                if key == "children":
                    waiting += [((*path, key, index), child) for index, child in enumerate(each)]
        return found
