"""Owns how two terms are made equal, in the order in which OPA does it, and what solutions are handed to."""

from __future__ import annotations

from collections.abc import Sequence

from graven.rego.trace.events import Stop
from graven.rego.trace.frames import Frame, Next, Signal, nested
from graven.rego.trace.terms import Bindings, Closure, constant, plug
from graven.rego.tree import ArrayTerm, ObjectTerm, Ref, Scalar, SetTerm, Term, Var
from graven.rego.values import Bool, RegoObject, RegoSet, Value, is_number

__all__ = ["Pair", "Unification", "bound", "items_of", "later", "same"]

Pair = tuple[Term, Bindings]


class Unification:
    """Unifies; references and comprehensions are for those who build upon it."""

    def reference(self, frame: Frame, left: Pair, right: Pair, then: Next) -> Signal:
        """Unify what a reference leads to."""
        raise NotImplementedError

    def comprehension(self, frame: Frame, left: Pair, right: Pair, then: Next) -> Signal:
        """Unify what a comprehension gives."""
        raise NotImplementedError

    def unify(self, frame: Frame, left: Pair, right: Pair, then: Next) -> Signal:
        """Make two terms equal, and hand each solution on."""
        return nested(frame.shared, lambda: self._unify(frame, left, right, then))

    def _unify(self, frame: Frame, left: Pair, right: Pair, then: Next) -> Signal:
        left, right = left[1].apply(left[0]), right[1].apply(right[0])
        one, two = left[0], right[0]
        frame.tell("Unify", (one, two))
        if isinstance(one, (Var, Ref, Closure, SetTerm)):
            return self._values(frame, left, right, then)
        kind, other = _kind(one), _kind(two)
        if kind == "set" or isinstance(two, (Var, Ref)):
            return self._values(frame, left, right, then)
        if kind == "array":
            if isinstance(two, Closure) and two.kind == "array":
                return self._values(frame, left, right, then)
            if other != "array":
                return None
            return self.all(frame, (items_of(one), left[1]), (items_of(two), right[1]), then)
        if kind == "object":
            if isinstance(two, Closure) and two.kind == "object":
                return self._values(frame, left, right, then)
            return self._objects(frame, left, right, then) if other == "object" else None
        return self._values(frame, left, right, then) if kind == other else None

    def all(
        self,
        frame: Frame,
        left: tuple[Sequence[Term], Bindings],
        right: tuple[Sequence[Term], Bindings],
        then: Next,
        at: int = 0,
    ) -> Signal:
        """Make terms equal pair by pair."""
        if len(left[0]) != len(right[0]):
            return None
        if at == len(left[0]):
            return then()
        return self.unify(
            frame,
            (left[0][at], left[1]),
            (right[0][at], right[1]),
            lambda: self.all(frame, left, right, then, at + 1),
        )

    def _objects(self, frame: Frame, left: Pair, right: Pair, then: Next) -> Signal:
        ours, theirs = _pairs(*left), _pairs(*right)
        if len(ours) != len(theirs):
            return None
        keys = list(ours)

        def rest(at: int) -> Signal:
            if at == len(keys):
                return then()
            if keys[at] not in theirs:
                return None
            return self.unify(frame, (ours[keys[at]], left[1]), (theirs[keys[at]], right[1]), lambda: rest(at + 1))

        return rest(0)

    def _values(self, frame: Frame, left: Pair, right: Pair, then: Next) -> Signal:
        (one, ours), (two, theirs) = left, right
        if isinstance(one, Ref):
            return self.reference(frame, left, right, then)
        if isinstance(two, Ref):
            return self.reference(frame, right, left, then)
        if isinstance(one, Closure):
            return self.comprehension(frame, left, right, then)
        if isinstance(two, Closure):
            return self.comprehension(frame, right, left, then)
        if isinstance(one, Var):
            if isinstance(two, Var) and ours is theirs and one.name == two.name:
                return then()
            return bound(ours, one.name, right, then)
        if isinstance(two, Var):
            return bound(theirs, two.name, left, then)
        return then() if same(plug(one, ours), plug(two, theirs)) else None


def bound(around: Bindings, name: str, to: Pair, then: Next) -> Signal:
    """Go on with a variable bound."""
    around.values[name] = to
    try:
        return then()
    finally:
        del around.values[name]


def same(one: Term, two: Term) -> bool:
    """Say whether two terms are the same constant."""
    return isinstance(one, Scalar) and isinstance(two, Scalar) and one.value == two.value


def later(found: Signal, kept: list[Stop]) -> Signal:
    """Keep the first word that others need not be looked at; give what ends the search at once."""
    if found is not None and found.late and not kept:
        kept.append(found)
        return None
    return found


_KINDS = {type(None): "null", Bool: "boolean", str: "string", tuple: "array", RegoObject: "object", RegoSet: "set"}
_TERMS = {ArrayTerm: "array", ObjectTerm: "object", SetTerm: "set"}


def _kind(term: Term) -> str:
    if isinstance(term, Scalar):
        return "number" if is_number(term.value) else _KINDS[term.value.__class__]
    return _TERMS.get(term.__class__, "")


def items_of(term: Term) -> list[Term]:
    """Give the members of an array."""
    return [constant(item) for item in term.value] if isinstance(term, Scalar) else list(getattr(term, "items", ()))


def _pairs(term: Term, around: Bindings) -> dict[Value, Term]:
    """Give the values of an object by its keys, in their order."""
    if isinstance(term, Scalar):
        return {key: constant(value) for key, value in term.value.ordered_items()}
    assert isinstance(term, ObjectTerm)  # noqa: S101 - its kind was looked at
    found = {}
    for key, value in term.pairs:
        plugged = plug(key, around)
        found[plugged.value if isinstance(plugged, Scalar) else (id(plugged),)] = value
    return found
