"""One HTTP connection: uvicorn's, with limits for slow and greedy clients, and with files sent by the kernel.

Owns the ASGI extension ``http.response.zerocopysend`` (asgiref, "Zero Copy Send") where there is no TLS, and how
much of a body is read ahead. Parsing is httptools', the rest of HTTP/1.1 is uvicorn's.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle

__all__ = ["Connection"]

MAX_HEAD = 64 << 10
"""Bytes of a request's line and headers."""
READ_AHEAD = 1 << 20
"""Bytes of a body that are read before the application asks: so much comes in while it hashes and writes."""
PATIENCE = 60.0
"""Seconds that a client may take for the head of a request, and for the next piece of a body, in either direction."""

_SEND_AT_ONCE = 1 << 20
_Message = MutableMapping[str, Any]
_App = Callable[[Any, Any, Callable[[_Message], Awaitable[None]]], Awaitable[None]]


class Connection(HttpToolsProtocol):
    """Speaks HTTP/1.1 with one client."""

    _head = 0
    _moved = 0.0
    """When bytes last came or went."""
    _unsent = 0
    _watch: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Begin to watch the client's pace."""
        super().connection_made(transport)
        self._moved = self.loop.time()
        self._watch = self.loop.call_later(PATIENCE / 4, self._look)

    def connection_lost(self, exc: Exception | None) -> None:
        """Stop watching."""
        if self._watch is not None:
            self._watch.cancel()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Note that the client moves."""
        self._moved = self.loop.time()
        super().data_received(data)

    def on_message_begin(self) -> None:
        """Offer the kernel's way to send files."""
        super().on_message_begin()
        self._head = 0
        if self.scheme == "http":
            self.scope["extensions"] = {"http.response.zerocopysend": {}}

    def on_url(self, url: bytes) -> None:
        """Count what the request line takes."""
        super().on_url(url)
        self._count(len(url))

    def on_header(self, name: bytes, value: bytes) -> None:
        """Count what the headers take."""
        super().on_header(name, value)
        self._count(len(name) + len(value))

    def _count(self, length: int) -> None:
        self._head += length
        if self._head > MAX_HEAD:
            raise ValueError("head too large")

    def send_400_response(self, msg: str) -> None:
        """Answer what could not be parsed; a head that is too large has a status of its own (RFC 6585)."""
        if self._head <= MAX_HEAD:
            super().send_400_response(msg)
            return
        self.transport.write(
            b"HTTP/1.1 431 Request Header Fields Too Large\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"
        )
        self.transport.close()

    def on_body(self, body: bytes) -> None:
        """Keep a piece of the body for the application, and read on while there is room."""
        cycle = self.cycle
        if cycle.response_complete:
            return
        cycle.body += body
        if len(cycle.body) > READ_AHEAD:
            self.flow.pause_reading()
        cycle.message_event.set()

    def _start_asgi_task(self, cycle: RequestResponseCycle, app: Any) -> None:
        super()._start_asgi_task(cycle, self._sending(cycle, app) if self.scheme == "http" else app)

    def _sending(self, cycle: RequestResponseCycle, app: _App) -> Any:
        async def send(message: _Message) -> None:
            if message["type"] == "http.response.zerocopysend":
                await self._send_file(cycle, message["file"], message.get("offset", 0), message["count"])
            else:
                await cycle.send(message)  # type: ignore[arg-type]

        async def run(scope: Any, receive: Any, _: Any) -> None:
            await app(scope, receive, send)

        return run

    async def _send_file(self, cycle: RequestResponseCycle, file: int, offset: int, count: int) -> None:
        if cycle.disconnected:
            return
        await self._flushed()
        try:
            await self._pump(file, offset, count)
        except (OSError, TimeoutError):
            self.transport.abort()
            cycle.disconnected = True
            return
        cycle.expected_content_length -= count
        await cycle.send({"type": "http.response.body", "body": b"", "more_body": False})

    async def _flushed(self) -> None:
        """Wait until what the transport holds is with the kernel, so that the file comes behind it."""
        self.transport.set_write_buffer_limits(0)
        await self.flow.drain()
        self.transport.set_write_buffer_limits()

    async def _pump(self, file: int, offset: int, count: int) -> None:
        # A duplicate of the descriptor, since the loop refuses to watch the transport's own.
        connection = os.dup(self.transport.get_extra_info("socket").fileno())
        try:
            while count:
                try:
                    sent = os.sendfile(connection, file, offset, min(count, _SEND_AT_ONCE))
                except BlockingIOError:
                    await self._writable(connection)
                    continue
                if not sent:
                    raise OSError("the file is shorter than it was said to be")
                offset, count, self._moved = offset + sent, count - sent, self.loop.time()
                await asyncio.sleep(0)
        finally:
            os.close(connection)

    async def _writable(self, connection: int) -> None:
        ready = self.loop.create_future()
        self.loop.add_writer(connection, _settle, ready)
        try:
            async with asyncio.timeout(PATIENCE):
                await ready
        finally:
            self.loop.remove_writer(connection)

    def _look(self) -> None:
        """Break off with a client that owes us the next bytes, or has taken none of ours, for too long."""
        self._watch = self.loop.call_later(PATIENCE / 4, self._look)
        unsent = self.transport.get_write_buffer_size()
        if unsent != self._unsent:
            self._moved, self._unsent = self.loop.time(), unsent
        begun = self.cycle is not None and not self.cycle.response_complete
        waits_for_us = begun and not self.cycle.more_body and not unsent
        paused = self.flow.read_paused and not unsent
        between = self.timeout_keep_alive_task is not None
        if not (waits_for_us or paused or between) and self.loop.time() - self._moved > PATIENCE:
            self.transport.abort()


def _settle(ready: asyncio.Future[None]) -> None:
    with contextlib.suppress(asyncio.InvalidStateError):
        ready.set_result(None)
