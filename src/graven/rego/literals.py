"""Owns what rules compare with: the constants of their expressions, and which keys of a document each stands beside."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from graven.rego.bindings import bindings
from graven.rego.compile.assembly import Assembled
from graven.rego.compile.checks import references
from graven.rego.ruletree import Group
from graven.rego.tree import (
    ArrayTerm,
    Call,
    Comprehension,
    Every,
    Expr,
    Ref,
    Rule,
    Scalar,
    SomeDecl,
    Term,
    Var,
    children,
)
from graven.rego.values import RegoObject, RegoSet, Value, index
from graven.rego.walk import expressions, terms, terms_of_expr

__all__ = ["Literal", "Literals", "literals_of"]

Chain = tuple[str | int | None, ...]
_MOST = 32
"""So many members of a base document count as constants."""
_HOPS = 6
_GET = 3
_SHAPING = ("sprintf", "concat", "split", "replace", "strings", "trim", "regex", "glob", "format_int", "print", "time")
"""Builtins whose constants are patterns and layouts, and not values that a document could have."""


@dataclass(frozen=True, slots=True)
class Literal:
    """A constant of an expression."""

    value: Value
    operator: str
    """The call that it is an argument of: ``lt``, ``startswith``; or nothing."""
    keys: frozenset[str]
    """The keys of documents that the expression looks at; if it looks at none, those that its variables go to."""


@dataclass(slots=True)
class Literals:
    """What a group of rules, and all that they read, compare with."""

    values: list[Literal] = field(default_factory=list)
    chains: dict[Chain, None] = field(default_factory=dict)
    """The steps of their references; None: one that varies."""

    def near(self, key: str) -> list[Literal]:
        """Give those that stand beside a key; without any, those of expressions that name no key."""
        beside = [each for each in self.values if key in each.keys]
        return beside or [each for each in self.values if not each.keys]

    def behind(self, key: str) -> Iterator[Chain]:
        """Give the steps that references go behind a key."""
        for chain in self.chains:
            if key in chain:
                yield chain[chain.index(key) + 1 :]


def literals_of(program: Assembled, group: Group) -> Literals:
    """Read the rules of a group, and all that they read."""
    tree, found = program.unit.tree, Literals()
    seen, waiting = {group.number}, [group]
    while waiting:
        now = waiting.pop(0)
        for each in (*now.definitions, *now.defaults):
            for rule in (each.rule, *each.rule.orelse):
                _rule(program, rule, found)
            for other in references(tree, each.rule):
                if other.number not in seen:
                    seen.add(other.number)
                    waiting.append(other)
    return found


def _rule(program: Assembled, rule: Rule, found: Literals) -> None:
    sources = bindings(rule)
    read = [(expr, list(terms_of_expr(expr))) for expr in expressions(rule.body)]
    keys = [frozenset(key for term in inside for key in _keys(term, sources)) for _, inside in read]
    names = [{term.name for term in inside if isinstance(term, Var)} for _, inside in read]
    for at, (expr, inside) in enumerate(read):
        found.chains |= {chain: None for term in inside if (chain := _chain(term))}
        beside = (keys[other] for other in range(len(read)) if names[other] & names[at])
        own = keys[at] or frozenset().union(*beside)
        for root in _compared(expr):
            found.values += (Literal(value, operator, own) for value, operator in _constants(root, "", program))


def _chain(term: Term) -> Chain:
    """Give the steps of a reference, or of what stands for one: ``object.get(x, ["a", "b"], 0)``."""
    if isinstance(term, Call) and term.name == ("object", "get") and len(term.args) == _GET:
        key = term.args[1]
        return tuple(map(_step, key.items if isinstance(key, ArrayTerm) else [key]))
    return tuple(map(_step, term.steps)) if isinstance(term, Ref) else ()


def _step(term: Term) -> str | int | None:
    return term.value if isinstance(term, Scalar) and isinstance(term.value, (str, int)) else None


def _keys(term: Term, sources: Mapping[str, Term]) -> Iterator[str]:
    """Give the last key of what a term is, through variables."""
    for _ in range(_HOPS):
        if isinstance(term, Var):
            term = sources.get(term.name, term)
        elif isinstance(term, Ref) and not (isinstance(term.head, Var) and term.head.name == "data"):
            named = [step.value for step in term.steps if isinstance(step, Scalar) and isinstance(step.value, str)]
            if named:
                yield named[-1]
                return
            term = term.head


def _compared(expr: Expr) -> list[Term]:
    term = expr.term
    if isinstance(term, SomeDecl):
        return term.member.args[-1:] if term.member is not None else []
    return [term.domain] if isinstance(term, Every) else [term] if isinstance(term, Term) else []


def _constants(term: Term, operator: str, program: Assembled) -> Iterator[tuple[Value, str]]:
    if isinstance(term, Scalar):
        yield term.value, operator
    elif isinstance(term, Call):
        name = "" if term.name in (("assign",), ("eq",)) else term.name[-1]
        if term.name[0] == "data":
            yield from _given(program.unit.tree.function(term.name[1:]))
        for arg in term.args if not term.name[0].startswith(_SHAPING) else ():
            yield from _constants(arg, name, program)
    elif isinstance(term, Ref):
        if isinstance(term.head, Var) and term.head.name == "data":
            yield from _document(term, program)
        for step in term.steps if not isinstance(term.head, Var) else ():
            yield from _constants(step, operator, program)
    elif not isinstance(term, Comprehension):
        for part in children(term):
            yield from _constants(part, operator, program)


def _given(group: Group | None) -> Iterator[tuple[Value, str]]:
    """Give the constants in the heads of rules."""
    for each in (*group.definitions, *group.defaults) if group is not None else ():
        for head in (each.rule.key, each.rule.value):
            for term in terms(head) if head is not None else ():
                if isinstance(term, Scalar):
                    yield term.value, ""


def _document(term: Ref, program: Assembled) -> Iterator[tuple[Value, str]]:
    """Give the constants of a document that rules make, or those in a base document."""
    fixed: list[Value] = []
    for step in term.steps:
        if not isinstance(step, Scalar):
            break
        fixed.append(step.value)
    group = program.unit.tree.find(fixed)[0].group
    if group is not None:
        yield from _given(group)
        return
    value: Value = program.base
    for key in fixed:
        value = index(value, key)
    yield from ((each, "") for each in list(_scalars(value))[:_MOST])


def _scalars(value: Value, depth: int = 0) -> Iterator[Value]:
    inner: tuple[Value, ...] = ()
    if value.__class__ is RegoObject:
        inner = tuple(part for pair in value.ordered_items() for part in pair)
    elif value.__class__ is RegoSet:
        inner = value.ordered()
    elif value.__class__ is tuple:
        inner = value
    elif depth:
        yield value
    for part in inner[:_MOST] if depth < 3 else ():
        yield from _scalars(part, depth + 1)
