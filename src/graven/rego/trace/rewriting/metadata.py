"""Owns the stage of ``rego.metadata``: what its functions give is a constant of the rule that calls them."""

from __future__ import annotations

from graven.rego.compile.metadata import Annotated
from graven.rego.trace.rewriting.forms import added, unification
from graven.rego.trace.rewriting.localnames import Generator
from graven.rego.trace.rewriting.walking import closures, exprs_of, head_terms, nodes_of, renew
from graven.rego.tree import Call, Expr, Rule, Scalar, Term, Var

__all__ = ["Metadata"]

_QUESTIONS = ("chain", "rule")


class Metadata:
    """Puts the annotations of the rules of one module into their bodies."""

    def __init__(self, generator: Generator, annotated: Annotated) -> None:
        self._generator = generator
        self._annotated = annotated

    def rule(self, rule: Rule) -> None:
        """Put the annotations into a rule and into what follows after ``else``, where they are asked for."""
        arms = [rule, *rule.orelse]
        for at, arm in enumerate(arms):
            self._arm(arm, arms[at:])

    def _arm(self, arm: Rule, arms: list[Rule]) -> None:
        first = _first(arms)
        names: dict[str, str] = {}
        made: list[Expr] = []
        for question in _QUESTIONS:
            if question in first:
                at, answer = first[question].at, self._annotated.answer(question, arm)
                names[question] = self._generator.name()
                made.append(unification(at, Var(at, names[question]), Scalar(at, answer), made=True))
        if made:
            for term in head_terms(arm):
                for closure in closures(term):
                    renew(closure, _same, lambda body: _answered(body, names))
            arm.body = added(made, _answered(arm.body, names))


def _same(term: Term) -> Term:
    return term


def _first(arms: list[Rule]) -> dict[str, Expr]:
    """Give the first expression that asks each question."""
    found: dict[str, Expr] = {}
    for arm in arms:
        for expr in (each for root in nodes_of(arm) for each in exprs_of(root)):
            question = _question(expr)
            if question:
                found.setdefault(question, expr)
    return found


def _question(expr: Expr) -> str:
    call = expr.term
    asks = isinstance(call, Call) and call.name[:2] == ("rego", "metadata") and call.name[2:]
    return asks[0] if asks and asks[0] in _QUESTIONS else ""


def _answered(body: list[Expr], names: dict[str, str]) -> list[Expr]:
    for expr in body:
        for closure in closures(expr):
            renew(closure, _same, lambda inner: _answered(inner, names))
    return [_answer(expr, names) for expr in body]


def _answer(expr: Expr, names: dict[str, str]) -> Expr:
    name = names.get(_question(expr))
    if name is None:
        return expr
    call = expr.term
    answer = Var(-1, name)
    if isinstance(call, Call) and call.args:
        return unification(expr.at, call.args[0], answer, made=True)
    return Expr(expr.at, answer, made=True)
