"""Ranges and conditions (RFC 9110), against what slicing says."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.requests import Request
from starlette.types import Message

from graven.app.delivery import Delivery, span
from graven.flows.pull import Blob
from graven.values import Digest

DATA = bytes(range(100))
BLOB = Blob(Digest.of(DATA), len(DATA), None)


async def stream(blob: Blob, *, start: int = 0, end: int | None = None) -> AsyncIterator[bytes]:
    part = DATA[start:end]
    yield part[:7]
    yield part[7:]


async def ask(
    method: str = "GET", blob: Blob = BLOB, **headers: str
) -> tuple[int, dict[str, str], bytes, list[Message]]:
    told = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
    scope: dict[str, Any] = {"type": "http", "method": method, "path": "/", "headers": told, "extensions": {}}
    if blob.path:
        scope["extensions"] = {"http.response.zerocopysend": {}}
    sent: list[Message] = []

    async def send(message: Message) -> None:
        sent.append(message)

    async def receive() -> Message:
        return {"type": "http.disconnect"}

    await Delivery(stream)(Request(scope), blob, {"Content-Type": "application/octet-stream"})(scope, receive, send)
    found = {name.decode(): value.decode() for name, value in sent[0]["headers"]}
    return sent[0]["status"], found, b"".join(m.get("body", b"") for m in sent[1:]), sent


async def test_the_whole_blob_is_delivered() -> None:
    status, headers, body, _ = await ask()
    assert (status, body) == (200, DATA)
    assert headers["content-length"] == "100"
    assert headers["content-type"] == "application/octet-stream"
    assert headers["etag"] == f'"{BLOB.digest}"'


@pytest.mark.parametrize(
    ("header", "start", "end"),
    [
        ("bytes=0-0", 0, 1),
        ("bytes=5-9", 5, 10),
        ("bytes=90-", 90, 100),
        ("bytes=-10", 90, 100),
        ("bytes=90-999", 90, 100),
        ("bytes=-999", 0, 100),
        ("bytes=0-99", 0, 100),
    ],
)
async def test_a_range_is_delivered_with_its_place(header: str, start: int, end: int) -> None:
    status, headers, body, _ = await ask(range=header)
    assert (status, body) == (206, DATA[start:end])
    assert headers["content-range"] == f"bytes {start}-{end - 1}/100"
    assert headers["content-length"] == str(end - start)


@pytest.mark.parametrize("header", ["bytes=100-", "bytes=500-0", "bytes=9-5", "bytes=-0"])
async def test_a_range_that_there_is_not_is_416_with_the_size(header: str) -> None:
    status, headers, body, _ = await ask(range=header)
    assert (status, body) == (416, b"")
    assert headers["content-range"] == "bytes */100"


@pytest.mark.parametrize("header", ["lines=0-1", "bytes=", "bytes=-", "bytes=a-b", "bytes=0-1,5-6", "5-9"])
async def test_a_range_that_is_not_understood_is_ignored(header: str) -> None:
    status, _, body, _ = await ask(range=header)
    assert (status, body) == (200, DATA)


async def test_what_the_client_has_is_not_sent_again() -> None:
    status, _, body, _ = await ask(if_none_match=f'"{BLOB.digest}"')
    assert (status, body) == (304, b"")


async def test_a_range_of_other_content_is_not_mixed_with_this() -> None:
    status, _, body, _ = await ask(range="bytes=0-4", if_range='"sha256:other"')
    assert (status, body) == (200, DATA)
    status, _, body, _ = await ask(range="bytes=0-4", if_range=f'"{BLOB.digest}"')
    assert (status, body) == (206, DATA[:5])


async def test_head_tells_the_length_and_sends_nothing() -> None:
    status, headers, body, _ = await ask("HEAD")
    assert (status, headers["content-length"], body) == (200, "100", b"")


async def test_an_empty_blob_is_delivered() -> None:
    status, headers, body, _ = await ask(blob=Blob(Digest.of(b""), 0, None))
    assert (status, headers["content-length"], body) == (200, "0", b"")


async def test_a_file_is_left_to_the_kernel(tmp_path: Path) -> None:
    (tmp_path / "blob").write_bytes(DATA)
    _, _, _, sent = await ask(blob=Blob(BLOB.digest, 100, str(tmp_path / "blob")), range="bytes=3-9")
    assert sent[1]["type"] == "http.response.zerocopysend"
    assert (sent[1]["offset"], sent[1]["count"]) == (3, 7)


@given(st.integers(0, 50), st.none() | st.integers(0, 60), st.none() | st.integers(0, 60))
def test_a_range_means_what_slicing_means(size: int, first: int | None, last: int | None) -> None:
    text = f"bytes={'' if first is None else first}-{'' if last is None else last}"
    found = span(text, size)
    if first is None and last is None:
        assert found is None
        return
    assert found is not None
    indexes = range(size)
    wanted = (
        indexes[max(0, size - (last or 0)) :] if first is None else indexes[first : None if last is None else last + 1]
    )
    assert list(range(*found)) == list(wanted)
