"""One request and its answer: the body piece by piece without copies, the answer in one write, files by the kernel.

Stands in the place of uvicorn's own cycle and keeps its contract with the application (ASGI 3.0). Owns the extension
``http.response.zerocopysend`` (asgiref, "Zero Copy Send").
"""

from __future__ import annotations

import asyncio
import contextlib
import os
from collections import deque
from collections.abc import MutableMapping
from typing import Any

from uvicorn.protocols.http.httptools_impl import STATUS_LINE, RequestResponseCycle

__all__ = ["READ_AHEAD", "Exchange"]

READ_AHEAD = 1 << 20
"""Bytes of a body that are read before the application asks: so much comes in while it hashes and writes."""

_TOGETHER = 64 << 10
"""A body of at most so many bytes is copied behind its head, so that both go in one write."""
_SEND_AT_ONCE = 1 << 20
_FRAMING = frozenset({b"content-length", b"transfer-encoding", b"connection"})
"""Headers that this reads too; ASGI has their names in lower case."""
_CLOSE = b"connection: close\r\n"
_BODILESS = frozenset({204, 304})
_Message = MutableMapping[str, Any]


class Exchange(RequestResponseCycle):
    """A request that is being answered."""

    patience: float
    """Seconds that the client may take for the next bytes."""
    loop: asyncio.AbstractEventLoop

    def __init__(self, *, loop: asyncio.AbstractEventLoop, patience: float, **parts: Any) -> None:
        super().__init__(**parts)
        self.loop, self.patience = loop, patience
        self._pieces: deque[bytes] = deque()
        self._waiting = 0
        self._ended = False
        self._head = b""

    async def run_asgi(self, app: Any) -> None:
        """Let the application answer; where it is told to stop at the server's end, break the connection off."""

        async def run(scope: Any, receive: Any, send: Any) -> None:
            try:
                await app(scope, receive, send)
            except asyncio.CancelledError:
                self.disconnected = True
                self.transport.abort()

        await super().run_asgi(run)

    def take(self, piece: bytes) -> None:
        """Keep a piece of the body for the application; read on while there is room."""
        self._pieces.append(piece)
        self._waiting += len(piece)
        if self._waiting > READ_AHEAD:
            self.flow.pause_reading()
        self.message_event.set()

    async def receive(self) -> Any:
        """Give the next piece of the body, or say that there is none, or that the client went away."""
        if self.waiting_for_100_continue and not self.transport.is_closing():
            self.transport.write(b"HTTP/1.1 100 Continue\r\n\r\n")
            self.waiting_for_100_continue = False
        while not self._pieces and (self.more_body or self._ended):
            if self.disconnected or self.response_complete:
                return {"type": "http.disconnect"}
            self.flow.resume_reading()
            await self.message_event.wait()
            self.message_event.clear()
        piece = self._pieces.popleft() if self._pieces else b""
        self._waiting -= len(piece)
        if self._waiting < READ_AHEAD // 2:
            self.flow.resume_reading()
        more = bool(self._pieces) or self.more_body
        self._ended = not more
        return {"type": "http.request", "body": piece, "more_body": more}

    async def send(self, message: Any) -> None:
        """Take the head of the answer, a piece of its body, or a file that is its body."""
        if self.flow.write_paused and not self.disconnected:
            await self.flow.drain()
        if self.disconnected:
            return
        kind = message["type"]
        if kind == "http.response.start" and not self.response_started:
            self._begin(message)
        elif kind == "http.response.body" and self.response_started and not self.response_complete:
            self._body(message.get("body", b""), more=message.get("more_body", False))
        elif kind == "http.response.zerocopysend" and self.response_started and not self.response_complete:
            await self._file(message["file"], message.get("offset", 0), message["count"])
        else:
            raise RuntimeError(f"got {kind}, which has no place here")

    def _begin(self, message: _Message) -> None:
        status, lines = message["status"], [STATUS_LINE[message["status"]]]
        for name, value in self.default_headers:
            lines.append(b"%s: %s\r\n" % (name, value))
        for name, value in message.get("headers", ()):
            lines.append(b"%s: %s\r\n" % (name, value))
            if name in _FRAMING:
                self._frame(name, value)
        if not self.keep_alive and _CLOSE not in lines:
            lines.append(_CLOSE)
        if self.chunked_encoding is None and self.scope["method"] != "HEAD" and status not in _BODILESS:
            self.chunked_encoding = True
            lines.append(b"transfer-encoding: chunked\r\n")
        lines.append(b"\r\n")
        self._head, self.response_started, self.waiting_for_100_continue = _unsplit(lines), True, False

    def _frame(self, name: bytes, value: bytes) -> None:
        if name == b"content-length":
            self.chunked_encoding, self.expected_content_length = False, int(value)
        elif name == b"transfer-encoding":
            self.chunked_encoding = True
        elif b"close" in value.lower():
            self.keep_alive = False

    def _body(self, body: bytes, *, more: bool) -> None:
        if self.scope["method"] == "HEAD":
            body, self.expected_content_length = b"", 0
        elif self.chunked_encoding:
            body = (b"%x\r\n%s\r\n" % (len(body), body) if body else b"") + (b"" if more else b"0\r\n\r\n")
        else:
            self.expected_content_length -= len(body)
            if self.expected_content_length < 0:
                raise RuntimeError("got more of an answer than its Content-Length")
        self._write(body)
        if not more:
            self._end()

    def _write(self, body: bytes) -> None:
        head, self._head = self._head, b""
        if head and len(body) <= _TOGETHER:
            self.transport.write(head + body)
            return
        for part in (head, body):
            if part:
                self.transport.write(part)

    def _end(self) -> None:
        if self.expected_content_length:
            raise RuntimeError("got less of an answer than its Content-Length")
        self.response_complete = True
        self.message_event.set()
        if not self.keep_alive:
            self.transport.close()
        self.on_response()

    async def _file(self, file: int, offset: int, count: int) -> None:
        self._write(b"")
        await self._flushed()
        try:
            await self._pump(file, offset, count)
        except (OSError, TimeoutError):
            self.disconnected = True
            self.transport.abort()
            return
        self.expected_content_length -= count
        self._end()

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
                offset, count = offset + sent, count - sent
                await asyncio.sleep(0)
        finally:
            os.close(connection)

    async def _writable(self, connection: int) -> None:
        ready = self.loop.create_future()
        self.loop.add_writer(connection, _settle, ready)
        try:
            async with asyncio.timeout(self.patience):
                await ready
        finally:
            self.loop.remove_writer(connection)


def _unsplit(lines: list[bytes]) -> bytes:
    """Join the lines of a head, each of which must be one.

    Raises:
        RuntimeError: a header holds CR, LF or NUL, and would begin another (RFC 9110, section 5.5).
    """
    head = b"".join(lines)
    if not head.count(b"\n") == head.count(b"\r") == len(lines) or b"\0" in head:
        raise RuntimeError("a header of the answer holds CR, LF or NUL")
    return head


def _settle(ready: asyncio.Future[None]) -> None:
    with contextlib.suppress(asyncio.InvalidStateError):
        ready.set_result(None)
