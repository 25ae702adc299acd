"""Who may set the mode of a repository, and what is asked of the document."""

from __future__ import annotations

from collections.abc import AsyncIterator

import httpx
import pytest

from flows.registry import ADA, Registry
from graven.values import RepositoryName
from protocols.registry import asked, basic

Asked = tuple[httpx.AsyncClient, Registry]
PATH = "/api/v1/repositories"


@pytest.fixture
async def world() -> AsyncIterator[Asked]:
    async with asked() as found:
        yield found


async def test_an_administrator_makes_a_folder_mutable(world: Asked) -> None:
    client, registry = world
    done = await client.put(f"{PATH}/conformance/*", json={"mode": "mutable", "reason": "x"}, headers=basic("admin"))
    assert (done.status_code, done.json()["mode"], done.json()["name"]) == (200, "mutable", "conformance/*")
    assert registry.told()[-1] == "repository.set"


@pytest.mark.parametrize("secret", ["writer", "reader", "other"])
async def test_nobody_else_does(world: Asked, secret: str) -> None:
    client, registry = world
    before = registry.seen()
    response = await client.put(f"{PATH}/team/*", json={"mode": "mutable"}, headers=basic(secret))
    assert response.status_code == 403
    assert registry.seen() == before


@pytest.mark.parametrize("document", [{}, {"mode": "soft"}, {"mode": "mutable", "x": 1}, [], {"mode": None}])
async def test_another_document_is_malformed(world: Asked, document: object) -> None:
    client, registry = world
    before = registry.seen()
    response = await client.put(f"{PATH}/team/*", json=document, headers=basic("admin"))
    assert response.status_code == 400
    assert registry.seen() == before


@pytest.mark.parametrize("name", ["A", "a*", "*/a", "a/%2e%2e/*"])
async def test_a_name_that_is_none_is_malformed(world: Asked, name: str) -> None:
    client, _ = world
    response = await client.put(f"{PATH}/{name}", json={"mode": "mutable"}, headers=basic("admin"))
    assert response.status_code == 400


async def test_those_that_may_be_pulled_are_listed(world: Asked) -> None:
    client, registry = world
    for name in ("team/web", "other/web"):
        await registry.push.blob(RepositoryName(name), b"data", caller=ADA)
    whole = (await client.get(PATH, headers=basic("writer"))).json()
    assert [one["name"] for one in whole["repositories"]] == ["other/web", "team/web"]
    some = (await client.get(PATH, headers=basic("reader"))).json()
    assert [one["name"] for one in some["repositories"]] == ["team/web"]
    page = (await client.get(PATH, params={"limit": 1})).json()
    assert page["next"] == "other/web"
    assert (await client.get(f"{PATH}/team/web")).json()["mode"] == "immutable"
    assert (await client.get(f"{PATH}/nobody/here")).status_code == 404
