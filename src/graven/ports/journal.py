"""The journal: the only way to write; and what can be read of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from graven.projection import Expectation, Key, Row
from graven.values.entry import Entry
from graven.values.events import Event

__all__ = ["Entries", "Journal", "Receipt", "Tables"]


@dataclass(frozen=True, slots=True)
class Receipt:
    """What an append answers: the entries as they were stamped, and where they stand."""

    first: int
    """Position of the first entry in the journal; the others follow without a gap."""
    entries: tuple[Entry, ...]


class Journal(Protocol):
    """One sequencer; each append is all or nothing."""

    async def append(self, *events: Event, expects: Sequence[Expectation] = ()) -> Receipt:
        """Check the expectations, stamp and store the events, and change the tables, in one transaction.

        Returns when it is durable. Other appends may share the commit; a conflict of one fails that one alone.

        Raises:
            Conflict: an expectation, the caller's or the events' own, does not hold; ``detail`` has ``table``, ``key``,
                ``expected`` and ``found``.
            TooLarge: an event of more than 65,535 bytes.
            Unavailable: the store does not answer; whether it was written is then unknown to the caller.
        """


class Entries(Protocol):
    """The leaves, as they were hashed."""

    async def read(self, first: int, limit: int) -> Sequence[bytes]:
        """Give the leaves from a position on, in order, at most so many."""

    async def size(self) -> int:
        """Count the leaves."""


class Tables(Protocol):
    """The tables as of the last commit."""

    async def get(self, table: str, key: Key) -> Row | None:
        """Give one row's columns (without those of its key)."""

    async def scan(
        self, table: str, prefix: Key = (), *, after: Key | None = None, limit: int = 1000, reverse: bool = False
    ) -> Sequence[tuple[Key, Row]]:
        """Give rows whose key begins with a prefix, in the order of keys (or reversed), from behind ``after`` on.

        Text sorts by code point. ``after`` is a whole key, or a part of one that is longer than the prefix.
        """
