"""Owns safety: every variable is bound before it is read, and bodies are put in an order in which that holds."""

from __future__ import annotations

from collections.abc import Iterator

from graven.rego.compile.readiness import ROOTS, Arity, bindings, body_names, missing, names, outputs
from graven.rego.faults import PolicyError, fault
from graven.rego.tree import (
    Call,
    Comprehension,
    Every,
    Expr,
    Logic,
    Negation,
    Ref,
    Rule,
    SomeDecl,
    Source,
    Template,
    Term,
    Var,
    children,
)
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
            self._head(head, bound, None)
            for arg in arm.args or []:
                self._report(missing(arg, bound))

    def _head(self, parts: list[Term], bound: set[str], at: int | None) -> None:
        """Check the terms of a head, of a comprehension at a place; a reference may bind what the others read."""
        visible = bound | {each.name for part in parts for each in _outside_closures(part)}
        for part in parts:
            self._capture(part, visible)
        bound = bound.union(*(outputs(part, bound) for part in parts))
        for part in parts:
            lost = missing(part, bound)
            places = _places(part) if lost and at is None else {}
            self._report({name: where if at is None else at for name, where in (lost | places).items() if name in lost})
            self._closures(part, visible, bound, part.at if at is None else at)

    def query(self, body: list[Expr], source: Source) -> tuple[list[Expr], set[str]]:
        """Order a query."""
        self.source = source
        return self.body(body, set(), set())

    def body(
        self, body: list[Expr], visible: set[str], bound: set[str], at: int | None = None
    ) -> tuple[list[Expr], set[str]]:
        """Give a body in a safe order, and what is bound behind it; ``at`` is told of all that is unsafe in it."""
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
                lost = _stuck(still, bound)
                self._report(lost if at is None else dict.fromkeys(lost, at))
                return done + still, bound | visible
            waiting = still
        return done, bound

    def _report(self, lost: dict[str, int]) -> None:
        for name, at in lost.items():
            if name.startswith("~"):
                continue
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
            self._closures(found.domain, visible, bound, expr.at)
        elif isinstance(found, Negation):
            found.body, _ = self.body(found.body, visible, bound)
        elif isinstance(found, Logic):
            found.left, _ = self.body(found.left, visible, bound)
            found.right, _ = self.body(found.right, visible, bound)
        elif isinstance(found, SomeDecl):
            for arg in found.member.args if found.member else []:
                self._closures(arg, visible, bound, expr.at)
        else:
            self._closures(found, visible, bound, expr.at)
        for modifier in expr.withs:
            self._closures(modifier.value, visible, bound, expr.at)

    def _closures(self, term: Term, visible: set[str], bound: set[str], at: int) -> None:
        """Order the bodies of the comprehensions in a term; those of a template are told at its place."""
        if isinstance(term, Template):
            self._ordered(term, visible, bound & visible, (term.at, term.at))
        elif isinstance(term, Comprehension):
            self._ordered(term, visible, bound & visible, (None, at))
        else:
            for child in children(term):
                self._closures(child, visible, bound, at)

    def _ordered(self, term: Term, visible: set[str], bound: set[str], places: tuple[int | None, int]) -> None:
        for each in _closures_of(term):
            each.body, inner = self.body(each.body, visible, bound, places[0])
            self._head([part for part in (each.key, each.value) if part is not None], inner, places[1])


def _stuck(left: list[Expr], bound: set[str]) -> dict[str, int]:
    """Give what no order makes safe, each at the first expression that needs it.

    What is assigned by such an expression is not told beside what that needs.
    """
    found: dict[str, int] = {}
    assigned: set[str] = set()
    for expr in sorted(left, key=lambda expr: expr.at):
        for name in _needed(expr, bound):
            found.setdefault(name, expr.term.domain.at if isinstance(expr.term, Every) else expr.at)
        if isinstance(expr.term, Call) and expr.term.name == ("assign",):
            assigned |= {each.name for each in _outside_closures(expr.term.args[0])}
    causes = {name: at for name, at in found.items() if name not in assigned}
    return causes or found


def _needed(expr: Expr, bound: set[str]) -> Iterator[str]:
    """Give the names of an expression that are not bound: those of its closures, or else all that it does not bind."""
    found = expr.term
    captured: set[str] = set()
    if isinstance(found, (Every, Negation, Logic)):
        captured |= found.captured
    for part in _parts_of(expr):
        captured |= {name for each in _closures_of(part) for name in each.captured}
    if captured - bound:
        yield from sorted(captured - bound)
        return
    made = set() if expr.negated else {name for part in _parts_of(expr) for name in _iterated(part, bound)}
    for part in _parts_of(expr):
        yield from (each.name for each in _outside_closures(part) if each.name not in bound | made | ROOTS)


def _iterated(term: Term, bound: set[str]) -> Iterator[str]:
    """Give what the references of a term bind whose heads are bound."""
    if isinstance(term, Ref) and (not isinstance(term.head, Var) or term.head.name in bound | ROOTS):
        yield from outputs(term, bound) if not missing(term.head, bound) else ()
    elif not isinstance(term, Comprehension):
        for child in children(term):
            yield from _iterated(child, bound)


def _places(part: Term) -> dict[str, int]:
    """Give the places at which OPA tells of the names in a head: that of the call, or of what must be evaluated."""
    whole = not isinstance(part, Call) and any(True for _ in _evaluated(part))
    return {name: part.at if whole else at for name, at in _placed(part, None)}


def _evaluated(term: Term) -> Iterator[Term]:
    if isinstance(term, (Comprehension, Ref)):
        yield term
    elif not isinstance(term, (Call, Template)):
        for child in children(term):
            yield from _evaluated(child)


def _placed(term: Term, at: int | None) -> Iterator[tuple[str, int]]:
    if isinstance(term, Var):
        yield term.name, term.at if at is None else at
    elif not isinstance(term, Comprehension):
        inner = term.at if isinstance(term, (Call, Template)) else at
        for child in children(term):
            yield from _placed(child, inner)


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


def _parts_of(expr: Expr) -> list[Term]:
    """Give the terms of an expression that stand in no body of its own."""
    found = expr.term
    parts: list[Term] = [modifier.value for modifier in expr.withs]
    if isinstance(found, SomeDecl):
        parts += found.member.args if found.member else []
    elif isinstance(found, Every):
        parts.append(found.domain)
    elif isinstance(found, Term):
        parts.append(found)
    return parts


def _visible(body: list[Expr]) -> Iterator[str]:
    """Give the names of a body that stand in no closure."""
    for expr in body:
        for part in _parts_of(expr):
            for each in _outside_closures(part):
                if each.name not in ROOTS:
                    yield each.name
