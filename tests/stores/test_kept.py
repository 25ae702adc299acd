"""What is kept between appends is never older than the last append that was answered."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime
from random import Random

import pytest

from graven.errors import Conflict
from graven.ports import Receipt
from graven.projection import Absent, Expectation, Key, Row
from graven.stores.kept import Kept
from graven.stores.memory import MemoryStore
from graven.values.events import Event, RepositorySet


class Slow(MemoryStore):
    """A store whose commits take until they are let through, and that counts look-ups."""

    asked = 0

    def __init__(self) -> None:
        super().__init__(clock=lambda: datetime(2026, 6, 1, tzinfo=UTC), entropy=Random(7).randbytes)  # noqa: S311
        self.gate = asyncio.Event()
        self.gate.set()

    async def append(self, *events: Event, expects: Sequence[Expectation] = ()) -> Receipt:
        await self.gate.wait()
        return await super().append(*events, expects=expects)

    async def get(self, table: str, key: Key) -> Row | None:
        self.asked += 1
        return await super().get(table, key)


def mode(name: str) -> Event:
    return Event(RepositorySet("a", "mutable" if name == "mutable" else "immutable"), "ada")


async def look(kept: Kept) -> object:
    row = await kept.get("repositories", ("a",))
    return row and row["mode"]


async def test_a_row_is_looked_up_once_until_something_is_appended() -> None:
    store = Slow()
    kept = Kept(journal=store, tables=store)
    await kept.append(mode("mutable"))
    for _ in range(3):
        assert await look(kept) == "mutable"
    assert store.asked == 1
    await kept.append(mode("immutable"))
    assert await look(kept) == "immutable"


async def test_what_is_not_there_is_looked_up_each_time() -> None:
    store = Slow()
    kept = Kept(journal=store, tables=store)
    for _ in range(3):
        assert await look(kept) is None
    assert store.asked == 3


async def test_an_append_whose_caller_went_away_is_not_forgotten() -> None:
    store = Slow()
    kept = Kept(journal=store, tables=store)
    await kept.append(mode("mutable"))
    store.gate.clear()
    asked = asyncio.create_task(kept.append(mode("immutable")))
    await asyncio.sleep(0)
    asked.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asked
    assert await look(kept) == "mutable"
    store.gate.set()
    await asyncio.sleep(0.01)
    assert await look(kept) == "immutable"


async def test_a_refused_append_is_told_as_it_was() -> None:
    store = Slow()
    kept = Kept(journal=store, tables=store)
    await kept.append(mode("mutable"))
    with pytest.raises(Conflict):
        await kept.append(mode("immutable"), expects=[Absent("repositories", ("a",))])
    assert await look(kept) == "mutable"


async def test_more_rows_than_there_is_room_for_are_looked_up_each_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("graven.stores.kept._MOST", 0)
    store = Slow()
    kept = Kept(journal=store, tables=store)
    await kept.append(mode("mutable"))
    for _ in range(3):
        assert await look(kept) == "mutable"
    assert store.asked == 3
