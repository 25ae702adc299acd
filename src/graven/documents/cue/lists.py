"""Owns lists: their elements, and what further ones must be."""

from __future__ import annotations

from graven.documents.cue.clauses import runs
from graven.documents.cue.machine import Machine
from graven.documents.cue.nodes import Conjunct, Node
from graven.documents.cue.syntax import (
    Comprehension,
    ListLit,
)
from graven.documents.cue.values import LIST

__all__ = ["literal"]


def literal(machine: Machine, node: Node, expr: ListLit, said: Conjunct) -> None:
    """Say of a node that it is what stands in brackets."""
    found: list[Conjunct] = []
    for item in expr.items:
        if isinstance(item, Comprehension):
            found += [machine.below(said._replace(env=env), item.body) for env in runs(machine, item, 0, said.env)]
        else:
            found.append(machine.below(said, item))
    node.solid = True
    machine.narrow(node, LIST, expr.at)
    for at, each in enumerate(found[: len(node.items)]):
        machine.say(node.items[at], each)
    for at in range(len(node.items), len(found)):
        _item(machine, node, at, found[at])
    node.lists.append((len(found), expr.open))
    if expr.rest is not None:
        rest = machine.below(said, expr.rest)
        node.rests.append((len(found), rest))
        for further in node.items[len(found) :]:
            machine.say(further, rest)


def _item(machine: Machine, node: Node, at: int, said: Conjunct) -> None:
    if node.shut:
        raise machine.unsupported(f"{node.named} gets elements after it was read", said.expr.at)
    node.items.append(Node(node, at, said.expr.at, [said]))
    for start, rest in node.rests:
        if at >= start:
            machine.say(node.items[at], rest)
