"""Owns the JSON form of what a text of CUE came to, and the place of each of its parts."""

from __future__ import annotations

import base64
from decimal import Decimal
from typing import Any

from graven.documents.cue import choices
from graven.documents.cue.evaluation import Evaluation
from graven.documents.cue.nodes import Node
from graven.documents.cue.syntax import Constant
from graven.documents.cue.values import LIST, STRUCT, Bottom, Failure, Incomplete, kind_name
from graven.documents.position import Path, Position
from graven.documents.strconv import whole

__all__ = ["Rendering"]


class Rendering:
    """Writes a tree down."""

    def __init__(self, machine: Evaluation) -> None:
        self.machine = machine
        self.places: dict[Path, Position] = {}

    def value(self, node: Node, path: Path) -> Any:
        """Write a node.

        Raises:
            Failure: it has no value.
        """
        self.places[path] = self.machine.text.position(node.at)
        self.machine.finish(node)
        if node.error:
            raise node.error
        if node.choices:
            node = choices.chosen(self.machine, node, node.at)
            self.machine.finish(node)
        failed: Failure | None = node.error or node.stuck
        if failed:
            raise failed
        if node.atom is not None:
            return _plain(node.atom[0], node.at)
        if node.kinds == LIST:
            return [self.value(item, (*path, at)) for at, item in enumerate(node.items)]
        if node.kinds == STRUCT:
            return self._fields(node, path)
        raise Incomplete(f"{node.named} is {kind_name(node.kinds)}, expected a value", node.at)

    def _fields(self, node: Node, path: Path) -> dict[str, Any]:
        found = {}
        for label, arc in node.arcs.items():
            if arc.presence == "!" and not isinstance(label, tuple):
                raise Incomplete(f"{arc.named} is required and not set", arc.at)
            if isinstance(label, str) and not arc.presence:
                found[label] = self.value(arc, (*path, label))
        return found


def _plain(value: Constant, at: int) -> Any:
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    if isinstance(value, Decimal):
        number = float(value)
        if number in (float("inf"), float("-inf")):
            raise Bottom("got a number beyond what a double holds", at)
        return whole(number)
    return value
