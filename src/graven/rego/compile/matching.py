"""Owns the code of unification: a value against a pattern, and two terms against one another."""

from __future__ import annotations

import ast

from graven.rego.compile.callcode import CallCode
from graven.rego.compile.emitter import attribute, call, constant, differs, identical, load, method
from graven.rego.compile.readiness import ROOTS, evaluable, facing, outputs, pattern, unifies
from graven.rego.tree import ArrayTerm, ObjectTerm, Term, Var

__all__ = ["MatchingCode"]


class MatchingCode(CallCode):
    """Emits unification."""

    def match(self, pattern: Term, value: ast.expr) -> None:
        """Emit the matching of a value with a pattern, which binds what is unbound in it."""
        if isinstance(pattern, Var) and pattern.name not in self.names and pattern.name not in ROOTS:
            if not pattern.wild:
                self.names[pattern.name] = self._named(value)
        elif isinstance(pattern, ArrayTerm) and not self._whole(pattern):
            self._array(pattern, self.store(value))
        elif isinstance(pattern, ObjectTerm) and not self._whole(pattern):
            self._object_pattern(pattern, self.store(value))
        else:
            self.guard(differs(self.term(pattern), value))

    def _whole(self, term: Term) -> bool:
        bound = set(self.names)
        return evaluable(term, bound) and not outputs(term, bound)

    def _named(self, value: ast.expr) -> str:
        found = self.store(value, "v")
        if isinstance(found, ast.Name):
            return found.id
        name = self.fresh("v")
        self.assign(name, found)
        return name

    def _array(self, term: ArrayTerm, value: ast.expr) -> None:
        size = ast.Compare(call("len", value), [ast.NotEq()], [constant(len(term.items))])
        other = ast.Compare(attribute(value, "__class__"), [ast.IsNot()], [load("tuple")])
        self.guard(ast.BoolOp(ast.Or(), [other, size]))
        parts: list[tuple[Term, ast.expr]] = [
            (item, ast.Subscript(value, constant(at), ast.Load())) for at, item in enumerate(term.items)
        ]
        self._matches(parts)

    def _object_pattern(self, term: ObjectTerm, value: ast.expr) -> None:
        size = ast.Compare(call("len", value), [ast.NotEq()], [constant(len(term.pairs))])
        other = ast.Compare(attribute(value, "__class__"), [ast.IsNot()], [load("RegoObject")])
        self.guard(ast.BoolOp(ast.Or(), [other, size]))
        parts: list[tuple[Term, ast.expr]] = []
        for key, item in term.pairs:
            found = self.store(method(value, "get", self.term(key), load("U")))
            self.guard(identical(found, "U"))
            parts.append((item, found))
        self._matches(parts)

    def _matches(self, parts: list[tuple[Term, ast.expr]]) -> None:
        """Match parts in an order in which each finds its variables bound."""
        while parts:
            now = next((each for each in parts if not pattern(each[0], set(self.names))[0]), parts[0])
            parts = [each for each in parts if each is not now]
            self.match(*now)

    def unify(self, left: Term, right: Term) -> None:
        """Emit ``left = right``."""
        bound = set(self.names)
        for one, other in ((left, right), (right, left)):
            if evaluable(one, bound) and not pattern(other, bound | outputs(one, bound))[0]:
                self.match(other, self.term(one))
                return
        waiting = facing(left, right) or []
        while waiting:
            now = next((pair for pair in waiting if not unifies(*pair, set(self.names))[0]), waiting[0])
            waiting = [pair for pair in waiting if pair is not now]
            self.unify(*now)
