"""Owns the second look at rules that gave two values where one may be: OPA asks them all again, to list the values."""

from __future__ import annotations

from collections.abc import Callable

from graven.rego.trace.choice import Chosen
from graven.rego.trace.events import Stop
from graven.rego.trace.frames import Signal
from graven.rego.trace.preparation import Clause
from graven.rego.values import Value

__all__ = ["Again", "Clashes", "look_again"]

_MOST = 10
_FOUND, _ENOUGH = Stop(fault=ArithmeticError("found")), Stop(fault=ArithmeticError("enough"))


class Clashes:
    """The values of rules that differ from the first."""

    def __init__(self) -> None:
        self.values: list[Value] = []

    def add(self, value: Value) -> Signal:
        """Take a value; one that differs ends the rule, and too many end them all."""
        if self.values and self.values[0] == value:
            return None
        if len(self.values) == _MOST:
            return _ENOUGH
        self.values.append(value)
        return None if len(self.values) == 1 else _FOUND


Again = Callable[[Clause, Clashes], tuple[bool, Signal]]
"""Evaluates a rule; says whether it held, and what ended it."""


def look_again(found: Chosen, again: Again) -> None:
    """Evaluate rules once more for the values in which they differ."""
    clashes = Clashes()
    for clause in found.clauses:
        for each in (clause, *found.orelse.get(id(clause), ())):
            held, stop = again(each, clashes)
            if stop is not None and stop is not _FOUND and not stop.late:
                return
            if held:
                break
