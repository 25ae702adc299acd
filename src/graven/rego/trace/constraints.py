"""Owns what the body of a rule asks of the input and of base documents, as far as an index can look at it.

Each constraint is of one reference: it must be there, or be a certain value, or begin or end with a text. The reading
follows the forms that the rewriting leaves: ``__local0__ = input.x; startswith(__local0__, "a")``.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

from graven.rego.trace.literals import alike, glob_array, indexed, members, plain, plugged, split
from graven.rego.trace.preparation import Clause
from graven.rego.trace.terms import Step, ground
from graven.rego.tree import Ref, Scalar, Term, Var
from graven.rego.values import RegoObject, RegoSet, Value

__all__ = ["ANY", "Constraint", "Constraints", "Path", "constraints_of"]

Path: TypeAlias = tuple[Value, ...]
"""``input``, ``data`` or ``args``, and the steps from there."""
Split: TypeAlias = Callable[[Value], Value]
ANY = Var(-1, "__any__")
_MOST_WAYS = 32
_AFFIXES = {
    "startswith": "prefix",
    "endswith": "suffix",
    "strings.any_prefix_match": "prefix",
    "strings.any_suffix_match": "suffix",
}


@dataclass(slots=True, eq=False)
class Constraint:
    """What one reference must be."""

    ref: Path
    value: Term
    """A variable: it is only there."""
    affix: str = ""
    """prefix, suffix."""
    member: bool = False
    """A collection must have the value."""

    @property
    def open(self) -> bool:
        """Say whether any value will do."""
        return isinstance(self.value, Var)

    @property
    def plain(self) -> bool:
        """Say whether it is a scalar."""
        return plain(self.value)


@dataclass(slots=True)
class _Mine:
    """The constraints of one rule."""

    own: list[Constraint] = field(default_factory=list)
    splits: list[list[list[Constraint]]] = field(default_factory=list)
    """For each ``or`` the ways in which it holds."""
    members: list[tuple[Path, Path]] = field(default_factory=list)
    """A key and the collection in which it must be."""
    ways: list[list[Constraint]] = field(default_factory=list)
    required: list[Path] = field(default_factory=list)
    """What must be there, of the references that are no level."""

    def all_ways(self) -> list[list[Constraint]]:
        ways = [self.own]
        for choices in self.splits:
            if len(ways) * len(choices) > _MOST_WAYS:
                return [self.own]
            ways = [[*way, *choice] for way in ways for choice in choices]
        return ways


@dataclass(slots=True)
class Constraints:
    """Those of all rules of a document."""

    of: dict[int, _Mine] = field(default_factory=dict)
    levels: list[Path] = field(default_factory=list)
    mappers: dict[Path, dict[str, Split]] = field(default_factory=dict)
    """For a level, by their delimiters, how a text is split for ``glob.match``."""


def constraints_of(
    clauses: Sequence[Clause], virtual: Callable[[Sequence[Value]], bool], *, newer: bool
) -> Constraints:
    """Read the bodies of all rules of a document; ``newer``: as OPA 1.22 does, and not as those before."""
    ranks = _Ranks()
    found = Constraints()
    for clause in clauses:
        reading = _Reading(clause, (virtual, newer), ranks, found.mappers)
        if not _told(clause.body):
            constants: dict[str, Term] = {}
            for step in clause.body:
                reading.read(step, constants)
        found.of[id(clause)] = reading.mine
    valued = {
        each.ref
        for mine in found.of.values()
        for way in (mine.own, *(way for choices in mine.splits for way in choices))
        for each in way
        if not each.open
    }
    order = ranks.ordered()
    found.levels = [ref for ref in order if ref in valued]
    for mine in found.of.values():
        mine.ways = mine.all_ways()
        mine.required = [
            ref for ref in order if ref not in valued and all(any(each.ref == ref for each in way) for way in mine.ways)
        ]
    return found


class _Ranks:
    """In which order the references are looked at."""

    def __init__(self) -> None:
        self.seen: dict[Path, int] = {}
        self.counts: dict[Path, int] = {}
        self.alternated: dict[Path, int] = {}
        self.places: dict[Path, tuple[str, int]] = {}

    def intern(self, ref: Path, place: tuple[str, int] = ("", 0)) -> Path:
        self.seen.setdefault(ref, len(self.seen))
        self.places.setdefault(ref, place)
        return ref

    def count(self, ref: Path, number: int = 1) -> None:
        self.counts[ref] = self.counts.get(ref, 0) + number

    def alternate(self, ref: Path, kind: int) -> None:
        self.alternated[ref] = max(kind, self.alternated.get(ref, 0))

    def ordered(self) -> list[Path]:
        return sorted(
            self.counts,
            key=lambda ref: (self.alternated.get(ref, 0), -self.counts[ref], self.places[ref], self.seen[ref]),
        )


def _told(body: Sequence[Step]) -> bool:
    """Say whether a body prints, so that it is never left out."""
    return any(
        step.name in (("internal", "print"), ("internal", "test_case")) or any(map(_told, step.bodies)) for step in body
    )


class _Reading:
    """Reads the body of one rule."""

    def __init__(
        self,
        clause: Clause,
        given: tuple[Callable[[Sequence[Value]], bool], bool],
        ranks: _Ranks,
        mappers: dict[Path, dict[str, Split]],
        outer: Sequence[Constraint] = (),
    ) -> None:
        self.clause = clause
        self.given = given
        self.virtual, self.newer = given
        self.ranks = ranks
        self.mappers = mappers
        self.outer = outer
        self.mine = _Mine()

    def read(self, step: Step, constants: dict[str, Term]) -> None:
        if step.withs or step.negated:
            return
        terms = tuple(plugged(term, constants) for term in step.terms) if self.newer else step.terms
        if step.kind in ("and", "or"):
            ways = [self._side(body, constants) for body in step.bodies]
            if step.kind == "and":
                for each in ways:
                    self._require(each)
            elif all(ways):
                self._require([way for each in ways for way in each])
        elif step.kind == "term":
            if isinstance(terms[0], Ref) and not self._collection(terms[0]):
                self._equal(terms[0], ANY, constants)
        elif step.kind == "unify" or (step.name == ("equal",) and len(step.terms) == 2):
            one, two = terms
            if not (self._any_member(one, two, constants) or self._any_member(two, one, constants)):
                self._equal(one, two, constants)
        elif step.kind == "call":
            self._call(".".join(step.name), terms, constants)

    def _call(self, name: str, terms: Sequence[Term], constants: dict[str, Term]) -> None:
        if name == "glob.match" and len(terms) == 3:
            self._glob(terms)
        elif name == "internal.member_2" and len(terms) == 2:
            self._in(terms[0], terms[1], constants)
        elif name in _AFFIXES and len(terms) == 2:
            self._affixed(name, terms, constants)

    def _require(self, ways: list[list[Constraint]]) -> None:
        if len(ways) == 1:
            for each in ways[0]:
                self._add(each)
        elif ways:
            for way in ways:
                for each in way:
                    self.ranks.count(each.ref)
            self.mine.splits.append(ways)

    def _side(self, body: Sequence[Step], constants: dict[str, Term]) -> list[list[Constraint]]:
        """Give the ways in which one side of ``and`` or ``or`` holds; none: nothing is known of it."""
        hidden = _Ranks()
        inner = _Reading(self.clause, self.given, hidden, self.mappers, [*self.mine.own, *self.outer])
        scope = dict(constants)
        for step in body:
            inner.read(step, scope)
        for ref in hidden.seen:
            self.ranks.intern(ref, hidden.places[ref])
        ways = inner.mine.all_ways()
        if len(ways) == 1 and not ways[0]:
            return []
        return [[Constraint(each.ref, ANY) if each.open else each for each in way] for way in ways]

    def _equal(self, one: Term, two: Term, constants: dict[str, Term]) -> None:
        if not self._equal_to(one, two, constants):
            self._equal_to(two, one, constants)

    def _equal_to(self, one: Term, two: Term, constants: dict[str, Term]) -> bool:
        if isinstance(one, Var):
            if isinstance(two, Scalar):
                constants[one.name] = two
            elif self.newer and isinstance(two, Var) and two.name in constants:
                constants[one.name] = constants[two.name]
            ref = self._behind(one)
            if not indexed(two) or ref is None:
                return False
            self._add(Constraint(ref, two))
            return True
        path = self._path(one)
        if path is None or not self._valid(path):
            return False
        if isinstance(two, Var):
            two = constants.get(two.name, two)
        elif not indexed(two):
            return False
        self._intern(path, one)
        self._add(Constraint(path, two))
        return True

    def _any_member(self, one: Term, two: Term, constants: dict[str, Term]) -> bool:
        """Read ``input.x[_] = "a"``: a collection must have the value."""
        if not isinstance(one, Ref) or not one.steps or ground(one.steps[-1]):
            return False
        path = self._path(Ref(one.at, one.head, one.steps[:-1]))
        if path is None or not self._valid(path):
            return False
        if isinstance(two, Var):
            two = constants.get(two.name, two)
        elif not indexed(two):
            return False
        if not (isinstance(two, Scalar) and two.value.__class__ not in (tuple, RegoObject, RegoSet)):
            return False
        self._intern(path, one)
        self._add(Constraint(path, two, member=self.newer))
        return True

    def _path(self, term: Term) -> Path | None:
        """Give the path of a reference without variables, that of its head put in its place."""
        if not isinstance(term, Ref) or not isinstance(term.head, Var):
            return None
        if not all(isinstance(step, Scalar) for step in term.steps):
            return None
        steps = tuple(step.value for step in term.steps)  # type: ignore[attr-defined]
        if term.head.name in ("input", "data"):
            return (term.head.name, *steps)
        head = self._behind(term.head)
        return None if head is None else (*head, *steps)

    def _valid(self, path: Path) -> bool:
        return path[0] == "input" or (path[0] == "data" and not self.virtual(path[1:]))

    def _behind(self, var: Term) -> Path | None:
        """Give the reference to which a variable was made equal, or the operand that it is."""
        if not isinstance(var, Var):
            return None
        for each in (*self.mine.own, *self.outer):
            if isinstance(each.value, Var) and each.value.name == var.name:
                return each.ref
        for at, arg in enumerate(self.clause.args):
            if isinstance(arg, Var) and arg.name == var.name:
                return self.ranks.intern(("args", at))
        return None

    def _intern(self, path: Path, term: Term) -> None:
        file = self.clause.place[0] if self.clause.place else ""
        head = term.head if isinstance(term, Ref) else term
        self.ranks.intern(path, (file, max(0, head.at if head.at >= 0 else term.at)))

    def _collection(self, term: Ref) -> bool:
        """Read ``data.members[input.name]``: a collection must have the key."""
        path = self._path(Ref(term.at, term.head, term.steps[:-1]))
        if path is None or path[0] != "data" or len(path) < 2 or not isinstance(term.head, Var):
            return False
        if term.head.name != "data" or self.virtual(path[1:]):
            return False
        last = term.steps[-1]
        key = self._path(last) if isinstance(last, Ref) else self._behind(last)
        if key is None or (key[0] == "data" and self.virtual(key[1:])):
            return False
        if (key, path) not in self.mine.members:
            self.mine.members.append((key, path))
            self.ranks.intern(key)
            self.ranks.count(key)
        return True

    def _glob(self, terms: Sequence[Term]) -> None:
        pattern, delimiters, match = terms
        ref = self._behind(match)
        if not isinstance(pattern, Scalar) or not isinstance(delimiters, Scalar) or ref is None:
            return
        listed = delimiters.value
        if listed.__class__ is not tuple or any(each.__class__ is not str for each in listed):
            return
        cut = "".join(listed) if listed else "."
        array = glob_array(pattern.value, cut)
        if array is not None:
            self.mappers.setdefault(ref, {})[cut] = lambda value: (
                tuple(split(value, cut)) if value.__class__ is str else value
            )
            self._add(Constraint(ref, array))

    def _in(self, value: Term, collection: Term, constants: dict[str, Term]) -> None:
        ref = self._behind(value)
        if ref is not None:
            self._in_collection(ref, collection, constants)
            return
        if isinstance(value, Var):
            known = value.name in constants
            value = constants.get(value.name, value)
            if known and self.newer and not plain(value):
                return
        elif not plain(value):
            return
        path = self._path(collection) if isinstance(collection, Ref) else self._behind(collection)
        if path is None or not self._valid(path):
            return
        self._intern(path, collection)
        self._add(Constraint(path, value, member=self.newer and not isinstance(value, Var)))

    def _in_collection(self, ref: Path, collection: Term, constants: dict[str, Term]) -> None:
        if isinstance(collection, Var):
            collection = constants.get(collection.name, collection)
        values = members(collection)
        if values is None or (self.newer and any(isinstance(each, Var) for each in values)):
            return
        for at, each in enumerate(values):
            self._add(Constraint(ref, each))
            if at and not isinstance(each, Var):
                self.ranks.count(ref)

    def _affixed(self, name: str, terms: Sequence[Term], constants: dict[str, Term]) -> None:
        ref = self._path(terms[0]) if isinstance(terms[0], Ref) else self._behind(terms[0])
        if ref is None or not self._valid(ref):
            return
        bases = constants.get(terms[1].name, terms[1]) if isinstance(terms[1], Var) else terms[1]
        found = [bases] if isinstance(bases, Scalar) and bases.value.__class__ is str else members(bases)
        if found is None or not all(isinstance(each, Scalar) and each.value.__class__ is str for each in found):
            return
        if name in ("startswith", "endswith") and found[:1] != [bases]:
            return
        for each in found:
            self._add(Constraint(ref, each, _AFFIXES[name]))

    def _add(self, new: Constraint) -> None:
        """Keep a constraint; a value takes the place of the word that any will do."""
        seen = False
        self.ranks.intern(new.ref)
        for at, other in enumerate(self.mine.own):
            if other.ref != new.ref:
                continue
            seen = True
            if (other.affix, other.member) == (new.affix, new.member) and alike(other.value, new.value):
                return
            if not new.open and not new.affix and other.open:
                self.mine.own[at] = new
                return
            if not new.open and not other.open:
                self.ranks.alternate(new.ref, 2 if new.affix or other.affix else 1)
        if not seen:
            self.ranks.count(new.ref)
        self.mine.own.append(new)
