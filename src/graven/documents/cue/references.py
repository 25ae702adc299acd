"""Owns what references stand for, and which fields a definition leaves room for."""

from __future__ import annotations

from graven.documents.cue import operations
from graven.documents.cue.machine import Machine
from graven.documents.cue.nodes import GATHERING, SETTLING, Closer, Conjunct, Env, Node
from graven.documents.cue.syntax import Constant, Expr, Index, Label, Let, Name, Select
from graven.documents.cue.values import LIST, STRUCT, TYPES, Bottom, Circle, Incomplete, Kinds, shown

__all__ = ["copy", "follow", "scope", "target"]


def target(machine: Machine, expr: Expr, env: Env) -> Constant | Node | Kinds:
    """Give what an expression refers to.

    Raises:
        Bottom: there is no such thing.
        Incomplete: it is not there yet.
    """
    machine.step(expr.at)
    if isinstance(expr, Name):
        return _named(machine, expr, env)
    if isinstance(expr, Select):
        if isinstance(expr.base, Name) and expr.base.name in machine.imports and scope(expr.base.name, env) is None:
            raise machine.unsupported(f"got {expr.base.name}.{expr.label}", expr.at)
        return _member(machine, target(machine, expr.base, env), expr.label, expr.at)
    if isinstance(expr, Index):
        base = target(machine, expr.base, env)
        return _element(machine, base, operations.constant(machine, expr.key, env), expr.at)
    return machine.anonymous(expr, env)


def scope(name: str, env: Env) -> Env | None:
    """Find the scope in which a name means something; None if it is one of CUE's own or of an import."""
    found: Env | None = env
    while found and name not in found.names and not (found.bound and name in found.bound):
        found = found.up
    return found


def _named(machine: Machine, expr: Name, env: Env) -> Constant | Node | Kinds:
    found = scope(expr.name, env)
    if found is None:
        if expr.name in TYPES:
            return TYPES[expr.name]
        raise machine.unsupported(f"got {expr.name}", expr.at)
    if found.bound and expr.name in found.bound:
        return found.bound[expr.name]
    decl, node = found.names[expr.name], found.node
    if isinstance(decl, Let):
        if expr.name not in found.lets:
            found.lets[expr.name] = Node(node, "", decl.at, [Conjunct(decl.value, found)])
        return found.lets[expr.name]
    if decl.form != "name" or node is None:
        raise machine.unsupported(f"got the name {expr.name} for fields whose names are computed", expr.at)
    if node.state == GATHERING:
        raise Incomplete(f"{node.named} depends on itself", expr.at, node)
    return _present(node, decl.label, expr.at)  # type: ignore[arg-type]


def _present(node: Node, label: Label, at: int) -> Node:
    found = node.arcs.get(label)
    name = label[0] if isinstance(label, tuple) else label
    if found is None or found.presence:
        waits = node.state in (GATHERING, SETTLING) and not node.last
        if node.last:
            node.missed.add(label)
        what = "has no field" if found is None else "leaves open its field"
        raise Incomplete(f"{node.named} {what} {name}", at, node if waits else None)
    return found


def _member(machine: Machine, base: object, label: Label, at: int) -> Node:
    if not isinstance(base, Node):
        raise Bottom("got a value without fields before a dot", at)
    node = machine.settled(base, at)
    if node.kinds & STRUCT == 0 and not (isinstance(label, tuple) and node.arcs):
        raise Bottom(f"{node.named} has no fields", at)
    return _present(node, label, at)


def _element(machine: Machine, base: object, key: Constant, at: int) -> Node:
    if isinstance(base, Node):
        node = machine.settled(base, at)
        if node.kinds == STRUCT and isinstance(key, str):
            return _present(node, key, at)
        if node.kinds == LIST and isinstance(key, int) and not isinstance(key, bool):
            if 0 <= key < len(node.items):
                return node.items[key]
            raise Bottom(f"{node.named} has no element {shown(key)}", at)
        if node.kinds not in (STRUCT, LIST) and node.atom is None:
            raise Incomplete(f"{node.named} is no value yet", at)
    raise Bottom(f"got the index {shown(key)}, which the value does not have", at)


def follow(machine: Machine, node: Node, said: Conjunct) -> None:
    """Say of a node what is said of the one that a reference stands for."""
    found = target(machine, said.expr, said.env)
    if isinstance(found, Node):
        copy(machine, node, found, said, _closer(said) if _defines(said.expr) else ())
    else:
        machine.take(node, found, said, said.expr.at)


def _defines(expr: Expr) -> bool:
    while isinstance(expr, Select | Index):
        if isinstance(expr, Select) and isinstance(expr.label, tuple) and "#" in expr.label[0]:
            return True
        expr = expr.base
    return isinstance(expr, Name) and expr.name.startswith(("#", "_#"))


def _closer(said: Conjunct) -> tuple[Closer, ...]:
    return (Closer(said.hosts, closing=True),)


def copy(machine: Machine, node: Node, found: Node, said: Conjunct, closers: tuple[Closer, ...]) -> None:
    """Say of a node what is said of another."""
    again = next((depth for each, depth in said.lineage if each is found.origin), None)
    if found.origin is node.origin or again == node.depth:
        if node.picks:
            raise machine.unsupported(f"{node.named} has itself as an alternative", said.expr.at)
        return
    found.frozen = True
    chain = said.chain.union(closers)

    def spread(lineage: tuple[tuple[Node, int], ...]) -> None:
        for each in found.conjuncts:
            machine.process(
                node, Conjunct(each.expr, each.env, chain | each.chain, said.hosts + each.hosts, lineage, said.under)
            )

    if again is not None or _above(found, node):
        node.later.append(lambda: spread(()) if node.solid else _circle(node, said.expr.at))
    else:
        spread((*said.lineage, (found.origin, node.depth)))


def _above(found: Node, node: Node) -> bool:
    up = node.parent
    while up is not None and up.depth >= found.depth:
        if up.origin is found.origin:
            return True
        up = up.parent
    return False


def _circle(node: Node, at: int) -> None:
    raise Circle(f"{node.named} contains itself", at)
