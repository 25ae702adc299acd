"""The contract of the journal and its entries, on every store."""

from __future__ import annotations

import asyncio
import uuid
from datetime import timedelta
from typing import Any

import pytest

from contract.conftest import Shelf
from graven.errors import Conflict, Malformed, TooLarge
from graven.projection import Absent, Equals
from graven.values import Digest, events, parse_moment
from graven.values.entry import Entry
from graven.values.events import Event

ONE, TWO = Digest.of(b"one"), Digest.of(b"two")


def tag(name: str, digest: Digest = ONE, previous: Digest | None = None) -> Event:
    return Event(events.TagSet("app/web", name, digest, previous), "ada")


def told(word: str, reason: str = "") -> Event:
    return Event(events.AccessDenied("push", word), "ada", reason=reason)


async def all_of(shelf: Shelf) -> list[Entry]:
    return [Entry.decode(leaf) for leaf in await shelf.store.read(0, 10_000)]


async def test_an_append_answers_where_its_events_stand_and_how_they_were_stamped(shelf: Shelf) -> None:
    await shelf.store.append(told("first"))
    receipt = await shelf.store.append(told("a"), told("b"))
    assert receipt.first == 1
    assert list(receipt.entries) == (await all_of(shelf))[1:]
    assert await shelf.store.size() == 3


async def test_entries_are_read_from_a_position_on_at_most_so_many(shelf: Shelf) -> None:
    await shelf.store.append(*(told(str(n)) for n in range(7)))
    leaves = await shelf.store.read(0, 100)
    assert len(leaves) == 7
    assert list(await shelf.store.read(2, 3)) == list(leaves[2:5])
    assert list(await shelf.store.read(6, 3)) == list(leaves[6:])
    assert list(await shelf.store.read(7, 3)) == []


async def test_time_never_goes_back_and_ids_sort_by_it_and_salts_differ(shelf: Shelf) -> None:
    await shelf.store.append(told("a"), told("b"))
    shelf.clock.moment -= timedelta(days=1)
    await shelf.store.append(told("c"))
    shelf.again()
    await shelf.store.append(told("d"))
    found = await all_of(shelf)
    times = [entry.time for entry in found]
    assert times == sorted(set(times))
    assert len({entry.salt for entry in found}) == len({entry.id for entry in found}) == 4
    for entry in found:
        milliseconds = int(parse_moment(entry.time).timestamp() * 1000)
        assert uuid.UUID(entry.id).version == 7
        assert uuid.UUID(entry.id).int >> 80 == milliseconds


async def test_an_expectation_of_the_caller_that_does_not_hold_is_a_conflict_that_says_what_was_found(
    shelf: Shelf,
) -> None:
    await shelf.store.append(tag("v1"))
    with pytest.raises(Conflict) as caught:
        await shelf.store.append(told("x"), expects=[Absent("tags", ("app/web", "v1"))])
    detail: Any = caught.value.detail
    assert (detail["table"], detail["key"], detail["expected"]) == ("tags", ["app/web", "v1"], None)
    assert detail["found"]["digest"] == str(ONE)
    with pytest.raises(Conflict) as caught:
        await shelf.store.append(told("x"), expects=[Equals("tags", ("app/web", "v1"), {"digest": str(TWO)})])
    assert caught.value.detail["expected"] == {"digest": str(TWO)}
    with pytest.raises(Conflict) as caught:
        await shelf.store.append(told("x"), expects=[Equals("tags", ("app/web", "v2"), {})])
    assert caught.value.detail["found"] is None
    assert await shelf.store.size() == 1


async def test_expectations_that_hold_let_the_append_through(shelf: Shelf) -> None:
    await shelf.store.append(tag("v1"), expects=[Absent("tags", ("app/web", "v1"))])
    await shelf.store.append(told("x"), expects=[Equals("tags", ("app/web", "v1"), {"digest": str(ONE)})])
    assert await shelf.store.size() == 2


async def test_an_event_that_could_not_be_true_is_a_conflict(shelf: Shelf) -> None:
    await shelf.store.append(tag("v1"))
    for wrong in (tag("v1"), tag("v1", TWO, TWO), tag("v2", TWO, ONE)):
        with pytest.raises(Conflict):
            await shelf.store.append(wrong)
    assert await shelf.store.size() == 1


async def test_an_append_is_all_or_nothing(shelf: Shelf) -> None:
    before = await all_of(shelf)
    with pytest.raises(Conflict):
        await shelf.store.append(tag("v1"), tag("v2"), tag("v1", TWO))
    with pytest.raises(TooLarge):
        await shelf.store.append(tag("v1"), told("x", "r" * 70_000))
    with pytest.raises(Malformed):
        await shelf.store.append(tag("v1"), told("half a pair \ud800"))
    assert await all_of(shelf) == before == []
    assert await shelf.store.get("tags", ("app/web", "v1")) is None


async def test_later_events_of_an_append_see_what_the_earlier_ones_changed(shelf: Shelf) -> None:
    await shelf.store.append(tag("v1", ONE), tag("v1", TWO, ONE))
    assert (await shelf.store.get("tags", ("app/web", "v1")) or {})["digest"] == str(TWO)


async def test_fifty_writers_get_positions_without_a_gap_and_each_its_own_events(shelf: Shelf) -> None:
    async def write(writer: int) -> list[tuple[int, str]]:
        found = []
        for n in range(20):
            word = f"{writer}/{n}"
            receipt = await shelf.store.append(told(word), told(word))
            found += [(receipt.first, word), (receipt.first + 1, word)]
        return found

    given = [pair for pairs in await asyncio.gather(*map(write, range(50))) for pair in pairs]
    found = await all_of(shelf)
    assert sorted(position for position, _ in given) == list(range(2000))
    for position, word in given:
        assert getattr(found[position].event.body, "resource", None) == word
    assert [entry.time for entry in found] == sorted(entry.time for entry in found)


async def test_of_fifty_who_want_the_same_tag_one_gets_it_and_the_others_fail_alone(shelf: Shelf) -> None:
    async def want(writer: int) -> bool:
        await shelf.store.append(told(f"before {writer}"))
        try:
            await shelf.store.append(tag("v1", Digest.of(b"%d" % writer)), told(f"won {writer}"))
        except Conflict:
            return False
        return True

    outcomes = await asyncio.gather(*map(want, range(50)))
    assert outcomes.count(True) == 1
    found = [getattr(entry.event.body, "resource", "tag") for entry in await all_of(shelf)]
    assert len(found) == 52
    assert f"won {outcomes.index(True)}" in found


async def test_what_was_appended_is_there_after_a_restart(shelf: Shelf) -> None:
    await shelf.store.append(tag("v1"), told("a"))
    before = await shelf.store.read(0, 10)
    shelf.again()
    assert await shelf.store.read(0, 10) == before
    assert (await shelf.store.get("tags", ("app/web", "v1")) or {})["digest"] == str(ONE)
    assert (await shelf.store.append(told("b"))).first == 2


async def test_entries_of_a_log_are_taken_in_as_they_were_stamped(shelf: Shelf, other: Shelf) -> None:
    await shelf.store.append(tag("v1"), told("a"), tag("v1", TWO, ONE))
    leaves = await shelf.store.read(0, 10)
    await other.store.take_in(0, leaves[:2])
    with pytest.raises(Conflict):
        await other.store.take_in(1, leaves[1:])
    with pytest.raises(Malformed):
        await other.store.take_in(2, [leaves[2], b"{}"])
    await other.store.take_in(2, leaves[2:])
    assert await other.store.read(0, 10) == leaves
    assert await other.store.scan("tags") == await shelf.store.scan("tags")
    other.clock.moment -= timedelta(days=9)
    last = (await other.store.append(told("after"))).entries[0]
    assert last.time > Entry.decode(leaves[-1]).time
