"""Owns the way of a reference: through base documents and the tree of rules, through the input, through values."""

from __future__ import annotations

from dataclasses import dataclass, replace

from graven.rego.numerals import number_text
from graven.rego.trace.events import Stop
from graven.rego.trace.frames import Frame, Next, Signal
from graven.rego.trace.preparation import Node
from graven.rego.trace.terms import NOWHERE, Bindings, constant, entry, ground, plug
from graven.rego.trace.unification import Pair, Unification, later
from graven.rego.tree import ArrayTerm, ObjectTerm, Ref, Scalar, SetTerm, Term, Var
from graven.rego.values import EMPTY_OBJECT, UNDEFINED, RegoObject, RegoSet, Value, index, is_number

__all__ = ["Documents", "Way", "found_at", "merged"]


@dataclass(frozen=True, slots=True)
class Way:
    """How far a reference was followed."""

    frame: Frame
    ref: tuple[Term, ...]
    """The steps after its head."""
    around: Bindings
    """What its variables mean."""
    to: Pair
    """What the end of it is unified with."""
    at: int = 0
    """The step that is next."""

    def plugged(self, at: int) -> Term:
        """Give a step with its variables put in."""
        return plug(self.ref[at], self.around)


class Documents(Unification):
    """Follows references; rules are for those who build upon it."""

    def virtual(self, way: Way, path: tuple[Value, ...], then: Next) -> Signal:
        """Unify what the rules at a path give; the step that leads to them is ``way.at``."""
        raise NotImplementedError

    def reference(self, frame: Frame, left: Pair, right: Pair, then: Next) -> Signal:
        """Unify what a reference leads to."""
        ref, around = left
        assert isinstance(ref, Ref)  # noqa: S101 - the caller has looked
        way = Way(frame, tuple(ref.steps), around, right)
        head = ref.head
        if isinstance(head, Var) and head.name == "data":
            return self._base(way, (), frame.shared.tree, then)
        if isinstance(head, Var) and head.name == "input":
            if frame.input is UNDEFINED:
                return None
            return self.inside(way, constant(frame.input), around, then)
        found, there = around.apply(head)
        return None if found is head else self.inside(way, found, there, then)

    def _base(self, way: Way, path: tuple[Value, ...], node: Node | None, then: Next) -> Signal:
        """Follow a reference to a document under ``data``."""
        if way.at == len(way.ref):
            found = self._extent(way.frame, path, node)
            if isinstance(found, Stop):
                return found
            if found is UNDEFINED:
                return None
            return self.unify(way.frame, way.to, (constant(found), way.around), then)
        key = way.plugged(way.at)
        if isinstance(key, Scalar):
            return self._below(way, path, node, key.value, then)
        if ground(key):
            return None
        return self._each(way, path, node, then)

    def _below(self, way: Way, path: tuple[Value, ...], node: Node | None, key: Value, then: Next) -> Signal:
        path = (*path, key)
        child = None
        if node is not None and not way.frame.shared.replaced(("data", *path)):
            child = node.children.get(key)
            if child is not None and child.clauses:
                return self.virtual(way, path, then)
        return self._base(replace(way, at=way.at + 1), path, child, then)

    def _each(self, way: Way, path: tuple[Value, ...], node: Node | None, then: Next) -> Signal:
        """Go over the keys of a document: those of the base, then those that only rules make."""
        document = resolved(way.frame, path)
        kept: list[Stop] = []
        keys = _keys(document)
        for key in keys:
            found = later(self._with_key(way, path, node, key, then), kept)
            if found is not None:
                return found
        if kept:
            return kept[0]
        for key in node.ordered if node is not None else ():
            if key not in keys:
                found = self._with_key(way, path, node, key, then)
                if found is not None:
                    return found
        return None

    def _with_key(self, way: Way, path: tuple[Value, ...], node: Node | None, key: Value, then: Next) -> Signal:
        return self.unify(
            way.frame,
            (constant(key), way.around),
            (way.ref[way.at], way.around),
            lambda: self._below(way, path, node, key, then),
        )

    def _extent(self, frame: Frame, path: tuple[Value, ...], node: Node | None) -> Value | Stop:
        """Give a document with all that rules make in it."""
        base = resolved(frame, path)
        if node is None:
            return base
        cells = Cells([constant(step) for step in path], len(path) + 1)
        asked: list[tuple[Ref, Cells]] = []
        made = self._leaves((frame, asked), cells, node)
        for ref, places in asked:
            ref.steps = places.terms[: len(ref.steps)]
        if isinstance(made, Stop):
            return made
        return made if base is UNDEFINED else merged(base, made)

    def _leaves(self, frame: tuple[Frame, list[tuple[Ref, Cells]]], cells: Cells, node: Node) -> Value | Stop:
        made: Value = EMPTY_OBJECT
        depth = cells.length
        for key in node.ordered:
            child = node.children[key]
            if child.hidden:
                continue
            cells = cells.put(depth, constant(key))
            value = self._leaf(frame, cells) if child.clauses else self._leaves(frame, cells, child)
            if isinstance(value, Stop):
                return value
            if value is not UNDEFINED:
                made = RegoObject({**made, key: value})
        return made

    def _leaf(self, frame: tuple[Frame, list[tuple[Ref, Cells]]], cells: Cells) -> Value | Stop:
        """Ask for the document at a path."""
        asking, asked = frame
        leaf = Var(NOWHERE, "$_leaf")
        ref = Ref(NOWHERE, Var(NOWHERE, "data"), cells.terms[: cells.length])
        asked.append((ref, cells))
        value: Value = UNDEFINED

        def saved() -> Signal:
            nonlocal value
            plugged = plug(leaf, asking.bindings)
            value = plugged.value if isinstance(plugged, Scalar) else UNDEFINED
            return None

        stop = self.unify(asking, (ref, asking.bindings), (leaf, asking.bindings), saved)
        return value if stop is None else stop

    def inside(self, way: Way, term: Term, around: Bindings, then: Next) -> Signal:
        """Follow a reference into a value."""
        if way.at == len(way.ref):
            return self.unify(way.frame, (term, around), way.to, then)
        key = way.plugged(way.at)
        if isinstance(key, Scalar):
            return self._member(way, (term, around), key.value, then)
        if isinstance(key, Ref) and ground(key):
            return None
        return self._members(way, (term, around), then)

    def _member(self, way: Way, of: Pair, key: Value, then: Next) -> Signal:
        found = entry(of[0], key, of[1])
        return None if found is None else self.inside(replace(way, at=way.at + 1), *found, then)

    def _members(self, way: Way, of: Pair, then: Next) -> Signal:
        term, around = of
        kept: list[Stop] = []
        if isinstance(term, ArrayTerm) or (isinstance(term, Scalar) and term.value.__class__ is tuple):
            return self._positions(way, of, then)
        for key in _term_keys(term):
            found = later(
                self.unify(
                    way.frame,
                    (key, around),
                    (way.ref[way.at], way.around),
                    lambda at=key: self._plugged(way, of, at, then),  # type: ignore[misc]
                ),
                kept,
            )
            if found is not None:
                return found
        return kept[0] if kept else None

    def _plugged(self, way: Way, of: Pair, key: Term, then: Next) -> Signal:
        plugged = plug(key, of[1])
        return self._member(way, of, plugged.value, then) if isinstance(plugged, Scalar) else None

    def _positions(self, way: Way, of: Pair, then: Next) -> Signal:
        """Go over an array: only a variable can be a position, and it is bound whatever it was bound to."""
        step = way.ref[way.at]
        if not isinstance(step, Var):
            return None
        kept: list[Stop] = []
        length = len(of[0].value) if isinstance(of[0], Scalar) else len(of[0].items)  # type: ignore[attr-defined]
        around = way.around
        for at in range(length):
            position = constant(at)
            way.frame.tell("Unify", (position, step))
            var, around = around.apply(step)
            assert isinstance(var, Var)  # noqa: S101 - else it would have been ground
            around.values[var.name] = (position, around)
            found = later(self._member(replace(way, around=around), of, at, then), kept)
            around.values.pop(var.name, None)
            if found is not None:
                return found
        return kept[0] if kept else None


class Cells:
    """The steps of a path in a row of places, which those who look at the path later share with longer ones.

    OPA prints a document's path as it is when the whole trace is printed, and by then others stand in its places.
    """

    __slots__ = ("length", "room", "terms")

    def __init__(self, terms: list[Term], room: int) -> None:
        self.terms = terms
        self.length = len(terms)
        self.room = room
        """So many steps, ``data`` counted, have a place here."""

    def put(self, at: int, term: Term) -> Cells:
        """Put a step at a place, in a row of twice the room if this one is full."""
        fits = at + 2 <= self.room
        terms = self.terms if fits else self.terms[:at]
        terms[at:] = [term, *terms[at + 1 :]]
        found = Cells(terms, self.room if fits else 2 * self.room)
        found.length = at + 1
        return found


def resolved(frame: Frame, path: tuple[Value, ...]) -> Value:
    """Give a base document, with what ``with`` has put in its place."""
    instead = UNDEFINED if frame.data is UNDEFINED else found_at(frame.data, path)
    if frame.shared.replaced(("data", *path)):
        return instead
    base = _stored(frame.shared.base, path)
    if not path and base.__class__ is RegoObject and "system" in base:
        base = RegoObject({key: value for key, value in base.items() if key != "system"})
    if base is UNDEFINED or instead is UNDEFINED:
        return base if instead is UNDEFINED else instead
    return merged(instead, base)


def _stored(base: Value, path: tuple[Value, ...]) -> Value:
    """Give what the store has at a path, whose steps are texts there: a number finds the key that is its text."""
    for key in path:
        step = number_text(key) if base.__class__ is RegoObject and is_number(key) else key
        base = index(base, step)
        if base is UNDEFINED:
            break
    return base


def found_at(value: Value, path: tuple[Value, ...]) -> Value:
    """Give what a value has at a path."""
    for key in path:
        value = index(value, key)
        if value is UNDEFINED:
            break
    return value


def merged(one: Value, two: Value) -> Value:
    """Join two documents; where both have a value, that of the first is taken."""
    if one.__class__ is not RegoObject or two.__class__ is not RegoObject:
        return one
    joined = dict(two)
    for key, value in one.items():
        joined[key] = merged(value, two[key]) if key in two else value
    return RegoObject(joined)


def _keys(document: Value) -> list[Value]:
    if document.__class__ is tuple:
        return list(range(len(document)))
    return list(document.ordered()) if document.__class__ in (RegoObject, RegoSet) else []


def _term_keys(term: Term) -> list[Term]:
    if isinstance(term, Scalar):
        return [constant(key) for key in _keys(term.value)]
    if isinstance(term, ObjectTerm):
        return [key for key, _ in term.pairs]
    return list(term.items) if isinstance(term, SetTerm) else []
