"""Stamps events with id, time and salt. Time never goes back: what was appended later says so."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from graven.ports import Clock, Entropy
from graven.values import format_moment, parse_moment, uuid7
from graven.values.entry import Entry
from graven.values.events import Event

__all__ = ["Stamp"]

_TICK = timedelta(microseconds=1)


@dataclass(kw_only=True)
class Stamp:
    """One sequencer's stamp."""

    clock: Clock
    entropy: Entropy
    last: datetime = field(default=datetime.min.replace(tzinfo=UTC))

    def follow(self, leaf: bytes) -> None:
        """Take up behind the newest entry of a journal."""
        self.last = parse_moment(Entry.decode(leaf).time)

    def press(self, event: Event) -> Entry:
        """Stamp an event."""
        moment = max(self.clock(), self.last + _TICK)
        self.last = moment
        random = self.entropy(26)
        return Entry(uuid7(moment, random[:10]), format_moment(moment), random[10:].hex(), event)
