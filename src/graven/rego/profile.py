"""Owns the profile of an evaluation: what each rule and each row of expressions took, in times and in steps.

A traced program is watched, which is slower than the one that decides, in all its parts alike; steps are those of the
one that decides. The clock is the caller's. Rows are told as OPA's profiler tells them (``v1/profiler``): how often
their expressions were evaluated, how many solutions were taken back to look for another, how many expressions ran
there. The expressions are those of a program that was spread (``unnesting``). The time of a row is its own: what a rule
that it asks takes counts there.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

from graven.rego.candidates import Candidates
from graven.rego.compile.assembly import Assembled
from graven.rego.machine import Run, State
from graven.rego.ruletree import dotted
from graven.rego.tree import Call, Every, Rule, Var
from graven.rego.values import Value

__all__ = ["ORDER", "Profile", "Profiler", "RowProfile", "RuleProfile", "ordered"]

ORDER = ("total_time_ns", "num_eval", "num_redo", "file", "line")
"""What rows are sorted by, each from the greatest down."""


@dataclass(frozen=True, slots=True)
class RowProfile:
    """What the expressions of one row of a file took."""

    total_time_ns: int
    num_eval: int
    num_redo: int
    num_gen_expr: int
    file: str
    row: int
    col: int

    @property
    def line(self) -> int:
        """Its row, as ``--profile-sort`` calls it."""
        return self.row


@dataclass(frozen=True, slots=True)
class RuleProfile:
    """What one rule took: one definition, or one ``else``."""

    path: str
    file: str
    row: int
    evaluations: int
    steps: int
    """Its own: members that its loops went through, and rules that it asked."""
    total_steps: int
    """With those of the rules that it was the first to ask: what a budget of the rule counts."""
    time_ns: int
    total_time_ns: int


@dataclass(frozen=True, slots=True)
class Profile:
    """What an evaluation took."""

    rules: tuple[RuleProfile, ...]
    """By their own time, the longest first."""
    rows: tuple[RowProfile, ...]


def ordered(rows: Iterable[RowProfile], criteria: Sequence[str] = (), limit: int = 0) -> tuple[RowProfile, ...]:
    """Sort rows by what is named and then by ``ORDER``, and give the first, or without a limit all."""
    keys = [*criteria, *(each for each in ORDER if each not in criteria)]
    found = list(rows)
    for key in reversed(keys):
        found.sort(key=lambda row: getattr(row, key), reverse=True)
    return tuple(found[:limit] if limit > 0 else found)


@dataclass(slots=True)
class _Frame:
    """One evaluation of a rule."""

    rule: Rule
    around: int
    """The expression that asked for it."""
    begun: int
    steps: int
    left_out: bool
    """OPA's index would not have tried the rule: rows tell nothing of it."""
    time_below: int = 0
    steps_below: int = 0


@dataclass(slots=True)
class _Sum:
    evaluations: int = 0
    steps: int = 0
    total_steps: int = 0
    time: int = 0
    total_time: int = 0


@dataclass(slots=True)
class _Row:
    time: int = 0
    evals: int = 0
    redos: int = 0
    inner: int = 0
    """Of an expression with another inside it, ``every`` and an old ``not``: what OPA's own expressions there add."""


@dataclass(slots=True)
class Profiler:
    """Watches an evaluation of a traced program."""

    program: Assembled
    run: Run
    clock: Callable[[], int]
    """Gives nanoseconds."""
    _rules: dict[int, _Sum] = field(default_factory=dict)
    _exprs: dict[int, _Row] = field(default_factory=dict)
    _points: dict[int, int] = field(default_factory=dict)
    """The number under which each expression was first reached."""
    _domains: dict[int, int] = field(default_factory=dict)
    """By the body of each ``every``, the expression that it is."""
    _stack: list[_Frame] = field(default_factory=list)
    _current: int = 0
    """The expression that is evaluated: its identity, or 0."""
    _since: int = 0
    _candidates: Candidates = field(init=False)

    def __post_init__(self) -> None:
        """Read the index from the program."""
        self._candidates = Candidates(self.program.unit)

    def _tick(self) -> int:
        """Give the time that has passed to the expression that took it."""
        now = self.clock()
        if self._current:
            self._exprs[self._current].time += now - self._since
        self._since = now
        return now

    def enter(self, rule: object, state: State, operands: tuple[Value, ...]) -> _Frame:
        """Begin a rule."""
        assert isinstance(rule, Rule)  # noqa: S101 - the assembly hands in nothing else
        left_out = self._candidates.left_out(rule, state, operands)
        frame = _Frame(rule, self._current, self._tick(), self.run.steps, left_out)
        self._stack.append(frame)
        self._current = 0
        return frame

    def leave(self, frame: _Frame) -> None:
        """End a rule."""
        time, steps = self._tick() - frame.begun, self.run.steps - frame.steps
        self._stack.pop()
        self._current = frame.around
        found = self._rules.setdefault(id(frame.rule), _Sum())
        found.evaluations += 1
        found.total_time += time
        found.total_steps += steps
        found.time += time - frame.time_below
        found.steps += steps - frame.steps_below
        if self._stack:
            self._stack[-1].time_below += time
            self._stack[-1].steps_below += steps

    def reached(self, _state: State, number: int, _values: dict[str, Value]) -> None:
        """Take an expression that was reached: the one before it has a solution."""
        self._tick()
        point = self.program.unit.points[number]
        self._current = id(point.expr)
        if self._stack and self._stack[-1].left_out:
            self._exprs.setdefault(self._current, _Row())
            return
        if point.index > 0:
            self._solution(id(point.body[point.index - 1]))
        if point.expr.made and isinstance(point.expr.term, Var):
            self._current = 0
            return  # of ``results``, that each expression of a query holds
        if point.index == 0 and id(point.body) in self._domains:
            self._exprs[self._domains[id(point.body)]].redos += _EACH
        self._points.setdefault(self._current, number)
        row = self._exprs.setdefault(self._current, _Row())
        row.evals += 1
        if isinstance(point.expr.term, Every):
            self._domains[id(point.expr.term.body)] = self._current
            row.inner += 1

    def solved(self, number: int, _values: dict[str, Value]) -> None:
        """Take a solution of a body: one of its last expression."""
        body = self.program.unit.solved[number]
        if body and not (self._stack and self._stack[-1].left_out):
            self._solution(id(body[-1]))

    def gave(self, _values: tuple[Value, ...]) -> None:
        """Leave aside what a head gave."""

    def _solution(self, expr: int) -> None:
        if expr in self._exprs:
            self._exprs[expr].redos += 1

    def profile(self) -> Profile:
        """Give what was seen so far."""
        self._tick()
        rules = sorted(self._told(), key=lambda rule: (-rule.time_ns, -rule.steps, rule.file, rule.row))
        return Profile(tuple(rules), ordered(self._rows()))

    def _told(self) -> Iterable[RuleProfile]:
        for group in self.program.unit.tree.groups:
            for each in group.definitions:
                for rule in (each.rule, *each.rule.orelse):
                    found = self._rules.get(id(rule))
                    if found is not None:
                        source = each.module.source
                        yield RuleProfile(
                            "data." + dotted(group.path), source.file, source.position(rule.at)[0], found.evaluations,
                            found.steps, found.total_steps, found.time, found.total_time,
                        )  # fmt: skip

    def _rows(self) -> Iterable[RowProfile]:
        rows: dict[tuple[str, int], list[tuple[_Row, int]]] = {}
        places: dict[tuple[str, int], set[int]] = {}
        for expr, number in self._points.items():
            point, part = self.program.unit.points[number], self._exprs[expr]
            if not point.expr.end and isinstance(point.expr.term, Call):
                continue  # a call in a hole of a template, which has no place of its own
            row, col = point.source.position(point.expr.at)
            if point.expr.negated:
                part = _Row(part.time, part.evals, part.evals - part.redos, part.evals)
            rows.setdefault((point.source.file, row), []).append((part, col))
            places.setdefault((point.source.file, row), set()).update(
                (point.index, 0) if part.inner else (point.index,)
            )
        for where, found in rows.items():
            parts = [part for part, _ in found]
            evals, redos = sum(part.evals + part.inner for part in parts), sum(part.redos for part in parts)
            yield RowProfile(sum(part.time for part in parts), evals, redos, len(places[where]), *where, found[0][1])


_EACH = 2
"""So many solutions OPA takes back for each member of the domain of an ``every``."""
