"""What each event does to the tables: closed over all types, within the tables, and equal however it is replayed."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graven.projection import TABLES, Absent, Delete, Equals, Expectation, Patch, Put, project
from graven.stores.memory import MemoryStore, rows_after
from graven.values import Digest, events
from graven.values.entry import Entry
from graven.values.events import BODIES, Event
from histories import History, any_event
from sealing import ticking

TYPES = sorted(BODIES)
ONE, TWO, THREE = (Digest.of(word) for word in (b"one", b"two", b"three"))
STAMP = ("0198c5f0-5a3e-7000-8000-000000000000", "2026-01-02T03:04:05.000000Z", "00" * 16)
TIME = STAMP[1]


def projected(body: events.Body, position: int = 7, **more: Any) -> tuple[tuple[Expectation, ...], dict[Any, Any]]:
    """Give the guards of an event, and the rows that it puts."""
    guards, changes = project(Entry(*STAMP, Event(body, "ada", **more)), position)
    return guards, {(one.table, one.key): one for one in changes}


@pytest.mark.parametrize("name", TYPES)
def test_an_event_of_each_type_changes_only_rows_of_the_tables(name: str) -> None:
    @settings(max_examples=30, deadline=None)
    @given(any_event(name), st.integers(0, 2**40))
    def fits(event: Event, position: int) -> None:
        if isinstance(event.body, events.Promoted) and len(event.body.children) != len(event.body.child_vsas):
            return
        guards, changes = project(Entry(*STAMP, event), position)
        for one in (*guards, *changes):
            table = TABLES[one.table]
            assert len(one.key) == len(table.key)
            for column, value in zip(table.key, one.key, strict=True):
                assert type(value) is (int if column == "position" else str), (one, column)
            row = {} if isinstance(one, Delete | Absent) else one.row
            assert set(row) <= set(table.columns), one
            for column, cell in row.items():
                assert cell is None or type(cell) is (int if column in ("position", "size") else str), (one, column)
            if isinstance(one, Put):
                assert set(row) == set(table.columns), (one, table)

    fits()


@pytest.mark.parametrize("name", TYPES)
async def test_a_legal_event_of_each_type_is_taken_and_told_and_replayed(name: str) -> None:
    for seed in range(5):
        store = MemoryStore(clock=ticking, entropy=bytes)
        history = History(seed, store)
        for _ in range(10):
            await store.append(await history.event())
        await store.append(await history.event(name))
        assert store.book == rows_after(store.leaves)


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 2**32))
async def test_tables_do_not_depend_on_how_events_were_grouped(seed: int) -> None:
    alone = MemoryStore(clock=ticking, entropy=bytes)
    history = History(seed, alone)
    for _ in range(50):
        await alone.append(await history.event())
    together = MemoryStore(clock=ticking, entropy=bytes)
    await together.take_in(0, alone.leaves)
    assert together.book == alone.book == rows_after(alone.leaves)


def test_a_tag_moves_only_from_where_it_stood() -> None:
    guards, rows = projected(events.TagSet("app/web", "v1", TWO, ONE))
    assert guards == (Equals("tags", ("app/web", "v1"), {"digest": str(ONE)}),)
    assert rows["tags", ("app/web", "v1")].row["digest"] == str(TWO)
    assert isinstance(rows["tagged", ("app/web", str(ONE), "v1")], Delete)
    assert isinstance(rows["tagged", ("app/web", str(TWO), "v1")], Put)
    guards, _ = projected(events.TagSet("app/web", "v1", TWO))
    assert guards == (Absent("tags", ("app/web", "v1")),)


def test_what_is_published_is_published_once() -> None:
    guards, rows = projected(events.FilePublished("app", "tool", "1", "tool.txt", ONE, 3, TWO))
    assert guards == (Absent("files", ("app", "tool", "1", "tool.txt")),)
    assert rows["files", ("app", "tool", "1", "tool.txt")].row["manifest"] == str(TWO)


def test_a_promotion_admits_the_index_with_its_children_and_ends_what_stood_before() -> None:
    body = events.Promoted(
        "app/web",
        TWO,
        "test",
        ONE,
        THREE,
        "2026-02-01T00:00:00.000000Z",
        previous=ONE,
        children=(str(THREE),),
        child_vsas=(str(ONE),),
        previous_children=("sha256:gone",),
    )
    guards, rows = projected(body)
    assert guards == (Equals("pointers", ("test", "app/web"), {"digest": str(ONE)}),)
    for ended in (str(ONE), "sha256:gone"):
        assert rows["admissible", ("test", "app/web", ended)] == Patch(
            "admissible", ("test", "app/web", ended), {"until": TIME}
        )
    for member, vsa in ((TWO, THREE), (THREE, ONE)):
        row = rows["admissible", ("test", "app/web", str(member))].row
        assert (row["vsa"], row["until"], row["index_digest"]) == (str(vsa), None, str(TWO))
    assert rows["history", ("test", "app/web", 7)].row["kind"] == "promotion"


def test_what_stood_before_and_stands_again_is_admissible() -> None:
    body = events.Promoted("app/web", ONE, "test", ONE, THREE, "", previous=ONE, rollback=True)
    changes = project(Entry(*STAMP, Event(body, "ada")), 7)[1]
    about = [one for one in changes if one.table == "admissible"]
    assert isinstance(about[0], Patch)
    assert isinstance(about[-1], Put)
    assert about[-1].row["until"] is None


def test_a_token_that_was_revoked_is_found_by_nobody() -> None:
    guards, rows = projected(events.TokenRevoked("t1", "hash"))
    assert guards == (Equals("token_ids", ("t1",), {"secret_hash": "hash"}),)
    assert isinstance(rows["tokens", ("hash",)], Delete)
    assert isinstance(rows["token_ids", ("t1",)], Delete)


def test_a_document_follows_the_one_before_it() -> None:
    assert projected(events.DocumentApplied("trust", TWO, ONE))[0] == (
        Equals("documents", ("trust",), {"document": str(ONE)}),
    )
    assert projected(events.DocumentApplied("trust", TWO))[0] == (Absent("documents", ("trust",)),)


def test_the_life_of_an_artifact_is_told_under_each_digest_that_it_is_about() -> None:
    _, rows = projected(events.ArtifactPushed("app/web", TWO, 3, "type", subject=ONE))
    assert ("timeline", (str(ONE), 7)) in rows
    assert ("timeline", (str(TWO), 7)) in rows
    assert ("activity", ("app/web", 7)) in rows
    _, rows = projected(events.BlobPushed("app/web", ONE, 3))
    assert not any(table in ("timeline", "activity") for table, _ in rows)
