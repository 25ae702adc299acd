"""Owns the clauses of comprehensions: how often they give something, and in which scope."""

from __future__ import annotations

from graven.documents.cue import operations
from graven.documents.cue.machine import Machine
from graven.documents.cue.nodes import Env, Node
from graven.documents.cue.syntax import (
    Comprehension,
    Constant,
    For,
    If,
)
from graven.documents.cue.values import Bottom, shown

__all__ = ["runs"]


def runs(machine: Machine, decl: Comprehension, index: int, env: Env) -> list[Env]:
    """Give the scope of each time that the clauses give one."""
    if index == len(decl.clauses):
        return [env]
    clause = decl.clauses[index]
    machine.step(clause.at)
    if isinstance(clause, For):
        found: list[Env] = []
        for key, each in operations.parts(machine, clause.source, env):
            machine.step(clause.at)
            bound: dict[str, Constant | Node] = {clause.name: each}
            if clause.key:
                bound[clause.key] = key
            found += runs(machine, decl, index + 1, Env(env, None, {}, bound, (clause.at, key)))
        return found
    if isinstance(clause, If):
        holds = operations.constant(machine, clause.condition, env)
        if not isinstance(holds, bool):
            raise Bottom(f"got {shown(holds)} as a condition, expected true or false", clause.at)
        return runs(machine, decl, index + 1, env) if holds else []
    named: dict[str, Constant | Node] = {clause.name: machine.anonymous(clause.value, env)}
    return runs(machine, decl, index + 1, Env(env, None, {}, named, clause.at))
