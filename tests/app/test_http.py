"""The server: files by the kernel, limits for greedy and slow clients, and a calm end."""

from __future__ import annotations

import asyncio
import contextlib
import signal
import ssl
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest
import trustme

from graven.app import connection
from graven.app.exchange import READ_AHEAD
from graven.app.http import Tls, listen, serve
from graven.errors import Malformed, Unavailable

Server = Callable[..., contextlib.AbstractAsyncContextManager[int]]


@contextlib.asynccontextmanager
async def running(app: Any, tls: Tls | None = None) -> AsyncIterator[int]:
    """Run a server until the block ends, and then end it as an operator would."""
    port: asyncio.Future[int] = asyncio.get_running_loop().create_future()
    task = asyncio.create_task(serve(app, listener=listen("127.0.0.1", 0), tls=tls, started=port.set_result))
    try:
        yield await asyncio.wait_for(port, 5)
    finally:
        signal.raise_signal(signal.SIGTERM)
        await asyncio.wait_for(task, 6)


async def text(scope: Any, receive: Any, send: Any) -> None:
    """Answer how long the body was, and who asked."""
    length = 0
    while True:
        message = await receive()
        length += len(message.get("body", b""))
        if not message.get("more_body"):
            break
    body = f"{length} bytes from {scope['client'][0]}".encode()
    await send(
        {"type": "http.response.start", "status": 200, "headers": [(b"content-length", str(len(body)).encode())]}
    )
    await send({"type": "http.response.body", "body": body})


def sender(path: Path, *, offset: int = 0, count: int | None = None) -> Any:
    """Make an application that sends a file, or a part of it."""
    length = path.stat().st_size - offset if count is None else count

    async def app(scope: Any, receive: Any, send: Any) -> None:
        headers = [(b"content-length", str(length).encode())]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        with path.open("rb") as file:
            told = {"file": file.fileno(), "offset": offset, "count": length}
            await send({"type": "http.response.zerocopysend", **told})

    return app


async def talk(port: int, *requests: bytes, context: ssl.SSLContext | None = None, finish: bool = True) -> bytes:
    reader, writer = await asyncio.open_connection("127.0.0.1", port, ssl=context)
    try:
        for request in requests:
            writer.write(request)
            await writer.drain()
        return await asyncio.wait_for(reader.read(), 10)
    finally:
        writer.close()
        with contextlib.suppress(OSError):
            await writer.wait_closed()


CLOSE = b"GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
KEEP = b"GET / HTTP/1.1\r\nHost: x\r\n\r\n"


@pytest.mark.parametrize("size", [0, 1, 65_536, 1 << 20, (1 << 20) + 1, 9 << 20])
async def test_a_file_comes_byte_for_byte(tmp_path: Path, size: int) -> None:
    path = tmp_path / "file"
    path.write_bytes(bytes(i % 251 for i in range(4096)) * (size // 4096) + b"x" * (size % 4096))
    async with running(sender(path)) as port:
        head, _, body = (await talk(port, CLOSE)).partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 200 OK")
    assert body == path.read_bytes()


async def test_a_part_of_a_file_comes_from_where_it_was_asked_for(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"0123456789")
    async with running(sender(tmp_path / "file", offset=3, count=4)) as port:
        assert (await talk(port, CLOSE)).endswith(b"\r\n\r\n3456")


async def test_a_connection_is_good_for_the_next_request_after_a_file(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"a" * 3_000_000)
    async with running(sender(tmp_path / "file")) as port:
        answer = await talk(port, KEEP, KEEP, CLOSE)
    assert answer.count(b"HTTP/1.1 200 OK") == 3
    assert answer.count(b"a" * 3_000_000) == 3


async def test_a_client_that_reads_slowly_gets_the_whole_file(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"b" * (8 << 20))
    async with running(sender(tmp_path / "file")) as port:
        reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=1024)
        writer.write(CLOSE)
        await reader.readuntil(b"\r\n\r\n")
        await asyncio.sleep(0.3)  # the kernel's buffers are full now, and the server waits
        assert len(await reader.read()) == 8 << 20
        writer.close()
        await writer.wait_closed()


async def test_a_file_that_is_shorter_than_said_breaks_the_connection_off(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"short")
    async with running(sender(tmp_path / "file", count=10)) as port:
        with contextlib.suppress(ConnectionResetError):
            assert (await talk(port, KEEP)).endswith(b"\r\n\r\nshort")  # five bytes of ten, and no more


async def test_a_client_that_goes_away_harms_nobody(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"c" * (16 << 20))
    async with running(sender(tmp_path / "file")) as port:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(KEEP)
        await reader.readuntil(b"\r\n\r\n")
        writer.transport.abort()
        assert len(await talk(port, CLOSE)) > 16 << 20


async def test_a_head_that_is_too_large_is_431() -> None:
    async with running(text) as port:
        answer = await talk(port, b"GET / HTTP/1.1\r\nX: " + b"a" * (connection.MAX_HEAD + 1) + b"\r\n\r\n")
    assert answer.startswith(b"HTTP/1.1 431 ")


async def test_many_small_headers_are_as_bad_as_a_large_one() -> None:
    asked = False

    async def app(scope: Any, receive: Any, send: Any) -> None:
        nonlocal asked
        asked = True
        await text(scope, receive, send)

    async with running(app) as port:
        with contextlib.suppress(ConnectionResetError):  # what comes behind the refusal may cut it off
            answer = await talk(port, b"GET / HTTP/1.1\r\n" + b"X: 12345678\r\n" * 10_000 + b"\r\n")
            assert answer.startswith(b"HTTP/1.1 431 ")
    assert not asked


async def test_what_is_not_http_is_400() -> None:
    async with running(text) as port:
        assert (await talk(port, b"\x16\x03\x01\x02\x00\x01\r\n\r\n")).startswith(b"HTTP/1.1 400 ")


async def test_a_body_is_read_ahead_within_bounds_and_arrives_whole() -> None:
    most = 0

    async def slow(scope: Any, receive: Any, send: Any) -> None:
        nonlocal most
        length, more = 0, True
        while more:
            await asyncio.sleep(0.02)
            message = await receive()
            piece, more = message.get("body", b""), message.get("more_body", False)
            most, length = max(most, len(piece)), length + len(piece)
        body = str(length).encode()
        head = [(b"content-length", str(len(body)).encode())]
        await send({"type": "http.response.start", "status": 200, "headers": head})
        await send({"type": "http.response.body", "body": body})

    size = 8 << 20
    request = f"PUT / HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: {size}\r\n\r\n".encode()
    async with running(slow) as port:
        answer = await talk(port, request, b"d" * size)
    assert answer.endswith(str(size).encode())
    assert most <= READ_AHEAD + (256 << 10)


def answering(*messages: dict[str, Any]) -> Any:
    """Make an application that reads the body and then says just this."""

    async def app(scope: Any, receive: Any, send: Any) -> None:
        while (await receive()).get("more_body"):
            pass
        for message in messages:
            await send(message)

    return app


def head(*headers: tuple[bytes, bytes], status: int = 200) -> dict[str, Any]:
    return {"type": "http.response.start", "status": status, "headers": list(headers)}


def body(data: bytes, *, more: bool = False) -> dict[str, Any]:
    return {"type": "http.response.body", "body": data, "more_body": more}


async def test_who_asks_before_it_sends_is_told_to_go_on() -> None:
    async with running(text) as port:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(
            CLOSE.replace(b"GET", b"PUT").replace(b"\r\n\r\n", b"\r\nContent-Length: 3\r\nExpect: 100-continue\r\n\r\n")
        )
        assert await reader.readuntil(b"\r\n\r\n") == b"HTTP/1.1 100 Continue\r\n\r\n"
        writer.write(b"abc")
        assert b"3 bytes" in await reader.read()
        writer.close()
        await writer.wait_closed()


async def test_an_answer_without_a_length_comes_in_chunks() -> None:
    async with running(answering(head(), body(b"one", more=True), body(b"", more=True), body(b"two!"))) as port:
        answer = await talk(port, CLOSE)
    assert b"transfer-encoding: chunked" in answer
    assert answer.endswith(b"\r\n\r\n3\r\none\r\n4\r\ntwo!\r\n0\r\n\r\n")


async def test_a_head_is_answered_without_a_body() -> None:
    async with running(answering(head((b"content-length", b"3")), body(b"abc"))) as port:
        answer = await talk(port, CLOSE.replace(b"GET", b"HEAD"))
    assert b"content-length: 3\r\n" in answer
    assert answer.endswith(b"\r\n\r\n")


async def test_a_large_answer_comes_whole() -> None:
    data = bytes(range(256)) * 4096
    async with running(answering(head((b"content-length", b"%d" % len(data))), body(data))) as port:
        assert (await talk(port, CLOSE)).endswith(b"\r\n\r\n" + data)


async def test_an_application_can_end_the_connection() -> None:
    said = answering(head((b"content-length", b"0"), (b"connection", b"close")), body(b""))
    async with running(said) as port:
        answer = await talk(port, KEEP)  # it would not end if the connection stayed
    assert answer.count(b"connection: close") == 1


@pytest.mark.parametrize("value", [b"a\r\nSet-Cookie: b", b"a\nb", b"a\rb", b"a\0b"])
async def test_a_header_that_would_begin_another_is_500(value: bytes) -> None:
    async with running(answering(head((b"x", value), (b"content-length", b"0")), body(b""))) as port:
        answer = await talk(port, CLOSE)
    assert answer.startswith(b"HTTP/1.1 500 ")
    assert b"Set-Cookie" not in answer


WRONG = {
    "more than its length": [head((b"content-length", b"2")), body(b"abc")],
    "less than its length": [head((b"content-length", b"4")), body(b"abc")],
    "a second head": [head((b"content-length", b"3")), head(), body(b"abc")],
    "a body without a head": [body(b"abc")],
}


@pytest.mark.parametrize("name", WRONG)
async def test_an_answer_that_contradicts_itself_is_never_taken_for_whole(name: str) -> None:
    async with running(answering(*WRONG[name])) as port:
        answer = await talk(port, KEEP)
    if answer and not answer.startswith(b"HTTP/1.1 500 "):
        assert name == "less than its length"
        assert answer.endswith(b"\r\n\r\nabc")  # three bytes of four, and the end of the connection


async def test_headers_that_claim_another_address_are_not_believed() -> None:
    async with running(text) as port:
        request = CLOSE.replace(b"\r\n\r\n", b"\r\nX-Forwarded-For: 192.0.2.1\r\nForwarded: for=192.0.2.1\r\n\r\n")
        assert b"from 127.0.0.1" in await talk(port, request)


async def test_a_client_that_never_asks_is_let_go(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connection, "PATIENCE", 0.2)
    async with running(text) as port:
        with contextlib.suppress(ConnectionResetError):
            assert await talk(port) == b""


async def test_a_client_that_stops_amid_its_body_is_let_go(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connection, "PATIENCE", 0.2)
    async with running(text) as port:
        with contextlib.suppress(ConnectionResetError):
            assert await talk(port, b"PUT / HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nabc") == b""


async def test_a_client_that_stops_reading_a_file_is_let_go(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(connection, "PATIENCE", 0.3)
    (tmp_path / "file").write_bytes(b"e" * (32 << 20))
    async with running(sender(tmp_path / "file")) as port:
        reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=1024)
        writer.write(KEEP)
        await reader.readuntil(b"\r\n\r\n")
        await asyncio.sleep(1)
        with pytest.raises((ConnectionResetError, asyncio.IncompleteReadError)):
            await reader.readexactly(32 << 20)
        writer.close()
        with contextlib.suppress(OSError):
            await writer.wait_closed()


async def test_an_application_that_takes_its_time_is_not_the_clients_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connection, "PATIENCE", 0.2)

    async def patient(scope: Any, receive: Any, send: Any) -> None:
        await asyncio.sleep(0.8)
        await text(scope, receive, send)

    async with running(patient) as port:
        assert b"0 bytes" in await talk(port, CLOSE)


async def test_a_request_that_runs_at_the_end_is_answered() -> None:
    begun = asyncio.Event()

    async def slow(scope: Any, receive: Any, send: Any) -> None:
        begun.set()
        await asyncio.sleep(0.5)
        await text(scope, receive, send)

    async with running(slow) as port:
        asked = asyncio.create_task(talk(port, KEEP))
        await begun.wait()
    assert b"0 bytes" in await asked


async def test_a_request_that_does_not_end_is_broken_off_in_time(caplog: pytest.LogCaptureFixture) -> None:
    async def never(scope: Any, receive: Any, send: Any) -> None:
        await asyncio.Event().wait()

    async with running(never) as port:
        asked = asyncio.create_task(talk(port, KEEP))
        await asyncio.sleep(0.1)
        begun = asyncio.get_running_loop().time()
    assert asyncio.get_running_loop().time() - begun < 5
    with contextlib.suppress(ConnectionResetError):
        assert await asked == b""
    assert "Exception" not in caplog.text


async def test_tls_is_spoken_and_old_versions_are_not(tmp_path: Path) -> None:
    authority = trustme.CA()
    issued = authority.issue_cert("127.0.0.1")
    issued.private_key_pem.write_to_path(str(tmp_path / "key.pem"))
    for pem in issued.cert_chain_pems:
        pem.write_to_path(str(tmp_path / "cert.pem"), append=True)
    context = ssl.create_default_context()
    authority.configure_trust(context)
    async with running(text, Tls(str(tmp_path / "cert.pem"), str(tmp_path / "key.pem"))) as port:
        assert b"0 bytes" in await talk(port, CLOSE, context=context)
        old = ssl.create_default_context()
        authority.configure_trust(old)
        old.maximum_version = ssl.TLSVersion.TLSv1_2
        old.set_ciphers("AES128-SHA")
        with pytest.raises((ssl.SSLError, ConnectionResetError)):
            await talk(port, CLOSE, context=old)


async def test_an_address_that_is_taken_is_unavailable() -> None:
    with contextlib.closing(listen("127.0.0.1", 0)) as taken, pytest.raises(Unavailable, match="cannot listen"):
        listen("127.0.0.1", taken.getsockname()[1])


async def test_a_certificate_that_is_none_is_malformed(tmp_path: Path) -> None:
    (tmp_path / "cert.pem").write_text("no certificate")
    with contextlib.closing(listen("127.0.0.1", 0)) as listener, pytest.raises(Malformed, match="certificate"):
        await serve(text, listener=listener, tls=Tls(str(tmp_path / "cert.pem"), str(tmp_path / "cert.pem")))
