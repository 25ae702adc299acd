"""Each event, of every type, is read back from its leaf as it was written; and leaves keep their limits."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graven.errors import Malformed, TooLarge
from graven.values import Digest, canonical, entry, events
from graven.values.entry import MAX_ENTRY, Entry, subjects_of
from graven.values.events import BODIES, Event
from histories import TEXT, any_event, bodies

TYPES = sorted(BODIES)
STAMP = ("0198c5f0-5a3e-7000-8000-000000000000", "2026-01-02T03:04:05.000000Z", "00" * 16)


def stamped(event: Event) -> Entry:
    return Entry(*STAMP, event)


def document(event: Event) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(stamped(event).encode())
    return found


@pytest.mark.parametrize("name", TYPES)
def test_an_event_of_each_type_is_read_back_as_it_was_written(name: str) -> None:
    @given(any_event(name))
    def reads_back(event: Event) -> None:
        made = stamped(event)
        leaf = made.encode()
        assert Entry.decode(leaf) == made
        assert Entry.decode(leaf).encode() == leaf
        assert Entry.decode(leaf).type == name

    reads_back()


@pytest.mark.parametrize("name", TYPES)
def test_a_leaf_of_each_type_is_canonical_and_says_who_what_and_about_what(name: str) -> None:
    @given(any_event(name))
    def told(event: Event) -> None:
        leaf = stamped(event).encode()
        found = json.loads(leaf)
        assert canonical.dumps(found) == leaf
        assert (found["type"], found["actor"], found["outcome"]) == (name, event.actor, event.outcome)
        assert found["subjects"] == [
            {"kind": one.kind, "uri": one.uri} | ({"digest": str(one.digest)} if one.digest else {})
            for one in subjects_of(event.body)
        ]
        assert found["subjects"]

    told()


def test_each_body_of_the_union_has_one_name_and_each_name_a_body() -> None:
    assert set(BODIES.values()) == set(events.Body.__args__)
    assert len(set(BODIES.values())) == len(BODIES)


def test_events_hold_strings_digests_and_numbers_only() -> None:
    @given(st.one_of(*(bodies(name) for name in TYPES)))
    def plain(body: events.Body) -> None:
        for field in body.__dataclass_fields__:
            value = getattr(body, field)
            parts = value if isinstance(value, tuple) else (value,)
            assert all(isinstance(one, str | int | Digest | None) for one in parts)

    plain()


def test_before_and_after_say_what_a_tag_moved_from_and_to() -> None:
    old, new = Digest.of(b"old"), Digest.of(b"new")
    found = document(Event(events.TagSet("app/web", "latest", new, old), "ada"))
    assert (found["before"], found["after"]) == (str(old), str(new))
    assert "before" not in document(Event(events.TagSet("app/web", "latest", new), "ada"))


def test_an_event_at_the_limit_is_written_and_one_beyond_it_refused() -> None:
    room = MAX_ENTRY - len(stamped(Event(events.AccessDenied("push", ""), "ada")).encode())
    fitting = stamped(Event(events.AccessDenied("push", ""), "ada", reason="x" * room))
    assert len(fitting.encode()) == MAX_ENTRY == 65_535
    with pytest.raises(TooLarge, match="65535"):
        stamped(Event(events.AccessDenied("push", ""), "ada", reason="x" * (room + 1))).encode()


def _bent(**changes: Any) -> bytes:
    found = document(Event(events.BlobPushed("app/web", Digest.of(b""), 3), "ada"))
    for path, value in changes.items():
        *where, last = path.split("__")
        place = found
        for part in where:
            place = place[part]
        if value is None:
            del place[last]
        else:
            place[last] = value
    return json.dumps(found).encode()


@pytest.mark.parametrize(
    "changes",
    [
        {"v": 2},
        {"v": "1"},
        {"type": "blob.pull"},
        {"type": None},
        {"detail__size": "3"},
        {"detail__size": True},
        {"detail__size": None},
        {"detail__digest": "md5:00"},
        {"detail__more": "x"},
        {"detail": []},
        {"outcome": "perhaps"},
        {"actor": 1},
        {"time": 7},
    ],
)
def test_a_leaf_that_is_no_event_is_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(Malformed):
        Entry.decode(_bent(**changes))


def test_a_leaf_that_is_no_object_is_refused() -> None:
    for data in (b"", b"[]", b"3", b'"x"', b"{}", b"\xff", b'{"v":1,"v":1}'):
        with pytest.raises(Malformed):
            Entry.decode(data)


def test_a_leaf_of_an_older_version_is_read_through_the_upcasters(monkeypatch: pytest.MonkeyPatch) -> None:
    def from_minus_one(found: dict[str, Any]) -> dict[str, Any]:
        return {**found, "v": 0, "who": found["agent"]}

    def from_zero(found: dict[str, Any]) -> dict[str, Any]:
        return {**found, "v": 1, "actor": found["who"]}

    monkeypatch.setattr(entry, "_UPCASTERS", {-1: from_minus_one, 0: from_zero})
    old = document(Event(events.LogStarted("0.1"), "ada"))
    old = {**old, "v": -1, "agent": old.pop("actor")}
    assert Entry.decode(json.dumps(old).encode()).event.actor == "ada"


@given(TEXT, TEXT)
def test_the_salt_makes_leaves_of_the_same_event_differ(one: str, other: str) -> None:
    event = Event(events.AccessDenied(one, other), "ada")
    first, second = Entry(*STAMP[:2], "00" * 16, event), Entry(*STAMP[:2], "01" * 16, event)
    assert first.encode() != second.encode()
