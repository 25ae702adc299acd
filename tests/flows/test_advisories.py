from __future__ import annotations

import dataclasses
import itertools
import json
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from graven.engines.feeds import FileFeed
from graven.errors import Malformed, Mismatch, NotFound, Unavailable
from graven.evidence.snapshot import Snapshot, decode_shard, encode_shard, exploited
from graven.flows.advisories import Advisories
from graven.ports import Receipt
from graven.projection import Expectation
from graven.stores.advisories import SqliteAdvisoryIndex
from graven.stores.memory import MemoryObjects, MemoryStore
from graven.values import SYSTEM, Caller, Component, Digest, Purl
from graven.values.events import Event
from osv_corpus import FOLDER, needs_corpus

NOW = datetime(2026, 6, 1, tzinfo=UTC)
ALICE = Caller("alice")


def record(name: str, package: str = "left", *, modified: str = "2026-01-01T00:00:00Z", **more: Any) -> bytes:
    entry = {
        "package": {"ecosystem": "npm", "name": package},
        "ranges": [{"type": "SEMVER", "events": [{"introduced": "0"}, {"fixed": "2.0.0"}]}],
    }
    return json.dumps({"id": name, "modified": modified, "affected": [entry], **more}).encode()


class Records:
    """A feed of what a test says."""

    def __init__(self, *records: bytes) -> None:
        self.records: Sequence[bytes] = records

    async def documents(self) -> AsyncIterator[tuple[str, bytes]]:
        for number, data in enumerate(self.records, start=1):
            yield f"feed:{number}", data


@dataclasses.dataclass
class Place:
    advisories: Advisories
    objects: MemoryObjects
    store: MemoryStore
    folder: Path

    async def bring(self, *records: bytes, **more: Any) -> Digest:
        return (await self.advisories.import_(Records(*records), ALICE, source="test", **more)).snapshot

    async def ids(self, snapshot: Digest, package: str = "left") -> list[str]:
        return [found.id for found in await self.advisories.candidates(snapshot, [("npm", package)])]


@pytest.fixture
def place(tmp_path: Path) -> Place:
    counter = itertools.count()

    def entropy(size: int) -> bytes:
        return next(counter).to_bytes(size, "big")

    store = MemoryStore(clock=lambda: NOW, entropy=entropy)
    objects = MemoryObjects(entropy)
    index = SqliteAdvisoryIndex(tmp_path / "cache" / "advisories.db")
    flow = Advisories(objects=objects, writer=objects, remover=objects, journal=store, tables=store, index=index)
    return Place(flow, objects, store, tmp_path)


@pytest.fixture(autouse=True)
def closed(place: Place) -> Any:
    yield
    index = place.advisories.index
    assert isinstance(index, SqliteAdvisoryIndex)
    index.close()


async def test_an_import_is_one_event_and_makes_a_snapshot_that_can_be_searched(place: Place) -> None:
    snapshot = await place.bring(record("A-1"), record("A-2", "right"))
    assert await place.ids(snapshot) == ["A-1"]
    current = await place.advisories.current()
    assert (current.digest, current.snapshot.records, current.source) == (snapshot, 2, "test")
    assert current.snapshot.ecosystems == (("npm", 2),)
    assert await place.store.size() == 1


async def test_without_an_import_there_is_no_snapshot(place: Place) -> None:
    with pytest.raises(NotFound, match="no advisories were imported"):
        await place.advisories.current()


async def test_an_import_adds_to_what_there_is(place: Place) -> None:
    first = await place.bring(record("A-1"))
    second = await place.bring(record("A-2"))
    assert await place.ids(second) == ["A-1", "A-2"]
    assert await place.ids(first) == ["A-1"]


async def test_unchanged_records_are_not_stored_twice(place: Place) -> None:
    first = await place.bring(record("A-1"), record("A-2"))
    before = dict(place.objects.objects)
    again = await place.advisories.import_(Records(record("A-2"), record("A-1")), SYSTEM, source="again")
    assert (again.snapshot, again.added, again.read) == (first, 0, 2)
    assert dict(place.objects.objects) == before


async def test_a_record_that_was_modified_later_takes_the_place_of_the_older_one(place: Place) -> None:
    old, new = record("A-1", "left"), record("A-1", "right", modified="2026-02-01T00:00:00Z")
    for order in ([old, new], [new, old]):
        for one in order:
            snapshot = await place.bring(one)
    assert await place.ids(snapshot, "right") == ["A-1"]
    assert await place.ids(snapshot, "left") == []


async def test_the_order_of_records_of_one_moment_changes_nothing(place: Place) -> None:
    one, other = record("A-1", "left"), record("A-1", "right")
    snapshots = {
        await place.bring(one, other),
        await place.bring(other),
        await place.bring(one),
        await place.bring(other, one),
    }
    assert len(snapshots) == 1


@pytest.mark.parametrize("bad", [b"{", b'{"id": "A-9"}', record("A-9", affected=[{"package": {}}])])
async def test_a_malformed_record_refuses_the_whole_names_it_and_leaves_nothing(place: Place, bad: bytes) -> None:
    first = await place.bring(record("A-1"))
    before = dict(place.objects.objects)
    with pytest.raises(Malformed) as fault:
        await place.bring(record("A-2"), bad, record("A-3"))
    assert "feed:2" in fault.value.where
    assert dict(place.objects.objects) == before
    assert await place.store.size() == 1
    assert (await place.advisories.current()).digest == first


async def test_packs_of_an_import_that_fails_later_are_removed(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("graven.flows.advisories._PACK", 1)
    with pytest.raises(Malformed):
        await place.bring(record("A-1"), record("A-2"), b"{")
    assert not place.objects.objects
    assert await place.store.size() == 0


async def test_a_lost_reply_of_the_journal_leaves_a_snapshot_that_can_be_read(place: Place) -> None:
    class Deaf:
        async def append(self, *events: Event, expects: Sequence[Expectation] = ()) -> Receipt:
            await place.store.append(*events, expects=expects)
            raise Unavailable("the reply was lost")

    deaf = dataclasses.replace(place.advisories, journal=Deaf())
    with pytest.raises(Unavailable):
        await deaf.import_(Records(record("A-1")), ALICE, source="test")
    assert await place.ids((await place.advisories.current()).digest) == ["A-1"]


async def test_keep_going_skips_counts_and_names_what_cannot_be_read(place: Place) -> None:
    made = await place.advisories.import_(Records(b"{", record("A-1"), b"[]"), ALICE, source="t", keep_going=True)
    assert (made.read, made.added, made.skipped) == (3, 1, 2)
    assert "feed:1" in made.faults[0] and "feed:3" in made.faults[1]


async def test_an_empty_feed_is_no_import(place: Place) -> None:
    with pytest.raises(Malformed, match="no records at all"):
        await place.bring()
    assert await place.store.size() == 0


async def test_progress_is_told_after_each_batch(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("graven.flows.advisories._PACK", 1)
    told: list[int] = []

    async def note(count: int) -> None:
        told.append(count)

    await place.bring(record("A-1"), record("A-2"), progress=note)
    assert told == [1, 2]


async def test_a_lost_index_is_made_again_from_the_objects(place: Place, tmp_path: Path) -> None:
    snapshot = await place.bring(record("A-1"), record("A-2"))
    fresh = SqliteAdvisoryIndex(tmp_path / "other.db")
    flow = dataclasses.replace(place.advisories, index=fresh)
    assert [a.id for a in await flow.candidates(snapshot, [("npm", "left")])] == ["A-1", "A-2"]
    fresh.close()


async def test_an_index_that_sqlite_cannot_read_is_thrown_away(tmp_path: Path) -> None:
    path = tmp_path / "advisories.db"
    path.write_bytes(b"this is no database" * 100)
    index = SqliteAdvisoryIndex(path)
    assert not await index.holds(Digest.of(b""))
    index.close()


async def test_old_snapshots_leave_the_index_and_come_back_when_asked_for(place: Place) -> None:
    first = await place.bring(record("A-0"))
    for number in range(1, 5):
        await place.bring(record(f"A-{number}"))
    assert not await place.advisories.index.holds(first)
    assert await place.ids(first) == ["A-0"]
    assert len(await place.ids((await place.advisories.current()).digest)) == 5


async def test_bytes_that_are_not_those_of_the_snapshot_are_refused(place: Place) -> None:
    snapshot = await place.bring(record("A-1"))
    pack = next(digest for digest, data in place.objects.objects.items() if data == record("A-1"))
    place.objects.objects[pack] = record("A-2")
    with pytest.raises(Mismatch):
        await place.ids(snapshot)


async def test_a_scan_says_by_which_snapshot_and_what_is_exploited(place: Place) -> None:
    kev = json.dumps({"catalogVersion": "1", "vulnerabilities": [{"cveID": "CVE-2026-1"}]}).encode()
    snapshot = await place.bring(record("GHSA-1", aliases=["CVE-2026-1"]), kev)
    left = Component(Purl.parse("pkg:npm/left@1.0.0"), "p", "sha256:0")
    scan = await place.advisories.scan([left], None)
    assert (scan.snapshot, [(f.id, f.kev) for f in scan.matches.findings]) == (snapshot, [("CVE-2026-1", True)])
    replayed = await place.advisories.scan([left], None, snapshot=snapshot)
    assert replayed.matches == scan.matches


async def test_a_list_of_exploited_bugs_stays_until_a_newer_one_comes(place: Place) -> None:
    kev = json.dumps({"catalogVersion": "1", "vulnerabilities": [{"cveID": "CVE-2026-1"}]}).encode()
    await place.bring(kev)
    await place.bring(record("A-1"))
    assert (await place.advisories.current()).snapshot.kev == Digest.of(kev)


def test_a_broken_list_of_exploited_bugs_is_refused() -> None:
    with pytest.raises(Malformed):
        exploited(b'{"catalogVersion": "1", "vulnerabilities": [{"cveID": "CVE-1"}, {}]}')
    assert exploited(b'{"id": "A-1"}') is None


async def test_snapshots_and_shards_are_read_as_they_were_written(place: Place) -> None:
    digest = await place.bring(record("A-1"), record("A-2"))
    data = await place.objects.get(digest)
    snapshot = Snapshot.decode(data)
    assert snapshot.encode() == data
    for _, name in snapshot.shards:
        shard = await place.objects.get(name)
        assert encode_shard(reversed(decode_shard(shard))) == shard


@pytest.mark.parametrize(
    "data",
    [b"{", b"[]", b'{"v": 2}', b'{"v": 1}', b'{"v":1,"records":1,"newest":"","ecosystems":[],"kev":null,"shards":{}}'],
)
def test_what_is_no_snapshot_is_refused(data: bytes) -> None:
    with pytest.raises(Malformed):
        Snapshot.decode(data)


@needs_corpus
async def test_real_exports_are_imported_whole(place: Place) -> None:
    for name in ("crates-rustsec", "ghsa-handpicked", "npm-retire"):
        await place.advisories.import_(FileFeed(FOLDER / f"{name}.jsonl.zst"), SYSTEM, source=name)
    await place.advisories.import_(FileFeed(FOLDER / "kev.json.zst"), SYSTEM, source="kev")
    current = await place.advisories.current()
    assert current.snapshot.records == 714 + 8 + 394
    assert current.snapshot.kev is not None
    found = await place.advisories.candidates(current.digest, [("npm", "lodash")])
    assert {"RETIRE-lodash-CVE-2020-28500", "GHSA-35jh-r3h4-6jhm"} <= {advisory.id for advisory in found}
