"""Owns what of a value an expression touches, as far as its text tells: members on the way, keys, or all of it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from graven.rego.compile.checks import reached
from graven.rego.ruletree import RuleTree
from graven.rego.tree import (
    ArrayTerm,
    Call,
    Comprehension,
    Every,
    Expr,
    Ref,
    Scalar,
    SomeDecl,
    Template,
    Term,
    Var,
    children,
)

__all__ = ["Touch", "touches"]

_PASSED, _MEMBERS, _WHOLE = 0, 1, 2
_OF_MEMBERS = frozenset({"count", "object.keys", "array.concat", "array.slice", "array.reverse", "object.remove"})
_OF_NOTHING = frozenset(
    {"is_object", "is_array", "is_set", "is_string", "is_number", "is_boolean", "type_name", "print"}
)
_EQUALITIES = frozenset({"equal", "neq", "eq"})
_BINDING = (("assign",), ("eq",))


@dataclass(frozen=True, slots=True)
class Touch:
    """A value that is read, by the name that it begins with and the steps from there."""

    head: str
    """``input``, ``data``, or a variable."""
    steps: tuple[Term, ...] = ()
    level: int = _PASSED
    """What is read at its end: nothing, which members there are, or everything."""
    other: Term | None = None
    """What it is compared with."""
    groups: tuple[int, ...] = ()
    """The groups of rules that it may read; the first is where the steps begin."""
    walks: bool = False
    """It is gone through by ``walk``."""

    @property
    def whole(self) -> bool:
        """Say whether everything is read."""
        return self.level == _WHOLE


def touches(expr: Expr, tree: RuleTree) -> Iterator[Touch]:
    """Give what an expression touches; bodies inside it speak for themselves."""
    found = expr.term
    if isinstance(found, SomeDecl):
        if found.member is not None:
            yield from _of(found.member.args[-1], _MEMBERS, tree)
    elif isinstance(found, Every):
        yield from _of(found.domain, _MEMBERS, tree)
    elif isinstance(found, Term):
        yield from _of(found, _PASSED, tree)
    for each in expr.withs:
        yield from _of(each.value, _PASSED, tree)


def _of(term: Term, level: int, tree: RuleTree) -> Iterator[Touch]:
    if isinstance(term, Var):
        yield Touch(term.name, (), level)
    elif isinstance(term, Ref):
        yield from _reference(term, level, tree)
    elif isinstance(term, Call):
        yield from _call(term, tree)
    elif not isinstance(term, (Comprehension, Scalar)):
        for each in children(term):
            yield from _of(each, _WHOLE if isinstance(term, Template) else level, tree)


def _reference(term: Ref, level: int, tree: RuleTree) -> Iterator[Touch]:
    for step in term.steps:
        if not isinstance(step, (Scalar, Var)):
            yield from _of(step, _WHOLE, tree)
    if not isinstance(term.head, Var):
        inside = children(term.head) if isinstance(term.head, Call) else [term.head]
        for each in inside:
            yield from _of(each, _WHOLE, tree)
    elif term.head.name == "data":
        keys = [step.value if isinstance(step, Scalar) else None for step in term.steps]
        node, depth = tree.find(keys)
        groups = tuple(group.number for group in reached(tree, term.steps))
        if node.group is not None and node.group.kind != "function":
            yield Touch("data", tuple(term.steps[depth:]), level, None, (node.group.number, *groups))
        elif groups:
            yield Touch("", (), _PASSED, None, groups)
    else:
        yield Touch(term.head.name, tuple(term.steps), level)


def _call(term: Call, tree: RuleTree) -> Iterator[Touch]:
    name = ".".join(term.name)
    if term.name in _BINDING and any(isinstance(each, Var) for each in term.args):
        for each in term.args:
            yield from _of(each, _PASSED, tree)
    elif name == "walk" and _goes_through(term):
        yield from (replace(each, walks=True) for each in _of(term.args[0], _PASSED, tree))
    elif term.name in _BINDING and any(map(_walks, term.args)) and any(map(_takes, term.args)):
        for each in term.args:
            yield from _of(each, _PASSED, tree)
    elif name in _EQUALITIES or term.name in _BINDING:
        for one, other in (term.args, term.args[::-1]):
            bare = other if isinstance(one, (Var, Ref)) else None
            yield from (replace(each, other=bare) for each in _of(one, _WHOLE, tree))
    elif name == "object.get" and isinstance(term.args[1], (Scalar, Var)):
        yield from _of(_longer(term.args[0], term.args[1]), _PASSED, tree)
        yield from _of(term.args[2], _PASSED, tree)
    else:
        level = _PASSED if term.name[0] == "data" or name in _OF_NOTHING else _WHOLE
        for each in term.args:
            yield from _of(each, _MEMBERS if name in _OF_MEMBERS else level, tree)


def _longer(term: Term, step: Term) -> Ref:
    return Ref(term.at, term.head, [*term.steps, step]) if isinstance(term, Ref) else Ref(term.at, term, [step])


def _walks(term: Term) -> bool:
    return isinstance(term, Call) and term.name == ("walk",) and len(term.args) == 1


def _goes_through(term: Call) -> bool:
    """Say whether a call of ``walk`` takes each path and value as it is, so that later expressions look at them."""
    if len(term.args) == 1:
        return True
    return _takes(term.args[1])


def _takes(pattern: Term) -> bool:
    return isinstance(pattern, Var) or (
        isinstance(pattern, ArrayTerm) and all(isinstance(each, Var) for each in pattern.items)
    )
