"""Owns which rules rest on parts of the input that nobody knows, and on which: it watches a traced evaluation.

An expression rests on what is unknown if it reads it, or has a variable, a body, a rule or a function that does. A
way through a rule is left open if it ends at such an expression; one that ends at any other would end there whatever
the unknown comes to, and one that gives a result has given it. What a rule carries about in variables is known by the
identity of its objects and arrays. ``walk`` shows leaves that are not there to no one, so they are shown in a second
evaluation.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from graven.rego.compile.assembly import Assembled
from graven.rego.machine import Run, State, U
from graven.rego.places import Located, Path, located
from graven.rego.ruletree import Group
from graven.rego.salvage import asked
from graven.rego.touches import Touch, touches
from graven.rego.tree import Comprehension, Expr, Rule, Scalar, Term, Var
from graven.rego.unknown import Unknowns
from graven.rego.values import RegoObject, RegoSet, Value, index
from graven.rego.walk import terms_of_expr

__all__ = ["Gap", "gaps_of"]


@dataclass(frozen=True, slots=True)
class Gap:
    """A rule that is left open, and the part of the input on which it rests."""

    file: str
    row: int
    path: Path


def gaps_of(
    program: Assembled, run: Run, given: State, group: Group, *, unknown: Unknowns, hidden: Unknowns
) -> tuple[Gap, ...]:
    """Give what leaves the rules of a group open; the program is a traced one.

    ``hidden`` are parts whose place is taken by a mask: what goes through everything looks at the mask.
    """
    first = _Watch(program, located(given.input), unknown.joined(hidden))
    found = first.gaps(run, group)
    if first.walked:
        shown = Unknowns(unknown.paths)
        second = _Watch(program, located(shown.shown(given.input)), Unknowns(()), shown.signs)
        found |= second.gaps(run, group)
    return tuple(found)


@dataclass(slots=True)
class _Step:
    """An expression that was reached: the names that it binds, and what it rests on."""

    index: int
    binds: frozenset[str]
    rests: Path | None = None


@dataclass(slots=True, eq=False)
class _Body:
    """One run of a body."""

    body: list[Expr]
    state: State
    rule: Rule | None = None
    steps: list[_Step] = field(default_factory=list)
    solved: Mapping[str, Value] | None = None
    """The variables of the solution that the present way came to."""
    gave: bool = True
    left: dict[Path, None] = field(default_factory=dict)
    """What the ways rest on that ended without a solution."""
    rests: Path | None = None
    """What the ways with a solution rest on."""

    def resting(self) -> Path | None:
        return next((step.rests for step in self.steps if step.rests is not None), None)

    @property
    def any(self) -> Path | None:
        return self.rests if self.rests is not None else next(iter(self.left), None)


class _Watch:
    """Takes what a traced program reports."""

    def __init__(
        self, program: Assembled, document: Located, unknowns: Unknowns, signs: Mapping[int, Path] | None = None
    ) -> None:
        self.program = program
        self.located = document
        self.unknowns = unknowns
        self.signs = signs or {}
        """What stands for an unknown leaf, by its identity."""
        self.walked = False
        self.stack: list[_Body] = []
        self.heads: dict[int, tuple[Term, ...]] = {}
        self.bodies: dict[tuple[int, int], tuple[Path, State]] = {}
        """What the rules rest on that were evaluated, by group and state."""
        self.numbers = {
            id(rule): group.number
            for group in program.unit.tree.groups
            for each in group.definitions
            for rule in (each.rule, *each.rule.orelse)
        }
        self.open: dict[tuple[int, Path], None] = {}
        self._touches: dict[int, tuple[Touch, ...]] = {}
        self._names: dict[int, frozenset[str]] = {}

    def gaps(self, run: Run, group: Group) -> dict[Gap, None]:
        """Evaluate a group, and give what leaves its rules open."""
        state = State(run, self.located.value)
        run.frames, run.tracer = self, self.reached
        try:
            asked(self.program, group.number, state)
        finally:
            run.frames = run.tracer = None
        found: dict[Gap, None] = {}
        for each in group.definitions:
            source = each.module.source
            for rule in (each.rule, *each.rule.orelse):
                row = source.position(each.rule.at)[0]
                found |= dict.fromkeys(Gap(source.file, row, path) for key, path in self.open if key == id(rule))
        return found

    def enter(self, rule: object, state: State, operands: tuple[Value, ...]) -> _Body:
        """Begin the body of a rule."""
        del operands
        assert isinstance(rule, Rule)  # noqa: S101 - the assembly hands in nothing else
        body = _Body(rule.body, state, rule)
        self.stack.append(body)
        return body

    def leave(self, frame: _Body) -> None:
        """End the body of a rule."""
        while self.stack:
            last = self.stack[-1]
            self._end()
            if last is frame:
                return

    def reached(self, state: State, number: int, values: dict[str, Value]) -> None:
        """Take an expression that was reached."""
        point = self.program.unit.points[number]
        if point.place < 0 and point.index == 0:
            if not self._back_to(point.around):
                return
            self.stack.append(_Body(point.body, state))
        elif not self._back_to(point.body):
            return
        body = self.stack[-1]
        if body.steps and body.steps[-1].index >= point.index:
            self._close(body)
            while body.steps and body.steps[-1].index >= point.index:
                body.steps.pop()
        if number not in self._touches:
            self._learn(number, point.expr)
        carried = next((one.rests for one in body.steps if one.rests and one.binds & values.keys()), None)
        step = _Step(point.index, self._names[number] - values.keys(), carried)
        body.steps.append(step)
        body.solved, body.gave = None, True
        if step.rests is None:
            read = self._read(self._touches[number], state, values)  # a rule that it asks may set it meanwhile
            step.rests = step.rests if step.rests is not None else read

    def solved(self, number: int, values: dict[str, Value]) -> None:
        """Take a solution of a body."""
        if self._back_to(self.program.unit.solved[number]):
            body = self.stack[-1]
            self._unmade(body)
            body.solved = values
            body.gave = body.rule is None
            rests = body.resting()
            if rests is None and body.rule is None:
                rests = self._head(body, self.heads.get(id(body.body), ()))
            body.rests = body.rests if body.rests is not None else rests

    def gave(self, values: tuple[Value, ...]) -> None:
        """Take the head of a rule for the last solution of its body."""
        del values
        while self.stack and self.stack[-1].rule is None:
            self._end()
        if self.stack:
            self.stack[-1].gave = True

    def _learn(self, number: int, expr: Expr) -> None:
        self._touches[number] = tuple(touches(expr, self.program.unit.tree))
        inside = list(terms_of_expr(expr))
        self._names[number] = frozenset(each.name for each in inside if isinstance(each, Var))
        for each in inside:
            if isinstance(each, Comprehension):
                self.heads[id(each.body)] = (each.value,) if each.key is None else (each.key, each.value)

    def _close(self, body: _Body) -> None:
        """End the present way of a body."""
        self._unmade(body)
        if body.solved is None and body.steps and body.steps[-1].rests is not None:
            body.left[body.steps[-1].rests] = None

    def _unmade(self, body: _Body) -> None:
        """Note what a head rests on that was not made for a solution."""
        if body.solved is None or body.gave or body.rule is None:
            return
        body.gave = True
        rests = body.resting() or self._head(body, [each for each in (body.rule.key, body.rule.value) if each])
        if rests is not None:
            body.left[rests] = None

    def _head(self, body: _Body, terms: Iterable[Term]) -> Path | None:
        made = [touch for each in terms for touch in touches(Expr(each.at, each), self.program.unit.tree)]
        return self._read(made, body.state, body.solved or {})

    def _end(self) -> None:
        """End the innermost body: what it rests on, the expression rests on in which it ran."""
        body = self.stack.pop()
        self._close(body)
        rests = body.any
        if body.rule is not None:
            number = self.numbers[id(body.rule)]
            if rests is not None:
                self.bodies.setdefault((number, id(body.state)), (rests, body.state))
            if not self.stack:
                self.open |= dict.fromkeys((id(body.rule), path) for path in body.left)
        if self.stack and self.stack[-1].steps and self.stack[-1].steps[-1].rests is None:
            self.stack[-1].steps[-1].rests = rests

    def _back_to(self, body: list[Expr] | None) -> bool:
        """End the bodies inside the one that reports; False if it is none that is known."""
        for at in range(len(self.stack) - 1, -1, -1):
            if self.stack[at].body is body:
                while len(self.stack) > at + 1:
                    self._end()
                return True
            if self.stack[at].rule is not None:
                return False
        return False

    def _read(self, found: Iterable[Touch], state: State, values: Mapping[str, Value]) -> Path | None:
        """Give the unknown that an expression reads, if it does."""
        for touch in found:
            if self.signs:
                sign = self.signs.get(id(values.get(touch.head, U)))
                if sign is not None and self._asks(touch, sign):
                    return sign
            for number in touch.groups:
                if (number, id(state)) in self.bodies:
                    return self.bodies[number, id(state)][0]
            rests = self._touched(touch, state, values)
            if rests is not None:
                return rests
        return None

    def _asks(self, touch: Touch, sign: Path) -> bool:
        """Say whether a leaf is asked what it is, or for a member that nothing has in which it lies."""
        if not touch.steps:
            return touch.level > 0
        if not isinstance(touch.steps[0], Scalar):
            return True
        around = self.located.value
        for step in sign:
            if index(around, touch.steps[0].value) is not U:
                return False
            around = index(around, step)
        return True

    def _touched(self, touch: Touch, state: State, values: Mapping[str, Value]) -> Path | None:
        there = [self._start(touch, state, values)]
        for step in touch.steps:
            key = step.value if isinstance(step, Scalar) else values.get(step.name, U) if isinstance(step, Var) else U
            following: list[Value] = []
            for value in there:
                path = self._path(value)
                rests = self.unknowns.at(path, key) if path is not None else None
                found = [index(value, key)] if key is not U else list(_members(value))
                if path is not None and rests is None and found == [U] and isinstance(key, (str, int)):
                    rests = self.unknowns.below((*path, key))  # what holds it is unknown too
                if rests is not None:
                    return rests
                following += found
            there = [value for value in following if value is not U]
        if touch.walks:
            self.walked = self.walked or any(self._below(value, whole=True) is not None for value in there)
            return None
        if touch.level and not (touch.other is not None and self._is_plain(touch.other, values)):
            return next(
                (rests for value in there if (rests := self._below(value, whole=touch.whole)) is not None), None
            )
        return None

    def _start(self, touch: Touch, state: State, values: Mapping[str, Value]) -> Value:
        if touch.head == "input":
            return state.input
        if touch.head == "data":
            return self.program.ask(touch.groups[0], state)
        return values.get(touch.head, U)

    def _below(self, value: Value, *, whole: bool) -> Path | None:
        """Give what is unknown among the members of a part, or of what is deeper in it."""
        path = self._path(value)
        if path is not None:
            return self.unknowns.below(path) if whole else self.unknowns.at(path, U)
        inside = _members(value) if whole else ()
        return next((rests for each in inside if (rests := self._below(each, whole=True)) is not None), None)

    def _path(self, value: Value) -> Path | None:
        return self.located.paths.get(id(value)) if value.__class__ in (tuple, RegoObject) else None

    @staticmethod
    def _is_plain(term: Term, values: Mapping[str, Value]) -> bool:
        """Say whether a term is known to be no collection, so that none is equal to it."""
        value = term.value if isinstance(term, Scalar) else values.get(term.name, U) if isinstance(term, Var) else U
        return value is not U and value.__class__ not in (tuple, RegoObject, RegoSet)


def _members(value: Value) -> Iterator[Value]:
    if value.__class__ is RegoObject:
        yield from value.values()
    elif value.__class__ in (tuple, RegoSet):
        yield from value
