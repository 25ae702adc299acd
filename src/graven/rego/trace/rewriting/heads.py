"""Owns the stages that leave values and variables alone in heads and after ``with``: the rest moves into bodies."""

from __future__ import annotations

from graven.rego.trace.rewriting.forms import added, unification
from graven.rego.trace.rewriting.localnames import Generator
from graven.rego.trace.rewriting.ordering import order
from graven.rego.trace.rewriting.rules import Rules
from graven.rego.trace.rewriting.walking import Node, contains, head_terms, parts, renew, requires_evaluation
from graven.rego.tree import Call, Comprehension, Expr, Ref, Rule, Scalar, Term, Var, With

__all__ = ["Heads", "Modifiers", "equalities"]


class Heads:
    """Moves what must be evaluated from the heads of rules and comprehensions into their bodies."""

    def __init__(self, generator: Generator) -> None:
        self._generator = generator

    def _moved(self, term: Term, body: list[Expr]) -> tuple[Term, list[Expr]]:
        output = Var(term.at, self._generator.name())
        return output, added(body, [unification(term.at, output, term, made=True)])

    def reference(self, rule: Rule) -> None:
        """Move the steps of a rule's name."""
        for at, step in enumerate(rule.ref):
            if isinstance(step, Var | Scalar):
                continue
            rule.ref[at], rule.body = self._moved(step, rule.body)
            if rule.key is not None and at == len(rule.ref) - 1 and not order(rule.key, step):
                rule.key = rule.ref[at]

    def rule(self, rule: Rule) -> None:
        """Move the key, the value and the arguments of a rule."""
        for arm in [rule, *rule.orelse]:
            if arm.key is not None and requires_evaluation(arm.key):
                arm.key, arm.body = self._moved(arm.key, arm.body)
            if arm.key is None and requires_evaluation(arm.value):
                arm.value, arm.body = self._moved(arm.value, arm.body)
            for at, arg in enumerate(arm.args or []):
                if arm.args is not None and requires_evaluation(arg):
                    arm.args[at], arm.body = self._moved(arg, arm.body)

    def comprehensions(self, rule: Rule) -> None:
        """Move the terms of the comprehensions of a rule."""
        for arm in [rule, *rule.orelse]:
            arm.args = None if arm.args is None else [self._term(arg) for arg in arm.args]
            if arm.key is not None:
                arm.key = self._term(arm.key)
            else:
                arm.value = self._term(arm.value)
            arm.body = self.body(arm.body)

    def body(self, body: list[Expr]) -> list[Expr]:
        """Move the terms of the comprehensions of a body."""
        for expr in body:
            renew(expr, self._term, self.body)
        return body

    def _term(self, term: Term) -> Term:
        if isinstance(term, Comprehension):
            if term.key is not None and requires_evaluation(term.key):
                term.key, term.body = self._moved(term.key, term.body)
            if requires_evaluation(term.value):
                term.value, term.body = self._moved(term.value, term.body)
        renew(term, self._term, self.body)
        return term


class Modifiers:
    """Moves what must be evaluated from behind ``with ... as`` in front of the expression."""

    def __init__(self, generator: Generator, rules: Rules) -> None:
        self._generator = generator
        self._rules = rules

    def rule(self, rule: Rule) -> None:
        """Move those of a rule and of what follows after ``else``."""
        for arm in [rule, *rule.orelse]:
            for term in head_terms(arm):
                renew(term, self._term, self.body)
            arm.body = self.body(arm.body)

    def _term(self, term: Term) -> Term:
        renew(term, self._term, self.body)
        return term

    def body(self, body: list[Expr]) -> list[Expr]:
        """Move those of a body."""
        if not any(contains(expr, With) for expr in body):
            return body
        found = [made for expr in body for made in self._expr(expr)]
        for expr in found:
            renew(expr, self._term, self.body)
        return found

    def _expr(self, expr: Expr) -> list[Expr]:
        found: list[Expr] = []
        for modifier in expr.withs:
            if self._evaluated(modifier):
                output = Var(modifier.value.at, self._generator.name())
                found.append(unification(modifier.value.at, output, modifier.value, made=True))
                modifier.value = output
        return [*found, expr]

    def _evaluated(self, modifier: With) -> bool:
        """Say whether the value must be evaluated; a function that replaces another must not."""
        modifier.value, modifier.target = self._named(modifier.value), self._named(modifier.target)
        target, value = modifier.target, modifier.value
        root = target.head.name if isinstance(target, Ref) and isinstance(target.head, Var) else ""
        if root == "input":
            return requires_evaluation(value)
        if (root != "data" or self._rules.function(target)) and self._replaces(value):
            return False
        return requires_evaluation(value) and not self._rules.function(value)

    def _named(self, term: Term) -> Term:
        """Give a builtin's name as a reference."""
        return Ref(term.at, term, []) if isinstance(term, Var) and self._rules.builtin(term.name) else term

    def _replaces(self, value: Term) -> bool:
        return isinstance(value, Ref) and (self._rules.known(value) or self._rules.builtin(_dotted(value)))


def _dotted(ref: Ref) -> str:
    """Give the name that a reference would be a builtin's by; empty if it can be none."""
    names = [ref.head.name] if isinstance(ref.head, Var) else [""]
    names += [step.value if isinstance(step, Scalar) and isinstance(step.value, str) else "" for step in ref.steps]
    return ".".join(names) if all(names) else ""


def equalities(node: Node) -> None:
    """Turn ``==`` between two terms into their unification."""
    if isinstance(node, Expr) and isinstance(node.term, Call):
        call = node.term
        if call.name == ("equal",) and len(call.args) == 2:
            node.term = Call(call.at, ("eq",), call.args, "=")
    for part in parts(node):
        equalities(part)
