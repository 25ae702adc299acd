"""Owns the order of the expressions of a body: each stands where what it reads was bound before."""

from __future__ import annotations

from graven.rego.trace.rewriting.forms import ROOTS
from graven.rego.trace.rewriting.ordering import arranged
from graven.rego.trace.rewriting.outputs import Outputs
from graven.rego.trace.rewriting.variables import ALL, OUTPUTS, SAFETY, variables, variables_of
from graven.rego.trace.rewriting.walking import Node, closures, parts
from graven.rego.tree import Call, Comprehension, Every, Expr, Logic, Negation, ObjectTerm, Rule, SetTerm

__all__ = ["Safety"]

RESERVED = frozenset(ROOTS)


class Safety:
    """Reorders bodies."""

    def __init__(self, outputs: Outputs) -> None:
        self._outputs = outputs
        self._choice = SAFETY._replace(promote=self._asked)

    def rule(self, rule: Rule) -> None:
        """Reorder the body of a rule and those after ``else``."""
        for arm in [rule, *rule.orelse]:
            arm.body = self.body(arm.body, RESERVED | variables_of(arm.args or []))

    def body(self, body: list[Expr], known: set[str] | frozenset[str]) -> list[Expr]:
        """Give a body in the order in which it can be evaluated."""
        found = self._ordered(body, known)
        seen = set(known)
        for at, expr in enumerate(found):
            if at:
                seen |= variables(found[at - 1], self._choice)
            self._nested(expr, seen)
        return found

    def _ordered(self, body: list[Expr], known: set[str] | frozenset[str]) -> list[Expr]:
        names = variables_of(body, self._choice)
        safe = names & known
        unsafe = [variables(expr, self._choice) - safe for expr in body]
        found: list[Expr] = []
        buffer: set[str] = set()
        done = [False] * len(body)
        grown = True
        while grown:
            grown = False
            for at, expr in enumerate(body):
                if done[at]:
                    continue
                bound = self._outputs.of_expr(expr, safe, buffer)
                asked = (_enclosed(expr) & names) - known
                missing = asked - self._outputs.of_body(found, safe) if asked else set()
                if missing:
                    if missing == bound:  # it asks for what it binds itself
                        continue
                    unsafe[at] = missing
                unsafe[at] -= bound | safe
                if not unsafe[at]:
                    found.append(expr)
                    safe |= bound
                    done[at] = grown = True
        return found + [expr for at, expr in enumerate(body) if not done[at]]

    def _nested(self, node: Node, seen: set[str]) -> None:
        """Reorder the bodies in a node; the terms of a comprehension hold none that are reordered."""
        if isinstance(node, Comprehension):
            node.body = self.body(node.body, seen)
            return
        if isinstance(node, Expr) and isinstance(node.term, Every | Negation | Logic):
            self._statement(node.term, seen)
            return
        for part in parts(node):
            self._nested(part, seen)
        if isinstance(node, SetTerm | ObjectTerm):
            arranged(node)

    def _statement(self, term: Every | Negation | Logic, seen: set[str]) -> None:
        if isinstance(term, Logic):
            term.left, term.right = self.body(term.left, seen), self.body(term.right, seen)
            return
        if isinstance(term, Every):
            seen |= variables_of([term.value, *([] if term.key is None else [term.key])])
        term.body = self.body(term.body, seen)

    def _asked(self, body: list[Expr]) -> set[str]:
        """Give what a body without braces asks of the body around it."""
        within = [variables(expr, SAFETY) for expr in body]
        asked = set().union(*within)
        if len(body) < 2:
            return asked
        bound = set().union(*map(self._bound, body))
        return {name for name in asked if name not in bound or sum(name in each for each in within) == 1}

    def _bound(self, expr: Expr) -> set[str]:
        call = expr.term
        if not isinstance(call, Call):
            return set()
        if call.name == ("eq",):
            return self._outputs.of_unification(expr, set(), set())
        arity = self._outputs.arity(call.name)
        return set() if arity < 0 else variables_of(call.args[arity:], OUTPUTS)


def _enclosed(expr: Expr) -> set[str]:
    """Give the variables of what has a body in an expression."""
    names: set[str] = set()
    for closure in closures(expr):
        if isinstance(closure, Every):
            names |= variables_of(closure.body, ALL)
        elif isinstance(closure, Logic):
            names |= variables_of([*closure.left, *closure.right], ALL)
        else:
            names |= variables(closure, ALL)
    return names
