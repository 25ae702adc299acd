"""Owns the old meaning of ``not``: calls and references inside its expression are evaluated before it, outside of it.

OPA gives each nested call, and each reference that is the argument of a call, a variable of its own in front of the
expression. So ``not startswith(input.name, "a")`` is undefined, and not true, where ``input.name`` is undefined; only
the operands of ``=`` and ``==`` stay inside. ``import future.keywords.not`` gives the whole expression to ``not``.
"""

from __future__ import annotations

from collections.abc import Iterator

from graven.rego.tree import ArrayTerm, Call, Expr, ObjectTerm, Ref, SetTerm, Term, Var, rebuild

__all__ = ["hoisted"]

_EQUALITIES = frozenset({("eq",), ("assign",), ("equal",)})


def hoisted(expr: Expr, fresh: Iterator[int]) -> list[Expr]:
    """Give the expressions that a negated expression is."""
    if not expr.negated or not isinstance(expr.term, Term):
        return [expr]
    before: list[Expr] = []

    def lift(term: Term) -> Term:
        if isinstance(term, (Call, Ref)) or (isinstance(term, Var) and term.name in ("input", "data")):
            name = f"~not{next(fresh)}"
            call = Call(term.at, ("eq",), [Var(term.at, name), term], "=")
            closed = not isinstance(term, Call)
            before.append(Expr(expr.at, call, withs=expr.withs, made=True, end=expr.end, closed=closed))
            return Var(term.at, name)
        if isinstance(term, (ArrayTerm, SetTerm, ObjectTerm)):
            return rebuild(term, lift)
        return term

    def inside(term: Term) -> Term:
        if isinstance(term, Ref):
            head = term.head if isinstance(term.head, Var) else lift(term.head)
            return Ref(term.at, head, [lift(step) for step in term.steps])
        return term if isinstance(term, Var) else lift(term)

    found = expr.term
    if isinstance(found, Call):
        change = inside if found.name in _EQUALITIES else lift
        term: Term = Call(found.at, found.name, [change(arg) for arg in found.args], found.infix)
    else:
        term = inside(found)
    return [*before, Expr(expr.at, term, True, expr.withs, expr.made, expr.end)]  # noqa: FBT003 - the field is negated
