"""Owns the code of references: steps into values, loops over what is unbound, and documents made by rules."""

from __future__ import annotations

import ast

from graven.rego.compile.emitter import Emitter, attribute, call, constant, identical, load, method, pair
from graven.rego.compile.readiness import evaluable
from graven.rego.tree import Ref, Scalar, Term, Var
from graven.rego.values import UNDEFINED, Value
from graven.rego.virtual import Virtual

__all__ = ["ReferenceCode"]


class ReferenceCode(Emitter):
    """Emits references; terms and patterns are the business of subclasses."""

    def term(self, term: Term) -> ast.expr:
        """Emit the evaluation of a term."""
        raise NotImplementedError

    def match(self, pattern: Term, value: ast.expr) -> None:
        """Emit the matching of a value with a pattern."""
        raise NotImplementedError

    def reference(self, term: Ref) -> ast.expr:
        """Emit a reference; it fails where the reference is undefined."""
        if isinstance(term.head, Var) and term.head.name == "data":
            return self._document(term.steps)
        if isinstance(term.head, Var) and term.head.name == "input":
            return self._steps(self.store(attribute(load(self.state), "input")), term.steps)
        return self._steps(self.store(self.term(term.head)), term.steps)

    def root(self, name: str) -> ast.expr:
        """Emit ``input`` or ``data`` alone."""
        if name == "data":
            return self._document([])
        found = self.store(attribute(load(self.state), "input"))
        self.guard(identical(found, "U"))
        return found

    def _steps(self, current: ast.expr, steps: list[Term], index: str = "index") -> ast.expr:
        """Emit steps into a value, which may be U; the result is not."""
        certain = False
        for step in steps:
            current, certain = self._step(current, step, index)
        if not certain:
            self.guard(identical(current, "U"))
        return current

    def _step(self, current: ast.expr, step: Term, index: str) -> tuple[ast.expr, bool]:
        """Emit one step and say whether what it gives is defined for sure."""
        if isinstance(step, Scalar) and step.value.__class__ is str:
            key = constant(step.value)
            direct = method(current, "get", key, load("U"))
            test = identical(attribute(current, "__class__"), "RegoObject")
            return self.store(ast.IfExp(test, direct, call("index", current, key))), False
        if isinstance(step, Var) and step.name not in self.names:
            return self._iterate(current, step), True
        if evaluable(step, set(self.names)):
            return self.store(call(index, current, self.term(step))), False
        key_name, value_name = self.fresh("k"), self.fresh("t")
        self.loop(pair(key_name, value_name), call("entries", load(self.state), current))
        self.match(step, load(key_name))
        return load(value_name), True

    def _iterate(self, current: ast.expr, step: Var) -> ast.expr:
        name = self.fresh("t")
        if step.wild and not self.unit.traced:
            self.loop(ast.Name(name, ast.Store()), call("members", load(self.state), current))
        else:
            key = self.names[step.name] = self.fresh("v")
            self.loop(pair(key, name), call("entries", load(self.state), current))
        return load(name)

    def _document(self, steps: list[Term]) -> ast.expr:
        """Emit a reference that begins at ``data``."""
        path: list[Value] = []
        for step in steps:
            if not isinstance(step, Scalar):
                break
            path.append(step.value)
        known = tuple(path)
        if self.unit.is_mocked(known):
            return self._virtual(call("root", load(self.state)), steps)
        node, depth = self.unit.tree.find(known)
        if node.group is not None:
            if node.group.kind == "function":
                return self._never()
            found = self.store(call(f"r{node.group.number}", load(self.state)))
            return self._steps(found, steps[depth:])
        if depth < len(known) or not node.children:
            base = self.unit.base_at(known)
            if base is UNDEFINED and not (depth == len(known) and node.package is not None):
                return self._never()
            if base is not UNDEFINED:
                return self._steps(self.value(base), steps[len(known) :], "base_index")
        start = self.unit.keep(Virtual(self.unit.place(known[:depth]), self.unit.base_at(known[:depth]), None))
        return self._virtual(load(start), steps[depth:])

    def _never(self) -> ast.expr:
        """Emit a failure: nothing can ever stand there."""
        self.guard(constant(value=True))
        return load("U")

    def _virtual(self, start: ast.expr, steps: list[Term]) -> ast.expr:
        """Emit steps that find out while running whether they lead to rules or to base documents."""
        state, current = load(self.state), self.store(start)
        for step in steps:
            if isinstance(step, Var) and step.name not in self.names:
                key, name = self.fresh("v"), self.fresh("t")
                self.names[step.name] = key
                self.loop(pair(key, name), call("virtual_entries", state, current))
                current = load(name)
            elif evaluable(step, set(self.names)):
                current = self.store(call("virtual_index", state, current, self.term(step)))
            else:
                key, name = self.fresh("k"), self.fresh("t")
                self.loop(pair(key, name), call("virtual_entries", state, current))
                self.match(step, load(key))
                current = load(name)
        found = self.store(call("extent", state, current))
        self.guard(identical(found, "U"))
        return found
