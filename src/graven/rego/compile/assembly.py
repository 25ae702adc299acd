"""Owns the assembly of a program: checked rules in, callable groups out; and of queries against it."""

from __future__ import annotations

import ast
import builtins as python
from collections.abc import Callable, Sequence
from threading import Lock
from types import CodeType

from graven.rego import answering, machine, virtual, wrapping
from graven.rego.builtins.protocol import BuiltinError
from graven.rego.compile.rulecode import query_code, rule_code
from graven.rego.compile.unit import Unit
from graven.rego.machine import ONCE, Sites, State, U
from graven.rego.ruletree import Definition, Group, Node
from graven.rego.tree import Expr, Source
from graven.rego.values import FALSE, TRUE, RegoObject, RegoSet, Value, compare, index

__all__ = ["Assembled", "assemble"]


class Assembled:
    """A program that can run: its groups by number, its base documents."""

    def __init__(self, unit: Unit) -> None:
        self.unit = unit
        self.tree_root: Node = unit.tree.root
        self.base: Value = unit.base
        self.lock = Lock()
        """Held while code is generated: places and names are numbered one by one."""
        self.functions: dict[tuple[int, int], list[Callable[..., Value]]] = {}
        """The functions of each rule by group and place in it."""

    def ask(self, number: int, state: State) -> Value:
        """Evaluate the group of that number."""
        found: Callable[[State], Value] = self.unit.space[f"r{number}"]  # type: ignore[assignment]
        return found(state)

    def query(self, source: Source, body: list[Expr], wanted: list[str]) -> Callable[[State, list[Value]], None]:
        """Compile a query whose solutions are appended as tuples of the wanted variables."""
        with self.lock:
            return _made(self.unit, query_code(self.unit, source, body, wanted))


def assemble(unit: Unit) -> Assembled:
    """Give the program of a unit whose rules were checked."""
    unit.space.update(_space(unit.sites))
    program = Assembled(unit)
    for group in unit.tree.groups:
        unit.space[f"r{group.number}"] = _lazy(program, group)
    return program


def _space(sites: Sites) -> dict[str, object]:
    """Give the names that generated code may use; of Python's own only those that it needs."""
    return {
        "__builtins__": {},
        **{name: getattr(python, name) for name in ("int", "len", "set", "str", "tuple")},
        "RegoObject": RegoObject,
        "RegoSet": RegoSet,
        "TRUE": TRUE,
        "FALSE": FALSE,
        "U": U,
        "ONCE": ONCE,
        "compare": compare,
        "index": index,
        "conflict": sites.conflict,
        **{
            name: getattr(machine, name)
            for name in ("append_key", "base_index", "entries", "is_collection", "matching", "members", "put")
        },
        **{name: getattr(virtual, name) for name in ("extent", "root", "virtual_entries", "virtual_index")},
        **{
            name: getattr(wrapping, name)
            for name in ("call_builtin", "call_function", "change", "member_2", "member_3", "mock_builtin")
        },
        **{name: getattr(wrapping, name) for name in ("mock_function", "mock_value")},
        "trace": _trace,
        "hole": _holes(sites),
        "hole_value": lambda _state, _site, value: wrapping.hole_text(value),
    }


def _trace(state: State, number: int, values: dict[str, Value]) -> None:
    if state.run.tracer is not None:
        state.run.tracer(state, number, values)


def _holes(sites: Sites) -> Callable[[State, int, Value], str]:
    def hole(state: State, site: int, values: RegoSet) -> str:
        if not values:
            return "<undefined>"
        if len(values) > 1:
            error = BuiltinError(
                "template-strings must not produce multiple outputs", "eval_conflict_error", halts=True
            )
            sites.failed(state, site, "internal.template_string", error)
        return wrapping.hole_text(values.ordered()[0])

    return hole


def _lazy(program: Assembled, group: Group) -> Callable[..., Value]:
    """Give a function that makes the real one when it is first called."""

    def first(state: State, *operands: Value) -> Value:
        with program.lock:
            made: Callable[..., Value] = program.unit.space[f"r{group.number}"]  # type: ignore[assignment]
            if made is first:
                made = build(program, group)
        return made(state, *operands)

    return first


def build(program: Assembled, group: Group) -> Callable[..., Value]:
    """Generate the code of one group and put it in place of its stand-in."""
    unit = program.unit
    arms: list[tuple[int, list[Callable[..., Value]]]] = []
    for at, each in enumerate(group.definitions):
        functions = [_made(unit, body) for body in rule_code(unit, group, each)]
        program.functions[group.number, at] = functions
        arms.append((unit.sites.add(each.module.source, each.rule.at), functions))
    default = _default(unit, group)
    made: Callable[..., Value]
    if group.kind == "complete":
        made = answering.complete(group.number, arms, default, unit.sites)
    elif group.kind == "function":
        made = answering.function(arms, default, unit.sites)
    else:
        partial = answering.partial_set if group.kind == "set" else answering.partial_object
        made = partial(group.number, [functions[0] for _, functions in arms])
    unit.space[f"r{group.number}"] = made
    return made


def _default(unit: Unit, group: Group) -> Callable[..., Value] | None:
    if not group.defaults or group.kind == "object":
        return None
    each: Definition = group.defaults[0]
    return _made(unit, rule_code(unit, group, each)[0])


def _made(unit: Unit, body: list[ast.stmt]) -> Callable[..., Value]:
    """Compile the one function of a body and give it."""
    module = ast.Module(body, [])
    _locate(body)
    code = compile(module, "<rego>", "exec", dont_inherit=True)
    return _loaded(code, unit.space, getattr(body[0], "name", ""))


def _locate(nodes: Sequence[ast.AST]) -> None:
    """Give every node a place, which ``compile`` asks for; no one reads it."""
    waiting = list(nodes)
    while waiting:
        node = waiting.pop()
        node.lineno = node.end_lineno = 1  # type: ignore[attr-defined]
        node.col_offset = node.end_col_offset = 0  # type: ignore[attr-defined]
        for name in node._fields:
            part = getattr(node, name)
            if part.__class__ is list:
                waiting += [each for each in part if isinstance(each, ast.AST)]
            elif isinstance(part, ast.AST):
                waiting.append(part)


def _loaded(code: CodeType, space: dict[str, object], name: str) -> Callable[..., Value]:
    exec(code, space)  # noqa: S102 - the code was made from ast nodes; no text of a policy is in it but as a constant
    found: Callable[..., Value] = space.pop(name)  # type: ignore[assignment]
    return found
