"""How a noun of the API declares its routes: method, path, action, and the schemas of what goes in and what comes out.

A handler gives back a document, which is sent as JSON, or a ``Response``. A body is read, limited and held against its
schema before the handler sees it, at ``request.state.document``. The OpenAPI document is made
of the same declarations.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

import jsonschema_rs
import orjson
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from graven.errors import Malformed, TooLarge
from graven.flows.access import Access
from graven.protocols.credentials import Handler, guard, known, public
from graven.values import Action, canonical

__all__ = ["ROOT", "SERVER", "Operation", "Schema", "Who", "answer", "array", "body", "operation", "struct", "text"]

ROOT = "/api/v1"
SERVER = "server:"
"""Begins the resources that are neither a repository nor a stage, such as ``server:tokens``."""
Who = Action | Literal["known", "anybody"]
"""The action that a token must have; or any token will do; or none is needed."""

Schema = Mapping[str, Any]
Work = Callable[[Request], Awaitable[Any]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """What the API's document says about a route, and what is asked of its body."""

    summary: str
    gives: Schema
    """JSON Schema of the answer."""
    takes: Schema | None = None
    """JSON Schema of the body; None where there is none, or where it is not JSON."""
    query: Mapping[str, str] = field(default_factory=dict)
    """The parameters of the query, each with what it does."""
    status: int = 200
    limit: int = 1 << 20
    """A body may have so many bytes."""
    media_type: str = "application/json"
    """Of the answer."""


def operation(
    method: str,
    path: str,
    work: Work,
    *,
    about: Operation,
    access: Access,
    action: Who,
    resource: Callable[[Request], str] | str = "",
) -> Route:
    """Make the route of an operation below ``/api/v1``."""
    handler = _handler(work, about)
    endpoint = _guarded(handler, access=access, action=action, resource=resource)
    vars(endpoint).update(operation=about, method=method)
    return Route(ROOT + path, endpoint, methods=[method], name=f"{method} {path}")


def answer(document: Any, status: int = 200) -> Response:
    """Send a document as JSON."""
    return Response(orjson.dumps(document), status, media_type="application/json")


async def body(request: Request, limit: int = 1 << 20) -> bytes:
    """Read a body of at most so many bytes.

    Raises:
        TooLarge: it is longer; no more of it than the limit was read.
    """
    found = bytearray()
    async for piece in request.stream():
        found += piece
        if len(found) > limit:
            raise TooLarge(f"got a body of more than {limit} bytes", where=request.url.path)
    return bytes(found)


def text(description: str = "", **more: Any) -> Schema:
    """Say that there is a string."""
    return {"type": "string", **({"description": description} if description else {}), **more}


def array(items: Schema, **more: Any) -> Schema:
    """Say that there is an array of these."""
    return {"type": "array", "items": items, **more}


def struct(required: Mapping[str, Schema], optional: Mapping[str, Schema] | None = None) -> Schema:
    """Say that there is an object with these members and no others."""
    members = {**required, **(optional or {})}
    return {"type": "object", "properties": members, "required": sorted(required), "additionalProperties": False}


def _handler(work: Work, about: Operation) -> Handler:
    validator = None if about.takes is None else jsonschema_rs.validator_for(dict(about.takes))

    async def handler(request: Request) -> Response:
        if validator is not None:
            document = canonical.loads(await body(request, about.limit), where="body")
            _check(document, validator)
            request.state.document = document
        found = await work(request)
        return found if isinstance(found, Response) else answer(found, about.status)

    return handler


def _check(document: Any, validator: jsonschema_rs.Validator) -> None:
    """Hold a body against its schema.

    Raises:
        Malformed: it does not fit; the place is given as a path in the document.
    """
    for fault in validator.iter_errors(document):
        place = "/".join(str(part) for part in fault.instance_path)
        raise Malformed(f"the body does not fit its schema: {fault.message[:300]}", where=f"body/{place}")


def _guarded(handler: Handler, *, access: Access, action: Who, resource: Callable[[Request], str] | str) -> Handler:
    if action == "anybody":
        return public(handler)
    if action == "known":
        return known(handler, access=access)
    where = resource if callable(resource) else lambda _: resource
    return guard(handler, access=access, action=action, resource=where)
