"""Owns the choice among the rules of a document by what the input and the base documents hold, as OPA's index has it.

A rule is left out where one of the constraints that ``constraints`` reads in its body cannot hold. The constraints of
a rule are looked at level by level, a level being one reference; the order of the levels is that of all rules together.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

from graven.rego.trace.constraints import ANY, Constraint, Constraints, Path, constraints_of
from graven.rego.trace.documents import found_at, resolved
from graven.rego.trace.frames import Frame
from graven.rego.trace.preparation import Clause, Node
from graven.rego.trace.terms import plug
from graven.rego.trace.unification import items_of
from graven.rego.tree import ArrayTerm, Scalar, Term, Var
from graven.rego.values import UNDEFINED, RegoObject, RegoSet, Value, index

__all__ = ["Chosen", "choose"]

Resolve = Callable[[Path], Value]
UNKNOWN: Value = object()
"""What an operand is that is not given."""


class Chosen(NamedTuple):
    """The rules that may hold."""

    clauses: list[Clause]
    orelse: dict[int, list[Clause]]
    """By the identity of the first rule of a chain, those of it that may hold after it."""
    default: Clause | None
    multiple: bool
    """They make a set."""
    fixed: bool
    """None has a variable in its reference."""
    once: bool
    """The first that holds gives the value of all."""


class _Index:
    """The constraints of the rules of one document."""

    def __init__(self, root: Node, clauses: Sequence[Clause], *, newer: bool) -> None:
        self.newer = newer
        self.default = next((each for each in reversed(clauses) if each.default), None)
        self.chains = [[each, *each.orelse] for each in clauses if not each.default]
        every = [each for chain in self.chains for each in chain]
        self.multiple = clauses[0].multiple
        self.fixed = all(each.fixed for each in every)
        self.once = agreeing(every)
        self.constraints: Constraints = constraints_of(every, root.virtual, newer=newer)
        self.mappers = self.constraints.mappers

    def choose(self, resolve: Resolve) -> Chosen:
        clauses: list[Clause] = []
        orelse: dict[int, list[Clause]] = {}
        for chain in self.chains:
            found = [each for each in chain if self._may(each, resolve)]
            if found:
                clauses.append(found[0])
                if found[1:]:
                    orelse[id(found[0])] = found[1:]
        once = agreeing([*clauses, *(each for rest in orelse.values() for each in rest)])
        return Chosen(clauses, orelse, self.default, self.multiple, self.fixed, once)

    def _may(self, clause: Clause, resolve: Resolve) -> bool:
        mine = self.constraints.of[id(clause)]
        return (
            any(self._holds(way, resolve) for way in mine.ways)
            and all(resolve(ref) is not UNDEFINED for ref in mine.required)
            and (self.once or all(_member(each, resolve) for each in mine.members))
        )

    def _holds(self, way: Sequence[Constraint], resolve: Resolve) -> bool:
        """Look at one way to a rule, level by level."""
        left = len(way)
        for level in self.constraints.levels:
            if not left:
                break
            here = [each for each in way if each.ref == level]
            left -= len(here)
            here = [each for each in here if each.value is not ANY and not isinstance(each.value, Var)] or here
            if not here:
                continue
            value = resolve(level)
            if value is UNDEFINED:
                return False
            if value is UNKNOWN:
                continue
            values = [value, *(mapped for mapped in self._mapped(level, value) if mapped != value)]
            if len(here) == 1:
                if not self._fits(here[0], values):
                    return False
            elif any(isinstance(each.value, Var) for each in here):
                continue
            elif not left or any(each.affix or not each.plain for each in here):
                return any(self._fits(each, values) for each in _one_end(here))
            elif not any(self._fits(each, values) for each in here):
                return False
        return True

    def _fits(self, constraint: Constraint, values: Sequence[Value]) -> bool:
        """Say whether one of the forms of a value may be what a rule asks for."""
        wanted = constraint.value
        if wanted is ANY or isinstance(wanted, Var):
            return True
        if constraint.affix:
            return any(_ends(constraint, each) for each in _strings(values[0]))
        if isinstance(wanted, Scalar) and wanted.value.__class__ in (RegoObject, RegoSet):
            return True
        if isinstance(wanted, ArrayTerm) or (isinstance(wanted, Scalar) and wanted.value.__class__ is tuple):
            return any(_array(wanted, value) for value in values)
        assert isinstance(wanted, Scalar)  # noqa: S101 - nothing else is left
        if not self.newer:
            return any(wanted.value in _parts(value) for value in values)
        if constraint.member:
            return values[0].__class__ in (tuple, RegoObject, RegoSet) and wanted.value in _parts(values[0])
        return any(wanted.value == value for value in values)

    def _mapped(self, level: Path, value: Value) -> Iterable[Value]:
        return (split(value) for split in self.mappers.get(level, {}).values())


def choose(frame: Frame, path: tuple[Value, ...], args: Sequence[Term]) -> Chosen | None:
    """Choose among the rules at a path; None where there are none."""
    tree = frame.shared.tree
    node, above = tree, False
    for key in path:
        child = node.children.get(key)
        if child is None or above:
            return None
        node = child
        above = any(not each.fixed for each in node.clauses)
    if not node.clauses:
        return None
    if node.index is None:
        below = [each for inner in node.all() for each in inner.clauses] if above else node.clauses
        node.index = _Index(tree, below, newer=frame.shared.newer)
    assert isinstance(node.index, _Index)  # noqa: S101 - made above

    def resolve(ref: Path) -> Value:
        if ref[0] == "args":
            if ref[1] >= len(args):
                return UNKNOWN
            plugged = plug(args[ref[1]], frame.bindings)
            return plugged.value if isinstance(plugged, Scalar) else UNKNOWN
        if ref[0] == "input":
            return UNDEFINED if frame.input is UNDEFINED else found_at(frame.input, ref[1:])
        return resolved(frame, ref[1:])

    return node.index.choose(resolve)


def agreeing(clauses: Iterable[Clause]) -> bool:
    """Say whether rules are of one document, and all that have a value that is fixed have the same."""
    value: Value = UNDEFINED
    for each in clauses:
        if not each.complete or not isinstance(each.value, Scalar):
            return False
        if value is not UNDEFINED and value != each.value.value:
            return False
        value = each.value.value
    return True


def _member(pair: tuple[Path, Path], resolve: Resolve) -> bool:
    key, collection = resolve(pair[0]), resolve(pair[1])
    if key is UNDEFINED or collection is UNDEFINED:
        return False
    if key is UNKNOWN or collection is UNKNOWN:
        return True
    if collection.__class__ in (RegoObject, RegoSet):
        return index(collection, key) is not UNDEFINED
    return True


def _parts(value: Value) -> Sequence[Value]:
    """Give a scalar, or the scalars that a collection has."""
    if value.__class__ is RegoObject:
        return list(value.values())
    return list(value) if value.__class__ in (tuple, RegoSet) else (value,)


def _strings(value: Value) -> list[str]:
    return [each for each in _parts(value) if each.__class__ is str]


def _ends(constraint: Constraint, text: str) -> bool:
    assert isinstance(constraint.value, Scalar)  # noqa: S101 - an affix is a string
    end = constraint.value.value
    return bool(text.startswith(end) if constraint.affix == "prefix" else text.endswith(end))


def _array(wanted: Term, value: Value) -> bool:
    items = items_of(wanted)
    if value.__class__ is not tuple or len(value) != len(items):
        return False
    composite = (tuple, RegoObject, RegoSet)
    return all(
        not isinstance(item, Scalar) or item.value.__class__ in composite or item.value == each
        for item, each in zip(items, value, strict=True)
    )


def _one_end(values: Sequence[Constraint]) -> Sequence[Constraint]:
    """Keep the beginnings or the ends of a string where both are asked for: those whose shortest text is longer."""
    shortest = {
        affix: min((len(each.value.value) for each in values if each.affix == affix), default=-1)  # type: ignore[attr-defined]
        for affix in ("prefix", "suffix")
    }
    if min(shortest.values()) < 0:
        return values
    dropped = "prefix" if shortest["suffix"] > shortest["prefix"] else "suffix"
    return [each for each in values if each.affix != dropped]
