"""Blobs come in whole or not at all, from whom began to send them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import pytest

from flows.registry import ADA, BOB, MUTABLE, REPOSITORY, Registry, broken, pieces
from graven.errors import Mismatch, NotFound, TooLarge
from graven.flows.upload import exactly
from graven.values import Caller, Digest, Scope

DATA = b"one two three"
DIGEST = Digest.of(DATA)


@pytest.fixture
def registry() -> Registry:
    return Registry()


async def held(registry: Registry) -> bool:
    try:
        blob = await registry.pull.blob(REPOSITORY, DIGEST)
    except NotFound:
        return False
    assert b"".join([piece async for piece in registry.pull.stream(blob)]) == DATA
    return True


async def test_a_blob_comes_in_one_go(registry: Registry) -> None:
    assert await registry.upload.whole(REPOSITORY, DIGEST, pieces(DATA), caller=ADA) == len(DATA)
    assert await held(registry)
    registry.check()


async def test_a_blob_comes_in_chunks(registry: Registry) -> None:
    session = await registry.upload.open(REPOSITORY, caller=ADA)
    for start, end in ((0, 4), (4, 8), (8, 13)):
        session = await registry.upload.append(
            REPOSITORY, session.name, pieces(DATA[start:end]), caller=ADA, offset=start
        )
        assert session.length == end == await registry.upload.length(REPOSITORY, session.name, caller=ADA)
        assert not await held(registry)
    await registry.upload.close(REPOSITORY, session.name, DIGEST, caller=ADA)
    assert await held(registry)


async def test_a_blob_under_sha512_is_another_name_for_the_same_bytes(registry: Registry) -> None:
    digest = Digest.of(DATA, "sha512")
    session = await registry.upload.open(REPOSITORY, caller=ADA)
    await registry.upload.append(REPOSITORY, session.name, pieces(DATA), caller=ADA)
    await registry.upload.close(REPOSITORY, session.name, digest, caller=ADA)
    assert (await registry.pull.blob(REPOSITORY, digest)).size == len(DATA)


async def test_a_chunk_out_of_order_changes_nothing_and_says_where_to_go_on(registry: Registry) -> None:
    session = await registry.upload.open(REPOSITORY, caller=ADA)
    await registry.upload.append(REPOSITORY, session.name, pieces(b"one "), caller=ADA, offset=0)
    with pytest.raises(Mismatch) as caught:
        await registry.upload.append(REPOSITORY, session.name, pieces(b"three"), caller=ADA, offset=8)
    assert caught.value.detail["offset"] == 4
    assert await registry.upload.length(REPOSITORY, session.name, caller=ADA) == 4


async def test_a_wrong_digest_ends_the_upload_and_leaves_nothing(registry: Registry) -> None:
    before = registry.seen()
    session = await registry.upload.open(REPOSITORY, caller=ADA)
    await registry.upload.append(REPOSITORY, session.name, pieces(DATA), caller=ADA)
    with pytest.raises(Mismatch):
        await registry.upload.close(REPOSITORY, session.name, Digest.of(b"other"), caller=ADA)
    assert registry.seen() == before
    assert registry.told() == []


async def test_a_blob_in_one_go_of_another_digest_leaves_nothing(registry: Registry) -> None:
    before = registry.seen()
    with pytest.raises(Mismatch):
        await registry.upload.whole(REPOSITORY, Digest.of(b"other"), pieces(DATA), caller=ADA)
    assert registry.seen() == before


async def test_a_blob_that_breaks_off_in_one_go_leaves_nothing(registry: Registry) -> None:
    before = registry.seen()
    with pytest.raises(ConnectionResetError):
        await registry.upload.whole(REPOSITORY, DIGEST, broken(DATA[:5]), caller=ADA)
    assert registry.seen() == before


async def test_an_upload_that_breaks_off_goes_on_from_where_it_was(registry: Registry) -> None:
    session = await registry.upload.open(REPOSITORY, caller=ADA)
    with pytest.raises(ConnectionResetError):
        await registry.upload.append(REPOSITORY, session.name, broken(DATA[:5]), caller=ADA)
    length = await registry.upload.length(REPOSITORY, session.name, caller=ADA)
    await registry.upload.append(REPOSITORY, session.name, pieces(DATA[length:]), caller=ADA, offset=length)
    await registry.upload.close(REPOSITORY, session.name, DIGEST, caller=ADA)
    assert await held(registry)


async def test_a_blob_larger_than_allowed_ends_the_upload(registry: Registry) -> None:
    before = registry.seen()
    session = await registry.upload.open(REPOSITORY, caller=ADA)
    with pytest.raises(TooLarge):
        await registry.upload.append(REPOSITORY, session.name, pieces(bytes(1 << 19), bytes(1 << 19), b"x"), caller=ADA)
    with pytest.raises(TooLarge):
        await registry.upload.whole(REPOSITORY, DIGEST, pieces(bytes((1 << 20) + 1)), caller=ADA)
    assert registry.seen() == before


async def test_a_cancelled_upload_is_gone(registry: Registry) -> None:
    before = registry.seen()
    session = await registry.upload.open(REPOSITORY, caller=ADA)
    await registry.upload.cancel(REPOSITORY, session.name, caller=ADA)
    assert registry.seen() == before
    with pytest.raises(NotFound) as caught:
        await registry.upload.length(REPOSITORY, session.name, caller=ADA)
    assert caught.value.detail["kind"] == "upload"


@pytest.mark.parametrize("verb", ["length", "append", "close", "cancel"])
async def test_somebody_elses_upload_is_not_there(registry: Registry, verb: str) -> None:
    session = (await registry.upload.open(REPOSITORY, caller=ADA)).name
    await registry.upload.append(REPOSITORY, session, pieces(DATA), caller=ADA)
    before = registry.seen()
    calls: dict[str, Callable[[], Awaitable[object]]] = {
        "length": lambda: registry.upload.length(REPOSITORY, session, caller=BOB),
        "append": lambda: registry.upload.append(REPOSITORY, session, pieces(b"x"), caller=BOB),
        "close": lambda: registry.upload.close(REPOSITORY, session, DIGEST, caller=BOB),
        "cancel": lambda: registry.upload.cancel(REPOSITORY, session, caller=BOB),
    }
    with pytest.raises(NotFound):
        await calls[verb]()
    assert registry.seen() == before


async def test_an_upload_stays_in_its_repository(registry: Registry) -> None:
    session = (await registry.upload.open(REPOSITORY, caller=ADA)).name
    with pytest.raises(NotFound):
        await registry.upload.length(MUTABLE, session, caller=ADA)


@pytest.mark.parametrize("session", ["", ".", "x.y", "../../etc/passwd", "0" * 36, "é.é"])
async def test_a_made_up_upload_is_not_there(registry: Registry, session: str) -> None:
    with pytest.raises(NotFound):
        await registry.upload.length(REPOSITORY, session, caller=ADA)


async def test_a_mount_takes_a_blob_over_and_says_from_where(registry: Registry) -> None:
    await registry.push.blob(MUTABLE, DATA, caller=ADA)
    assert await registry.upload.mount(REPOSITORY, DIGEST, caller=ADA, source=MUTABLE)
    assert await held(registry)
    registry.check()


async def test_a_mount_without_a_source_finds_one(registry: Registry) -> None:
    await registry.push.blob(MUTABLE, DATA, caller=ADA)
    assert await registry.upload.mount(REPOSITORY, DIGEST, caller=ADA)
    assert await held(registry)


async def test_a_mount_never_tells_of_a_blob_that_the_caller_may_not_pull(registry: Registry) -> None:
    await registry.push.blob(MUTABLE, DATA, caller=ADA)
    assert not await registry.upload.mount(REPOSITORY, DIGEST, caller=BOB, source=MUTABLE)
    assert not await registry.upload.mount(REPOSITORY, DIGEST, caller=BOB)
    assert not await registry.upload.mount(REPOSITORY, Digest.of(b"nowhere"), caller=BOB)
    assert not await held(registry)


async def test_pushing_alone_does_not_let_one_read(registry: Registry) -> None:
    await registry.push.blob(MUTABLE, DATA, caller=ADA)
    writer = Caller("eve", (Scope.parse("push:*"),))
    assert not await registry.upload.mount(REPOSITORY, DIGEST, caller=writer, source=MUTABLE)


async def test_a_length_that_is_not_kept_is_a_mismatch() -> None:
    assert [piece async for piece in exactly(pieces(b"ab", b"c"), 3)] == [b"ab", b"c"]
    for wrong in (2, 4):
        with pytest.raises(Mismatch):
            _ = [piece async for piece in exactly(pieces(b"ab", b"c"), wrong)]
