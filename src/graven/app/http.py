"""The HTTP server: uvicorn inside graven's one process, on sockets of our own, with TLS, limits and a calm end.

Owns listening, TLS, signals and the drain. What a connection may do is in ``app.connection``, what is answered in
``protocols``.
"""

from __future__ import annotations

import asyncio
import contextlib
import signal
import socket
import ssl
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from typing import Any

import uvicorn
import uvloop

from graven.app.allocator import keep_freed
from graven.app.connection import Connection
from graven.errors import Malformed, Unavailable

__all__ = ["Tls", "listen", "new_loop", "serve"]

ASGI = Callable[[Any, Any, Any], Awaitable[None]]

DRAIN = 3
"""Seconds that requests may take to end after SIGTERM; the whole end takes less than five."""
_KEEP_ALIVE = 75
_CONNECTIONS = 2000
"""More at once are answered 503."""


@dataclass(frozen=True, slots=True)
class Tls:
    """Files of a certificate (with its chain) and its key, in PEM."""

    certificate: str
    key: str


def new_loop() -> asyncio.AbstractEventLoop:
    """Make the event loop that the server runs best on (for ``asyncio.Runner(loop_factory=…)``)."""
    return uvloop.new_event_loop()


async def serve(
    app: ASGI,
    *,
    listener: socket.socket,
    tls: Tls | None = None,
    started: Callable[[int], None] | None = None,
) -> None:
    """Answer requests until SIGTERM or SIGINT; then let those that run end, and return.

    Raises:
        Malformed: the certificate and the key are none, or do not belong together.
    """
    keep_freed()
    config = uvicorn.Config(
        app,
        http=Connection,
        ws="none",
        lifespan="off",
        log_config=None,
        access_log=False,
        proxy_headers=False,
        server_header=False,
        timeout_keep_alive=_KEEP_ALIVE,
        timeout_graceful_shutdown=DRAIN,
        limit_concurrency=_CONNECTIONS,
    )
    config.load()
    config.ssl = None if tls is None else _context(tls)
    await _Server(config, started).serve([listener])


class _Server(uvicorn.Server):
    """A server that ends without raising the signal again, and says when it listens."""

    def __init__(self, config: uvicorn.Config, started: Callable[[int], None] | None) -> None:
        super().__init__(config)
        self._told = started

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self._told is not None and sockets:
            self._told(sockets[0].getsockname()[1])

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        loop, caught = asyncio.get_running_loop(), (signal.SIGTERM, signal.SIGINT)
        try:
            for number in caught:
                loop.add_signal_handler(number, self._end)
        except (ValueError, RuntimeError):  # not in the main thread: whoever started the thread ends it
            yield
            return
        try:
            yield
        finally:
            for number in caught:
                loop.remove_signal_handler(number)

    def _end(self) -> None:
        self.force_exit = self.should_exit
        self.should_exit = True


def listen(host: str, port: int) -> socket.socket:
    """Take an address; port 0 takes any free one.

    Raises:
        Unavailable: the address is taken, or none of this machine.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family, backlog=2048)
    except OSError as e:
        raise Unavailable(
            f"cannot listen on {host}:{port}: {e.strerror}",
            where=f"{host}:{port}",
            hint="choose another address with --listen HOST:PORT",
        ) from e


def _context(tls: Tls) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.set_ciphers("ECDHE+AESGCM:ECDHE+CHACHA20")
    context.options |= ssl.OP_NO_RENEGOTIATION | ssl.OP_NO_COMPRESSION
    context.set_alpn_protocols(["http/1.1"])
    try:
        context.load_cert_chain(tls.certificate, tls.key)
    except (OSError, ssl.SSLError) as e:
        raise Malformed(
            f"cannot use the certificate {tls.certificate} with the key {tls.key}: {e}",
            where=tls.certificate,
            hint="give a PEM chain with --tls-cert and its key with --tls-key",
        ) from e
    return context
