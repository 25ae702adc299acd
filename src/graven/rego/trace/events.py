"""Owns the events of a traced evaluation, and what tells a caller to look no further."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from graven.rego.faults import BudgetExhausted
from graven.rego.trace.terms import Step
from graven.rego.tree import Term
from graven.rego.values import Value

__all__ = ["MOST", "Event", "Log", "Stop"]

MOST = 400_000
"""So many events may one trace have."""


class Event(NamedTuple):
    """One event; the fields are those by which OPA tells it."""

    op: str
    node: Step | tuple[Step, ...] | tuple[Term, Term] | str | None
    """An expression, a body, two terms that are unified, or the path of a rule."""
    place: tuple[str, int] | None
    query: int
    parent: int
    message: str = ""
    path: tuple[Value, ...] | None = None
    """The document that was looked up in the index, or the case to which a test came."""

    @property
    def of_expression(self) -> bool:
        """Say whether it is about an expression, and not about a whole body or rule."""
        return self.node.__class__ is Step

    @property
    def of_every(self) -> bool:
        """Say whether it is about an ``every`` as a whole."""
        return isinstance(self.node, Step) and self.node.kind == "every"


class Log:
    """The events so far."""

    def __init__(self, most: int | None = None) -> None:
        self.events: list[Event] = []
        self.most = MOST if most is None else most

    def add(self, event: Event) -> None:
        """Keep an event.

        Raises:
            BudgetExhausted: there are too many.
        """
        if len(self.events) >= self.most:
            raise BudgetExhausted(f"a trace has more than {self.most} events", hint="trace a smaller input or rule")
        self.events.append(event)


@dataclass(frozen=True, slots=True)
class Stop:
    """Says that what is asked has its answer, or that it has none."""

    early: bool = False
    """One solution is enough for the rule that is being evaluated; else: for one that asks it."""
    before: Stop | None = None
    """What told this rule so."""
    fault: Exception | None = None
    of: object = None
    """The rule that gave a second value, where that is the fault."""

    @property
    def late(self) -> bool:
        """Say whether other members of a collection are still looked at."""
        return self.fault is None and not self.early
