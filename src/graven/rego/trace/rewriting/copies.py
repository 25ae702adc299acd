"""Owns the copy of what the parser gave, in the form in which it is rewritten; the parser's tree stays as it is."""

from __future__ import annotations

import re
from collections.abc import Iterable

from graven.rego.trace.rewriting.forms import NOWHERE, ROOTS, Hole, Numeral
from graven.rego.trace.rewriting.ordering import arranged
from graven.rego.trace.rewriting.walking import Node, head_terms, nodes
from graven.rego.tree import (
    ArrayTerm,
    Call,
    Comprehension,
    Every,
    Expr,
    Logic,
    Module,
    Negation,
    ObjectTerm,
    Ref,
    Rule,
    Scalar,
    SetTerm,
    SomeDecl,
    Source,
    Template,
    Term,
    Var,
    With,
)
from graven.rego.values import NUMBER_TYPES, TRUE

__all__ = ["Copier"]

_NUMBER = re.compile(r"(-?)\s*([0-9.]+(?:[eE][+-]?[0-9]+)?)")


class Copier:
    """Copies what the parser gave for one source."""

    def __init__(self, source: Source) -> None:
        self._text = source.text
        self._wild: list[tuple[int, Var]] = []

    def module(self, module: Module) -> Module:
        """Copy a module."""
        made = Module(
            module.source, module.package, module.package_at, module.imports, [], [], module.version, module.strict_v1
        )
        made.annotations = module.annotations
        before: list[Term] | None = None
        for rule in module.rules:
            made.rules.append(self._rule(rule, chained=before is not None and rule.args is before))
            before = rule.args
        self.number()
        return made

    def query(self, body: list[Expr]) -> list[Expr]:
        """Copy a query."""
        made = self.body(body)
        self.number()
        return made

    def number(self) -> None:
        """Number the wildcards in the order in which they were written."""
        names: dict[str, str] = {}
        for _, name in sorted((at, var.name) for at, var in self._wild):
            names.setdefault(name, f"${len(names)}")
        for _, var in self._wild:
            var.name = names[var.name]

    def _rule(self, rule: Rule, *, chained: bool) -> Rule:
        made = self._arm(rule, fresh=chained)
        if chained:
            _place(head_terms(made), made.at)
        elif rule.explicit and not (rule.written or rule.default):
            made.body = [Expr(rule.value.at, Scalar(rule.value.at, TRUE), made=True)]
        made.orelse = [self._other(other, rule) for other in rule.orelse]
        return made

    def _other(self, rule: Rule, first: Rule) -> Rule:
        """Copy what follows after ``else``; an expression without braces stands where the word does."""
        made = self._arm(rule, fresh=True)
        made.assigned = rule.assigned if rule.explicit else first.assigned
        if rule.written and rule.body[-1].end == rule.end:
            _place(made.body, made.at)
        return made

    def _anew(self, arg: Term, at: int) -> Term:
        """Give an argument of a head that was written once and stands for several: a wildcard is another each time."""
        if not isinstance(arg, Var) or not arg.wild:
            return self.term(arg)
        made = Var(arg.at, f"${at}{arg.name}")
        self._wild.append((at, made))
        return made

    def _arm(self, rule: Rule, *, fresh: bool) -> Rule:
        args = (
            None if rule.args is None else [self._anew(arg, rule.at) if fresh else self.term(arg) for arg in rule.args]
        )
        made = Rule(
            rule.at,
            [self.term(step) for step in rule.ref],
            args,
            None if rule.key is None else self.term(rule.key),
            self.term(rule.value),
            self.body(rule.body),
            rule.default,
        )
        made.explicit, made.assigned, made.conditional = rule.explicit, rule.assigned, rule.conditional
        made.annotations, made.written, made.end = rule.annotations, rule.written, rule.end
        return made

    def body(self, body: list[Expr]) -> list[Expr]:
        """Copy a body."""
        return [self.expr(expr) for expr in body]

    def expr(self, expr: Expr) -> Expr:
        """Copy an expression; a group that stands for itself is what is in it."""
        if isinstance(expr.term, Logic) and not expr.term.right:
            made = self.expr(expr.term.left[0])
            made.at = expr.at
            made.withs += self._withs(expr)
            return made
        made = Expr(expr.at, self._statement(expr.term), expr.negated, made=expr.made, end=expr.end)
        made.withs = self._withs(expr)
        if isinstance(made.term, Negation) and not made.term.braced:
            assert isinstance(expr.term, Negation)  # noqa: S101 - it was copied
            made.term.body[0].at = made.at
            _place_negated(made.term.body[:1], expr.term.body[:1], first=False)
        return made

    def _withs(self, expr: Expr) -> list[With]:
        return [With(each.at, self.term(each.target), self.term(each.value)) for each in expr.withs]

    def _statement(
        self, term: Term | SomeDecl | Every | Negation | Logic
    ) -> Term | SomeDecl | Every | Negation | Logic:
        if isinstance(term, SomeDecl):
            names = [self._variable(name) for name in term.names]
            return SomeDecl(term.at, names, None if term.member is None else self._call(term.member))
        if isinstance(term, Every):
            key = None if term.key is None else self.term(term.key)
            return Every(term.at, key, self.term(term.value), self.term(term.domain), self.body(term.body))
        if isinstance(term, Negation):
            return Negation(term.at, self.body(term.body), braced=term.braced)
        if isinstance(term, Logic):
            return self._logic(term)
        return self.term(term)

    def _logic(self, term: Logic) -> Logic:
        """Copy the operands."""
        made = Logic(term.at, term.operator, self.body(term.left), self.body(term.right), braces=term.braces)
        if not term.braces[0]:
            _place_negated(made.left, term.left, first=True)
        if not term.braces[1]:
            _place_negated(made.right, term.right, first=False)
        return made

    def term(self, term: Term) -> Term:
        """Copy a term."""
        if isinstance(term, Scalar):
            return self._scalar(term)
        if isinstance(term, Var):
            made = self._variable(term)
            return Ref(term.at, made, []) if term.name in ROOTS else made
        if isinstance(term, Ref):
            head = self._variable(term.head) if isinstance(term.head, Var) else self.term(term.head)
            return Ref(term.at, head, [self.term(step) for step in term.steps])
        if isinstance(term, Comprehension):
            key = None if term.key is None else self.term(term.key)
            return Comprehension(term.at, term.kind, key, self.term(term.value), self.body(term.body))
        return self._call(term) if isinstance(term, Call) else self._composite(term)

    def _variable(self, var: Var) -> Var:
        made = Var(var.at, var.name)
        if var.wild:
            self._wild.append((var.at, made))
        return made

    def _call(self, call: Call) -> Call:
        return Call(call.at, call.name, [self.term(arg) for arg in call.args], call.infix)

    def _composite(self, term: Term) -> Term:
        made: Term = term
        if isinstance(term, ArrayTerm):
            made = ArrayTerm(term.at, [self.term(item) for item in term.items])
        elif isinstance(term, SetTerm):
            made = SetTerm(term.at, [self.term(item) for item in term.items])
        elif isinstance(term, ObjectTerm):
            made = ObjectTerm(term.at, [(self.term(key), self.term(value)) for key, value in term.pairs])
        elif isinstance(term, Template):
            parts = [part if isinstance(part, str) else self._hole(part) for part in term.parts]
            made = Template(term.at, parts, term.raw)
        return arranged(made)

    def _hole(self, part: Term) -> Term:
        if not isinstance(part, Comprehension):
            return self.term(part)
        bound = part.body[0]
        assert isinstance(bound.term, Call)  # noqa: S101 - the parser makes a hole so
        inner = self.expr(Expr(bound.at, bound.term.args[1], withs=bound.withs, end=bound.end))
        return Hole(part.at, inner)

    def _scalar(self, term: Scalar) -> Scalar:
        if type(term.value) not in NUMBER_TYPES or term.at < 0:
            return Scalar(term.at, term.value)
        found = _NUMBER.match(self._text, term.at)
        return Numeral(term.at, term.value, found[1] + found[2]) if found else Scalar(term.at, term.value)


def _place(found: Iterable[Node], at: int) -> None:
    """Move nodes and all in them to another place."""
    for root in found:
        for node in nodes(root):
            node.at = at


def _place_negated(body: list[Expr], written: list[Expr], *, first: bool) -> None:
    """Move what is negated in an operand behind its ``not``; in the first one it has no place, if it is no group."""
    for expr, source in zip(body, written, strict=False):
        if expr.negated and isinstance(expr.term, Term):
            expr.at = expr.term.at
        elif isinstance(expr.term, Negation) and isinstance(source.term, Negation) and not expr.term.braced:
            inner = expr.term.body[0]
            inner.at = NOWHERE if first and isinstance(inner.term, Term) else source.term.body[0].at
