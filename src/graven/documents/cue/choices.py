"""Owns disjunctions: which alternatives are left, and which of them is the default."""

from __future__ import annotations

from graven.documents.cue.machine import Machine
from graven.documents.cue.nodes import Node, Pick
from graven.documents.cue.syntax import Choice
from graven.documents.cue.values import Bottom, Circle, Incomplete

__all__ = ["chosen", "solve"]

_MAYBE, _DEFAULT, _OTHER = range(3)
"""Where nothing is marked; what is marked; what stands beside something that is."""


def chosen(machine: Machine, node: Node, at: int) -> Node:
    """Give the one alternative that counts.

    Raises:
        Bottom: none is left.
        Incomplete: more than one is, and none of them alone is the default.
    """
    leaves = solve(machine, node)
    defaults = [leaf for leaf, mode in leaves if mode == _DEFAULT] or [leaf for leaf, _ in leaves]
    if len(defaults) > 1:
        raise Incomplete(f"{node.named} is one of {len(defaults)} alternatives, and none is the default", at)
    return defaults[0]


def solve(machine: Machine, node: Node) -> list[tuple[Node, int]]:
    """Give the alternatives that are left, each with its standing.

    Raises:
        Bottom: none is left.
    """
    if node.leaves is None:
        failures: list[Bottom] = []
        found = _alternatives(machine, node, failures)
        modes = _modes(found)
        if any(isinstance(each, Circle) for each in failures) and _DEFAULT not in modes:
            raise machine.unsupported(f"{node.named} may contain itself, and no other value is its default", node.at)
        if not found:
            raise Bottom(f"{node.named} is none of its alternatives: {failures[0].message}", failures[0].at)
        node.leaves = _distinct(machine, [(leaf, mode) for leaf, mode in zip(found, modes, strict=True)])
    return node.leaves


def _alternatives(machine: Machine, node: Node, failures: list[Bottom]) -> list[Node]:
    key, said = node.choices[0]
    found: list[Node] = []
    items = said.expr.items if isinstance(said.expr, Choice) else ()
    marked = any(mark for _, mark in items)
    for index, (_, mark) in enumerate(items):
        machine.step(said.expr.at, 4)
        leaf = Node(node.parent, node.label, node.at, node.conjuncts)
        mode = (_DEFAULT if mark else _OTHER) if marked else _MAYBE
        leaf.picks = {**node.picks, key: Pick(index, mode, said.under)}
        leaf.origin = node.origin
        machine.expand(leaf)
        if not leaf.error and leaf.choices:
            found += _alternatives(machine, leaf, failures)
            continue
        machine.finish(leaf)
        if isinstance(leaf.error, Bottom):
            if isinstance(leaf.error, Circle) and any(pick.mode == _DEFAULT for pick in leaf.picks.values()):
                raise machine.unsupported(f"{node.named} may contain itself by default", node.at)
            failures.append(leaf.error)
        else:
            found.append(leaf)
    return found


def _modes(leaves: list[Node]) -> list[int]:
    """Bring the marks of several disjunctions together; one whose default is gone no longer has any.

    What stands beside an unmarked alternative that has a default of its own is no default.
    """
    kept = {key: pick.under for leaf in leaves for key, pick in leaf.picks.items() if pick.mode == _DEFAULT}
    return [max((_mode(leaf, key, under) for key, under in kept.items()), default=_MAYBE) for leaf in leaves]


def _mode(leaf: Node, key: object, under: object) -> int:
    found, outer = leaf.picks.get(key), leaf.picks.get(under)
    if found:
        return found.mode
    return _OTHER if outer and outer.mode == _MAYBE else _MAYBE


def _distinct(machine: Machine, leaves: list[tuple[Node, int]]) -> list[tuple[Node, int]]:
    found: list[tuple[Node, int]] = []
    for leaf, mode in leaves:
        for at, (other, known) in enumerate(found):
            if _alike(machine, leaf, other):
                found[at] = (other, _DEFAULT if _DEFAULT in (mode, known) else known)
                break
        else:
            found.append((leaf, mode))
    return found


def _alike(machine: Machine, left: Node, right: Node) -> bool:
    """Say whether two nodes are the same value, known or not."""
    machine.step(left.at)
    if left.choices or right.choices:
        return _same_choices(machine, left, right)
    if (
        left.kinds != right.kinds
        or left.atom != right.atom
        or type((left.atom or "x")[0]) is not type((right.atom or "x")[0])
    ):
        return False
    if {bound for bound, _ in left.bounds} != {bound for bound, _ in right.bounds} and left.atom is None:
        return False
    if left.arcs.keys() != right.arcs.keys() or len(left.items) != len(right.items):
        return False
    pairs = [(left.arcs[key], right.arcs[key]) for key in left.arcs]
    pairs += list(zip(left.items, right.items, strict=True))
    return all(first.presence == second.presence and _alike(machine, first, second) for first, second in pairs)


def _same_choices(machine: Machine, left: Node, right: Node) -> bool:
    if not left.choices or not right.choices:
        return False
    first, second = solve(machine, left), solve(machine, right)
    return len(first) == len(second) and all(
        a == b and _alike(machine, one, other) for (one, a), (other, b) in zip(first, second, strict=True)
    )
