"""Owns structs: their fields by name, by computed name and by pattern, what is embedded in them, and comprehensions."""

from __future__ import annotations

from collections.abc import Callable

from graven.documents.cue import operations
from graven.documents.cue.clauses import runs
from graven.documents.cue.machine import Machine
from graven.documents.cue.nodes import Closer, Conjunct, Env, Node, Pattern
from graven.documents.cue.syntax import (
    Atom,
    Comprehension,
    Constant,
    Embed,
    Field,
    Label,
    Open,
    StructLit,
)
from graven.documents.cue.values import STRUCT, Bottom, Incomplete, shown

__all__ = ["arc", "matches", "struct"]


def struct(machine: Machine, node: Node, expr: StructLit, said: Conjunct) -> None:
    """Say of a node that it is what stands in braces."""
    env = Env(said.env, node, expr.names, None, expr.at)
    mixed = any(isinstance(decl, Embed | Comprehension) for decl in expr.decls)
    own = Closer()
    chain = said.chain | {own} if mixed else said.chain
    node.maybe = True
    node.solid = True
    for closer in chain:
        node.closers[closer] = None
    if not mixed:
        machine.narrow(node, STRUCT, expr.at)
    said = said._replace(env=env, chain=chain)
    for decl in expr.decls:
        if isinstance(decl, Field):
            _field(machine, node, decl, said)
        elif isinstance(decl, Open):
            node.opens.append(chain)
        elif isinstance(decl, Embed):
            _embed(machine, node, said._replace(expr=decl.value), own)
        elif isinstance(decl, Comprehension):
            machine.later(node, _comprehension(machine, node, decl, said, own))


def _embed(machine: Machine, node: Node, said: Conjunct, host: Closer) -> None:
    part = Closer()
    machine.process(node, said._replace(chain=said.chain | {part}, hosts=(*said.hosts, (host, part))))


def _comprehension(
    machine: Machine, node: Node, decl: Comprehension, said: Conjunct, host: Closer
) -> Callable[[], None]:
    def run() -> None:
        found = list(runs(machine, decl, 0, said.env))
        for env in found:
            _embed(machine, node, said._replace(expr=decl.body, env=env), host)

    return run


def _field(machine: Machine, node: Node, field: Field, said: Conjunct) -> None:
    if field.form == "name":
        arc(machine, node, field.label, field, said)  # type: ignore[arg-type]
    elif field.form == "pattern":
        machine.narrow(node, STRUCT, field.at)
        _pattern(machine, node, Pattern(field.label, field, said))  # type: ignore[arg-type]
    else:
        machine.later(node, lambda: _dynamic(machine, node, field, said))


def _dynamic(machine: Machine, node: Node, field: Field, said: Conjunct) -> None:
    label = operations.constant(machine, field.label, said.env)  # type: ignore[arg-type]
    if not isinstance(label, str):
        raise Bottom(f"got {shown(label)} as the name of a field, expected a text", field.at)
    arc(machine, node, label, field, said)


def arc(machine: Machine, node: Node, label: Label, field: Field, said: Conjunct) -> None:
    """Say something of a field."""
    if isinstance(label, str) and field.mark != "?":
        machine.narrow(node, STRUCT, field.at)
    node.declared.setdefault(label, []).append(said.chain)
    if label in node.missed and not field.mark:
        raise machine.unsupported(f"{node.named} gets a field after it was found missing", field.at)
    found = node.arcs.get(label)
    if found is None:
        if node.shut:
            raise machine.unsupported(f"{node.named} gets fields after it was read", field.at)
        found = node.arcs[label] = Node(node, label, field.value.at, [])
        found.presence = field.mark
        for pattern in node.patterns:
            _constrain(machine, found, pattern)
    elif found.presence and field.mark != "?":
        if node.shut and not field.mark:
            raise machine.unsupported(f"{node.named} gets fields after it was read", field.at)
        found.presence, found.at = field.mark, field.value.at
    machine.say(found, machine.below(said, field.value))


def _pattern(machine: Machine, node: Node, pattern: Pattern) -> None:
    node.patterns.append(pattern)
    for found in list(node.arcs.values()):
        _constrain(machine, found, pattern)


def _constrain(machine: Machine, found: Node, pattern: Pattern) -> None:
    if not isinstance(found.label, str) or not matches(machine, pattern, found.label):
        return
    said = machine.below(pattern.conjunct, pattern.field.value)
    if pattern.field.inner:
        bound: dict[str, Constant | Node] = {pattern.field.inner: found.label}
        said = said._replace(env=Env(said.env, None, {}, bound, (pattern.field.at, found.label)))
    machine.say(found, said)


def matches(machine: Machine, pattern: Pattern, label: str) -> bool:
    """Say whether the name of a field is one that a pattern is for."""
    said = pattern.conjunct._replace(expr=pattern.label)
    test = Node(said.env.around(), label, pattern.label.at, [said, said._replace(expr=Atom(pattern.label.at, label))])
    machine.expand(test)
    machine.finish(test)
    if isinstance(test.stuck or test.error, Incomplete):
        raise machine.unsupported("the names that a pattern is for cannot be told", pattern.label.at)
    return test.error is None
