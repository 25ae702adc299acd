"""Owns the terms that a traced evaluation works on: those of the syntax tree, what is ground in them as constants.

A constant holds any value of Rego, and keeps how it was written. Variables mean something only together with the
``Bindings`` of the rule or query in which they stand; a value found behind one may have others inside.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from graven.rego.tree import ArrayTerm, ObjectTerm, Ref, Scalar, SetTerm, Term, Var
from graven.rego.values import UNDEFINED, RegoObject, RegoSet, Value, index

__all__ = ["NOWHERE", "Bindings", "Closure", "Const", "Step", "constant", "entry", "folded", "ground", "plug"]

NOWHERE = -1
"""The place of a node that has none in a source."""


@dataclass(slots=True, eq=False)
class Const(Scalar):
    """A ground term; its value may be a collection."""

    shown: Term | None = None
    """As it was written."""


@dataclass(slots=True, eq=False)
class Closure(Term):
    """A comprehension, its body made ready."""

    kind: str
    key: Term | None
    value: Term
    body: tuple[Step, ...]
    node: Term
    """As it was written."""
    keys: tuple[Var, ...] = ()
    """The variables by which the results of all are kept, where one evaluation gives them all."""


@dataclass(slots=True, eq=False)
class Step:
    """One expression of a body, made ready."""

    kind: str
    """unify, call, term, every, not, and, or."""
    terms: tuple[Term, ...]
    node: object
    """The expression of the tree, for its text."""
    place: tuple[str, int] | None
    name: tuple[str, ...] = ()
    """What a call calls."""
    negated: bool = False
    withs: tuple[tuple[tuple[Value, ...], Term], ...] = ()
    """Path and value of each ``with``."""
    bodies: tuple[tuple[Step, ...], ...] = ()
    inner: tuple[str, int] | None = None
    """The place of the domain of ``every``."""
    positive: Step | None = None
    """What is negated, by itself."""


class Bindings:
    """What the variables of one rule or query are bound to, each in the bindings that its value is meant with."""

    __slots__ = ("values",)

    def __init__(self) -> None:
        self.values: dict[str, tuple[Term, Bindings]] = {}

    def apply(self, term: Term) -> tuple[Term, Bindings]:
        """Follow a variable to what it stands for, as far as that is known."""
        around = self
        while term.__class__ is Var:
            found = around.values.get(term.name)
            if found is None:
                break
            term, around = found
        return term, around


def constant(value: Value) -> Const:
    """Give the constant of a value."""
    return Const(NOWHERE, value)


def ground(term: Term) -> bool:
    """Say whether a term has no variables; ``folded`` has made a constant of a collection that has none."""
    if isinstance(term, Ref):
        return all(map(ground, term.steps))
    return isinstance(term, Scalar)


def folded(term: Term) -> Term:
    """Make a constant of a collection whose members are."""
    if isinstance(term, ArrayTerm):
        if all(isinstance(item, Scalar) for item in term.items):
            return Const(term.at, tuple(item.value for item in term.items), term)  # type: ignore[attr-defined]
    elif isinstance(term, SetTerm):
        if all(isinstance(item, Scalar) for item in term.items):
            return Const(term.at, RegoSet(item.value for item in term.items), term)  # type: ignore[attr-defined]
    elif isinstance(term, ObjectTerm) and all(isinstance(part, Scalar) for pair in term.pairs for part in pair):
        pairs = {key.value: value.value for key, value in term.pairs}  # type: ignore[attr-defined]
        return Const(term.at, RegoObject(pairs), term)
    return term


def plug(term: Term, around: Bindings) -> Term:
    """Put in for each variable what it is bound to."""
    kind = term.__class__
    if kind is Var:
        found, there = around.apply(term)
        return found if found.__class__ is Var else plug(found, there)
    if kind is Ref:
        return Ref(term.at, plug(term.head, around), _each(term.steps, around))  # type: ignore[attr-defined]
    if kind is ArrayTerm:
        return folded(ArrayTerm(term.at, _each(term.items, around)))  # type: ignore[attr-defined]
    if kind is SetTerm:
        return folded(SetTerm(term.at, _each(term.items, around)))  # type: ignore[attr-defined]
    if kind is ObjectTerm:
        pairs = [(plug(key, around), plug(value, around)) for key, value in term.pairs]  # type: ignore[attr-defined]
        return folded(ObjectTerm(term.at, pairs))
    return term


def _each(terms: Iterable[Term], around: Bindings) -> list[Term]:
    return [plug(term, around) for term in terms]


def entry(term: Term, key: Value, around: Bindings) -> tuple[Term, Bindings] | None:
    """Give what a term has at a key, and the bindings it is meant with."""
    if isinstance(term, Scalar):
        found = index(term.value, key)
        return None if found is UNDEFINED else (constant(found), around)
    if isinstance(term, ArrayTerm):
        if key.__class__ is int and 0 <= key < len(term.items):
            return around.apply(term.items[key])
    elif isinstance(term, SetTerm):
        return _first(((item, item) for item in term.items), key, around)
    elif isinstance(term, ObjectTerm):
        return _first(term.pairs, key, around)
    return None


def _first(pairs: Iterable[tuple[Term, Term]], key: Value, around: Bindings) -> tuple[Term, Bindings] | None:
    for at, value in pairs:
        plugged = plug(at, around)
        if isinstance(plugged, Scalar) and plugged.value == key:
            return around.apply(value)
    return None
