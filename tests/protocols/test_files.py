"""Generic files over HTTP: written once, checked against what was announced, read with ranges."""

from __future__ import annotations

import hashlib
from base64 import b64encode
from collections.abc import AsyncIterator

import httpx
import pytest

from flows.registry import Registry
from graven.values import Digest
from protocols.registry import asked, basic

DATA = b"0123456789"
DIGEST = Digest.of(DATA)
PATH = "/files/team/tools/graver/1.0/graver.tar.gz"

Asked = tuple[httpx.AsyncClient, Registry]


@pytest.fixture
async def world() -> AsyncIterator[Asked]:
    async with asked() as found:
        yield found


async def test_a_file_is_put_and_got(world: Asked) -> None:
    client, _ = world
    done = await client.put(PATH, content=DATA)
    assert (done.status_code, done.headers["location"]) == (201, PATH)
    assert done.json()["digest"] == str(DIGEST)
    found = await client.get(PATH)
    assert (found.status_code, found.content) == (200, DATA)
    assert found.headers["content-disposition"] == 'attachment; filename="graver.tar.gz"'
    encoded = b64encode(hashlib.sha256(DATA).digest()).decode()
    assert found.headers["repr-digest"] == f"sha-256=:{encoded}:"
    part = await client.get(PATH, headers={"Range": "bytes=-3"})
    assert (part.status_code, part.content) == (206, b"789")
    assert (await client.head(PATH)).headers["content-length"] == "10"
    manifest = await client.get(f"/v2/team/tools/manifests/{done.json()['manifest']}")
    assert manifest.json()["layers"][0]["digest"] == str(DIGEST)


def announced() -> dict[str, dict[str, str]]:
    def structured(algorithm: str, data: bytes) -> str:
        return f"{algorithm}=:{b64encode(hashlib.new(algorithm.replace('-', ''), data).digest()).decode()}:"

    return {
        "Content-Digest, sha-256": {"Content-Digest": structured("sha-256", DATA)},
        "Content-Digest, sha-512": {"Content-Digest": structured("sha-512", DATA)},
        "Content-Digest among others": {"Content-Digest": f"md5=:AAAA:, {structured('sha-256', DATA)}"},
        "X-Checksum-Sha256": {"X-Checksum-Sha256": DIGEST.hex.upper()},
    }


@pytest.mark.parametrize("how", announced())
async def test_a_digest_that_was_announced_is_held_against_the_bytes(world: Asked, how: str) -> None:
    client, registry = world
    before = registry.seen()
    wrong = await client.put(PATH, content=b"other", headers=announced()[how])
    assert (wrong.status_code, wrong.json()["error"]["code"]) == (400, "mismatch")
    assert registry.seen() == before
    assert (await client.put(PATH, content=DATA, headers=announced()[how])).status_code == 201


@pytest.mark.parametrize(
    "headers",
    [
        {"X-Checksum-Sha256": "abc"},
        {"Content-Digest": "sha-256=abc"},
        {"Content-Digest": "sha-256=:%%%:"},
        {"Content-Digest": "sha-256=:AAAA:"},
        {"Content-Digest": "md5=:AAAA:"},
    ],
)
async def test_an_announcement_that_cannot_be_read_is_malformed(world: Asked, headers: dict[str, str]) -> None:
    client, registry = world
    before = registry.seen()
    response = await client.put(PATH, content=DATA, headers=headers)
    assert (response.status_code, response.json()["error"]["code"]) == (400, "malformed")
    assert registry.seen() == before


async def test_a_file_is_written_once(world: Asked) -> None:
    client, registry = world
    await client.put(PATH, content=DATA)
    assert (await client.put(PATH, content=DATA)).status_code == 201
    before = registry.seen()
    refused = await client.put(PATH, content=b"other")
    assert (refused.status_code, refused.json()["error"]["code"]) == (409, "conflict")
    assert "new version" in refused.json()["error"]["hint"]
    assert (await client.delete(PATH)).status_code == 405
    assert registry.seen() == before
    assert (await client.get(PATH)).content == DATA


async def test_files_are_listed(world: Asked) -> None:
    client, _ = world
    for version, filename in (("1.0", "a"), ("1.0", "b"), ("2.0", "a")):
        await client.put(f"/files/team/tools/graver/{version}/{filename}", content=DATA)
    whole = (await client.get("/files/team/tools/")).json()
    assert [(one["version"], one["filename"]) for one in whole["files"]] == [("1.0", "a"), ("1.0", "b"), ("2.0", "a")]
    assert whole["next"] == ""
    one = await client.get("/files/team/tools/", params={"name": "graver", "version": "2.0"})
    assert len(one.json()["files"]) == 1
    rest = await client.get("/files/team/tools/", params={"last": "graver/1.0/b"})
    assert len(rest.json()["files"]) == 1
    assert (await client.get("/files/nothing/")).json()["files"] == []
    assert (await client.get("/files/team/tools/", params={"version": "2.0"})).status_code == 400


@pytest.mark.parametrize(
    "path",
    [
        "/files/team/tools/graver/1.0/%2e%2e",
        "/files/team/tools/graver/..%2f..%2fetc/passwd",
        "/files/team/tools/graver/1.0/.hidden",
        "/files/team/tools/graver/1.0/a%00b",
        "/files/team/tools/graver/1.0/a%0d%0aSet-Cookie:x",
        "/files/TEAM/graver/1.0/a",
        "/files/team/%2e%2e/graver/1.0/a",
    ],
)
async def test_a_path_that_would_leave_its_place_is_malformed(world: Asked, path: str) -> None:
    client, registry = world
    before = registry.seen()
    response = await client.put(path, content=DATA)
    assert response.status_code in (400, 404), response.text
    assert registry.seen() == before


async def test_strangers_and_readers_cannot_publish(world: Asked) -> None:
    client, registry = world
    before = registry.seen()
    assert (await client.put(PATH, content=DATA, headers={"Authorization": ""})).status_code == 401
    assert (await client.put(PATH, content=DATA, headers=basic("reader"))).status_code == 403
    assert registry.seen() == before


async def test_a_file_that_is_not_there_is_not_found(world: Asked) -> None:
    client, _ = world
    response = await client.get(PATH)
    assert (response.status_code, response.json()["error"]["code"]) == (404, "not_found")
