"""Owns the resolution of names: rules come out with unique variables and references from ``data`` or ``input``."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from graven.rego.compile.hoisting import hoisted
from graven.rego.compile.metadata import Annotated
from graven.rego.compile.scopes import Names, Scope
from graven.rego.tree import (
    Call,
    Comprehension,
    Every,
    Expr,
    Logic,
    Module,
    Negation,
    Ref,
    Rule,
    Scalar,
    SomeDecl,
    Template,
    Term,
    Var,
    With,
    children,
    rebuild,
)
from graven.rego.walk import pattern_vars, terms

__all__ = ["Resolver", "names_of"]


def names_of(module: Module, exported: set[str]) -> Names:
    """Give what the rules of a module can see; ``exported`` are the rules of its package in all modules."""
    imports = {entry.alias: entry.path for entry in module.imports if entry.alias}
    return Names(module.source, module.package, exported, imports)


class Resolver:
    """Resolves the rules of one module."""

    def __init__(
        self, names: Names, annotated: Annotated | None = None, is_builtin: Callable[[str], bool] = lambda _: False
    ) -> None:
        self.names = names
        self.is_builtin = is_builtin
        self.strict = False
        self.annotated = annotated
        self.rule: Rule | None = None

    def resolve(self, rule: Rule) -> Rule:
        """Give the rule with its names resolved."""
        self.rule, errors = rule, len(self.names.errors)
        scope = Scope(self.names)
        args = None
        if rule.args is not None:
            for call in (call for arg in rule.args for call in _called(arg)):
                self.names.report(call.at, "rule arguments cannot contain calls", hint="call it in the body")
            for root in (root for arg in rule.args for root in _documents(arg)):
                self.names.report(root.at, f"var {root.name} is unsafe", "rego_unsafe_var_error", "compare in the body")
            args = [scope.declare_pattern(arg, "arg", lambda term: self.term(term, scope)) for arg in rule.args]
        tests = _arguments(args or [])
        head = self._arm(rule, scope, args)
        head.body += tests
        for other in rule.orelse:
            branch = Scope(self.names)
            if rule.args is not None:
                for arg, done in zip(rule.args, args or [], strict=True):
                    _adopt(branch, arg, done)
            head.orelse.append(self._arm(other, branch, args))
            head.orelse[-1].body += tests
            scope.read |= branch.read
        for name, at in scope.unused("arg") if self.strict else ():
            self.names.report(at, f"unused argument {name}. (hint: use _ (wildcard variable) instead)")
        head.broken = len(self.names.errors) > errors
        return head

    def _arm(self, rule: Rule, scope: Scope, args: list[Term] | None) -> Rule:
        body = self._expressions(rule.body, scope)
        ref = [rule.ref[0], *(self.term(step, scope) for step in rule.ref[1:])]
        key = None if rule.key is None else self.term(rule.key, scope)
        done = Rule(rule.at, ref, args, key, self.term(rule.value, scope), body, default=rule.default)
        self._unused(scope, "declared", "assigned")
        done.explicit, done.end, done.annotations, done.written = (
            rule.explicit,
            rule.end,
            rule.annotations,
            rule.written,
        )
        return done

    def body(self, body: list[Expr], scope: Scope) -> list[Expr]:
        """Resolve the expressions of a body in their order, with no head that would read what they declare."""
        done = self._expressions(body, scope)
        self._unused(scope, "declared")
        return done

    def _expressions(self, body: list[Expr], scope: Scope) -> list[Expr]:
        return [part for expr in body for part in hoisted(self._expr(expr, scope), self.names.fresh)]

    def _unused(self, scope: Scope, *kinds: str) -> None:
        """Refuse what is declared and never read, and in strict mode what is assigned and never read."""
        for kind in kinds:
            for name, at in scope.unused(kind) if kind == "declared" or self.strict else ():
                self.names.report(at, f"{kind} var {name} unused", hint="remove it or use it")

    def _expr(self, expr: Expr, scope: Scope) -> Expr:
        withs = [self._with(each, scope) for each in expr.withs]
        found = expr.term
        made: Term | SomeDecl | Every | Negation | Logic
        if isinstance(found, SomeDecl):
            made = self._some(found, scope)
        elif isinstance(found, Every):
            made = self._every(found, scope)
        elif isinstance(found, Negation):
            made = Negation(found.at, self.body(found.body, scope.inner()))
        elif isinstance(found, Logic):
            left, right = self.body(found.left, scope.inner()), self.body(found.right, scope.inner())
            made = Logic(found.at, found.operator, left, right)
        elif isinstance(found, Call) and found.infix == ":=":
            if expr.negated:
                self.names.report(expr.at, "cannot assign vars inside negated expression", hint="write `==` to compare")
            made = self._assign(found, scope)
        else:
            made = self.term(found, scope, statement=True)
        return Expr(expr.at, made, expr.negated, withs, expr.made, expr.end)

    def _assign(self, call: Call, scope: Scope) -> Call:
        value = self.term(call.args[1], scope)
        if isinstance(call.args[0], (Ref, Scalar, Call)):
            self.names.report(call.at, "cannot assign to what is no variable", hint="write `==` to compare")
            return Call(call.at, ("eq",), [value, value], "=")
        target = scope.declare_pattern(call.args[0], "assigned", lambda term: self.term(term, scope))
        return Call(call.at, ("assign",), [target, value], ":=")

    def _some(self, decl: SomeDecl, scope: Scope) -> SomeDecl:
        if decl.member is None:
            return SomeDecl(decl.at, [scope.declare(name, "declared", decl.at) for name in decl.names])
        *patterns, domain = decl.member.args
        domain = self.term(domain, scope)
        done = [
            scope.declare_pattern(each, "member", lambda term: self.term(term, scope), decl.at) for each in patterns
        ]
        return SomeDecl(decl.at, [], Call(decl.member.at, decl.member.name, [*done, domain], "in"))

    def _every(self, every: Every, scope: Scope) -> Every:
        domain = self.term(every.domain, scope)
        inner = scope.inner()
        key = None if every.key is None else inner.declare_pattern(every.key, "declared", lambda t: self.term(t, inner))
        value = inner.declare_pattern(every.value, "declared", lambda term: self.term(term, inner))
        body = self.body(every.body, inner.inner())
        self._unused(inner, "declared")
        return Every(every.at, key, value, domain, body)

    def _with(self, modifier: With, scope: Scope) -> With:
        target = self.term(modifier.target, scope)
        name = self._named(modifier.value, scope)
        if name and self.is_builtin(name):
            return With(modifier.at, target, Scalar(modifier.at, None), name)
        return With(modifier.at, target, self.term(modifier.value, scope))

    def _named(self, term: Term, scope: Scope) -> str:
        """Give the dotted name that a term is, if its head is nothing that the module knows."""
        head = term.head if isinstance(term, Ref) else term
        if not isinstance(head, Var) or head.wild or head.name in self.names.known or scope.find(head.name):
            return ""
        steps = [getattr(step, "value", None) for step in term.steps] if isinstance(term, Ref) else []
        return ".".join((head.name, *map(str, steps)))

    def term(self, term: Term, scope: Scope, *, statement: bool = False) -> Term:
        """Resolve a term; a call that is a statement may have one more argument, for its result."""
        if isinstance(term, Var):
            return self._var(term, scope)
        if isinstance(term, Ref):
            done = rebuild(term, lambda part: self.term(part, scope))
            if isinstance(done, Ref) and isinstance(done.head, Ref):
                return Ref(done.at, done.head.head, [*done.head.steps, *done.steps])
            return done
        if isinstance(term, Comprehension):
            inner = scope.inner()
            body = self._expressions(term.body, inner)
            key = None if term.key is None else self.term(term.key, inner)
            value = self.term(term.value, inner)
            self._unused(inner, "declared", "assigned")
            return Comprehension(term.at, term.kind, key, value, body)
        if isinstance(term, Call) and not term.infix:
            return self._call(term, scope, statement=statement)
        return rebuild(term, lambda part: self.term(part, scope))

    def _var(self, term: Var, scope: Scope) -> Term:
        if term.wild:
            return term
        own = scope.find(term.name)
        if own is not None:
            return Var(term.at, own)
        path = self.names.known.get(term.name)
        if path is None:
            return term
        self.names.used.add(term.name)
        return _path(term.at, path)

    def _call(self, call: Call, scope: Scope, *, statement: bool) -> Term:
        if statement and call.name == ("print",) and "print" not in self.names.known:
            return Call(call.at, call.name, [self.term(_maybe(arg), scope) for arg in call.args])
        args = [self.term(arg, scope) for arg in call.args]
        if call.name[:2] == ("rego", "metadata") and len(call.name) == 3 and "rego" not in self.names.known:
            return self._metadata(call, args, statement=statement)
        if call.name[0] in self.names.known and scope.find(call.name[0]) is None:
            self.names.used.add(call.name[0])
            return Call(call.at, (*self.names.known[call.name[0]], *call.name[1:]), args)
        return Call(call.at, call.name, args)

    def _metadata(self, call: Call, args: list[Term], *, statement: bool) -> Term:
        """Replace ``rego.metadata.chain()`` and ``rule()`` by what they give, which is known now."""
        found = self.annotated.answer(call.name[2], self.rule) if self.annotated and self.rule else ()
        if found is None:
            self.names.report(call.at, f"undefined function rego.metadata.{call.name[2]}", "rego_type_error")
            found = ()
        value = Scalar(call.at, found)
        return Call(call.at, ("eq",), [args[0], value], "=") if args and statement else value


def _called(term: Term) -> Iterator[Call]:
    """Give the calls of a term that are evaluated in its place."""
    if isinstance(term, Call):
        yield term
    elif not isinstance(term, (Comprehension, Template)):
        for child in children(term):
            yield from _called(child)


def _documents(term: Term) -> Iterator[Var]:
    """Give the root documents that an argument of a function reads, which none may."""
    if isinstance(term, Ref) and isinstance(term.head, Var) and term.head.name in ("data", "input"):
        yield term.head
    elif not isinstance(term, (Comprehension, Template)):
        for child in children(term):
            yield from _documents(child)


def _maybe(term: Term) -> Term:
    """Give a term that is undefined as an empty set, so that it can be printed."""
    if isinstance(term, (Scalar, Var)):
        return term
    name = f"~print{term.at}"
    bound = Call(term.at, ("eq",), [Var(term.at, name), term], "=")
    return Comprehension(term.at, "set", None, Var(term.at, name), [Expr(term.at, bound, made=True)])


def _adopt(scope: Scope, raw: Term, done: Term) -> None:
    """Let the rule behind an ``else`` see the arguments under their unique names."""
    for before, after in zip(pattern_vars(raw), pattern_vars(done), strict=False):
        if not before.wild:
            scope.own[before.name] = (after.name, "arg", before.at)


def _arguments(args: list[Term]) -> list[Expr]:
    """Put a variable in place of each argument that is no pattern; give the tests that it equals what stood there."""
    tests = []
    for at, arg in enumerate(args):
        if any(isinstance(each, (Ref, Call, Template, Comprehension)) for each in terms(arg)):
            args[at] = Var(arg.at, f"~arg{at}")
            tests.append(Expr(arg.at, Call(arg.at, ("eq",), [Var(arg.at, f"~arg{at}"), arg], "="), made=True))
    return tests


def _path(at: int, path: tuple[str, ...]) -> Term:
    head = Var(at, path[0])
    return Ref(at, head, [Scalar(at, step) for step in path[1:]]) if len(path) > 1 else head
