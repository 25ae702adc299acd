"""Owns where values stand in the input: a path for each object and array by its identity, and for references by steps.

Every object and array of the input that ``located`` gives is there once, so that its identity tells its path, wherever
a rule carried it. A string or a number is found by the reference or the variable through which a rule came to it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from graven.rego.bindings import WALK
from graven.rego.frames import Frame
from graven.rego.machine import State, U
from graven.rego.tree import ArrayTerm, Call, Ref, Scalar, Term, Var
from graven.rego.values import RegoObject, RegoSet, Value, index

__all__ = ["Located", "Path", "Sight", "located"]

Path = tuple[str | int, ...]
_FEW = 8
"""So many members are looked at where a step goes over all of them."""


@dataclass(frozen=True, slots=True)
class Located:
    """An input, and the path of each object and array in it."""

    value: Value
    paths: Mapping[int, Path]

    def path(self, value: Value) -> Path | None:
        """Give the path of an object or array of the input."""
        if value is self.value:
            return ()
        return self.paths.get(id(value)) if value.__class__ in (tuple, RegoObject) and value else None


def located(value: Value) -> Located:
    """Give an input whose objects and arrays are all there once, and their paths."""
    paths: dict[int, Path] = {}

    def copied(part: Value, path: Path) -> Value:
        if part.__class__ is tuple and part:
            made: Value = tuple([copied(item, (*path, at)) for at, item in enumerate(part)])
        elif part.__class__ is RegoObject:
            made = RegoObject({key: copied(item, (*path, key)) for key, item in part.items()})
        else:
            return part
        paths[id(made)] = path
        return made

    return Located(copied(value, ()), paths)


Found = tuple[Value, Path | None]


@dataclass(slots=True)
class Sight:
    """What the variables of one body are, and where that stands in the input."""

    located: Located
    state: State
    values: Mapping[str, Value]
    sources: Mapping[str, Term]
    document: Callable[[Ref, Sight], tuple[Value, Sequence[Term]]]
    """Gives the value of the document that a reference into ``data`` begins with, and the steps behind it."""
    outer: Sight | None = None
    """The body that called the function."""
    given: Mapping[str, Term] = field(default_factory=dict)
    """The term of that body which each argument is."""
    frames: Sequence[Frame] = ()
    """The bodies that ran in it."""
    around: Sight | None = None
    """The body that this one stands in."""
    depth: int = 0
    handed: Mapping[str, Term] = field(default_factory=dict)
    """What it gives to the function that is read."""
    busy: set[str] = field(default_factory=set)

    def origin(self, name: str) -> tuple[Sight, Term] | None:
        """Give the term that a variable is, and the body that it stands in."""
        if name in self.given and self.outer is not None:
            return self.outer, self.given[name]
        return (self, self.sources[name]) if name in self.sources else None

    def ran(self) -> Iterator[Frame]:
        """Give the bodies that ran in it or in those around it, the last first."""
        yield from reversed(self.frames)
        if self.around is not None:
            yield from self.around.ran()

    def place(self, term: Term) -> Path | None:
        """Give the path of the input that a term is, up to the first step that is not there."""
        return next((path for _, path in self.found(term) if path is not None), None)

    def value(self, term: Term) -> Value:
        """Give the value of a term as far as it is known without evaluation."""
        if isinstance(term, Scalar):
            return term.value
        if isinstance(term, Var) and term.name in self.values:
            return self.values[term.name]
        if isinstance(term, ArrayTerm):
            items = tuple(self.value(item) for item in term.items)
            return U if U in items else items
        if isinstance(term, (Var, Ref)):
            return next((value for value, _ in self.found(term)), U)
        return U

    def found(self, term: Term) -> list[Found]:
        """Give what a term may be, with the path of each; more than one where a step goes over members."""
        if isinstance(term, Var):
            return self._variable(term)
        if isinstance(term, Ref):
            if isinstance(term.head, Var) and term.head.name == "data":
                value, steps = self.document(term, self)
                return self._steps((value, self.located.path(value)), steps)
            return self._reference(term)
        if isinstance(term, Call):
            return self._call(term)
        return [(term.value, None)] if isinstance(term, Scalar) else []

    def _variable(self, term: Var) -> list[Found]:
        if term.name == "input":
            document = self.state.input
            return [(document, self.located.path(document))]
        value = self.values.get(term.name, U)
        path = None if value is U else self.located.path(value)
        if path is not None:
            return [(value, path)]
        origin = self.origin(term.name)
        if origin is None or term.name in self.busy:
            return [(value, None)]
        self.busy.add(term.name)
        try:
            return self._wanted(origin[0].found(origin[1]), value)
        finally:
            self.busy.discard(term.name)

    @staticmethod
    def _wanted(found: list[Found], value: Value) -> list[Found]:
        """Keep of several what has the value, which is known."""
        if value is U:
            return found
        same = [(each, path) for each, path in found if each == value] or [
            (value, path) for each, path in found if path is not None and path[-1:] == (value,)
        ]
        return same or [(value, None)]

    def _reference(self, term: Ref) -> list[Found]:
        return [each for start in self.found(term.head)[:_FEW] for each in self._steps(start, term.steps)]

    def _steps(self, start: Found, steps: Sequence[Term]) -> list[Found]:
        value, path = start
        for at, step in enumerate(steps):
            known = self.located.path(value)
            path = path if known is None else known
            key = step.value if isinstance(step, Scalar) else self.value(step) if self._bound(step) else U
            if key is U:
                if isinstance(step, Var):
                    return [each for part in self._members(value, path) for each in self._steps(part, steps[at + 1 :])]
                return [(U, path)]
            value = index(value, key)
            path = None if path is None or not isinstance(key, (str, int)) else (*path, key)
            if value is U:
                return [(U, path)]
        return [(value, path)]

    def _bound(self, step: Term) -> bool:
        return not isinstance(step, Var) or step.name in self.values

    @staticmethod
    def _members(value: Value, path: Path | None) -> Iterator[Found]:
        pairs: Sequence[tuple[Value, Value]] = ()
        if value.__class__ is tuple:
            pairs = list(enumerate(value))
        elif value.__class__ is RegoObject:
            pairs = value.ordered_items()
        elif value.__class__ is RegoSet:
            pairs = [(each, each) for each in value.ordered()]
        for key, item in pairs:
            yield item, None if path is None or not isinstance(key, (str, int)) else (*path, key)

    def _call(self, term: Call) -> list[Found]:
        """Follow the builtins that give a part of what they are given."""
        if term.name == WALK:
            start, steps = self.place(term.args[0]), self.value(term.args[1])
            keys = steps if isinstance(steps, tuple) else ()
            return [(U, None if start is None else (*start, *keys))]
        if term.name == ("object", "get") and len(term.args) == 3:
            steps = self.value(term.args[1])
            keys = steps if isinstance(steps, tuple) else (steps,)
            ref = Ref(term.at, term.args[0], [Scalar(term.at, key) for key in keys if key is not U])
            return [(value, path) for value, path in self.found(ref) if path is not None]
        return []
