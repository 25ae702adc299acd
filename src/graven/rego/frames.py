"""Owns the record of a traced evaluation: which bodies ran inside which expressions, and their solutions.

A frame is one run of a body: of a rule, of an ``else``, of a comprehension, of ``every``. It keeps the expressions
that the present turn of its loops has passed, a copy of these for each solution, and the longest way that failed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from graven.rego.compile.unit import Unit
from graven.rego.machine import State
from graven.rego.tree import Expr, Rule
from graven.rego.values import Value

__all__ = ["Frame", "Recorder", "Solution", "Step"]

_KEPT = 100_000
"""So many solutions of one body are kept, so that memory has an end."""


@dataclass(slots=True)
class Step:
    """An expression that was reached, with its variables and the bodies that ran in it."""

    index: int
    expr: Expr
    values: Mapping[str, Value]
    frames: list[Frame] = field(default_factory=list)


@dataclass(slots=True)
class Solution:
    """A way through a body, with all variables at its end, and what the head of the rule was for it."""

    values: Mapping[str, Value]
    steps: tuple[Step, ...]
    counts: tuple[int, ...] = ()
    """How many bodies had run in each of the steps by then."""
    result: tuple[Value, ...] | None = None


@dataclass(slots=True, eq=False)
class Frame:
    """One run of a body."""

    body: list[Expr]
    state: State
    rule: Rule | None = None
    operands: tuple[Value, ...] = ()
    steps: list[Step] = field(default_factory=list)
    solutions: list[Solution] = field(default_factory=list)
    furthest: tuple[Step, ...] = ()
    """The longest way that was left without a solution; of equals the first."""
    done: bool = False
    """The present way came to a solution."""

    def begin(self, index: int, step: Step) -> None:
        """Go on to an expression, perhaps one that an earlier turn had passed."""
        if self.steps and self.steps[-1].index >= index:
            self.keep()
            while self.steps and self.steps[-1].index >= index:
                self.steps.pop()
        self.steps.append(step)
        self.done = False

    def keep(self) -> None:
        """Remember the present way if it led further than the ones before."""
        if not self.done and len(self.steps) > len(self.furthest):
            self.furthest = tuple(self.steps)


class Recorder:
    """Takes what a traced program reports."""

    def __init__(self, unit: Unit) -> None:
        self._unit = unit
        self._stack: list[Frame] = []
        self._rules: dict[tuple[int, int], list[Frame]] = {}

    def of(self, rule: Rule, state: State) -> list[Frame]:
        """Give the runs of a rule in a state."""
        return self._rules.get((id(rule), id(state)), [])

    def enter(self, rule: object, state: State, operands: tuple[Value, ...]) -> Frame:
        """Begin the body of a rule; arguments of rules that add to a collection are no operands."""
        assert isinstance(rule, Rule)  # noqa: S101 - the assembly hands in nothing else
        frame = Frame(rule.body, state, rule, operands if rule.args is not None else ())
        self._push(frame)
        if rule.args is None:
            self._rules.setdefault((id(rule), id(state)), []).append(frame)
        return frame

    def leave(self, frame: Frame) -> None:
        """End the body of a rule."""
        while self._stack:
            last = self._stack.pop()
            last.keep()
            if last is frame:
                return

    def reached(self, state: State, number: int, values: dict[str, Value]) -> None:
        """Take an expression that was reached: a body inside another begins with its first."""
        point = self._unit.points[number]
        if point.place < 0 and point.index == 0:
            if not self._back_to(point.around):
                return
            self._push(Frame(point.body, state))
        elif not self._back_to(point.body):
            return
        self._stack[-1].begin(point.index, Step(point.index, point.expr, values))

    def solved(self, number: int, values: dict[str, Value]) -> None:
        """Take a solution of a body."""
        if self._back_to(self._unit.solved[number]):
            frame = self._stack[-1]
            frame.done = True
            if len(frame.solutions) < _KEPT:
                counts = tuple(len(step.frames) for step in frame.steps)
                frame.solutions.append(Solution(values, tuple(frame.steps), counts))

    def gave(self, values: tuple[Value, ...]) -> None:
        """Take the head of a rule for the last solution of its body."""
        while self._stack and self._stack[-1].rule is None:
            self._stack.pop().keep()
        if self._stack and self._stack[-1].solutions:
            self._stack[-1].solutions[-1].result = values

    def _push(self, frame: Frame) -> None:
        if self._stack and self._stack[-1].steps:
            self._stack[-1].steps[-1].frames.append(frame)
        self._stack.append(frame)

    def _back_to(self, body: list[Expr] | None) -> bool:
        """End the bodies inside the one that reports; False if it is none that is known."""
        for at in range(len(self._stack) - 1, -1, -1):
            if self._stack[at].body is body:
                for frame in self._stack[at + 1 :]:
                    frame.keep()
                del self._stack[at + 1 :]
                return True
            if self._stack[at].rule is not None:
                return False
        return False
