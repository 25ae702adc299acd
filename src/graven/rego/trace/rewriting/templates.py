"""Owns the stages of template strings and of ``print``: what they show is gathered in comprehensions."""

from __future__ import annotations

from collections.abc import Callable

from graven.rego.trace.rewriting.forms import NOWHERE, Hole, Inner, unification
from graven.rego.trace.rewriting.localnames import Generator
from graven.rego.trace.rewriting.walking import Node, closures, contains, exprs_of, head_terms, nodes_of, parts, renew
from graven.rego.tree import (
    ArrayTerm,
    Call,
    Comprehension,
    Every,
    Expr,
    Logic,
    Negation,
    Ref,
    Rule,
    Scalar,
    SetTerm,
    Template,
    Term,
    Var,
)
from graven.rego.values import TRUE

__all__ = ["Prints", "Templates"]

_PRINT = ("print",)


def _gathered(generator: Generator, term: Term) -> Comprehension:
    """Give ``{x | x = term}``."""
    name = generator.name()
    return Comprehension(term.at, "set", None, Var(term.at, name), [unification(term.at, Var(term.at, name), term)])


class Templates:
    """Turns template strings into calls; ``defined`` says which references have a value always."""

    def __init__(self, generator: Generator, defined: Callable[[Ref], bool]) -> None:
        self._generator = generator
        self._defined = defined

    def rule(self, rule: Rule) -> None:
        """Turn those of a rule and of what follows after ``else``."""
        for arm in [rule, *rule.orelse]:
            if any(contains(node, Template) for node in nodes_of(arm)):
                arm.body = self.body(arm.body)
                arm.args = None if arm.args is None else [self._term(arg) for arg in arm.args]
                if arm.key is not None:
                    arm.key = self._term(arm.key)
                else:
                    arm.value = self._term(arm.value)

    def body(self, body: list[Expr]) -> list[Expr]:
        """Turn those of a body; sets and objects are read in the order of what they held before, as OPA reads them."""
        for expr in body:
            if isinstance(expr.term, Every):
                self._every(expr.term)
            else:
                renew(expr, self._term, self.body, sort=False)
        return body

    def _every(self, every: Every) -> None:
        """Turn those of ``every``: of its domain itself, then of its body, then those in the domain."""
        if isinstance(every.domain, Template):
            every.domain = self._call(every.domain)
        every.body = self.body(every.body)
        every.domain = self._term(every.domain)

    def _term(self, term: Term) -> Term:
        if isinstance(term, Template):
            term = self._call(term)
        if isinstance(term, Comprehension):
            term.body = self.body(term.body)
            if isinstance(term.key, Template):
                term.key = self._call(term.key)
            if isinstance(term.value, Template):
                term.value = self._call(term.value)
        renew(term, self._term, lambda body: body, sort=False)
        return term

    def _call(self, template: Template) -> Term:
        parts = [self._part(template.at, part) for part in template.parts]
        items = ArrayTerm(NOWHERE, parts or [Scalar(template.at, "")])
        return Inner(template.at, ("internal", "template_string"), [items])

    def _part(self, at: int, part: str | Term) -> Term:
        if isinstance(part, str):
            return Scalar(at, part)
        if not isinstance(part, Hole):
            return part
        term = part.expr.term
        assert isinstance(term, Term)  # noqa: S101 - the parser lets nothing else into the braces
        if isinstance(term, Var) or (isinstance(term, Ref) and self._defined(term)):
            return SetTerm(NOWHERE, [term])
        if isinstance(term, Call):
            term = Call(NOWHERE, term.name, term.args, term.infix)
        made = _gathered(self._generator, term)
        made.body[0].withs = part.expr.withs
        return made


class Prints:
    """Turns calls of ``print`` into what prints even what is undefined, or leaves them out."""

    def __init__(self, generator: Generator, *, kept: bool) -> None:
        self._generator = generator
        self._kept = kept

    def rule(self, rule: Rule) -> None:
        """Turn those of a rule and of what follows after ``else``."""
        for arm in [rule, *rule.orelse]:
            for term in head_terms(arm):
                self._inside(term)
            arm.body = self.body(arm.body)

    def _inside(self, node: Node) -> None:
        """Turn those in the bodies of a node."""
        for closure in closures(node):
            _replace(closure, self.body)
            for part in parts(closure):
                if isinstance(part, Term):
                    self._inside(part)

    def body(self, body: list[Expr]) -> list[Expr]:
        """Turn those of a body."""
        if not any(_prints(found) for expr in body for found in exprs_of(expr)):
            return body
        for expr in body:
            self._inside(expr)
        if self._kept:
            return [self._printed(expr) for expr in body]
        found = [expr for expr in body if not _prints(expr)]
        at = body[0].at
        return found or [Expr(at, Scalar(at, TRUE))]

    def _printed(self, expr: Expr) -> Expr:
        call = expr.term
        if not isinstance(call, Call) or call.name != _PRINT:
            return expr
        items = ArrayTerm(expr.at, [_gathered(self._generator, arg) for arg in call.args])
        return Expr(expr.at, Call(expr.at, ("internal", "print"), [items]))


def _prints(expr: Expr) -> bool:
    return isinstance(expr.term, Call) and expr.term.name == _PRINT


def _replace(node: Comprehension | Every | Negation | Logic, change: Callable[[list[Expr]], list[Expr]]) -> None:
    if isinstance(node, Logic):
        node.left, node.right = change(node.left), change(node.right)
    else:
        node.body = change(node.body)
