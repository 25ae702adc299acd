"""Owns the text of what an event is about, in which variables have the names that the sources gave them."""

from __future__ import annotations

from collections.abc import Mapping

from graven.rego.trace.rewriting.notation import expr_text, path_text, term_text
from graven.rego.trace.rewriting.ordering import arranged
from graven.rego.trace.terms import NOWHERE, Closure, Const, Step
from graven.rego.tree import (
    ArrayTerm,
    Comprehension,
    Every,
    Expr,
    Logic,
    Negation,
    ObjectTerm,
    Ref,
    Scalar,
    SetTerm,
    SomeDecl,
    Term,
    Var,
    With,
    rebuild,
)
from graven.rego.values import RegoObject, RegoSet, Value

__all__ = ["Names"]


class Names:
    """Writes nodes with the names of a source."""

    def __init__(self, names: Mapping[str, str]) -> None:
        self.names = names
        self.texts: dict[tuple[int, bool], str] = {}
        """Of expressions, which come again and again."""

    def node(self, node: object) -> str:
        """Write what an event is about."""
        if isinstance(node, Step):
            return self._step(node, alone=True)
        assert isinstance(node, tuple)  # noqa: S101 - nothing else is told of
        if node and isinstance(node[0], str):
            return self.path(node[1:])
        if node and isinstance(node[0], Step):
            return "; ".join(map(self._step, node))
        return " = ".join(term_text(self._term(term)) for term in node)

    @staticmethod
    def path(path: tuple[Value, ...]) -> str:
        """Write the path of a document."""
        if all(step.__class__ is str for step in path):
            return path_text(("data", *path))
        return term_text(Ref(NOWHERE, Var(NOWHERE, "data"), [_written(step) for step in path]))

    def _step(self, step: Step, *, alone: bool = False) -> str:
        key = (id(step), alone)
        text = self.texts.get(key)
        if text is None:
            expr = step.node
            assert isinstance(expr, Expr)  # noqa: S101 - every step is made of one
            written = self._expr(expr)
            if alone and isinstance(expr.term, Every) and isinstance(written.term, Every):
                written.term.key = self._key(expr.term.key)
            text = self.texts[key] = expr_text(written)
        return text

    def _expr(self, expr: Expr) -> Expr:
        withs = [With(each.at, self._term(each.target), self._term(each.value)) for each in expr.withs]
        return Expr(expr.at, self._statement(expr.term), expr.negated, withs)

    def _statement(
        self, term: Term | SomeDecl | Every | Negation | Logic
    ) -> Term | SomeDecl | Every | Negation | Logic:
        if isinstance(term, Every):
            key = None if term.key is None else self._term(term.key)
            return Every(term.at, key, self._term(term.value), self._term(term.domain), self._body(term.body))
        if isinstance(term, Negation):
            return Negation(term.at, self._body(term.body), braced=term.braced)
        if isinstance(term, Logic):
            return Logic(term.at, term.operator, self._body(term.left), self._body(term.right))
        return self._term(term) if isinstance(term, Term) else term

    def _key(self, key: Term | None) -> Term | None:
        """Give the key of ``every`` if the source named one; told so where the expression stands by itself."""
        if isinstance(key, Var):
            name = self.names.get(key.name)
            return None if name is None or name.startswith("__local") else Var(key.at, name)
        return None if key is None else self._term(key)

    def _body(self, body: list[Expr]) -> list[Expr]:
        return list(map(self._expr, body))

    def _term(self, term: Term) -> Term:
        if isinstance(term, Const):
            return _written(term.value) if term.shown is None else self._term(term.shown)
        if isinstance(term, Var):
            return Var(term.at, self.names.get(term.name, term.name))
        if isinstance(term, Closure):
            return self._term(term.node)
        if isinstance(term, Comprehension):
            key = None if term.key is None else self._term(term.key)
            return Comprehension(term.at, term.kind, key, self._term(term.value), self._body(term.body))
        if isinstance(term, SetTerm | ObjectTerm):
            return arranged(rebuild(term, self._term))
        return rebuild(term, self._term)


def _written(value: Value) -> Term:
    """Give the term of a value."""
    if value.__class__ is tuple:
        return ArrayTerm(NOWHERE, [_written(item) for item in value])
    if value.__class__ is RegoSet:
        return SetTerm(NOWHERE, [_written(item) for item in value.ordered()])
    if value.__class__ is RegoObject:
        return ObjectTerm(NOWHERE, [(_written(key), _written(item)) for key, item in value.ordered_items()])
    return Scalar(NOWHERE, value)
