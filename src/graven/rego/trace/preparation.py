"""Owns the form in which rewritten modules are traced: steps with their places, the tree of rules."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from graven.rego.trace.keys import Arity, keys_of
from graven.rego.trace.terms import NOWHERE, Closure, Const, Step, folded, ground
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
    Source,
    Term,
    Var,
    rebuild,
)
from graven.rego.values import TRUE, Value, sorted_values

__all__ = ["Clause", "Node", "path_of", "rule_tree", "steps_of"]


@dataclass(slots=True, eq=False)
class Clause:
    """One rule, or the ``else`` of one."""

    path: tuple[Term, ...]
    """The whole of its reference after ``data``."""
    args: tuple[Term, ...]
    key: Term | None
    value: Term
    body: tuple[Step, ...]
    place: tuple[str, int] | None
    default: bool = False
    orelse: list[Clause] = field(default_factory=list)
    """Those that follow, of the first of a chain."""

    @property
    def multiple(self) -> bool:
        """Say whether it adds to a set."""
        return self.key is not None

    @property
    def fixed(self) -> bool:
        """Say whether its reference has no variables."""
        return all(map(ground, self.path))

    @property
    def complete(self) -> bool:
        """Say whether it makes one document."""
        return self.key is None and self.fixed and not self.keyed

    keyed: bool = False
    """It is ``p.a := 1`` without ``if``, which OPA takes for a part of the object ``p``."""

    @property
    def name(self) -> tuple[Value, ...]:
        """Give the steps before the first that has a variable."""
        found = []
        for step in self.path:
            if not isinstance(step, Scalar):
                break
            found.append(step.value)
        return tuple(found)


class Node:
    """One step of the tree of rules."""

    __slots__ = ("children", "clauses", "hidden", "index", "ordered")

    def __init__(self) -> None:
        self.children: dict[Value, Node] = {}
        self.clauses: list[Clause] = []
        self.hidden = False
        self.ordered: list[Value] = []
        self.index: object = None
        """What chooses among the rules; see ``choice``."""

    def find(self, path: Sequence[Value]) -> Node | None:
        """Give the node at a path."""
        node: Node | None = self
        for key in path:
            node = node.children.get(key) if node is not None else None
        return node

    def virtual(self, path: Sequence[Value]) -> bool:
        """Say whether rules make what is at a path."""
        node = self
        for key in path:
            child = node.children.get(key)
            if child is None:
                return False
            if child.clauses:
                return True
            node = child
        return True

    def all(self) -> Iterator[Node]:
        """Give this and what is below, in the order of the keys."""
        yield self
        for key in self.ordered:
            yield from self.children[key].all()

    def sort(self) -> None:
        """Put the keys in order."""
        for node in self.children.values():
            node.sort()
        self.ordered = sorted_values(self.children)


def rule_tree(modules: Sequence[Module], arity: Arity) -> Node:
    """Give the tree of the rules of all modules, those of a package in the order of the files."""
    root = Node()
    for module in modules:
        _grown(root, list(module.package))
        for rule in module.rules:
            clause = _clause(rule, module, arity, None)
            _grown(root, clause.name).clauses.append(clause)
    system = root.children.get("system")
    if system is not None:
        system.hidden = True
    root.sort()
    return root


def _grown(root: Node, path: Sequence[Value]) -> Node:
    node = root
    for key in path:
        node = node.children.setdefault(key, Node())
    return node


def _clause(rule: Rule, module: Module, arity: Arity, first: Clause | None) -> Clause:
    source = module.source
    made = _Reader(source, keys_of(rule.body, rule.args or (), arity))
    path: tuple[Term, ...] = (
        *(Const(NOWHERE, step) for step in module.package),
        *(made.term(step) for step in rule.ref),
    )
    clause = Clause(
        path if first is None else first.path,
        tuple(made.term(each) for each in rule.args or ()),
        None if rule.key is None else made.term(rule.key),
        Const(NOWHERE, TRUE) if rule.value is None else made.term(rule.value),
        made.body(rule.body),
        place_of(source, rule.at),
        rule.default,
        keyed=first is None and len(rule.ref) == 2 and rule.explicit and not (rule.conditional or rule.default),
    )
    head = clause if first is None else first
    for each in rule.orelse:
        head.orelse.append(_clause(each, module, arity, head))
    return clause


def place_of(source: Source, at: int) -> tuple[str, int] | None:
    """Give file and row of a node."""
    return None if at < 0 else (source.file, source.position(at)[0])


def steps_of(body: list[Expr], source: Source, arity: Arity) -> tuple[Step, ...]:
    """Make the body of a query ready."""
    return _Reader(source, keys_of(body, (), arity)).body(body)


def path_of(term: Term) -> tuple[Value, ...]:
    """Give the steps of a reference without variables, its head's name first."""
    if isinstance(term, Ref):
        assert isinstance(term.head, Var)  # noqa: S101 - the targets of with are so
        return (term.head.name, *(step.value for step in term.steps if isinstance(step, Scalar)))
    return (term.name,) if isinstance(term, Var) else ()


class _Reader:
    """Makes the bodies of one source ready."""

    def __init__(self, source: Source, keys: Mapping[int, tuple[str, ...]]) -> None:
        self.source = source
        self.keys = keys
        """The variables by which the results of a comprehension are kept."""
        self.forms: dict[type, Callable[[Expr, Step], None]] = {
            Every: self._every,
            Negation: self._negation,
            Logic: self._logic,
        }

    def body(self, exprs: Sequence[Expr]) -> tuple[Step, ...]:
        return tuple(map(self.step, exprs))

    def step(self, expr: Expr) -> Step:
        withs = tuple((path_of(each.target), self.term(each.value)) for each in expr.withs)
        made = Step("term", (), expr, place_of(self.source, expr.at), withs=withs)
        term = expr.term
        form = self.forms.get(term.__class__)
        if form is not None:
            form(expr, made)
        elif isinstance(term, Call):
            made.kind = "unify" if term.name == ("eq",) and len(term.args) == 2 else "call"
            made.name, made.terms = term.name, tuple(map(self.term, term.args))
        else:
            assert isinstance(term, Term)  # noqa: S101 - the rewritten form has no other
            made.terms = (self.term(term),)
        if expr.negated:
            made.negated = True
            made.positive = self.step(Expr(expr.at, expr.term, made=expr.made, end=expr.end))
        return made

    def _every(self, expr: Expr, made: Step) -> None:
        every = expr.term
        assert isinstance(every, Every)  # noqa: S101 - chosen by its class
        assert every.key is not None  # noqa: S101 - the rewriting gives one
        made.kind = "every"
        made.terms = (self.term(every.key), self.term(every.value), self.term(every.domain))
        made.bodies = (self.body(every.body),)
        made.inner = place_of(self.source, every.domain.at)

    def _negation(self, expr: Expr, made: Step) -> None:
        assert isinstance(expr.term, Negation)  # noqa: S101 - chosen by its class
        made.kind, made.bodies = "not", (self.body(expr.term.body),)

    def _logic(self, expr: Expr, made: Step) -> None:
        logic = expr.term
        assert isinstance(logic, Logic)  # noqa: S101 - chosen by its class
        made.kind, made.bodies = logic.operator, (self.body(logic.left), self.body(logic.right))

    def term(self, term: Term) -> Term:
        """Make a term ready."""
        if isinstance(term, Scalar):
            return Const(term.at, term.value, term)
        if isinstance(term, Comprehension):
            key = None if term.key is None else self.term(term.key)
            keys = tuple(Var(NOWHERE, name) for name in self.keys.get(id(term), ()))
            return Closure(term.at, term.kind, key, self.term(term.value), self.body(term.body), term, keys)
        if isinstance(term, (ArrayTerm, SetTerm, ObjectTerm)):
            return folded(rebuild(term, self.term))
        return rebuild(term, self.term)
