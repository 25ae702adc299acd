"""Owns the search for a smallest change of the input that turns a result: irreducible, and verified by evaluation.

1. A traced evaluation tells which parts of the input the bodies looked at that gave the result.
2. Edits of these parts are tried one by one, the likeliest first; the first that is enough is the change.
3. If none is, one is kept that led on: the result now comes from elsewhere. From there it goes on, up to six edits.
4. Only where such a way has no end may a key be taken out that a rule asks about, or an object or array as a whole.
5. Of what was found the smallest part that is enough is kept: every smaller part was evaluated, and was not.

Enough is a change after which the result is as wanted, nothing new is said by the same rules, no builtin fails that
did not fail before, and no rule falls silent. Evaluations and their steps are counted, and no time. What the world said
before is said again; it is asked nothing new.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from itertools import combinations
from typing import Any

from graven.errors import GravenError
from graven.rego.compile.assembly import Assembled
from graven.rego.edits import Edit, Edits, applied, merged, original, told
from graven.rego.evaluation import Answer, Limits, World
from graven.rego.faults import BudgetExhausted
from graven.rego.literals import Literals, literals_of
from graven.rego.machine import Run, State
from graven.rego.origins import marks_of
from graven.rego.policy import Policy
from graven.rego.proposals import proposals
from graven.rego.readings import Mark
from graven.rego.ruletree import Group
from graven.rego.silence import silent_of
from graven.rego.values import FALSE, UNDEFINED, RegoObject, RegoSet, Value, from_json

__all__ = ["BUDGET", "MOST", "Budget", "Goal", "Search", "becomes", "holds", "search", "without"]

MOST = 6
"""So many edits one change may have: all parts of it are evaluated."""
_LED_ON = 8
"""So many edits that were not enough are looked at for where they lead."""


@dataclass(frozen=True, slots=True)
class Budget:
    """How much one search may do."""

    evaluations: int = 250
    steps: int = 20_000_000
    """Of all evaluations together."""


BUDGET = Budget()


@dataclass(frozen=True, slots=True)
class Goal:
    """What is wanted of the value of a document: that nothing is left of what speaks against it."""

    against: Callable[[Value, Value], frozenset[Value]]
    """(value before, value) -> the results that speak against it."""


@dataclass(frozen=True, slots=True)
class Search:
    """What a search found."""

    edits: tuple[Edit, ...] | None
    """Together enough, and no part of them is; None: nothing was found."""
    evaluations: int
    steps: int
    exhausted: bool
    """The budget ended before everything was tried."""


def without(member: Value) -> Goal:
    """Want a member of a set (or the only value) to vanish, and no new one to come."""

    def against(before: Value, value: Value) -> frozenset[Value]:
        return _members(value) - (_members(before) - {member})

    return Goal(against)


def becomes(wanted: Value) -> Goal:
    """Want a document to have a value, or none at all: UNDEFINED."""
    return Goal(lambda _before, value: frozenset() if value == wanted else frozenset({value}))


def holds() -> Goal:
    """Want a document to have a value, and none that is false."""
    return Goal(lambda _before, value: frozenset({value} if value in (UNDEFINED, FALSE) else ()))


def _members(value: Value) -> frozenset[Value]:
    if value.__class__ in (RegoSet, tuple):
        return frozenset(value)
    if value.__class__ is RegoObject:
        return frozenset(RegoObject({key: each}) for key, each in value.items())
    return frozenset() if value is UNDEFINED or value is FALSE else frozenset({value})


def search(
    policy: Policy,
    path: str,
    document: object,
    goal: Goal,
    *,
    now_ns: int | None = None,
    world: World | None = None,
    budget: Budget = BUDGET,
) -> Search:
    """Search a smallest change after which a document made by rules, as ``data.a.deny``, is as wanted.

    Raises:
        NotFound: no rule makes such a document.
    """
    value, world = from_json(document), world or World()
    literals = policy.looked(path, value, (now_ns, world, Limits()), lambda *asked: literals_of(asked[0], asked[-1]))
    searching = _Searching(policy, path, literals, goal, now_ns, world, budget.evaluations, budget.steps)
    found = None
    try:
        found = searching.begin(value)
    except (_Exhausted, BudgetExhausted):
        searching.ended = True
    return Search(found, budget.evaluations - searching.left, budget.steps - searching.steps, searching.ended)


class _Exhausted(Exception):
    """The budget is over."""


@dataclass(frozen=True, slots=True)
class _Seen:
    """What an evaluation of an edited document gave."""

    against: frozenset[Value]
    fair: bool
    """Nothing failed that did not fail before."""


@dataclass(slots=True)
class _Searching:
    policy: Policy
    path: str
    literals: Literals
    goal: Goal
    now_ns: int | None
    world: World
    left: int
    steps: int
    document: Value = UNDEFINED
    before: Answer = field(default_factory=lambda: Answer(()))
    silent: int | None = None
    """How many rules were silent before; None: nobody asked."""
    rough: bool = True
    """What a rule asks about may be taken out, too."""
    ended: bool = False

    def begin(self, document: Value) -> tuple[Edit, ...] | None:
        """Search from a document whose result is not as wanted."""
        self.document = document
        try:
            self.before = self._evaluated(document)
            against = self.goal.against(self.before.value, self.before.value)
            if not against:
                return None
            self.world = World(recorded=self.before.recorded, runtime=self.world.runtime)
            marks = self._marks(document, against)
            found = self._repaired(against, marks) or self._from({}, against, marks)
        except BudgetExhausted:
            raise
        except GravenError:
            return None  # what cannot be evaluated now has no result to turn
        return None if found is None else told(document, found)

    def _repaired(self, against: frozenset[Value], marks: tuple[Mark, ...]) -> Edits | None:
        """Search without rough edits, with half of the evaluations."""
        kept = self.left // 2
        self.left -= kept
        self.rough = False
        try:
            return self._from({}, against, marks)
        except _Exhausted:
            self.ended = True
            return None
        finally:
            self.left += kept
            self.rough = True

    def _from(self, edits: Edits, against: frozenset[Value], marks: tuple[Mark, ...]) -> Edits | None:
        """Try what may follow some edits: first whether one more is enough, then where one more leads."""
        led: list[tuple[Edits, frozenset[Value]]] = []
        for trial in self._trials(edits, marks):
            seen = self._seen(trial)
            if seen is None or not seen.fair:
                continue
            if not seen.against:
                if self._heard(trial):
                    return self._smallest(trial)
            elif len(led) < _LED_ON:
                led.append((trial, seen.against))
        for trial, left in led if len(edits) < MOST - 1 else ():
            after = self._marks(applied(self.document, trial), left)
            first = after[0].path if after else ()
            moved = (left, first) != (against, marks[0].path if marks else ())
            if moved and original(self.document, trial, first) not in trial:
                found = self._from(trial, left, after)
                if found is not None:
                    return found
        return None

    def _trials(self, edits: Edits, marks: tuple[Mark, ...]) -> Iterator[Edits]:
        """Add to some edits each one that is proposed for what they made of the document."""
        document = applied(self.document, edits)
        for proposed in proposals(document, marks, self.literals, rough=self.rough):
            more = {original(self.document, edits, path): value for path, value in proposed.items()}
            trial = merged(edits, more)
            if more and len(trial) <= MOST:
                yield trial

    def _smallest(self, edits: Edits) -> Edits:
        """Give the smallest part of some edits that is enough; of equals the first."""
        for size in range(1, len(edits)):
            for part in combinations(edits.items(), size):
                if self._enough(dict(part)):
                    return dict(part)
        return edits

    def _enough(self, edits: Edits) -> bool:
        seen = self._seen(edits)
        return seen is not None and not seen.against and seen.fair and self._heard(edits)

    def _seen(self, edits: Edits) -> _Seen | None:
        """Evaluate the document with some edits; None where that cannot be done."""
        document = applied(self.document, edits)
        if document is UNDEFINED:
            return None
        try:
            answer = self._evaluated(document)
        except BudgetExhausted:
            raise
        except GravenError:
            return None
        failed = {each[2:] for each in answer.failures} - {each[2:] for each in self.before.failures}
        return _Seen(self.goal.against(self.before.value, answer.value), not failed)

    def _evaluated(self, document: Value) -> Answer:
        limits = self._spend()
        answer = self.policy.evaluate(self.path, document, now_ns=self.now_ns, world=self.world, limits=limits)
        self.steps -= answer.steps
        return answer

    def _spend(self) -> Limits:
        if self.left <= 0 or self.steps <= 0:
            raise _Exhausted
        self.left -= 1
        return Limits(steps=self.steps)

    def _marks(self, document: Value, against: frozenset[Value]) -> tuple[Mark, ...]:
        """Look at what the results came from that speak against it."""

        def wanted(value: Value) -> bool:
            return value in against or _members(value) <= against

        return self._traced(document, partial(marks_of, wanted=wanted))

    def _heard(self, edits: Edits) -> bool:
        """Say whether no more rules fall silent than did before."""
        silent = self._silent(applied(self.document, edits))
        if silent and self.silent is None:
            self.silent = self._silent(self.document)
        return silent <= (self.silent or 0)

    def _silent(self, document: Value) -> int:
        return len(self._traced(document, silent_of))

    def _traced(self, document: Value, look: Callable[..., tuple[Any, ...]]) -> tuple[Any, ...]:
        def counted(program: Assembled, run: Run, state: State, group: Group) -> tuple[Any, ...]:
            try:
                return look(program, run, state, group)
            finally:
                self.steps -= run.steps

        return self.policy.looked(self.path, document, (self.now_ns, self.world, self._spend()), counted)
