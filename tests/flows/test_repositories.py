"""A repository is immutable unless somebody with the right said otherwise before it was made, or says so of it."""

from __future__ import annotations

import pytest

from flows.registry import ADA, Registry, pieces
from graven.errors import Conflict, Malformed, NotFound, Unavailable
from graven.flows.publish import Place
from graven.flows.races import settle
from graven.flows.repositories import folder_or_name
from graven.values import RepositoryName


@pytest.fixture
def registry() -> Registry:
    return Registry()


async def mode_after_push(registry: Registry, name: str) -> object:
    await registry.push.blob(RepositoryName(name), b"data", caller=ADA)
    return (await registry.repositories.get(name))["mode"]


async def test_the_nearest_folder_counts(registry: Registry) -> None:
    await registry.repositories.set("*", "mutable", caller=ADA)
    await registry.repositories.set("team/*", "immutable", caller=ADA)
    await registry.repositories.set("team/scratch/*", "mutable", caller=ADA)
    assert await mode_after_push(registry, "anything") == "mutable"
    assert await mode_after_push(registry, "team/web") == "immutable"
    assert await mode_after_push(registry, "team/scratch/deep/web") == "mutable"
    assert await mode_after_push(registry, "teams/web") == "mutable"


async def test_a_folder_does_not_change_what_is_there(registry: Registry) -> None:
    assert await mode_after_push(registry, "team/web") == "immutable"
    await registry.repositories.set("team/*", "mutable", caller=ADA)
    assert (await registry.repositories.get("team/web"))["mode"] == "immutable"


async def test_a_repository_can_be_changed_by_its_name_and_keeps_it(registry: Registry) -> None:
    await registry.repositories.set("team/web", "mutable", caller=ADA, reason="a test")
    assert await mode_after_push(registry, "team/web") == "mutable"
    before = len(registry.store.leaves)
    await registry.repositories.set("team/web", "mutable", caller=ADA)
    assert len(registry.store.leaves) == before


async def test_a_repository_with_files_stays_immutable(registry: Registry) -> None:
    place = Place(RepositoryName("tools"), "x", "1", "x.txt")
    await registry.publish.file(place, pieces(b"data"), caller=ADA)
    with pytest.raises(Conflict, match="files"):
        await registry.repositories.set("tools", "mutable", caller=ADA)


async def test_repositories_are_listed_in_order_page_by_page(registry: Registry) -> None:
    for name in ("b", "a", "c"):
        await mode_after_push(registry, name)
    assert [name for name, _ in await registry.repositories.all()] == ["a", "b", "c"]
    assert [name for name, _ in await registry.repositories.all(last="a", limit=1)] == ["b"]


async def test_an_unknown_repository_is_not_found(registry: Registry) -> None:
    with pytest.raises(NotFound):
        await registry.repositories.get("nobody/here")


@pytest.mark.parametrize("text", ["", "*/x", "a*", "a/**", "/*", "A/*", "a/../*", "a//*", "a b"])
def test_a_pattern_that_is_no_folder_is_malformed(text: str) -> None:
    with pytest.raises(Malformed):
        folder_or_name(text)


async def test_who_is_always_slower_is_told_to_try_again() -> None:
    async def lost() -> None:
        raise Conflict("lost the race", detail={"table": "tags"})

    with pytest.raises(Unavailable):
        await settle(lost)


async def test_a_conflict_of_the_matter_is_no_race() -> None:
    async def refused() -> None:
        raise Conflict("immutable")

    with pytest.raises(Conflict):
        await settle(refused)
