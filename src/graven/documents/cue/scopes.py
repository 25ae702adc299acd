"""Owns what CUE asks of names before it evaluates: each must mean something, aliases and imports must be used."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from graven.documents.cue.builtins import NAMES
from graven.documents.cue.syntax import Alias, Comprehension, Decl, Expr, Field, File, For, Let, Name, StructLit
from graven.documents.cue.values import TYPES
from graven.documents.faults import Text

__all__ = ["check"]


class _Scope:
    """The names of a struct, a clause or an alias, and which of them must be used and were."""

    def __init__(self, up: _Scope | None, names: dict[str, int], must: set[str]) -> None:
        self.up, self.names, self.unused = up, names, must

    def find(self, name: str) -> bool:
        scope: _Scope | None = self
        while scope is not None:
            if name in scope.names:
                scope.unused.discard(name)
                return True
            scope = scope.up
        return False


def check(text: Text, file: File) -> None:
    """Look at each name of a text.

    Raises:
        Malformed: one means nothing, or an alias, a ``let`` or an import is never used.
    """
    top = _Scope(None, {name: at for name, (at, _) in file.imports.items()}, set(file.imports))
    _Checker(text).struct(file.body, top)
    for name in top.unused:
        raise text.fault(f"{name} is imported and never used", top.names[name])


class _Checker:
    """Walks through a text."""

    def __init__(self, text: Text) -> None:
        self.text = text

    def used(self, scope: _Scope) -> None:
        for name in scope.unused:
            raise self.text.fault(f"{name} is named and never used", scope.names[name])

    def struct(self, found: StructLit, up: _Scope) -> None:
        must = {decl.name for decl in found.decls if isinstance(decl, Let)}
        must |= {decl.alias for decl in found.decls if isinstance(decl, Field) and decl.alias}
        scope = _Scope(up, {name: decl.at for name, decl in found.names.items()}, must)
        for decl in found.decls:
            self.decl(decl, scope)
        self.used(scope)

    def decl(self, decl: Decl, scope: _Scope) -> None:
        if isinstance(decl, Field):
            if decl.form != "name":
                self.expr(decl.label, scope)  # type: ignore[arg-type]
            inner = _Scope(scope, {decl.inner: decl.at}, {decl.inner}) if decl.inner else scope
            self.expr(decl.value, inner)
            if decl.inner:
                self.used(inner)
        elif isinstance(decl, Comprehension):
            self.comprehension(decl, scope)
        else:
            for each in _within(decl):
                self.expr(each, scope)

    def comprehension(self, found: Comprehension, up: _Scope) -> None:
        scope, opened = up, []
        for clause in found.clauses:
            for each in _within(clause):
                self.expr(each, scope)
            if isinstance(clause, For):
                scope = _Scope(scope, {name: clause.at for name in (clause.key, clause.name) if name}, set())
            elif isinstance(clause, Let):
                scope = _Scope(scope, {clause.name: clause.at}, {clause.name})
                opened.append(scope)
        self.struct(found.body, scope)
        for each_scope in opened:
            self.used(each_scope)

    def expr(self, expr: Expr | Comprehension, scope: _Scope) -> None:
        if isinstance(expr, Name):
            if not scope.find(expr.name) and expr.name not in TYPES and expr.name not in NAMES:
                raise self.text.fault(f"nothing is named {expr.name[:40]}", expr.at)
        elif isinstance(expr, StructLit):
            self.struct(expr, scope)
        elif isinstance(expr, Comprehension):
            self.comprehension(expr, scope)
        elif isinstance(expr, Alias):
            inner = _Scope(scope, {expr.name: expr.at}, {expr.name})
            self.expr(expr.value, inner)
            self.used(inner)
        else:
            for each in _within(expr):
                self.expr(each, scope)


def _within(part: Any) -> Iterator[Any]:
    """Give the expressions that a part is made of."""
    for each in part:
        if isinstance(each, tuple) and hasattr(each, "_fields"):
            yield each
        elif isinstance(each, tuple):
            yield from _within(each)
