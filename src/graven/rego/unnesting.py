"""Owns the spreading of rules as OPA spreads them: of each expression, the parts that are evaluated by themselves.

OPA's compiler gives a local variable to each call inside a term, to each reference that is an argument, to collections
that are searched, and to heads that must be evaluated (``v1/ast/compile.go``, "RewriteExprTerms", "RewriteRefsInHead",
"RewriteDynamicTerms"). Its coverage and its profiles tell of those parts. Rules so spread mean what they meant; they
are compiled to be watched only.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count

from graven.rego.compile.assembly import Assembled, assemble, placed
from graven.rego.compile.safety import Safety
from graven.rego.compile.unit import Unit
from graven.rego.extents import Extents
from graven.rego.ruletree import Node, RuleTree
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
    SetTerm,
    SomeDecl,
    Template,
    Term,
    Var,
    With,
    rebuild,
)
from graven.rego.walk import terms

__all__ = ["unnested"]

_EQUALITIES = frozenset({("eq",), ("assign",), ("equal",)})
_COLLECTIONS = (ArrayTerm, SetTerm, ObjectTerm)
_HOISTED = "~not"


def unnested(program: Assembled) -> Assembled:
    """Give a traced program of the same rules whose expressions are the parts that OPA evaluates."""
    unit = program.unit
    tree = RuleTree()
    tree.build(_modules(unit.tree))
    spread = Unit(
        tree, unit.base, placed(tree.root), unit.find, unit.mocked_paths, unit.mocked_calls, traced=True,
        prints=unit.prints,
    )  # fmt: skip
    safety = Safety(spread.arity)
    for group in tree.groups:
        for each in (*group.definitions, *group.defaults):
            safety.rule(each.rule, each.module.source)
    return assemble(spread)


def _modules(tree: RuleTree) -> list[tuple[Module, list[Rule]]]:
    """Give each module with its rules, spread."""
    found: dict[int, tuple[Module, list[Rule]]] = {}
    for module in _packages(tree.root):
        found[id(module)] = (module, [])
    for group in tree.groups:
        for each in (*group.definitions, *group.defaults):
            found.setdefault(id(each.module), (each.module, []))[1].append(each.rule)
    return [(module, [*map(_Spreader(module).rule, rules)]) for module, rules in found.values()]


def _packages(node: Node) -> Iterator[Module]:
    if node.package is not None:
        yield node.package
    for child in node.children.values():
        yield from _packages(child)


class _Spreader:
    """Spreads the rules of one module."""

    def __init__(self, module: Module) -> None:
        self.extents = Extents(module.source)
        self.numbers = count(1)
        self.fixed: tuple[int, int] | None = None
        """Where all parts stand, of a body to whose parts OPA gives one place."""

    def rule(self, rule: Rule) -> Rule:
        """Give a rule whose head and body are spread; a default is as it was."""
        if rule.default:
            return rule
        last = rule.orelse[-1].end if rule.orelse else rule.end
        done = self._arm(rule, last)
        done.orelse = [self._arm(each, last) for each in rule.orelse]
        return done

    def _arm(self, rule: Rule, last: int) -> Rule:
        before: list[Expr] = []
        ref = [rule.ref[0], *(self._lift(step, before, []) for step in rule.ref[1:])]
        key = None if rule.key is None else self._head(self._lift(rule.key, before, []), before)
        value = self._head(self._lift(rule.value, before, []), before)
        self.fixed = (rule.at, last) if self.extents.is_bare_else(rule) else None
        body = self.body(rule.body if rule.written else [])
        self.fixed = None
        body = [*body, *self.body(before)] or self._true(rule)
        done = Rule(rule.at, ref, rule.args, key, value, body, rule.default)
        done.explicit, done.end, done.annotations = rule.explicit, rule.end, rule.annotations
        done.written, done.assigned, done.conditional = rule.written, rule.assigned, rule.conditional
        return done

    def _true(self, rule: Rule) -> list[Expr]:
        """Give the body of a rule that has none and whose head needs none."""
        at, end = self.extents.bare(rule)
        return [Expr(at, each.term, made=True, end=end) for each in rule.body]

    def _head(self, term: Term, before: list[Expr]) -> Term:
        """Give what stands in a head for a term: a variable, if it must be evaluated."""
        needs = any(isinstance(each, (Ref, Comprehension)) or _is_root(each) for each in terms(term))
        return self._local(term, before, []) if needs else term

    def body(self, body: list[Expr]) -> list[Expr]:
        """Give a body with the parts of each expression before it."""
        lifted = [part for expr in body if not _only_declares(expr) for part in self._expr(expr)]
        return [part for expr in lifted for part in self._still(expr)]

    def _local(self, term: Term, before: list[Expr], withs: list[With], like: Term | None = None) -> Var:
        """Put ``variable = term`` before, and give the variable."""
        name = Var(term.at, f"~part{next(self.numbers)}")
        at, end = self.fixed or self.extents.of(like or term)
        before.append(Expr(at, Call(term.at, ("eq",), [name, term], "="), withs=withs, made=True, end=end))
        return name

    def _expr(self, expr: Expr) -> list[Expr]:
        """Give an expression behind the calls in it."""
        before: list[Expr] = []
        withs = [With(each.at, each.target, self._lift(each.value, before, []), each.builtin) for each in expr.withs]
        withs = [With(each.at, each.target, self._head(each.value, before), each.builtin) for each in withs]
        found = expr.term
        made: Term | SomeDecl | Every | Negation | Logic
        at, end = self.fixed or (expr.at, expr.end)
        if self.fixed is None and _is_hoisted(expr) and isinstance(found, Call):
            at, end = self.extents.of(found.args[1])
        if isinstance(found, SomeDecl):
            made = self._some(found, before, withs)
        elif isinstance(found, Every):
            domain = self._local(self._lift(found.domain, before, withs), before, withs)
            made = Every(found.at, found.key, found.value, domain, self.body(found.body))
        elif isinstance(found, Negation):
            made = Negation(found.at, self.body(found.body), braced=found.braced)
        elif isinstance(found, Logic):
            made = Logic(found.at, found.operator, self.body(found.left), self.body(found.right))
        elif isinstance(found, Call):
            made = self._call(found, before, withs)
        else:
            made = self._lift(found, before, withs)
        return [*before, Expr(at, made, expr.negated, withs, expr.made, end, expr.closed)]

    def _call(self, call: Call, before: list[Expr], withs: list[With]) -> Call:
        """Give a call that is an expression, its arguments lifted; one that a local is stays where it is."""
        args = list(call.args)
        local = call.name == ("eq",) and isinstance(args[0], Var) and args[0].name.startswith(("~part", _HOISTED))
        if local and isinstance(args[1], Call):
            inner = args[1]
            args[1] = Call(inner.at, inner.name, [self._lift(arg, before, withs) for arg in inner.args], inner.infix)
        else:
            args = [self._lift(arg, before, withs) for arg in args]
        return Call(call.at, call.name, args, call.infix)

    def _some(self, decl: SomeDecl, before: list[Expr], withs: list[With]) -> SomeDecl:
        if decl.member is None:
            return decl
        *patterns, domain = decl.member.args
        lifted = self._lift(domain, before, withs)
        if not isinstance(lifted, (Var, Ref)):
            lifted = self._local(lifted, before, withs)
        return SomeDecl(decl.at, [], Call(decl.member.at, decl.member.name, [*patterns, lifted], "in"))

    def _lift(self, term: Term, before: list[Expr], withs: list[With]) -> Term:
        """Give a term without calls: what they give is in variables."""
        if isinstance(term, Call):
            args = [self._lift(arg, before, withs) for arg in term.args]
            return self._local(Call(term.at, term.name, args, term.infix), before, withs, term)
        if isinstance(term, Ref):
            head = self._lift(term.head, before, withs)
            steps = [self._lift(step, before, withs) for step in term.steps]
            if isinstance(head, (*_COLLECTIONS, Comprehension)):
                head = self._local(head, before, withs)
            return Ref(term.at, head, steps)
        if isinstance(term, Comprehension):
            inside: list[Expr] = []
            key = None if term.key is None else self._head(self._lift(term.key, inside, []), inside)
            value = self._head(self._lift(term.value, inside, []), inside)
            return Comprehension(term.at, term.kind, key, value, self.body([*term.body, *inside]))
        if isinstance(term, Template):
            holes = [self._hole(part) if isinstance(part, Comprehension) else part for part in term.parts]
            return self._local(Template(term.at, holes, term.raw), before, withs)
        if isinstance(term, _COLLECTIONS):
            return rebuild(term, lambda part: self._lift(part, before, withs))
        return term

    def _hole(self, term: Comprehension) -> Comprehension:
        """Give the set that a hole of a template is; a call in it is no part that OPA tells of."""
        body = self.body(term.body)
        for expr in body:
            if isinstance(expr.term, Call) and not isinstance(expr.term.args[-1], Ref):
                expr.end = 0 if isinstance(expr.term.args[-1], Call) else expr.at
        return Comprehension(term.at, term.kind, term.key, term.value, body)

    def _still(self, expr: Expr) -> list[Expr]:
        """Give an expression behind the references in it that are evaluated first."""
        before: list[Expr] = []
        found = expr.term
        made: Term | SomeDecl | Every | Negation | Logic = found
        if isinstance(found, Call):
            change = self._inside if found.name in _EQUALITIES else self._dynamic
            made = Call(found.at, found.name, [change(arg, before, expr.withs) for arg in found.args], found.infix)
        elif isinstance(found, Term):
            made = self._inside(found, before, expr.withs)
        return [*before, Expr(expr.at, made, expr.negated, expr.withs, expr.made, expr.end, expr.closed)]

    def _inside(self, term: Term, before: list[Expr], withs: list[With]) -> Term:
        """Give an operand of an equality: only what is inside it is evaluated before."""
        if isinstance(term, Ref):
            return Ref(term.at, term.head, [self._dynamic(step, before, withs) for step in term.steps])
        if isinstance(term, Comprehension) or _is_root(term):
            return term
        if isinstance(term, Call):
            return Call(term.at, term.name, [self._dynamic(arg, before, withs) for arg in term.args], term.infix)
        return self._dynamic(term, before, withs)

    def _dynamic(self, term: Term, before: list[Expr], withs: list[With]) -> Term:
        """Give a term with variables for its references and comprehensions."""
        if isinstance(term, Ref):
            return self._local(self._inside(term, before, withs), before, withs, term)
        if isinstance(term, Comprehension) or _is_root(term):
            return self._local(term, before, withs)
        if isinstance(term, _COLLECTIONS):
            return rebuild(term, lambda part: self._dynamic(part, before, withs))
        return term


def _is_root(term: Term) -> bool:
    return isinstance(term, Var) and term.name in ("input", "data")


def _only_declares(expr: Expr) -> bool:
    return isinstance(expr.term, SomeDecl) and expr.term.member is None


def _is_hoisted(expr: Expr) -> bool:
    call = expr.term
    return (
        isinstance(call, Call)
        and call.name == ("eq",)
        and isinstance(call.args[0], Var)
        and call.args[0].name.startswith(_HOISTED)
    )
