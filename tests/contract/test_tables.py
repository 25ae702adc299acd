"""The contract of the tables, on every store: sorted maps, held against a model with odd text."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from contract.conftest import KINDS, Shelf
from graven.projection import TABLES, Key
from graven.stores.memory import rows_after
from graven.values import Digest, events
from graven.values.events import Event
from histories import History

ODD = st.text(st.characters(codec="utf-8"), max_size=3) | st.sampled_from(
    [
        "",
        "a",
        "a/b",
        "A",
        "%",
        "_",
        "'",
        '"',
        "\x00",
        "a\x00b",
        "\x7f",
        "é",
        "e\u0301",
        "\uffff",
        "😀",
        "\U0010ffff",
        "0",
        "9",
        "10",
    ]
)
KEYS = st.tuples(ODD, ODD)
ROW = {"digest": str(Digest.of(b"")), "time": None}


async def filled(shelf: Shelf, keys: list[Key]) -> None:
    """Fill the table of tags by events."""
    for repository, name in keys:
        await shelf.store.append(Event(events.TagSet(str(repository), str(name), Digest.of(b"")), "ada"))


def model(keys: list[Key], prefix: Key, after: Key | None, reverse: bool) -> list[Key]:
    found = sorted(key for key in keys if key[: len(prefix)] == prefix)
    if after is not None:
        heads = [(key[: len(after)], key) for key in found]
        found = [key for head, key in heads if (head < after if reverse else head > after)]
    return found[::-1] if reverse else found


@pytest.mark.parametrize("kind", KINDS)
def test_scans_give_what_a_sorted_map_gives(kind: str, shelves: Callable[[str], Shelf]) -> None:
    @settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
    @given(st.lists(KEYS, max_size=12, unique=True), st.data())
    def as_the_model(keys: list[Key], data: st.DataObject) -> None:
        import anyio

        prefix: Key = data.draw(st.sampled_from([(), *(key[:1] for key in keys), ("a",)]))
        afters = [None, *keys, *(key[:1] for key in keys), ("a", "a"), ("b",)]
        after = data.draw(st.sampled_from(afters))
        reverse, limit = data.draw(st.booleans()), data.draw(st.integers(1, 14))

        async def compare() -> None:
            shelf = shelves(kind)
            await filled(shelf, keys)
            found = await shelf.store.scan("tags", prefix, after=after, limit=limit, reverse=reverse)
            assert [key for key, _ in found] == model(keys, prefix, after, reverse)[:limit]
            for key in keys:
                assert await shelf.store.get("tags", key) is not None
            shelf.close()

        anyio.run(compare)

    as_the_model()


async def test_a_row_that_is_not_there_is_none(shelf: Shelf) -> None:
    assert await shelf.store.get("tags", ("app/web", "v1")) is None
    assert await shelf.store.scan("tags", ("app/web",)) == []


async def test_text_that_is_no_unicode_finds_nothing(shelf: Shelf) -> None:
    await filled(shelf, [("a", "b")])
    assert await shelf.store.get("tags", ("a", "\ud800")) is None
    assert await shelf.store.scan("tags", ("\udfff",)) == []


async def test_positions_sort_as_numbers(shelf: Shelf) -> None:
    digest = Digest.of(b"x")
    for _ in range(12):
        await shelf.store.append(Event(events.InventoryRecorded("app/web", digest, digest, "1"), "ada"))
    found = [key[1] for key, _ in await shelf.store.scan("timeline", (str(digest),))]
    assert found == list(range(12))
    newest = await shelf.store.scan("timeline", (str(digest),), limit=2, reverse=True)
    assert [key[1] for key, _ in newest] == [11, 10]
    behind = await shelf.store.scan("timeline", (str(digest),), after=(str(digest), 9))
    assert [key[1] for key, _ in behind] == [10, 11]


async def test_a_row_given_out_is_the_readers_own(shelf: Shelf) -> None:
    await filled(shelf, [("a", "b")])
    row: Any = await shelf.store.get("tags", ("a", "b"))
    row["digest"] = "changed"
    assert (await shelf.store.get("tags", ("a", "b")) or {})["digest"] == ROW["digest"]


async def _tables(shelf: Shelf) -> dict[str, dict[Key, dict[str, Any]]]:
    return {
        name: {key: dict(row) for key, row in await shelf.store.scan(name, limit=100_000)} for name in sorted(TABLES)
    }


@pytest.mark.parametrize("kind", KINDS)
def test_tables_rebuilt_from_the_journal_equal_the_live_ones(kind: str, shelves: Callable[[str], Shelf]) -> None:
    @settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.too_slow])
    @given(st.integers(0, 2**32))
    def equal(seed: int) -> None:
        import anyio

        async def compare() -> None:
            shelf = shelves(kind)
            history = History(seed, shelf.store)
            for _ in range(60):
                await shelf.store.append(await history.event())
            leaves = await shelf.store.read(0, 1000)
            assert len(leaves) == 60
            live = await _tables(shelf)
            assert rows_after(leaves) == live
            other = shelves(kind)
            await other.store.take_in(0, leaves)
            assert await _tables(other) == live
            shelf.again()
            assert await _tables(shelf) == live
            for one in (shelf, other):
                one.close()

        anyio.run(compare)

    equal()
