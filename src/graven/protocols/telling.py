"""Tells of each request: an id, one line in the log, and its metrics. Plain ASGI, so that it costs little.

What might be a secret is never told: no header, no query, no body, no path that was not routed, and no part of a routed
path that its route calls ``secret``. The id is graven's own, since one from outside could carry anything.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Iterable
from contextvars import ContextVar
from time import perf_counter
from typing import Any

from prometheus_client import CollectorRegistry, Counter, Histogram
from starlette.types import ASGIApp, Message, Receive, Scope, Send

__all__ = ["REQUEST", "Telling"]

REQUEST: ContextVar[str] = ContextVar("request", default="")
"""The id of the request that is being answered; each line of the log has it."""

_LOG = logging.getLogger("graven.requests")
_BUCKETS = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 60)
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
_UNROUTED = "(none)"
_QUIET = frozenset({"/healthz", "/readyz", "/metrics"})
"""Asked for each few seconds by machines; their line is for debugging only."""


class Telling:
    """Wraps the application; the outermost layer."""

    def __init__(self, app: ASGIApp, *, registry: CollectorRegistry) -> None:
        self._app = app
        labels = ("method", "route", "status")
        self._count = Counter("graven_requests", "Requests answered", labels, registry=registry)
        self._seconds = Histogram(
            "graven_request_seconds",
            "Time from the request's head to the end of the answer",
            ("route",),
            buckets=_BUCKETS,
            registry=registry,
        )
        self._children: dict[tuple[str, str, int], tuple[Any, Any]] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Give the request its id, answer it, and tell of it."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        began = perf_counter()
        request = scope["request_id"] = os.urandom(8).hex()
        REQUEST.set(request)
        status = 0

        async def telling(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                added = ((b"x-request-id", request.encode()), (b"x-content-type-options", b"nosniff"))
                message["headers"] = [*_unsplit(message.get("headers", ())), *added]
            await send(message)

        try:
            await self._app(scope, receive, telling)
        finally:
            self._tell(scope, status, perf_counter() - began)

    def _tell(self, scope: Scope, status: int, seconds: float) -> None:
        route = getattr(scope.get("route"), "path", _UNROUTED)
        count, histogram = self._metrics(scope["method"], route, status)
        count.inc()
        histogram.observe(seconds)
        level = logging.DEBUG if route in _QUIET else logging.INFO
        if not _LOG.isEnabledFor(level):
            return
        who = scope["state"].get("caller") if "state" in scope else None
        facts = {
            "method": scope["method"],
            "route": route,
            "path": _UNROUTED if route == _UNROUTED else _path(scope),
            "status": status,
            "ms": round(seconds * 1000, 3),
            "principal": getattr(who, "principal", ""),
        }
        # Made by hand, since logging would first walk the stack to learn the file and line of this very call.
        record = logging.LogRecord(_LOG.name, level, __file__, 0, "answered" if status else "broken off", None, None)
        record.facts = facts
        _LOG.handle(record)

    def _metrics(self, method: str, route: str, status: int) -> tuple[Any, Any]:
        """Find the metrics of a label once; strangers cannot make labels, since methods and routes are known ones."""
        method = method if method in _METHODS else "other"
        found = self._children.get((method, route, status))
        if found is None:
            found = self._count.labels(method, route, str(status)), self._seconds.labels(route)
            self._children[method, route, status] = found
        return found


def _unsplit(headers: Iterable[tuple[bytes, bytes]]) -> Iterable[tuple[bytes, bytes]]:
    """Let no header through that would begin another one (RFC 9110, section 5.5: CR, LF and NUL are dangerous).

    Raises:
        ValueError: a value has such a character; what was asked for found its way into it.
    """
    for _, value in headers:
        if b"\n" in value or b"\r" in value or b"\0" in value:
            raise ValueError("a header of the answer holds CR, LF or NUL")
    return headers


def _path(scope: Scope) -> str:
    path: str = scope["path"]
    secret = scope.get("path_params", {}).get("secret")
    return path.replace(str(secret), "[secret]") if secret else path
