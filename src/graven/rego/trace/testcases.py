"""Owns the call by which a test with several cases tells which case it comes to, as OPA's runner of tests writes it.

It stands behind the expressions in which the variables of the head first occur; what the rewriting made of a step of
the head is moved up to where it can be evaluated.
"""

from __future__ import annotations

from graven.rego.trace.rewriting.variables import variables
from graven.rego.tree import ArrayTerm, Call, Expr, Module, Rule, Scalar, Term, Var

__all__ = ["CASE", "tell_cases"]

CASE = ("internal", "test_case")
_NOWHERE = -1


def tell_cases(module: Module) -> None:
    """Write the calls into the tests of a rewritten module."""
    for rule in module.rules:
        for each in (rule, *rule.orelse):
            steps = _steps(rule)
            if steps and not any(isinstance(expr.term, Call) and expr.term.name == CASE for expr in each.body):
                _tell(each, steps)


def _steps(rule: Rule) -> list[Term]:
    """Give the steps of a test's head from the first that has a variable."""
    if not any(isinstance(step, Scalar) and str(step.value).startswith("test_") for step in rule.ref):
        return []
    fixed = next((at for at, step in enumerate(rule.ref) if not isinstance(step, Scalar)), len(rule.ref))
    return rule.ref[fixed:]


def _tell(rule: Rule, steps: list[Term]) -> None:
    for step in steps:
        _raised(rule, step)
    places = [
        next((at for at, expr in enumerate(rule.body) if step.name in variables(expr)), -1)
        for step in steps
        if isinstance(step, Var)
    ]
    call = Expr(_NOWHERE, Call(_NOWHERE, CASE, [ArrayTerm(_NOWHERE, [*steps])]))
    rule.body.insert(max(places, default=-1) + 1, call)


def _raised(rule: Rule, step: Term) -> None:
    """Move what gives a step of the head its value up, behind the variables that it reads."""
    for at in range(len(rule.body) - 1, -1, -1):
        expr = rule.body[at]
        call = expr.term
        if not (expr.made and isinstance(call, Call) and call.name == ("eq",) and isinstance(step, Var)):
            continue
        if not (isinstance(call.args[0], Var) and call.args[0].name == step.name):
            continue
        read = {name for name in variables(call.args[1]) if name.startswith("__local")}
        firsts = [next((to for to in range(at) if name in variables(rule.body[to])), 0) for name in read]
        to = max(firsts) + 1 if firsts else 0
        if to < at:
            rule.body.insert(to, rule.body.pop(at))
