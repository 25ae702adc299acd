"""Owns which variables an expression binds, and which two terms bind where they are unified."""

from __future__ import annotations

from collections.abc import Callable

from graven.rego.trace.rewriting.ordering import order
from graven.rego.trace.rewriting.variables import OUTPUTS, SAFETY, STEPS, UNIFIED, variables, variables_of
from graven.rego.trace.rewriting.walking import Node, walk
from graven.rego.tree import (
    ArrayTerm,
    Call,
    Comprehension,
    Every,
    Expr,
    ObjectTerm,
    Ref,
    Template,
    Term,
    Var,
)

__all__ = ["Outputs", "grounded"]

Arity = Callable[[tuple[str, ...]], int]


def grounded(term: Term, safe: set[str]) -> bool:
    """Say whether a reference or a call can be evaluated once these variables are bound."""
    if isinstance(term, Ref):
        head = term.head
        return head.name in safe if isinstance(head, Var) else variables(head, SAFETY) <= safe
    return variables(term, SAFETY) <= safe


class Outputs:
    """Tells what expressions bind; ``arity`` knows how many arguments a function takes, -1 where there is none."""

    def __init__(self, arity: Arity) -> None:
        self.arity = arity

    def of_body(self, body: list[Expr], safe: set[str]) -> set[str]:
        """Give what a body binds."""
        bound, buffer = set(safe), set[str]()
        for expr in body:
            bound |= self.of_expr(expr, bound, buffer)
        return bound - safe

    def of_expr(self, expr: Expr, safe: set[str], buffer: set[str]) -> set[str]:
        """Give what an expression binds; the buffer is shared by the expressions of a body, as OPA shares it."""
        if expr.negated:
            return set()
        if any(not variables(modifier, SAFETY) <= safe for modifier in expr.withs):
            return set()
        term = expr.term
        if isinstance(term, Call):
            if term.name == ("eq",):
                return self.of_unification(expr, safe, buffer)
            arity = self.arity(term.name)
            return set() if arity < 0 else self._of_call(expr, term, arity, safe=safe, buffer=buffer)
        if isinstance(term, Every):
            return _of_terms(term.domain, safe, buffer)
        return _of_terms(expr, safe, set()) if isinstance(term, Term) else set()

    def of_unification(self, expr: Expr, safe: set[str], buffer: set[str]) -> set[str]:
        """Give what ``left = right`` binds."""
        call = expr.term
        assert isinstance(call, Call)  # noqa: S101 - the callers know it
        if len(call.args) != 2:
            return safe
        buffer.clear()
        known = _of_terms(expr, safe, set()) | safe
        if call.infix == ":=":
            known -= variables(call.args[0])
        return (known | _Unifier(known).unified(*call.args)) - safe

    @staticmethod
    def _of_call(expr: Expr, call: Call, arity: int, *, safe: set[str], buffer: set[str]) -> set[str]:
        buffer.clear()
        _of_terms(expr, safe, buffer)
        if arity >= len(call.args):
            return buffer
        if variables_of(call.args[:arity], OUTPUTS) - buffer - safe:
            return set()
        buffer |= variables_of(call.args[arity:], OUTPUTS)
        return buffer


def _of_terms(node: Node, safe: set[str], found: set[str]) -> set[str]:
    """Add what the references in a node bind."""

    def visit(part: Node) -> bool:
        if isinstance(part, Comprehension | Template):
            return True
        if isinstance(part, Ref):
            if not grounded(part, safe):
                return True
            found.update(variables(part, STEPS))
        return False

    walk(node, visit)
    return found


class _Unifier:
    def __init__(self, safe: set[str]) -> None:
        self._safe = safe
        self._found: set[str] = set()
        self._waiting: dict[str, set[str]] = {}

    def unified(self, left: Term, right: Term) -> set[str]:
        """Give what is bound once two terms are unified."""
        self._unify(left, right)
        return self._found

    def _unify(self, left: Term, right: Term) -> None:
        if isinstance(left, Var):
            self._variable(left, right)
        elif isinstance(left, Ref | Call):
            if grounded(left, self._safe):
                self._mark_all(right, (Var, ArrayTerm, ObjectTerm))
        elif isinstance(left, Comprehension):
            kinds: dict[str, tuple[type, ...]] = {"array": (Var, ArrayTerm), "object": (Var, ObjectTerm), "set": (Var,)}
            self._mark_all(right, kinds[left.kind])
        elif isinstance(left, ArrayTerm | ObjectTerm):
            self._composite(left, right)
        elif isinstance(right, Var):
            self._mark(right.name)

    def _variable(self, left: Var, right: Term) -> None:
        if isinstance(right, Var):
            if self._is_safe(right.name):
                self._mark(left.name)
            elif self._is_safe(left.name):
                self._mark(right.name)
            else:
                self._waiting.setdefault(left.name, set()).add(right.name)
                self._waiting.setdefault(right.name, set()).add(left.name)
        elif isinstance(right, ArrayTerm | ObjectTerm):
            self._all(left.name, right)
        elif not isinstance(right, Ref | Call) or grounded(right, self._safe):
            self._mark(left.name)

    def _composite(self, left: ArrayTerm | ObjectTerm, right: Term) -> None:
        if isinstance(right, Var):
            self._all(right.name, left)
        elif isinstance(right, Ref | Call):
            if grounded(right, self._safe):
                self._mark_all(left, (ArrayTerm, ObjectTerm))
        elif isinstance(left, ArrayTerm) and isinstance(right, Comprehension):
            self._mark_all(left, (ArrayTerm,))
        elif isinstance(left, ArrayTerm) and isinstance(right, ArrayTerm) and len(left.items) == len(right.items):
            for ours, theirs in zip(left.items, right.items, strict=True):
                self._unify(ours, theirs)
        elif isinstance(left, ObjectTerm) and isinstance(right, ObjectTerm) and len(left.pairs) == len(right.pairs):
            for key, value in left.pairs:
                for other, theirs in right.pairs:
                    if not order(key, other):
                        self._unify(value, theirs)

    def _is_safe(self, name: str) -> bool:
        return name in self._safe or name in self._found

    def _mark_all(self, term: Term, kinds: tuple[type, ...]) -> None:
        """Mark the variables of a term of one of these kinds."""
        if isinstance(term, kinds):
            for name in sorted(variables(term, UNIFIED)):
                self._mark(name)

    def _mark(self, name: str) -> None:
        """Mark a variable as bound, and those that waited for it alone."""
        self._found.add(name)
        for each in self._waiting.pop(name, set()):
            self._mark(each)
        for other in list(self._waiting):
            needed = self._waiting.get(other)
            if needed and name in needed:
                needed.discard(name)
                if not needed:
                    self._mark(other)

    def _all(self, name: str, term: Term) -> None:
        if self._is_safe(name):
            self._mark_all(term, (ArrayTerm, ObjectTerm))
            return
        unsafe = variables(term, UNIFIED) - self._safe - self._found
        if unsafe:
            self._waiting.setdefault(name, set()).update(unsafe)
        else:
            self._mark(name)
