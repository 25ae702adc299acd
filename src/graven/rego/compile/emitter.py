"""Owns the making of Python ``ast`` nodes: blocks, guards, loops, and what happens when an expression fails.

Code is emitted flat: an expression that fails is a guard (``continue`` in a loop, ``return`` outside), and what follows
in the body is emitted behind it. A loop stays open until its function or subquery ends: the rest of the body is in it.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from graven.rego.compile.unit import Unit
from graven.rego.tree import Source
from graven.rego.values import Value

__all__ = ["Emitter", "attribute", "call", "constant", "load"]

_MAX_DEPTH = 15
"""CPython allows 20 nested blocks in a function; deeper code goes into a function of its own."""


def load(name: str) -> ast.expr:
    """Give the node that reads a name."""
    return ast.Name(name, ast.Load())


def constant(value: object) -> ast.expr:
    """Give the node of a plain Python constant."""
    return ast.Constant(value)  # type: ignore[arg-type]


def call(function: str, *args: ast.expr) -> ast.expr:
    """Give the node of a call."""
    return ast.Call(load(function), list(args), [])


def attribute(value: ast.expr, name: str) -> ast.expr:
    """Give the node that reads an attribute."""
    return ast.Attribute(value, name, ast.Load())


def method(value: ast.expr, name: str, *args: ast.expr) -> ast.expr:
    """Give the node of a call of a method."""
    return ast.Call(attribute(value, name), list(args), [])


def pair(key: str, value: str) -> ast.expr:
    """Give the node of two names that a loop assigns."""
    return ast.Tuple([ast.Name(key, ast.Store()), ast.Name(value, ast.Store())], ast.Store())


def identical(left: ast.expr, right: str) -> ast.expr:
    """Give the node of ``left is right``; a literal is nothing that has a name."""
    if isinstance(left, ast.Constant):
        return ast.Constant(value=False)
    return ast.Compare(left, [ast.Is()], [load(right)])


def differs(left: ast.expr, right: ast.expr) -> ast.expr:
    """Give the node of ``left != right``."""
    return ast.Compare(left, [ast.NotEq()], [right])


def negation(test: ast.expr) -> ast.expr:
    """Give the node of ``not test``."""
    return ast.UnaryOp(ast.Not(), test)


class Emitter:
    """Emits one function; the state of the evaluation is in the variable that ``state`` names."""

    def __init__(self, unit: Unit, source: Source) -> None:
        self.unit = unit
        self.source = source
        self.block: list[ast.stmt] = []
        self.fails: list[list[ast.stmt]] = []
        """Where the code leaves the function or subquery for a failure outside all of its loops."""
        self.depth = 0
        self.open = 0
        """How many loops are open in the function or subquery."""
        self.deepest = 0
        self.state = "S"
        self.names: dict[str, str] = {}
        self.rebound: list[str] = []

    def fresh(self, prefix: str) -> str:
        """Give a name that is used nowhere else."""
        return f"{prefix}{self.unit.number()}"

    def site(self, at: int) -> ast.expr:
        """Give the number of a place in the source."""
        return constant(self.unit.sites.add(self.source, at))

    def value(self, value: Value) -> ast.expr:
        """Give the node of a value that is known."""
        if value is None or value.__class__ in (str, int, float):
            return constant(value)
        return load(self.unit.constant(value))

    def add(self, statement: ast.stmt) -> None:
        """Append a statement to the open block."""
        self.block.append(statement)

    def store(self, value: ast.expr, prefix: str = "t") -> ast.expr:
        """Assign a value to a fresh name, unless it is a name already."""
        if isinstance(value, (ast.Name, ast.Constant)):
            return value
        name = self.fresh(prefix)
        self.assign(name, value)
        return load(name)

    def assign(self, name: str, value: ast.expr) -> None:
        """Assign a value to a name."""
        self.add(ast.Assign([ast.Name(name, ast.Store())], value))

    def fail(self) -> list[ast.stmt]:
        """Give the statements that leave the current solution."""
        if self.open:
            return [ast.Continue()]
        body: list[ast.stmt] = [ast.Break()]
        self.fails.append(body)
        return body

    def guard(self, failing: ast.expr) -> None:
        """Fail where a test holds."""
        self.add(ast.If(failing, self.fail(), []))

    def loop(self, target: ast.expr, items: ast.expr) -> None:
        """Open a loop; what is emitted from now on is inside."""
        if self.depth >= _MAX_DEPTH:
            self._deepen()
        body: list[ast.stmt] = []
        self.add(ast.For(target, items, body, []))
        self.block = body
        self._enter()

    def _enter(self) -> None:
        self.depth += 1
        self.open += 1
        self.deepest = max(self.deepest, self.depth)

    def _deepen(self) -> None:
        """Go on in a function of its own; what it returns, the function around it returns."""
        name, result = self.fresh("f"), self.fresh("t")
        body: list[ast.stmt] = [ast.Nonlocal(list(self.rebound))] if self.rebound else []
        self.add(function(name, [], body))
        self.assign(result, call(name))
        leave = ast.Compare(load(result), [ast.IsNot()], [load("U")])
        self.add(ast.If(leave, [ast.Return(load(result))], []))
        inner: list[ast.stmt] = []
        body.append(ast.For(ast.Name(self.fresh("o"), ast.Store()), load("ONCE"), inner, []))
        body.append(ast.Return(load("U")))
        self.block = inner
        self.depth = 1
        self.open += 1

    @contextmanager
    def aside(self) -> Iterator[list[ast.stmt]]:
        """Emit a subquery into a block of its own; variables bound in it are forgotten behind it."""
        saved = (self.block, self.fails, self.depth, self.open, self.names, self.state, self.deepest)
        body: list[ast.stmt] = []
        self.block, self.fails, self.open, self.names = body, [], 0, dict(self.names)
        self.depth += 1
        self.deepest = self.depth
        try:
            yield body
        finally:
            deepest = max(saved[6], self.deepest)
            self.block, self.fails, self.depth, self.open, self.names, self.state, _ = saved
            self.deepest = deepest

    def holds(self, emit: Callable[[], None]) -> ast.expr:
        """Emit a subquery and give the test that it has a solution."""
        with self.aside() as body:
            emit()
            success: list[ast.stmt] = self.block
            looped, fails, deep = self.open > 0, self.fails, self.deepest > _MAX_DEPTH
        if looped or deep:
            success.append(ast.Return(load("TRUE")))
            name = self._nested(body, fails)
            return ast.Compare(call(name), [ast.IsNot()], [load("U")])
        flag = self.fresh("h")
        self.assign(flag, constant(value=False))
        success += [ast.Assign([ast.Name(flag, ast.Store())], constant(value=True)), ast.Break()]
        self.add(ast.While(constant(value=True), body, []))
        return load(flag)

    def each(self, emit: Callable[[], None]) -> None:
        """Emit a subquery all of whose solutions are gone through."""
        with self.aside() as body:
            emit()
            fails, deep = self.fails, self.deepest > _MAX_DEPTH
        if deep:
            self.add(ast.Expr(call(self._nested(body, fails))))
            return
        body.append(ast.Break())
        self.add(ast.While(constant(value=True), body, []))

    def _nested(self, body: list[ast.stmt], fails: list[list[ast.stmt]]) -> str:
        """Make a block a function, which gives U where it fails."""
        for leave in fails:
            leave[:] = [ast.Return(load("U"))]
        name = self.fresh("f")
        self.add(function(name, [], [*body, ast.Return(load("U"))]))
        return name


def function(name: str, parameters: list[str], body: list[ast.stmt]) -> ast.stmt:
    """Give the node of a function."""
    arguments = ast.arguments([], [ast.arg(each) for each in parameters], None, [], [], None, [])
    made = ast.FunctionDef(name, arguments, body, [], None, None)
    made.type_params = []  # type: ignore[attr-defined]  # 3.12 and newer ask for it
    return made
