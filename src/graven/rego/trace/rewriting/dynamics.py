"""Owns the last stages: references and comprehensions are bound to variables before the expressions that read them."""

from __future__ import annotations

from graven.rego.trace.rewriting.forms import added, unification
from graven.rego.trace.rewriting.localnames import Generator
from graven.rego.trace.rewriting.ordering import arranged
from graven.rego.tree import (
    ArrayTerm,
    Call,
    Comprehension,
    Every,
    Expr,
    Logic,
    Negation,
    ObjectTerm,
    Ref,
    SetTerm,
    Term,
    Var,
)

__all__ = ["Dynamics"]


class Dynamics:
    """Binds what must be evaluated."""

    def __init__(self, generator: Generator) -> None:
        self._generator = generator

    def body(self, body: list[Expr]) -> list[Expr]:
        """Give a body in which arguments are values and variables."""
        return [made for expr in body for made in self._expr(expr)]

    def _expr(self, expr: Expr) -> list[Expr]:
        term, found = expr.term, list[Expr]()
        if isinstance(term, Call):
            if term.name == ("eq",):
                if len(term.args) == 2:
                    term.args = [self._outer(arg, expr, found) for arg in term.args]
            else:
                term.args = [self._inner(arg, expr, found) for arg in term.args]
        elif isinstance(term, Every):
            term.domain = self._inner(term.domain, expr, found)
            term.body = self.body(term.body)
        elif isinstance(term, Negation):
            term.body = self.body(term.body)
        elif isinstance(term, Logic):
            term.left, term.right = self.body(term.left), self.body(term.right)
        elif isinstance(term, Term):
            expr.term = self._outer(term, expr, found)
        return [*found, expr]

    def _outer(self, term: Term, expr: Expr, found: list[Expr]) -> Term:
        """Give a side of a unification, which may itself be a reference or a comprehension."""
        if isinstance(term, Ref):
            term.steps = [self._inner(step, expr, found) for step in term.steps]
            return term
        if isinstance(term, Comprehension):
            term.body = self.body(term.body)
            return term
        return self._inner(term, expr, found)

    def _inner(self, term: Term, expr: Expr, found: list[Expr]) -> Term:
        if isinstance(term, Ref | Comprehension):
            self._outer(term, expr, found)
            return self._bound(term, expr, found)
        if isinstance(term, ArrayTerm | SetTerm):
            term.items = [self._inner(item, expr, found) for item in term.items]
        elif isinstance(term, ObjectTerm):
            term.pairs = [(self._inner(key, expr, found), self._inner(value, expr, found)) for key, value in term.pairs]
        return arranged(term)

    def _bound(self, term: Term, expr: Expr, found: list[Expr]) -> Term:
        output = Var(term.at, self._generator.name())
        made = unification(term.at, output, term, made=True)
        made.withs = expr.withs
        found.append(made)
        return output

    def tested(self, body: list[Expr]) -> list[Expr]:
        """Bind the sides of the unifications of a test, so that a trace tells what they were."""
        found: list[Expr] = []
        for expr in body:
            term, made = expr.term, list[Expr]()
            if not (expr.negated or expr.made):
                if isinstance(term, Call) and term.name == ("eq",):
                    term.args = [
                        self._bound(arg, expr, made) if isinstance(arg, Ref | Comprehension) else arg
                        for arg in term.args
                    ]
                elif isinstance(term, Every):
                    term.body = self.tested(term.body)
            found = added([*found, *made], [expr])
        return found
