"""Owns what generated code runs upon: the state of an evaluation, and the steps from value to value.

A step gives ``U``, undefined, for everything that is not there; generated code tests for it. Work is counted where it
grows with the data: at the entry of a loop by the length of what it goes over, and at each call of a rule.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence

from graven.record import TYPE_CHECKING
from graven.rego.builtins.protocol import BuiltinError, Context
from graven.rego.faults import BudgetExhausted, EvaluationError, OutOfTime
from graven.rego.values import (
    UNDEFINED,
    RegoObject,
    RegoSet,
    Value,
    index,
)

if TYPE_CHECKING:
    from typing import Any, NoReturn, Protocol

    from graven.rego.tree import Source

__all__ = [
    "MISS",
    "ONCE",
    "Growing",
    "Overlay",
    "Run",
    "Sites",
    "State",
    "U",
    "append_key",
    "collect",
    "entries",
    "members",
    "put",
]

U = UNDEFINED
ONCE = (None,)
_GLANCE = 100_000
"""So many steps go between two looks at a caller's clock."""
MISS = object()
"""In a memo: not asked yet."""

if TYPE_CHECKING:

    class Frames(Protocol):
        """Is told which rules begin and end, and what their bodies give."""

        def enter(self, rule: object, state: State, operands: tuple[Value, ...]) -> object:
            """Begin the body of a rule."""

        def leave(self, frame: Any) -> None:
            """End what ``enter`` began."""

        def solved(self, number: int, values: dict[str, Value]) -> None:
            """Take the variables of a solution of a body."""

        def gave(self, values: tuple[Value, ...]) -> None:
            """Take the head of a rule for the last solution of its body."""


class Run:
    """What all states of one evaluation share: budget, context, and the errors of builtins."""

    __slots__ = (
        "budget",
        "context",
        "deadline",
        "depth",
        "failures",
        "frames",
        "held",
        "indexes",
        "left",
        "prints",
        "program",
        "rule_steps",
        "spare",
        "strict",
        "tracer",
    )

    def __init__(
        self, program: Any, context: Context, steps: int, *, strict: bool, deadline: Callable[[], bool] | None = None
    ) -> None:
        self.program = program
        self.context = context
        self.deadline = deadline
        """Says whether the caller's time is over; asked now and then, and never what decides."""
        self.allow(steps)
        self.depth = 0
        """So many rules ask one another, where that is counted."""
        self.rule_steps = 0
        """What each rule may take; 0: no less than the whole."""
        self.strict = strict
        self.failures: list[tuple[int, str, str]] = []
        """Builtin errors that made something undefined: site, code, message."""
        self.prints: list[tuple[int, str]] = []
        """What was printed: site and text."""
        self.tracer: Callable[..., None] | None = None
        self.frames: Frames | None = None
        """Is told what bodies do, in a traced program."""
        self.indexes: dict[tuple[int, tuple[object, ...]], tuple[Value, Any]] = {}
        """What ``indexes`` made of a collection, which is kept with it so that its identity is."""

    def again(self, printed: int = 0) -> None:
        """Begin to count anew, as if nothing had been done since so much was printed; what the world answered stays."""
        self.allow(self.budget)
        self.depth = 0
        del self.prints[printed:]
        self.indexes.clear()
        self.context.cache.clear()

    def allow(self, steps: int) -> None:
        """Begin to count anew, up to so many steps."""
        self.budget = steps
        self.held = 0
        """Steps that are kept from a rule whose budget is less than what is left."""
        self.left = steps if self.deadline is None else min(steps, _GLANCE)
        self.spare = steps - self.left
        """Steps of the budget that are handed out once those in ``left`` are used, so that the clock is looked at."""

    @property
    def steps(self) -> int:
        """Give how many steps were taken."""
        return self.budget - self.left - self.spare - self.held

    def hold(self, limit: int) -> int:
        """Leave no more steps than these, and say how many are kept back."""
        kept = self.left + self.spare - limit
        if kept <= 0:
            return 0
        self.held += kept
        self.left = limit if self.deadline is None else min(limit, _GLANCE)
        self.spare = limit - self.left
        return kept

    def release(self, kept: int) -> None:
        """Give back what was kept."""
        self.held -= kept
        if self.deadline is None:
            self.left += kept
        else:
            self.spare += kept

    def charge(self, steps: int) -> None:
        """Count steps.

        Raises:
            BudgetExhausted: none are left.
            OutOfTime: the time of the caller is over.
        """
        self.left -= steps
        if self.left >= 0:
            return
        if self.deadline is not None and self.deadline():
            raise OutOfTime("the time of the command is over", hint="give it more, or lower the limit of steps")
        handed = min(self.spare, _GLANCE - self.left)
        self.spare -= handed
        self.left += handed
        if self.left < 0:
            raise BudgetExhausted("the evaluation took more steps than its limit", hint="raise the limit of steps")


class State:
    """The documents that rules see; ``with`` makes another one."""

    __slots__ = ("input", "memo", "mocks", "overlay", "run")

    def __init__(
        self,
        run: Run,
        document: Value,
        overlay: Mapping[str, Value] | None = None,
        mocks: Mapping[str, Callable[..., Value]] | None = None,
    ) -> None:
        self.run = run
        self.input = document
        self.overlay = overlay
        self.mocks = mocks or {}
        self.memo: dict[int, Value] = {}

    def change(self, changes: Iterable[tuple[tuple[str, ...], Value]]) -> State:
        """Give the state under ``with``: each change is a path and a value, or a function to call."""
        document, overlay, mocks = self.input, self.overlay, self.mocks
        for path, value in changes:
            if path[0] == "input":
                document = _replaced(document, path[1:], value)
            elif path[0] == "data":
                overlay = _overlaid(overlay or {}, path[1:], value)
            else:
                mocks = {**mocks, path[1]: value}
        return State(self.run, document, overlay, mocks)

    def unmocked(self) -> State:
        """Give the state in which a replacement runs: it calls what is written, no replacement."""
        return State(self.run, self.input, self.overlay)


class Overlay(dict[str, Value]):
    """Base documents that ``with`` put at paths below this one."""


def _replaced(document: Value, path: Sequence[str], value: Value) -> Value:
    if not path:
        return value
    base = document if document.__class__ is RegoObject else {}
    return RegoObject({**base, path[0]: _replaced(base.get(path[0], U), path[1:], value)})


def _overlaid(overlay: Value, path: Sequence[str], value: Value) -> Value:
    if not path:
        return value
    if overlay.__class__ is RegoObject:
        return _replaced(overlay, path, value)
    base = overlay if isinstance(overlay, Overlay) else Overlay()
    return Overlay({**base, path[0]: _overlaid(base.get(path[0]), path[1:], value)})


def base_index(container: Value, key: Value) -> Value:
    """Give ``container[key]`` of a base document, whose store takes a number for the text of a key."""
    found = index(container, key)
    if found is U and container.__class__ is RegoObject and key.__class__ is int:
        return container.get(str(key), U)
    return found


def entries(state: State, container: Value) -> Iterable[tuple[Value, Value]]:
    """Give the pairs that ``container[k]`` goes over; none if it is no collection."""
    kind = container.__class__
    if kind is RegoObject:
        state.run.charge(len(container))
        return container.ordered_items()  # type: ignore[no-any-return]
    if kind is tuple:
        state.run.charge(len(container))
        return enumerate(container)
    if kind is RegoSet:
        state.run.charge(len(container))
        return zip(container.ordered(), container.ordered(), strict=True)
    return ()


def is_collection(value: Value) -> bool:
    """Say whether a value has members."""
    return value.__class__ in (tuple, RegoObject, RegoSet)


def members(state: State, container: Value) -> Iterable[Value]:
    """Give the values that ``container[_]`` goes over; none if it is no collection."""
    kind = container.__class__
    if kind is tuple:
        run = state.run
        run.left -= len(container)
        if run.left < 0:
            run.charge(0)
        return container  # type: ignore[no-any-return]
    if kind is RegoObject:
        state.run.charge(len(container))
        return container.ordered_values()  # type: ignore[no-any-return]
    if kind is RegoSet:
        state.run.charge(len(container))
        return container.ordered()  # type: ignore[no-any-return]
    return ()


class Growing(dict[Value, Value]):
    """An object that rules are adding to; a set in it is a Python set until all rules are done."""


def put(grown: Growing, keys: Sequence[Value], value: Value) -> bool:
    """Set a value below some keys; False if another value stands there."""
    for key in keys[:-1]:
        grown = grown.setdefault(key, Growing())
        if grown.__class__ is not Growing:
            return False
    before = grown.setdefault(keys[-1], value)
    return before.__class__ is not Growing and before.__class__ is not set and bool(before == value)


def append_key(grown: Growing, keys: Sequence[Value], member: Value) -> bool:
    """Add a member to the set below some keys; False if something else stands there."""
    for key in keys[:-1]:
        grown = grown.setdefault(key, Growing())
        if grown.__class__ is not Growing:
            return False
    found = grown.setdefault(keys[-1], set())
    if found.__class__ is not set:
        return False
    found.add(member)
    return True


def collect(grown: Value) -> Value:
    """Give the value of an object that has stopped growing."""
    if grown.__class__ is Growing:
        return RegoObject({key: collect(item) for key, item in grown.items()})
    return RegoSet(grown) if grown.__class__ is set else grown


class Sites:
    """The places in the sources that generated code speaks of by number."""

    def __init__(self) -> None:
        self.places: list[tuple[Source, int]] = []

    def add(self, source: Source, at: int) -> int:
        """Give the number of a place."""
        self.places.append((source, at))
        return len(self.places) - 1

    def position(self, site: int) -> tuple[str, int, int]:
        """Give file, row and column of a place."""
        source, at = self.places[site]
        return source.file, *source.position(at)

    def error(self, site: int, code: str, message: str) -> EvaluationError:
        """Give an error at a place."""
        return EvaluationError(code, message, *self.position(site))

    def conflict(self, site: int, message: str) -> NoReturn:
        """Stop the evaluation for two values where one may be.

        Raises:
            EvaluationError: always.
        """
        raise self.error(site, "eval_conflict_error", message)

    def failed(self, state: State, site: int, name: str, error: BuiltinError) -> Value:
        """Answer for a builtin that failed: undefined, unless errors are strict or this one halts.

        Raises:
            EvaluationError: it stops the evaluation.
        """
        message = f"{name}: {error.message}"
        if error.halts or state.run.strict:
            raise self.error(site, error.code, message)
        state.run.failures.append((site, error.code, message))
        return U
