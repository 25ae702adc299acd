"""Owns the stage that gives each declared variable a name of its own and turns declarations into unifications."""

from __future__ import annotations

from collections.abc import Callable

from graven.rego.trace.rewriting.forms import NOWHERE, ROOTS, Hole
from graven.rego.trace.rewriting.localnames import ARGUMENT, DECLARED, SEEN, Generator, Scopes
from graven.rego.trace.rewriting.ordering import arranged
from graven.rego.trace.rewriting.outputs import Outputs
from graven.rego.trace.rewriting.resolution import declared
from graven.rego.trace.rewriting.variables import SAFETY, Choice, variables, variables_of
from graven.rego.trace.rewriting.walking import Node, head_terms, nodes, nodes_of, renew
from graven.rego.tree import (
    ArrayTerm,
    Call,
    Comprehension,
    Every,
    Expr,
    Logic,
    Negation,
    ObjectTerm,
    Ref,
    Rule,
    Scalar,
    SetTerm,
    SomeDecl,
    Template,
    Term,
    Var,
    With,
)
from graven.rego.values import TRUE

__all__ = ["Declarations"]

_NAMED = Choice(called=True)


class Declarations:
    """Renames the declared variables of rules and queries."""

    def __init__(self, generator: Generator, outputs: Outputs, builtin: Callable[[str], bool]) -> None:
        self._generator = generator
        self._outputs = outputs
        self._builtin = builtin
        self._scopes = Scopes()
        self.rewritten: dict[str, str] = {}

    def rule(self, rule: Rule) -> None:
        """Rename the variables of a rule and of what follows after ``else``."""
        arguments = self._scopes = Scopes()
        rule.args = None if rule.args is None else [self._argument(arg) for arg in rule.args]
        for arm in [rule, *rule.orelse]:
            self._arm(arm, arguments)

    def query(self, body: list[Expr]) -> list[Expr]:
        """Rename the variables of a query."""
        self._scopes = Scopes()
        found = self._body(body)
        self.rewritten |= self._scopes.rewritten
        return found

    def _argument(self, arg: Term) -> Term:
        if isinstance(arg, Var):
            found = self._scopes.found(arg.name)
            return Var(arg.at, found or self._declare(arg.name, ARGUMENT))
        if isinstance(arg, ObjectTerm):
            arg.pairs = [(key, self._argument(value)) for key, value in arg.pairs]
        elif isinstance(arg, ArrayTerm):
            arg.items = [self._argument(item) for item in arg.items]
        elif isinstance(arg, Ref):
            arg.head, arg.steps = self._argument(arg.head), [self._argument(step) for step in arg.steps]
        return arg

    def _arm(self, rule: Rule, arguments: Scopes) -> None:
        if _open(rule):
            self._head_closures(rule)
        self._scopes = arguments.copy()
        self._free_builtins(rule)
        rule.body = self._body(rule.body)
        names = self._scopes.innermost
        self.rewritten |= self._scopes.rewritten
        rule.args = None if rule.args is None else [_renamed(arg, names) for arg in rule.args]
        rule.ref[1:] = [_renamed(step, names) for step in rule.ref[1:]]
        rule.key = None if rule.key is None else _renamed(rule.key, names)
        rule.value = _renamed(rule.value, names)

    def _head_closures(self, rule: Rule) -> None:
        """Rename what comprehensions in a head declare, each for itself."""
        for term in head_terms(rule):
            self._in_head(term)

    def _in_head(self, term: Term) -> None:
        if isinstance(term, Comprehension | Template):
            self._scopes = Scopes()
            if isinstance(term, Comprehension):
                self._comprehension(term)
            else:
                self._holes(term)
            self.rewritten |= self._scopes.rewritten
            return
        renew(term, self._headed, lambda body: body)

    def _headed(self, term: Term) -> Term:
        self._in_head(term)
        return term

    def _holes(self, term: Template) -> None:
        for part in term.parts:
            if isinstance(part, Hole):
                self._scopes.push()
                self._expr(part.expr)
                self._scopes.pop()

    def _free_builtins(self, rule: Rule) -> None:
        """Rename variables that are named as builtins are."""
        names = variables_of(rule.body, SAFETY)
        candidates = sorted(name for name in names if self._builtin(name))
        if not candidates:
            return
        kept = declared(rule.body)
        for arm in [rule, *rule.orelse]:
            for node in nodes_of(arm):
                kept |= variables_of(_modified(node), _NAMED)
        for name in candidates:
            if name not in kept and self._scopes.found(name) is None:
                self._scopes.insert(name, self._generator.name(), SEEN)

    def _declare(self, name: str, kind: str = DECLARED) -> str:
        made = self._generator.name()
        self._scopes.insert(name, made, kind)
        return made

    def _body(self, body: list[Expr]) -> list[Expr]:
        found = [made for expr in body if (made := self._statement(expr)) is not None]
        return found or [Expr(NOWHERE, Scalar(NOWHERE, TRUE))]

    def _statement(self, expr: Expr) -> Expr | None:
        term = expr.term
        if isinstance(term, Call) and term.name == ("assign",):
            return self._assignment(expr, term)
        if isinstance(term, SomeDecl):
            return self._some(expr, term)
        if isinstance(term, Every):
            return self._every(expr, term)
        if isinstance(term, Negation) and term.braced:
            self._scopes.push()
            term.body = self._body(term.body)
            self._expr(expr)
            self._scopes.pop()
            return expr
        if isinstance(term, Negation | Logic):
            self._operands(term)
        return self._expr(expr)

    def _operands(self, term: Negation | Logic) -> None:
        """Rename in the bodies of operands; those without braces declare nothing."""
        if isinstance(term, Negation):
            self._operand(term.body, braced=False)
        else:
            self._operand(term.left, braced=term.braces[0])
            self._operand(term.right, braced=term.braces[1])

    def _operand(self, body: list[Expr], *, braced: bool) -> None:
        if braced:
            self._scopes.push()
            body[:] = self._body(body)
            self._scopes.pop()
            return
        for at, expr in enumerate(body):
            if isinstance(expr.term, Negation | Logic):
                body[at] = self._statement(expr) or expr

    def _assignment(self, expr: Expr, call: Call) -> Expr:
        if len(call.args) != 2:
            return expr
        right = self._term(call.args[1])
        for modifier in expr.withs:
            modifier.value = self._term(modifier.value)
        expr.term = Call(call.at, ("eq",), [self._target(call.args[0]), right], ":=")
        return expr

    def _target(self, term: Term) -> Term:
        """Declare the variables that an assignment has on its left."""
        if isinstance(term, Var):
            return Var(term.at, self._declare(term.name))
        if isinstance(term, ArrayTerm):
            term.items = [self._target(item) for item in term.items]
        elif isinstance(term, ObjectTerm):
            term.pairs = [(key, self._target(value)) for key, value in term.pairs]
        elif isinstance(term, Ref) and _root(term) is not None:
            return Var(term.at, self._declare(str(_root(term))))
        return term

    def _some(self, expr: Expr, some: SomeDecl) -> Expr | None:
        if some.member is None:
            for written in some.names:
                self._declare(written.name)
            return None
        *keys, value, container = some.member.args
        key = keys[0] if keys else Var(NOWHERE, self._generator.name())
        steps = [*container.steps, key] if isinstance(container, Ref) else [key]
        head = container.head if isinstance(container, Ref) else container
        made = Call(expr.at, ("eq",), [value, Ref(NOWHERE, head, steps)], "=")
        expr.term = made
        for name in sorted(self._outputs.of_unification(expr, variables(container), set())):
            self._declare(name)
        return self._expr(expr)

    def _every(self, expr: Expr, every: Every) -> Expr:
        every.domain = self._term(every.domain)
        self._scopes.push()
        if every.key is None:
            every.key = Var(NOWHERE, self._generator.name())
        else:
            every.key = self._variable(every.key)
        every.value = self._variable(every.value)
        every.body = self._body(every.body)
        self._expr(expr)
        self._scopes.pop()
        return expr

    def _variable(self, term: Term) -> Term:
        if isinstance(term, Var) and not term.wild:
            return Var(term.at, self._declare(term.name))
        return term

    def _expr(self, expr: Expr) -> Expr:
        """Rename all that is in an expression; what statements in it declare was renamed before."""
        term = expr.term
        if isinstance(term, Call):
            term.args = [self._term(arg) for arg in term.args]
        elif isinstance(term, Term):
            expr.term = self._term(term)
        else:
            renew(term, self._term, lambda body: [self._expr(each) for each in body])
        for modifier in expr.withs:
            self._modifier(modifier)
        return expr

    def _modifier(self, modifier: With) -> None:
        """Rename in ``with``; ``input`` as a target is never what a variable of that name is."""
        target = self._term(modifier.target)
        hidden = self._scopes.found("input")
        if hidden is not None:
            head = target.head if isinstance(target, Ref) else target
            if isinstance(head, Var) and head.name == hidden:
                steps = target.steps if isinstance(target, Ref) else []
                target = Ref(target.at, Var(head.at, "input"), steps)
        modifier.target, modifier.value = target, self._term(modifier.value)

    def _term(self, term: Term) -> Term:
        if isinstance(term, Var):
            return Var(term.at, self._scopes.see(term.name))
        if isinstance(term, Ref):
            root = _root(term)
            if root is not None:
                found = self._scopes.shadowed(root)
                return term if found is None else Var(term.at, found)
            term.head, term.steps = self._term(term.head), [self._term(step) for step in term.steps]
        elif isinstance(term, Comprehension):
            self._comprehension(term)
        elif isinstance(term, Template):
            for part in term.parts:
                if isinstance(part, Hole):
                    self._expr(part.expr)
        elif isinstance(term, Call):
            term.args = [self._term(arg) for arg in term.args]
        elif isinstance(term, ArrayTerm | SetTerm):
            term.items = [self._term(item) for item in term.items]
        elif isinstance(term, ObjectTerm):
            term.pairs = [(self._term(key), self._term(value)) for key, value in term.pairs]
        return arranged(term)

    def _comprehension(self, term: Comprehension) -> None:
        self._scopes.push()
        term.body = self._body(term.body)
        term.key = None if term.key is None else self._term(term.key)
        term.value = self._term(term.value)
        self._scopes.pop()


def _root(ref: Ref) -> str | None:
    """Give the name of a root document that is referred to as a whole."""
    head = ref.head
    return head.name if not ref.steps and isinstance(head, Var) and head.name in ROOTS else None


def _open(rule: Rule) -> bool:
    """Say whether a head may hold variables."""
    return not all(isinstance(term, Scalar) for term in [*head_terms(rule), *rule.ref[1:]])


def _modified(node: Node) -> list[Node]:
    """Give the targets and the values of each ``with`` in a node."""
    return [part for found in nodes(node) if isinstance(found, With) for part in (found.target, found.value)]


def _renamed(term: Term, names: dict[str, str]) -> Term:
    """Put the names of a body into a term of its head."""
    if isinstance(term, Var):
        return Var(term.at, names.get(term.name, term.name))
    renew(term, lambda part: _renamed(part, names), lambda body: [_renamed_in(expr, names) for expr in body])
    return term


def _renamed_in(expr: Expr, names: dict[str, str]) -> Expr:
    renew(expr, lambda part: _renamed(part, names), lambda body: [_renamed_in(each, names) for each in body])
    return expr
