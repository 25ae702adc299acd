"""Owns where the variables of a rule come from: the term that each of them is, by reading its bodies."""

from __future__ import annotations

from collections.abc import Mapping

from graven.rego.compile.bodycode import place_of
from graven.rego.tree import ArrayTerm, Call, Every, Expr, ObjectTerm, Ref, Rule, Scalar, SomeDecl, Term, Var
from graven.rego.walk import bodies_of, expressions, terms, terms_of_expr

__all__ = ["WALK", "bindings"]

WALK = ("~walk",)
"""No call of a source: what stands in its first argument below the path that is its second."""


def bindings(rule: Rule) -> Mapping[str, Term]:
    """Give the term that each variable of a rule is; the first that binds it counts."""
    found: dict[str, Term] = {}
    for body in bodies_of(rule)[: 1 + len(rule.orelse)]:
        for expr in expressions(body):
            _expression(expr, found)
    for term in (each for part in (rule.key, rule.value, *rule.ref) if part is not None for each in terms(part)):
        _steps(term, found)
    return found


def _expression(expr: Expr, found: dict[str, Term]) -> None:
    term = expr.term
    if isinstance(term, SomeDecl) and term.member is not None:
        *patterns, domain = term.member.args
        key = patterns[0] if len(patterns) > 1 else Var(term.at, place_of(term))
        _member(key, patterns[-1], domain, found)
    elif isinstance(term, Every):
        key = term.key if term.key is not None else Var(term.at, f"~key{term.at}")
        _member(key, term.value, term.domain, found)
    elif isinstance(term, Call) and term.name in (("assign",), ("eq",)) and len(term.args) == 2:
        _bind(term.args[0], term.args[1], found)
        if term.name == ("eq",):
            _bind(term.args[1], term.args[0], found)
    elif isinstance(term, Call) and term.args:
        _bind(term.args[-1], Call(term.at, term.name, term.args[:-1]), found)
    for each in terms_of_expr(expr):
        _steps(each, found)


def _member(key: Term, value: Term, domain: Term, found: dict[str, Term]) -> None:
    whole = Ref(domain.at, domain, [key])
    _bind(value, whole, found)
    if isinstance(key, Var):
        found.setdefault(key.name, whole)


def _steps(term: Term, found: dict[str, Term]) -> None:
    """Note the variables that stand in the steps of a reference: each is where it leads."""
    if isinstance(term, Ref):
        for at, step in enumerate(term.steps):
            if isinstance(step, Var) and step.name not in ("input", "data"):
                found.setdefault(step.name, Ref(term.at, term.head, term.steps[: at + 1]))


def _bind(pattern: Term, term: Term, found: dict[str, Term]) -> None:
    if isinstance(pattern, Var):
        if pattern.name not in ("input", "data") and pattern is not term:
            found.setdefault(pattern.name, term)
    elif isinstance(pattern, ArrayTerm):
        for at, item in enumerate(pattern.items):
            _bind(item, _part(pattern, term, at), found)
    elif isinstance(pattern, ObjectTerm):
        for key, item in pattern.pairs:
            _bind(item, Ref(term.at, term, [key]), found)


def _part(pattern: ArrayTerm, term: Term, at: int) -> Term:
    """Give what stands at a place of an array; ``[path, value] = walk(x)`` makes the value a part of ``x``."""
    if isinstance(term, ArrayTerm) and at < len(term.items):
        return term.items[at]
    if isinstance(term, Call) and term.name == ("walk",) and len(pattern.items) == 2:
        return Call(term.at, WALK, [term.args[0], pattern.items[0]])
    return Ref(term.at, term, [Scalar(term.at, at)])
