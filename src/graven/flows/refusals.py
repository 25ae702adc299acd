"""Counts refusals minute by minute, so that neither a stranger nor a loop of somebody known can fill the disk.

Of one principal the first refusal of an action on a resource is told at once, at most sixty in a minute; what is beyond
is counted, as the refusals of strangers are, and told when the minute is over.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from graven.values import SYSTEM, Caller, events
from graven.values.events import Event

__all__ = ["Refusals"]

_MOST_A_MINUTE = 60


@dataclass(slots=True)
class Refusals:
    """The refusals of the minute that runs. ``minute`` is a moment cut off behind its minutes."""

    minute: str = ""
    strangers: int = 0
    told: dict[str, set[tuple[str, str]]] = field(default_factory=dict)
    untold: Counter[tuple[str, str]] = field(default_factory=Counter)
    """Further refusals of a principal and a token's origin."""
    ended: list[Event] = field(default_factory=list)

    def stranger(self, minute: str) -> None:
        """Count a refusal of nobody known."""
        self._turn(minute)
        self.strangers += 1

    def denied(self, caller: Caller, action: str, resource: str, *, minute: str) -> Event | None:
        """Count a refusal of somebody known; give the event where it is to be told at once."""
        self._turn(minute)
        told = self.told.setdefault(caller.principal, set())
        if (action, resource) in told or len(told) >= _MOST_A_MINUTE:
            self.untold[caller.principal, caller.origin] += 1
            return None
        told.add((action, resource))
        body = events.AccessDenied(action, resource[:1024])
        return Event(body, actor=caller.principal, origin=caller.origin, outcome="denied")

    def ended_by(self, minute: str) -> tuple[Event, ...]:
        """Give the events of the minutes that are over; they stay until they are forgotten."""
        self._turn(minute)
        return tuple(self.ended)

    def forget(self, count: int) -> None:
        """Forget so many of the oldest events: they are told."""
        del self.ended[:count]

    def _turn(self, minute: str) -> None:
        if minute == self.minute:
            return
        if self.strangers:
            body = events.StrangersRefused(self.strangers, self.minute)
            self.ended.append(Event(body, actor=SYSTEM.principal, outcome="denied"))
        for (principal, origin), count in self.untold.items():
            reason = f"{count} further refusals in the minute from {self.minute}"
            further = events.AccessDenied("any", "any")
            self.ended.append(Event(further, actor=principal, origin=origin, outcome="denied", reason=reason))
        self.minute, self.strangers = minute, 0
        self.told.clear()
        self.untold.clear()
