"""Owns the stage that takes calls out of terms: each becomes an expression of its own, its result a variable."""

from __future__ import annotations

from graven.rego.trace.rewriting.forms import Inner, added, unification
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
    Rule,
    SetTerm,
    Term,
    Var,
)

__all__ = ["Expansion"]

Expanded = tuple[list[Expr], Term]


class Expansion:
    """Expands the terms of rules and queries."""

    def __init__(self, generator: Generator) -> None:
        self._generator = generator

    def rule(self, rule: Rule) -> None:
        """Expand a rule and what follows after ``else``."""
        for arm in [rule, *rule.orelse]:
            self._head(arm)
            arm.body = self.body(arm.body)

    def _head(self, rule: Rule) -> None:
        for at, arg in enumerate(rule.args or []):
            made, term = self._term(arg)
            rule.body = added(rule.body, made)
            if rule.args is not None:
                rule.args[at] = term
        if rule.key is not None:
            made, rule.key = self._term(rule.key)
        else:
            made, rule.value = self._term(rule.value)
        rule.body = added(rule.body, made)

    def body(self, body: list[Expr]) -> list[Expr]:
        """Expand the expressions of a body."""
        return [made for expr in body for made in self._expr(expr)]

    def _expr(self, expr: Expr) -> list[Expr]:
        found: list[Expr] = []
        for modifier in expr.withs:
            made, modifier.value = self._term(modifier.value)
            found += made
        term = expr.term
        if isinstance(term, Call) and not isinstance(term, Inner):
            for at, arg in enumerate(term.args):
                made, term.args[at] = self._term(arg)
                found += _under(expr, made)
        elif isinstance(term, Every):
            found += self._every(expr, term)
        elif isinstance(term, Negation):
            term.body = self.body(term.body)
        elif isinstance(term, Logic):
            term.left, term.right = self.body(term.left), self.body(term.right)
        elif isinstance(term, Term):
            made, expr.term = self._term(term)
            found += _under(expr, made)
        return [*found, expr]

    def _every(self, expr: Expr, every: Every) -> list[Expr]:
        at = every.domain.at
        name = self._generator.name()
        bound = unification(at, Var(at, name), every.domain, made=True)
        bound.withs = expr.withs
        found = self._expr(bound)
        every.domain = Var(at, name)
        every.body = self.body(every.body)
        return found

    def _term(self, term: Term) -> Expanded:
        """Give what a term needs before it, and the term."""
        if isinstance(term, Call):
            return self._call(term)
        if isinstance(term, Ref):
            return self._reference(term), term
        found: list[Expr] = []
        if isinstance(term, ArrayTerm | SetTerm):
            for at, item in enumerate(term.items):
                made, term.items[at] = self._term(item)
                found += made
        elif isinstance(term, ObjectTerm):
            for at, (key, value) in enumerate(term.pairs):
                (for_key, new_key), (for_value, new_value) = self._term(key), self._term(value)
                found += [*for_key, *for_value]
                term.pairs[at] = (new_key, new_value)
        elif isinstance(term, Comprehension):
            self._comprehension(term)
        return found, arranged(term)

    def _comprehension(self, term: Comprehension) -> None:
        if term.key is not None:
            made, term.key = self._term(term.key)
            term.body = added(term.body, made)
        made, term.value = self._term(term.value)
        term.body = self.body(added(term.body, made))

    def _call(self, call: Call) -> Expanded:
        found: list[Expr] = []
        for at, arg in enumerate(call.args):
            before, call.args[at] = self._term(arg)
            found += before
        output = Var(call.at, self._generator.name())
        made = Call(call.at, call.name, [*call.args, output], call.infix)
        return [*found, Expr(call.at, made, made=True)], output

    def _reference(self, ref: Ref) -> list[Expr]:
        found, ref.head = self._term(ref.head)
        for at, step in enumerate(ref.steps):
            made, ref.steps[at] = self._term(step)
            found += made
        if isinstance(ref.head, ArrayTerm | ObjectTerm | SetTerm | Comprehension):
            output = Var(ref.head.at, self._generator.name())
            found.append(unification(ref.head.at, output, ref.head, made=True))
            ref.head = output
        return found


def _under(expr: Expr, made: list[Expr]) -> list[Expr]:
    """Let expressions be evaluated under the ``with`` of the one that they are made for."""
    if expr.withs:
        for each in made:
            each.withs = expr.withs
    return made
