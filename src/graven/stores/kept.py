"""Rows kept in memory between two appends, around any journal and its tables.

A pull looks up a token, a tag and a manifest, each time the same. Nothing changes a table but an append, so what was
looked up since the last one is still so; each append forgets it all. There must be no other way to the journal.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from graven.ports import Journal, Receipt, Tables
from graven.projection import Expectation, Key, Row
from graven.values.events import Event

__all__ = ["Kept"]

_MOST = 4096


class Kept:
    """The port's Journal and Tables, over others."""

    def __init__(self, *, journal: Journal, tables: Tables) -> None:
        self._journal = journal
        self._tables = tables
        self._rows: dict[tuple[str, Key], Row] = {}

    async def append(self, *events: Event, expects: Sequence[Expectation] = ()) -> Receipt:
        """Append; see the port. What was begun is awaited to its end, also where the caller is cancelled."""
        under_way = asyncio.ensure_future(self._journal.append(*events, expects=expects))
        under_way.add_done_callback(self._forget)
        return await asyncio.shield(under_way)

    def _forget(self, _: object) -> None:
        self._rows = {}  # a new map, so that a look-up that began before puts what it finds into the old one

    async def get(self, table: str, key: Key) -> Row | None:
        """Give a row; see the port."""
        rows, place = self._rows, (table, key)
        found = rows.get(place)
        if found is None:
            found = await self._tables.get(table, key)
            if found is not None and len(rows) < _MOST:
                rows[place] = found
        return found

    async def scan(
        self, table: str, prefix: Key = (), *, after: Key | None = None, limit: int = 1000, reverse: bool = False
    ) -> Sequence[tuple[Key, Row]]:
        """Give rows in order; see the port."""
        return await self._tables.scan(table, prefix, after=after, limit=limit, reverse=reverse)
