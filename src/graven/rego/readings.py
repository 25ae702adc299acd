"""Owns the reading of recorded bodies: what of the input their expressions looked at, and how much it tells."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice

from graven.rego.bindings import bindings
from graven.rego.compile.assembly import Assembled
from graven.rego.frames import Frame, Recorder, Solution, Step
from graven.rego.machine import U
from graven.rego.places import Located, Path, Sight
from graven.rego.ruletree import Group
from graven.rego.tree import (
    Call,
    Comprehension,
    Every,
    Logic,
    Negation,
    Ref,
    Rule,
    Scalar,
    SomeDecl,
    Term,
    Var,
    children,
)
from graven.rego.values import FALSE, TRUE, Value

__all__ = ["Mark", "Reader", "ranked"]

_MAX_DEPTH = 8
_FEW = 8
_MOST = 32
"""So many paths are given for one result."""
_EQUALITIES = ("equal", "eq", "internal.member_2")
_BINDING = (("assign",), ("eq",))


@dataclass(frozen=True, slots=True)
class Mark:
    """A part of the input that was looked at."""

    tested: bool
    """An expression depended on it, rather than only taking it."""
    weight: int
    """How deep it lies, and one more if the test was no choice among constants."""
    order: int
    path: Path


def ranked(marks: Iterable[Mark]) -> tuple[Path, ...]:
    """Give the paths, most telling first."""
    found = sorted(marks, key=lambda mark: (mark.tested, mark.weight, mark.order), reverse=True)
    return tuple(dict.fromkeys(mark.path for mark in found))[:_MOST]


@dataclass(frozen=True, slots=True)
class _Manner:
    """How the expression that is read uses its terms."""

    tested: bool
    bonus: int = 0


_TAKEN = _Manner(tested=False)


@dataclass(slots=True)
class Reader:
    """Reads what a recorder holds of one evaluation."""

    program: Assembled
    recorder: Recorder
    located: Located
    _sources: dict[int, Mapping[str, Term]] = field(default_factory=dict)
    _order: int = 0

    def held(self, frame: Frame, solution: Solution, sight: Sight | None = None) -> Iterator[Mark]:
        """Give what a solution of a body looked at."""
        sight = self._sight(frame, solution.values, sight)
        sight.frames = [
            each
            for step, count in zip(solution.steps, solution.counts, strict=True)
            for each in step.frames[:count]
        ]  # fmt: skip
        for step, count in zip(solution.steps, solution.counts, strict=True):
            yield from self._step(sight, step, step.frames[:count])
        rule = frame.rule
        for term in (rule.key, rule.value) if rule is not None else ():
            if term is not None:
                yield from self._term(sight, term, _TAKEN)

    def failed(self, frame: Frame, sight: Sight | None = None) -> Iterator[Mark]:
        """Give what a body without a solution looked at: the expression at which it failed is what it tested."""
        if not frame.furthest:
            return
        values = {name: value for step in frame.furthest for name, value in step.values.items()}
        sight = self._sight(frame, values, sight)
        sight.frames = [each for step in frame.furthest for each in step.frames]
        *before, last = frame.furthest
        for step in before:
            yield from (replace(mark, tested=False) for mark in self._step(sight, step, step.frames))
        yield from self._step(sight, last, last.frames)

    def _ran(self, frame: Frame, sight: Sight) -> Iterator[Mark]:
        """Give what one run of a body looked at."""
        if sight.depth >= _MAX_DEPTH:
            return
        if not frame.solutions:
            yield from self.failed(frame, sight)
        for solution in frame.solutions[:_FEW]:
            yield from self.held(frame, solution, sight)

    def _sight(self, frame: Frame, values: Mapping[str, Value], sight: Sight | None) -> Sight:
        """Give what the variables of a body are: of a rule by itself, of a body inside with those around it."""
        if frame.rule is None and sight is not None:
            return Sight(
                self.located, frame.state, {**sight.values, **values}, sight.sources, self._document,
                sight.outer, sight.given, around=sight, depth=sight.depth + 1,
            )  # fmt: skip
        sources = self._sources.get(id(frame.rule))
        if sources is None:
            sources = self._sources[id(frame.rule)] = {} if frame.rule is None else bindings(frame.rule)
        found = Sight(self.located, frame.state, values, sources, self._document)
        if sight is not None:
            found.outer, found.given, found.depth = sight, sight.handed, sight.depth + 1
        return found

    def _step(self, sight: Sight, step: Step, frames: Sequence[Frame]) -> Iterator[Mark]:
        found, negated = step.expr.term, step.expr.negated
        if isinstance(found, Term):
            binds = isinstance(found, Call) and found.name in _BINDING and not negated
            manner = _TAKEN if binds else _Manner(tested=True, bonus=0 if _chooses(found) and not negated else 1)
            yield from self._member(sight, found, manner, negated=negated)
            yield from self._term(sight, found, manner)
        elif isinstance(found, SomeDecl):
            for term in (*found.member.args[:-1], self._domain(sight, found.member)) if found.member else ():
                yield from self._term(sight, term, _TAKEN)
        else:
            yield from self._bodies(sight, found, frames)

    def _domain(self, sight: Sight, member: Call) -> Term:
        """Give what ``some x in domain`` goes over: of a set that rules make, the member that it came to."""
        value, domain = member.args[-2:]
        if not isinstance(domain, Ref) or not isinstance(domain.head, Var) or domain.head.name != "data":
            return domain
        _, group, depth = self._group(domain, sight)
        of_set = group is not None and group.kind == "set" and depth == len(domain.steps)
        return Ref(domain.at, domain.head, [*domain.steps, value]) if of_set else domain

    def _bodies(self, sight: Sight, found: Every | Negation | Logic, frames: Sequence[Frame]) -> Iterator[Mark]:
        """Read the bodies in an expression; of ``every`` that failed, the run that failed."""
        bodies = [found.left, found.right] if isinstance(found, Logic) else [found.body]
        ran = [frame for frame in frames if any(frame.body is body for body in bodies)]
        if isinstance(found, Every):
            yield from self._term(sight, found.domain, _TAKEN)
            ran = [frame for frame in ran if not frame.solutions] or ran
        for frame in ran[-_FEW:]:
            yield from self._ran(frame, sight)

    def _member(self, sight: Sight, term: Term, manner: _Manner, *, negated: bool) -> Iterator[Mark]:
        """Give the member that ``x in collection`` found."""
        if isinstance(term, Call) and ".".join(term.name) == "internal.member_2" and not negated:
            value = sight.value(term.args[0])
            ref = Ref(term.at, term.args[1], [Var(term.at, "~member")])
            paths = (path for found, path in sight.found(ref) if path is not None and found == value and value is not U)
            yield from (self._mark(manner, path) for path in islice(paths, 1))

    def _mark(self, manner: _Manner, path: Path) -> Mark:
        self._order += 1
        return Mark(manner.tested, len(path) + manner.bonus, self._order, path)

    def _term(self, sight: Sight, term: Term, manner: _Manner) -> Iterator[Mark]:
        """Give what a term looked at: itself, if it is a part of the input, else what it is made of."""
        if isinstance(term, Scalar):
            return
        term = _straight(term)
        paths = [path for _, path in sight.found(term) if path is not None][:_FEW]
        yield from (self._mark(manner, path) for path in paths)
        yield from self._inside(sight, term)
        if paths:
            return
        if isinstance(term, Var):
            yield from self._variable(sight, term, manner)
        if isinstance(term, Call) and term.name[0] == "data":
            manner = replace(manner, bonus=-1)  # what the function does with it tells more
        for part in children(term):
            yield from self._term(sight, part, manner)

    def _variable(self, sight: Sight, term: Var, manner: _Manner) -> Iterator[Mark]:
        origin = sight.origin(term.name)
        if origin is None or term.name in sight.busy:
            return
        sight.busy.add(term.name)
        try:
            yield from self._term(*origin, manner)
        finally:
            sight.busy.discard(term.name)

    def _inside(self, sight: Sight, term: Term) -> Iterator[Mark]:
        """Follow rules, functions and comprehensions."""
        if isinstance(term, Comprehension):
            for frame in islice((each for each in sight.ran() if each.body is term.body), 1):
                yield from self._ran(frame, sight)
        elif isinstance(term, Call) and term.name[0] == "data":
            yield from self._called(sight, term)
        elif isinstance(term, Ref) and isinstance(term.head, Var) and term.head.name == "data":
            yield from self._read(sight, term)

    def _called(self, sight: Sight, term: Call) -> Iterator[Mark]:
        """Read the runs of a function that took what the arguments are."""
        group = self.program.unit.tree.function(term.name[1:])
        if group is None:
            return
        rules = set(map(id, _rules(group)))
        known = [sight.value(arg) for arg in term.args]
        ran: list[Frame] = []
        for frame in sight.ran():
            pairs = zip(known, frame.operands, strict=False)
            if id(frame.rule) in rules and all(value is U or value == given for value, given in pairs):
                if ran and ran[0].operands != frame.operands:
                    break
                ran.append(frame)
        for frame in [frame for frame in ran if frame.solutions] or ran[::-1]:
            patterns = frame.rule.args if frame.rule is not None else None
            sight.handed = {
                pattern.name: arg
                for pattern, arg in zip(patterns or [], term.args, strict=False)
                if isinstance(pattern, Var)
            }
            yield from self._ran(frame, sight)

    def _document(self, ref: Ref, sight: Sight) -> tuple[Value, Sequence[Term]]:
        """Give the value of a document that rules make, from memory, and the steps of the reference behind it."""
        _, group, depth = self._group(ref, sight)
        if group is None or group.kind == "function":
            return U, ()
        return self.program.ask(group.number, sight.state), ref.steps[depth:]

    def _group(self, ref: Ref, sight: Sight) -> tuple[list[Value], Group | None, int]:
        keys = [sight.value(step) for step in ref.steps]
        node, depth = self.program.unit.tree.find(keys[: keys.index(U)] if U in keys else keys)
        return keys, node.group, depth

    def _read(self, sight: Sight, term: Ref) -> Iterator[Mark]:
        """Read the runs of the rules of a document: those that gave the member or entry, if it is known."""
        keys, group, depth = self._group(term, sight)
        if group is None or sight.depth >= _MAX_DEPTH:
            return
        wanted = keys[depth] if depth < len(keys) else U
        alone = _alone(sight)
        for rule in _rules(group):
            inside = [frame for frame in sight.ran() if frame.rule is rule][:1]
            for frame in inside or self.recorder.of(rule, sight.state)[-1:]:
                found = [each for each in frame.solutions if _gave(group, each, wanted)]
                for solution in found[:_FEW]:
                    yield from self.held(frame, solution, alone)
                if not frame.solutions:
                    yield from self.failed(frame, alone)


def _straight(term: Term) -> Term:
    """Give a reference from its first head on: a member of a set of rules is read by itself."""
    while isinstance(term, Ref) and isinstance(term.head, Ref):
        term = Ref(term.at, term.head.head, [*term.head.steps, *term.steps])
    return term


def _alone(sight: Sight) -> Sight:
    """Give a place to read a rule from, which is given nothing."""
    return Sight(sight.located, sight.state, {}, {}, sight.document, depth=sight.depth + 1)


def _rules(group: Group) -> Iterator[Rule]:
    for each in group.definitions:
        yield from (each.rule, *each.rule.orelse)


def _gave(group: Group, solution: Solution, wanted: Value) -> bool:
    """Say whether a solution gave the member, or the entry, that is wanted."""
    if solution.result is None:
        return False
    return wanted is U or group.kind not in ("set", "object") or solution.result[0] == wanted


def _chooses(term: Term) -> bool:
    """Say whether a test compares with a constant, which is how rules choose what they are about."""
    if not isinstance(term, Call) or ".".join(term.name) not in _EQUALITIES:
        return False
    return any(isinstance(arg, Scalar) and not _is_truth(arg) for arg in term.args)


def _is_truth(term: Scalar) -> bool:
    return term.value is TRUE or term.value is FALSE
