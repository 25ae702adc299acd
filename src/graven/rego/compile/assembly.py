"""Owns the assembly of a program: checked rules in, callable groups out; and of queries against it."""

from __future__ import annotations

import ast
from collections.abc import Callable, Sequence
from types import CodeType, FunctionType

from graven.rego.budgets import told
from graven.rego.compile.rulecode import query_code, rule_code
from graven.rego.compile.unit import Unit
from graven.rego.machine import State
from graven.rego.program import Functions, GroupCode, Program, runtime
from graven.rego.ruletree import Node
from graven.rego.tree import Expr, Rule, Source
from graven.rego.values import Value
from graven.rego.virtual import Place

__all__ = ["Assembled", "assemble", "placed"]


class Assembled(Program):
    """A program whose code is generated when it is first asked for."""

    def __init__(self, unit: Unit) -> None:
        super().__init__()
        self.unit = unit
        self.tree_root = unit.root
        self.base = unit.base
        self.sites = unit.sites
        self.space = unit.space
        self.allow_net = unit.allow_net
        self._codes: dict[int, GroupCode] = {}

    def code(self, number: int) -> GroupCode:
        """Generate the code of a group, once."""
        found = self._codes.get(number)
        if found is None:
            unit, group = self.unit, self.unit.tree.groups[number]
            arms = []
            for each in group.definitions:
                codes = tuple(_compiled(body) for body in rule_code(unit, group, each))
                arms.append((unit.sites.add(each.module.source, each.rule.at), codes))
            default = None
            if group.defaults and group.kind != "object":
                default = _compiled(rule_code(unit, group, group.defaults[0])[0])
            budgets = tuple(told(each.rule.annotations) for each in group.definitions)
            found = GroupCode(group.kind, tuple(arms), default, budgets if any(budgets) else ())
            self._codes[number] = found
        return found

    def watched(self, number: int, at: int, functions: Functions) -> Functions:
        """In a traced program, tell a recorder when a rule begins and ends."""
        if not self.unit.traced:
            return functions
        rule = self.unit.tree.groups[number].definitions[at].rule
        return [_framed(arm, made) for arm, made in zip((rule, *rule.orelse), functions, strict=False)]

    def query(self, source: Source, body: list[Expr], wanted: list[str]) -> Callable[[State, list[Value]], None]:
        """Compile a query whose solutions are appended as tuples of the wanted variables."""
        with self.lock:
            return FunctionType(_compiled(query_code(self.unit, source, body, wanted)), self.space)


def assemble(unit: Unit) -> Assembled:
    """Give the program of a unit whose rules were checked."""
    unit.space.update(runtime(unit.sites))
    program = Assembled(unit)
    for group in unit.tree.groups:
        program.stand_in(group.number)
    return program


def placed(node: Node) -> Place:
    """Give the tree of rules as running code sees it."""
    children = {step: placed(child) for step, child in node.children.items()}
    return Place(children) if node.group is None else Place(children, node.group.number, node.group.kind)


def _framed(rule: Rule, made: Callable[..., Value]) -> Callable[..., Value]:
    """Give the function of a rule that tells a recorder when it begins and ends."""

    def call(state: State, *operands: Value) -> Value:
        frames = state.run.frames
        if frames is None:
            return made(state, *operands)
        frame = frames.enter(rule, state, operands)
        try:
            return made(state, *operands)
        finally:
            frames.leave(frame)

    return call


def _compiled(body: list[ast.stmt]) -> CodeType:
    """Compile the one function of a body; it is made from nodes, so no text of a policy is in it but as a constant."""
    _locate(body)
    code = compile(ast.Module(body, []), "<rego>", "exec", dont_inherit=True)
    return next(each for each in code.co_consts if isinstance(each, CodeType))


_BARE = (ast.expr_context, ast.operator, ast.cmpop, ast.boolop, ast.unaryop)
"""Nodes that have no place."""


def _locate(nodes: Sequence[ast.AST]) -> None:
    """Give every node a place, which ``compile`` asks for; no one reads it."""
    waiting = list(nodes)
    while waiting:
        node = waiting.pop()
        node.lineno, node.col_offset = 1, 0  # type: ignore[attr-defined]
        for name in node._fields:
            part = getattr(node, name)
            if part.__class__ is list:
                waiting += [each for each in part if isinstance(each, ast.AST) and not isinstance(each, _BARE)]
            elif isinstance(part, ast.AST) and not isinstance(part, _BARE):
                waiting.append(part)
