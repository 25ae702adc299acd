"""Owns who watches an evaluation of a traced program, if more than one does: each is told what the program tells."""

from __future__ import annotations

from collections.abc import Sequence

from graven.record import TYPE_CHECKING
from graven.rego.machine import Run, State
from graven.rego.values import Value

if TYPE_CHECKING:
    from typing import Any, Protocol

    class Watcher(Protocol):
        """Is told which rules begin and end, which expressions are reached, and what bodies give."""

        def enter(self, rule: object, state: State, operands: tuple[Value, ...], /) -> object:
            """Begin a rule."""

        def leave(self, frame: Any, /) -> None:
            """End what ``enter`` began."""

        def reached(self, state: State, number: int, values: dict[str, Value], /) -> None:
            """Take an expression that was reached."""

        def solved(self, number: int, values: dict[str, Value], /) -> None:
            """Take a solution of a body."""

        def gave(self, values: tuple[Value, ...], /) -> None:
            """Take the head of a rule for it."""


__all__ = ["Watchers", "watched"]


def watched(run: Run, watchers: Sequence[Watcher]) -> None:
    """Let these watch an evaluation."""
    all_of_them = Watchers(watchers)
    run.frames, run.tracer = all_of_them, all_of_them.reached


class Watchers:
    """Tells each of several."""

    def __init__(self, each: Sequence[Watcher]) -> None:
        self.each = each

    def enter(self, rule: object, state: State, operands: tuple[Value, ...]) -> tuple[object, ...]:
        """Begin a rule."""
        return tuple([watcher.enter(rule, state, operands) for watcher in self.each])

    def leave(self, frame: tuple[object, ...]) -> None:
        """End a rule."""
        for watcher, begun in zip(self.each, frame, strict=True):
            watcher.leave(begun)

    def reached(self, state: State, number: int, values: dict[str, Value]) -> None:
        """Take an expression that was reached."""
        for watcher in self.each:
            watcher.reached(state, number, values)

    def solved(self, number: int, values: dict[str, Value]) -> None:
        """Take a solution of a body."""
        for watcher in self.each:
            watcher.solved(number, values)

    def gave(self, values: tuple[Value, ...]) -> None:
        """Take the head of a rule."""
        for watcher in self.each:
            watcher.gave(values)
