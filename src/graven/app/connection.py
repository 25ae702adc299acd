"""One HTTP connection: uvicorn's, with limits for slow and greedy clients.

Owns how long a client may take and how large the head of a request may be. Parsing is httptools', what becomes of a
request is ``app.exchange``, the rest of HTTP/1.1 is uvicorn's.
"""

from __future__ import annotations

import asyncio
from typing import Any, cast
from urllib.parse import unquote

import httptools
from uvicorn.protocols.http.flow_control import service_unavailable
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from graven.app.exchange import Exchange

__all__ = ["Connection"]

MAX_HEAD = 64 << 10
"""Bytes of a request's line and headers."""
PATIENCE = 60.0
"""Seconds that a client may take for the head of a request, and for the next piece of a body, in either direction."""


class Connection(HttpToolsProtocol):
    """Speaks HTTP/1.1 with one client."""

    cycle: Exchange
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
        """Keep a header, and count what the headers take."""
        name = name.lower()
        if name == b"expect" and value.lower() == b"100-continue":
            self.expect_100_continue = True
        self.headers.append((name, value))
        self._count(len(name) + len(value))

    def _count(self, length: int) -> None:
        self._head += length
        if self._head > MAX_HEAD:
            raise ValueError("head too large")

    def on_headers_complete(self) -> None:
        """Begin to answer, or queue behind the request that is being answered."""
        version, url = self.parser.get_http_version(), httptools.parse_url(self.url)
        path = url.path.decode("ascii")
        self.scope["method"] = self.parser.get_method().decode("ascii")
        self.scope["http_version"] = version
        self.scope["path"], self.scope["raw_path"] = unquote(path) if "%" in path else path, url.path
        self.scope["query_string"] = url.query or b""
        before = cast("Exchange | None", self.cycle)
        self.cycle = self._exchange(keep_alive=version != "1.0" and self.parser.should_keep_alive())
        app = service_unavailable if len(self.connections) > (self.limit_concurrency or 0) > 0 else self.app
        if before is None or before.response_complete:
            self._start_asgi_task(self.cycle, app)
        else:
            self.flow.pause_reading()
            self.pipeline.appendleft((self.cycle, app))

    def _exchange(self, *, keep_alive: bool) -> Exchange:
        parts: dict[str, Any] = {
            "scope": self.scope,
            "transport": self.transport,
            "flow": self.flow,
            "logger": self.logger,
            "access_logger": self.access_logger,
            "access_log": False,
            "default_headers": self.server_state.default_headers,
            "message_event": asyncio.Event(),
            "expect_100_continue": self.expect_100_continue,
            "keep_alive": keep_alive,
            "on_response": self.on_response_complete,
        }
        return Exchange(loop=self.loop, patience=PATIENCE, **parts)

    def on_body(self, body: bytes) -> None:
        """Hand a piece of the body on, unless nobody wants it any more."""
        if not self.cycle.response_complete:
            self.cycle.take(body)

    def send_400_response(self, msg: str) -> None:
        """Answer what could not be parsed; a head that is too large has a status of its own (RFC 6585)."""
        if self._head <= MAX_HEAD:
            super().send_400_response(msg)
            return
        self.transport.write(
            b"HTTP/1.1 431 Request Header Fields Too Large\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"
        )
        self.transport.close()

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
