"""The contract of objects and uploads, on every store."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from anyio import to_thread
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from contract.conftest import Shelf
from graven.errors import Mismatch, NotFound, TooLarge
from graven.values import Algorithm, Digest

DATA = bytes(range(256)) * 5000
"""More than one piece of a store's."""
ABSENT = Digest.of(b"absent")
NOBODY = "00000000-0000-4000-8000-000000000000"


async def pieces(*data: bytes) -> AsyncIterator[bytes]:
    for piece in data:
        yield piece


async def breaking(*data: bytes) -> AsyncIterator[bytes]:
    for piece in data:
        yield piece
    raise ConnectionResetError


async def whole(stream: AsyncIterator[bytes]) -> bytes:
    return b"".join([piece async for piece in stream])


@pytest.mark.parametrize("algorithm", ["sha256", "sha512"])
async def test_what_was_put_is_read_back_also_after_a_restart(shelf: Shelf, algorithm: Algorithm) -> None:
    digest = await shelf.objects.put(DATA, algorithm=algorithm)
    assert digest == Digest.of(DATA, algorithm)
    for _ in range(2):
        assert await shelf.objects.size(digest) == len(DATA)
        assert await shelf.objects.get(digest) == DATA
        assert await whole(shelf.objects.stream(digest)) == DATA
        shelf.again()


async def test_the_same_bytes_again_succeed_and_change_nothing(shelf: Shelf) -> None:
    assert await shelf.objects.put(b"x") == await shelf.objects.put(b"x")
    assert await shelf.objects.get(Digest.of(b"x")) == b"x"


async def test_an_empty_object_is_an_object(shelf: Shelf) -> None:
    digest = await shelf.objects.put(b"")
    assert (await shelf.objects.size(digest), await shelf.objects.get(digest)) == (0, b"")
    assert await whole(shelf.objects.stream(digest)) == b""


async def test_what_is_not_there_is_not_found(shelf: Shelf) -> None:
    assert await shelf.objects.size(ABSENT) is None
    assert shelf.objects.path(ABSENT) is None
    with pytest.raises(NotFound):
        await shelf.objects.get(ABSENT)
    with pytest.raises(NotFound):
        await whole(shelf.objects.stream(ABSENT))
    await shelf.objects.remove(ABSENT)


async def test_ranges_are_those_of_a_slice(shelf: Shelf) -> None:
    digest = await shelf.objects.put(DATA)
    for start, end in [(0, 1), (5, 5), (7, None), (len(DATA) - 1, None), (len(DATA), None), (3, 1 << 20), (0, 1 << 30)]:
        assert await whole(shelf.objects.stream(digest, start=start, end=end)) == DATA[start:end]


async def test_more_than_the_limit_is_not_read_whole(shelf: Shelf) -> None:
    digest = await shelf.objects.put(DATA)
    with pytest.raises(TooLarge):
        await shelf.objects.get(digest, limit=len(DATA) - 1)
    assert await shelf.objects.get(digest, limit=len(DATA)) == DATA


async def test_a_file_for_the_kernel_holds_the_object_where_there_is_one(shelf: Shelf) -> None:
    digest = await shelf.objects.put(DATA)
    path = shelf.objects.path(digest)
    assert (path is None) == (shelf.folder is None)
    assert path is None or await to_thread.run_sync(Path(path).read_bytes) == DATA


async def test_what_was_removed_is_gone_and_can_be_put_again(shelf: Shelf) -> None:
    digest = await shelf.objects.put(b"x")
    await shelf.objects.remove(digest)
    assert await shelf.objects.size(digest) is None
    await shelf.objects.put(b"x")
    assert await shelf.objects.get(digest) == b"x"


@pytest.mark.parametrize("algorithm", ["sha256", "sha512"])
async def test_an_upload_in_pieces_over_several_requests_becomes_the_object(shelf: Shelf, algorithm: Algorithm) -> None:
    upload = await shelf.uploads.open()
    assert await shelf.uploads.length(upload) == 0
    assert await shelf.uploads.write(upload, pieces(DATA[:10], b"", DATA[10:700_000])) == 700_000
    assert await shelf.uploads.write(upload, pieces(DATA[700_000:]), offset=700_000) == len(DATA)
    digest = Digest.of(DATA, algorithm)
    assert await shelf.uploads.finish(upload, digest) == len(DATA)
    assert await shelf.objects.get(digest) == DATA


@pytest.mark.parametrize("algorithm", ["sha256", "sha512"])
async def test_an_upload_goes_on_after_a_restart(shelf: Shelf, algorithm: Algorithm) -> None:
    upload = await shelf.uploads.open()
    await shelf.uploads.write(upload, pieces(DATA[:700_000]))
    shelf.again()
    assert await shelf.uploads.length(upload) == 700_000
    await shelf.uploads.write(upload, pieces(DATA[700_000:]), offset=700_000)
    digest = Digest.of(DATA, algorithm)
    assert await shelf.uploads.finish(upload, digest) == len(DATA)
    assert await shelf.objects.get(digest) == DATA


async def test_what_arrived_before_the_pieces_broke_off_is_kept(shelf: Shelf) -> None:
    upload = await shelf.uploads.open()
    with pytest.raises(ConnectionResetError):
        await shelf.uploads.write(upload, breaking(DATA[:300_000], DATA[300_000:400_000]))
    assert await shelf.uploads.length(upload) == 400_000
    await shelf.uploads.write(upload, pieces(DATA[400_000:]), offset=400_000)
    await shelf.uploads.finish(upload, Digest.of(DATA))
    assert await shelf.objects.get(Digest.of(DATA)) == DATA


async def test_pieces_from_a_wrong_offset_change_nothing(shelf: Shelf) -> None:
    upload = await shelf.uploads.open()
    await shelf.uploads.write(upload, pieces(b"abc"))
    for offset in (0, 2, 4):
        with pytest.raises(Mismatch) as caught:
            await shelf.uploads.write(upload, pieces(b"x"), offset=offset)
        assert caught.value.detail["offset"] == 3
    assert await shelf.uploads.length(upload) == 3
    await shelf.uploads.finish(upload, Digest.of(b"abc"))


async def test_an_upload_whose_bytes_are_others_is_gone_and_makes_no_object(shelf: Shelf) -> None:
    upload = await shelf.uploads.open()
    await shelf.uploads.write(upload, pieces(b"abc"))
    with pytest.raises(Mismatch):
        await shelf.uploads.finish(upload, ABSENT)
    assert await shelf.objects.size(ABSENT) is None
    assert await shelf.objects.size(Digest.of(b"abc")) is None
    with pytest.raises(NotFound):
        await shelf.uploads.length(upload)


async def test_a_finished_or_cancelled_upload_is_gone(shelf: Shelf) -> None:
    finished, cancelled = await shelf.uploads.open(), await shelf.uploads.open()
    await shelf.uploads.finish(finished, Digest.of(b""))
    await shelf.uploads.cancel(cancelled)
    for upload in (finished, cancelled, NOBODY, "../objects", ""):
        with pytest.raises(NotFound):
            await shelf.uploads.length(upload)
        with pytest.raises(NotFound):
            await shelf.uploads.write(upload, pieces(b"x"))
        with pytest.raises(NotFound):
            await shelf.uploads.finish(upload, Digest.of(b""))
        with pytest.raises(NotFound):
            await shelf.uploads.cancel(upload)


async def test_an_upload_of_what_is_there_already_succeeds(shelf: Shelf) -> None:
    digest = await shelf.objects.put(DATA)
    upload = await shelf.uploads.open()
    await shelf.uploads.write(upload, pieces(DATA))
    assert await shelf.uploads.finish(upload, digest) == len(DATA)
    assert await shelf.objects.get(digest) == DATA


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.binary(max_size=20), max_size=6), st.sets(st.integers(0, 5)))
async def test_however_an_upload_is_cut_it_is_the_same_object(
    shelf: Shelf, parts: list[bytes], restarts: set[int]
) -> None:
    upload = await shelf.uploads.open()
    for n, part in enumerate(parts):
        await shelf.uploads.write(upload, pieces(*(bytes([byte]) for byte in part)))
        if n in restarts:
            shelf.again()
    data = b"".join(parts)
    await shelf.uploads.finish(upload, Digest.of(data))
    assert await shelf.objects.get(Digest.of(data)) == data
