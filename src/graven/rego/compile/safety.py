"""Owns safety: every variable is bound before it is read, and bodies are put in an order in which that holds."""

from __future__ import annotations

from collections.abc import Iterator

from graven.rego.compile.readiness import ROOTS, Arity, bindings, body_names, missing, names, outputs
from graven.rego.faults import PolicyError, fault
from graven.rego.tree import Comprehension, Every, Expr, Logic, Negation, Rule, SomeDecl, Source, Term, Var, children
from graven.rego.walk import pattern_vars

__all__ = ["Safety"]


class Safety:
    """Orders the bodies of rules in place and keeps what is unsafe."""

    def __init__(self, arity: Arity) -> None:
        self.arity = arity
        self.errors: list[PolicyError] = []
        self.source = Source("", "")

    def rule(self, rule: Rule, source: Source) -> None:
        """Order one rule, with those that follow after ``else``."""
        self.source = source
        for arm in (rule, *rule.orelse):
            bound = {name.name for arg in arm.args or [] for name in pattern_vars(arg)}
            head = [part for part in (*arm.ref[1:], arm.key, arm.value) if part is not None]
            arm.body, bound = self.body(arm.body, set(bound), bound)
            self._head(head, bound)
            for arg in arm.args or []:
                self._report(missing(arg, bound))

    def _head(self, parts: list[Term], bound: set[str]) -> None:
        """Check the terms of a head; a reference among them may bind what the others read."""
        visible = bound | {each.name for part in parts for each in _outside_closures(part)}
        for part in parts:
            self._capture(part, visible)
        bound = bound.union(*(outputs(part, bound) for part in parts))
        for part in parts:
            self._report(missing(part, bound))
            self._closures(part, visible, bound)

    def query(self, body: list[Expr], source: Source) -> tuple[list[Expr], set[str]]:
        """Order a query."""
        self.source = source
        return self.body(body, set(), set())

    def body(self, body: list[Expr], visible: set[str], bound: set[str]) -> tuple[list[Expr], set[str]]:
        """Give a body in a safe order, and what is bound behind it."""
        visible = visible | set(_visible(body))
        for expr in body:
            self._capture_expr(expr, visible)
        bound, waiting, done = set(bound), list(body), []
        while waiting:
            still = []
            for expr in waiting:
                lost, made = bindings(expr, bound, self.arity)
                if lost:
                    still.append(expr)
                    continue
                bound |= made
                done.append(expr)
                self._inside(expr, visible, bound)
            if len(still) == len(waiting):
                for expr in still:
                    self._report(bindings(expr, bound, self.arity)[0])
                return done + still, bound | visible
            waiting = still
        return done, bound

    def _report(self, lost: dict[str, int]) -> None:
        for name, at in lost.items():
            shown = "_" if name.startswith("$") else name.partition("%")[0]
            hint = "bind it in an expression that is not negated" if shown != "_" else "name what is meant"
            self.errors.append(fault(self.source, at, "rego_unsafe_var_error", f"var {shown} is unsafe", hint))

    def _capture_expr(self, expr: Expr, visible: set[str]) -> None:
        """Say of each closure of an expression which variables around it it reads."""
        found = expr.term
        if isinstance(found, Every):
            own = {each.name for part in (found.key, found.value) if part for each in names(part)}
            found.captured = frozenset(body_names(found.body)) & visible - own
            self._capture(found.domain, visible)
        elif isinstance(found, Negation):
            found.captured = frozenset(body_names(found.body)) & visible
        elif isinstance(found, Logic):
            found.captured = frozenset((*body_names(found.left), *body_names(found.right))) & visible
        elif isinstance(found, SomeDecl):
            for arg in found.member.args if found.member else []:
                self._capture(arg, visible)
        else:
            self._capture(found, visible)
        for modifier in expr.withs:
            self._capture(modifier.value, visible)

    def _capture(self, term: Term, visible: set[str]) -> None:
        for each in _closures_of(term):
            each.captured = frozenset(name.name for name in names(each)) & visible

    def _inside(self, expr: Expr, visible: set[str], bound: set[str]) -> None:
        """Order the bodies inside an expression."""
        found = expr.term
        if isinstance(found, Every):
            own = {each.name for part in (found.key, found.value) if part for each in names(part)}
            found.body, _ = self.body(found.body, visible | own, bound | own)
            self._closures(found.domain, visible, bound)
        elif isinstance(found, Negation):
            found.body, _ = self.body(found.body, visible, bound)
        elif isinstance(found, Logic):
            found.left, _ = self.body(found.left, visible, bound)
            found.right, _ = self.body(found.right, visible, bound)
        elif isinstance(found, SomeDecl):
            for arg in found.member.args if found.member else []:
                self._closures(arg, visible, bound)
        else:
            self._closures(found, visible, bound)
        for modifier in expr.withs:
            self._closures(modifier.value, visible, bound)

    def _closures(self, term: Term, visible: set[str], bound: set[str]) -> None:
        for each in _closures_of(term):
            each.body, inner = self.body(each.body, visible, bound & visible)
            self._head([part for part in (each.key, each.value) if part is not None], inner)


def _closures_of(term: Term) -> Iterator[Comprehension]:
    """Give the comprehensions of a term that stand in no other."""
    if isinstance(term, Comprehension):
        yield term
    else:
        for child in children(term):
            yield from _closures_of(child)


def _outside_closures(term: Term) -> Iterator[Var]:
    if isinstance(term, Var):
        yield term
    elif not isinstance(term, Comprehension):
        for child in children(term):
            yield from _outside_closures(child)


def _visible(body: list[Expr]) -> Iterator[str]:
    """Give the names of a body that stand in no closure."""
    for expr in body:
        found = expr.term
        parts: list[Term] = [modifier.value for modifier in expr.withs]
        if isinstance(found, SomeDecl):
            parts += found.member.args if found.member else []
        elif isinstance(found, Every):
            parts.append(found.domain)
        elif isinstance(found, Term):
            parts.append(found)
        for part in parts:
            for each in _outside_closures(part):
                if each.name not in ROOTS:
                    yield each.name
