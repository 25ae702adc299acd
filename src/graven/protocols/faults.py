"""What a caller is told when something went wrong: a status, a body with the request's id, and what to do.

Owns the way from an exception to an answer. The table of statuses is ``graven.errors``; a protocol whose specification
has a body of its own (OCI, Kubernetes) hands in its shape, by the beginning of its paths. What nobody foresaw is told
to the log with its traceback, and to the caller without.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from typing import Any

import orjson
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect
from starlette.responses import Response
from starlette.routing import Match
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from graven.errors import GravenError, Malformed, NotFound, TooLarge, Unauthenticated, Unavailable, Unsupported
from graven.errors import family as family_of
from graven.errors import status as status_of

__all__ = ["Faults", "Page", "Shape", "document", "not_found", "request_id"]

Shape = Callable[[GravenError, str], Mapping[str, Any]]
"""Makes the JSON body from the error and the request's id."""

Page = Callable[[GravenError], str]
"""Makes the HTML for a person at a browser."""

_LOG = logging.getLogger("graven.faults")
_RETRY_SECONDS = 2
_BY_STATUS: Mapping[int, type[GravenError]] = {404: NotFound, 405: Unsupported, 413: TooLarge, 503: Unavailable}


def document(error: GravenError, request: str) -> dict[str, Any]:
    """Make the body that graven's own protocols answer."""
    told = {
        "code": family_of(error) if type(error) is not GravenError else "internal",
        "message": error.message,
        "where": error.where,
        "hint": error.hint,
        "detail": dict(error.detail),
        "request_id": request,
    }
    return {"error": told}


def request_id(scope: Scope) -> str:
    """Give the id under which this request stands in the log."""
    return str(scope.get("request_id", ""))


async def not_found(*_: object) -> None:
    """Answer a path that there is not; alike for everybody, so that nothing is learnt from it.

    Raises:
        NotFound: always.
    """
    raise NotFound("there is no such path", hint="GET /api/v1/openapi.json lists the paths of the API")


class Faults:
    """Turns each exception of the application within into an answer."""

    def __init__(
        self,
        app: ASGIApp,
        *,
        shapes: Mapping[str, Shape] | None = None,
        page: Callable[[GravenError], str] | None = None,
    ) -> None:
        self._app = app
        self._shapes = tuple((shapes or {}).items())
        self._page = page

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Run the application; answer in its stead what it raises."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        begun = False

        async def watched(message: Message) -> None:
            nonlocal begun
            await send(message)
            begun = True

        scope["app"] = self  # Starlette's router raises its 405 where it finds an application around it
        try:
            await self._app(scope, receive, watched)
        except ClientDisconnect:
            _LOG.info("the client went away")
        except Exception as e:
            if begun:  # too late for an answer: the server breaks the connection off, so that it is not taken for whole
                raise
            await self._answer(e, scope)(scope, receive, send)

    def _answer(self, error: Exception, scope: Scope) -> Response:
        told, headers = _tell(error, scope)
        if self._page is not None and _browses(scope):
            return Response(self._page(told), status_of(told), headers, "text/html")
        shape = next((shape for start, shape in self._shapes if scope["path"].startswith(start)), document)
        body = orjson.dumps(shape(told, request_id(scope)), default=str)
        return Response(body, status_of(told), headers, "application/json")


def _tell(error: Exception, scope: Scope) -> tuple[GravenError, dict[str, str]]:
    """Choose what the caller may know of an exception, and the headers that go with it."""
    if isinstance(error, HTTPException):
        error = _named(error, scope)
    if not isinstance(error, GravenError):
        _LOG.error("internal error", exc_info=error)
        hint = "the server's log has the cause under the request's id"
        return GravenError("graven failed in a way that nobody foresaw", hint=hint), {}
    if isinstance(error, Unavailable):
        _LOG.warning("unavailable: %s", error, exc_info=error.__cause__)
    return error, _headers(error)


def _browses(scope: Scope) -> bool:
    """Tell whether a person looks: a browser asks for HTML first, and no other client does."""
    accept = next((value for name, value in scope["headers"] if name == b"accept"), b"")
    return bool(accept.startswith(b"text/html"))


def _named(error: HTTPException, scope: Scope) -> GravenError:
    """Give the framework's exception the family of its status."""
    if error.status_code == 405:
        allowed = _methods(scope)
        message = f"got a method that this path does not have, expected one of {allowed}"
        return Unsupported(message, detail={"allow": allowed})
    return _BY_STATUS.get(error.status_code, Malformed)(str(error.detail))


def _methods(scope: Scope) -> str:
    """List the methods of a path over all routes that have it; the framework names those of the first only."""
    found: set[str] = set()
    for route in scope["router"].routes:
        if route.matches(scope)[0] is not Match.NONE:
            found |= route.methods or set()
    return ", ".join(sorted(found))


def _headers(error: GravenError) -> dict[str, str]:
    if isinstance(error, Unauthenticated):
        return {"WWW-Authenticate": 'Basic realm="graven", charset="UTF-8"'}
    if isinstance(error, Unavailable):
        return {"Retry-After": str(error.detail.get("retry_after", _RETRY_SECONDS))}
    return {"Allow": str(error.detail.get("allow", ""))} if isinstance(error, Unsupported) else {}
