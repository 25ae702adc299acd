"""Pushes at the same moment, on a store whose look-ups and appends take turns: one wins, and nothing is told twice."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import pytest

from flows.registry import ADA, REPOSITORY, Registry, pieces
from graven.errors import Conflict, GravenError
from graven.flows.publish import Place
from graven.ports import Receipt
from graven.projection import Expectation, Key, Row
from graven.stores.memory import MemoryStore
from graven.values import Digest, RepositoryName
from graven.values.events import Event


@pytest.fixture
def registry(monkeypatch: pytest.MonkeyPatch) -> Registry:
    """Give a registry in which others get their turn between each look and each append."""
    get, append = MemoryStore.get, MemoryStore.append

    async def slow_get(self: MemoryStore, table: str, key: Key) -> Row | None:
        found = await get(self, table, key)
        await asyncio.sleep(0)
        return found

    async def slow_append(self: MemoryStore, *events: Event, expects: Sequence[Expectation] = ()) -> Receipt:
        await asyncio.sleep(0)
        return await append(self, *events, expects=expects)

    monkeypatch.setattr(MemoryStore, "get", slow_get)
    monkeypatch.setattr(MemoryStore, "append", slow_append)
    return Registry()


async def test_of_many_contents_for_one_tag_one_wins(registry: Registry) -> None:
    images = [await registry.image(str(number).encode()) for number in range(6)]
    done = await asyncio.gather(*(registry.put("1.0", data) for data in images), return_exceptions=True)
    won = [one for one in done if not isinstance(one, BaseException)]
    assert len(won) == 1
    assert all(isinstance(one, Conflict) for one in done if isinstance(one, BaseException))
    assert await registry.pull.resolve(REPOSITORY, "1.0") == won[0].digest
    assert registry.told().count("tag.set") == 1
    registry.check()


async def test_the_same_push_many_times_at_once_is_told_once(registry: Registry) -> None:
    data = await registry.image()
    await asyncio.gather(*(registry.put("1.0", data) for _ in range(6)))
    assert registry.told().count("artifact.push") == registry.told().count("tag.set") == 1
    registry.check()


async def test_first_pushes_at_once_make_one_repository(registry: Registry) -> None:
    blobs = [str(number).encode() for number in range(6)]
    await asyncio.gather(*(registry.push.blob(REPOSITORY, data, caller=ADA) for data in [*blobs, *blobs]))
    assert registry.told().count("repository.set") == 1
    assert registry.told().count("blob.push") == 6
    registry.check()


async def test_of_many_contents_for_one_file_one_wins(registry: Registry) -> None:
    place = Place(RepositoryName("tools"), "x", "1", "x.bin")
    contents = [str(number).encode() for number in range(4)]
    publish = (registry.publish.file(place, pieces(data), caller=ADA) for data in contents)
    done = await asyncio.gather(*publish, return_exceptions=True)
    assert sum(not isinstance(one, BaseException) for one in done) == 1
    assert registry.told().count("file.publish") == 1
    registry.check()


async def test_a_repository_that_turns_immutable_amid_a_push_lets_no_tag_move(registry: Registry) -> None:
    await registry.repositories.set(REPOSITORY, "mutable", caller=ADA)
    first, second = await registry.image(b"one"), await registry.image(b"two")
    await registry.put("1.0", first)

    async def attempt() -> bool:
        try:
            await registry.put("1.0", second)
        except GravenError:
            return False
        return True

    moved, _ = await asyncio.gather(attempt(), registry.repositories.set(REPOSITORY, "immutable", caller=ADA))
    told = registry.told()
    if moved:  # then it moved before
        assert len(told) - 1 - told[::-1].index("tag.set") < len(told) - 1 - told[::-1].index("repository.set")
    now = await registry.pull.resolve(REPOSITORY, "1.0")
    assert now == Digest.of(second if moved else first)
    registry.check()
