"""Owns which fields a definition leaves room for."""

from __future__ import annotations

from graven.documents.cue.machine import Machine
from graven.documents.cue.nodes import Closer, Node
from graven.documents.cue.structs import matches
from graven.documents.cue.values import Bottom

__all__ = ["closed"]


def closed(machine: Machine, node: Node) -> None:
    """Hold the fields of a node to the definitions that close it.

    Raises:
        Bottom: there is a field that one of them leaves no room for.
    """
    active = {inner for closer in node.closers for inner in (closer, *closer.inner) if inner.closing}
    for closer in active:
        if any(map(closer.covers, node.opens)):
            continue
        for label, arc in node.arcs.items():
            if arc.presence or isinstance(label, tuple):
                continue
            if not any(map(closer.covers, node.declared.get(label, ()))) and not _matched(machine, node, closer, label):
                raise Bottom(f"{arc.named} is not a field that its definition allows", arc.at)


def _matched(machine: Machine, node: Node, closer: Closer, label: str) -> bool:
    return any(closer.covers(pattern.conjunct.chain) and matches(machine, pattern, label) for pattern in node.patterns)
