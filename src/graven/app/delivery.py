"""Delivers the bytes of a blob over HTTP: whole or in part, by the kernel where it can.

RFC 9110, "Range Requests" and "Conditional Requests". Content is named by its digest, so that a digest is a strong
entity tag and nothing that was delivered ever changes. Protocols are handed a ``Delivery``; they know its shape only.
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from typing import Protocol

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from graven.flows.pull import Blob

__all__ = ["Delivery", "span"]

_RANGE = re.compile(r"bytes=\s*(\d*)-(\d*)\s*")


class Bytes(Protocol):
    """Gives the bytes of a blob in pieces: ``flows.pull.Pull.stream``."""

    def __call__(self, blob: Blob, *, start: int = 0, end: int | None = None) -> AsyncIterator[bytes]:
        """Give the bytes from start up to end."""


def span(header: str | None, size: int) -> tuple[int, int] | None:
    """Read a Range header against a size: start and end (exclusive); start is not before end if there is no such part.

    Several ranges, or other units, are read as none (RFC 9110: MAY ignore).

    >>> span("bytes=0-3", 10), span("bytes=-4", 10), span("bytes=8-99", 10), span("bytes=10-", 10)
    ((0, 4), (6, 10), (8, 10), (10, 10))
    >>> span(None, 10) is span("lines=1-2", 10) is None
    True
    """
    match = _RANGE.fullmatch(header or "")
    first, last = match.groups() if match else ("", "")
    if not first and not last:
        return None
    if not first:
        return max(0, size - int(last)), size
    return int(first), min(size, int(last) + 1) if last else size


class Delivery:
    """Makes the response to a request for a blob."""

    def __init__(self, stream: Bytes) -> None:
        self._stream = stream

    def __call__(self, request: Request, blob: Blob, headers: Mapping[str, str]) -> Response:
        """Answer 200, 206, 304 or 416."""
        tag = f'"{blob.digest}"'
        told = {"Accept-Ranges": "bytes", "ETag": tag, **headers}
        if tag in request.headers.get("if-none-match", ""):
            return Response(status_code=304, headers=told)
        wanted = request.headers.get("range") if request.headers.get("if-range", tag) == tag else None
        part = span(wanted, blob.size)
        start, end = part or (0, blob.size)
        if part and start >= end:
            return Response(status_code=416, headers={**told, "Content-Range": f"bytes */{blob.size}"})
        if part:
            told["Content-Range"] = f"bytes {start}-{end - 1}/{blob.size}"
        told["Content-Length"] = str(end - start)
        return _Body(self._stream, blob, (start, end), status=206 if part else 200, headers=told)


class _Body(Response):
    def __init__(
        self, stream: Bytes, blob: Blob, found: tuple[int, int], *, status: int, headers: Mapping[str, str]
    ) -> None:
        self.status_code = status
        self.background = None
        self.body = b""
        self.init_headers(headers)
        self._stream, self._blob, self._span = stream, blob, found

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG002 - ASGI's own shape
        start, end = self._span
        begin = {"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers}
        if scope["method"] == "HEAD" or start == end:
            await send(begin)
            await send({"type": "http.response.body", "body": b""})
        elif self._blob.path and "http.response.zerocopysend" in scope.get("extensions", {}):
            with Path(self._blob.path).open("rb") as file:  # noqa: ASYNC230 - takes microseconds, a thread more
                await send(begin)
                parts = {"file": file.fileno(), "offset": start, "count": end - start}
                await send({"type": "http.response.zerocopysend", **parts})
        else:
            await send(begin)
            async for piece in self._stream(self._blob, start=start, end=end):
                await send({"type": "http.response.body", "body": piece, "more_body": True})
            await send({"type": "http.response.body", "body": b""})
