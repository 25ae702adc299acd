"""Reads who asks from a request (RFC 7617 Basic with a token as password, RFC 6750 Bearer), and guards handlers.

Every route's endpoint is made by ``guard``, ``known``, ``entrusted`` or ``public``; a test enumerates them. Who may do
what is the matter of ``graven.flows.access``.
"""

from __future__ import annotations

import binascii
from base64 import b64decode
from collections.abc import Awaitable, Callable

from starlette.requests import Request
from starlette.responses import Response

from graven.errors import Forbidden, Unauthenticated
from graven.flows.access import Access
from graven.values.identity import Action, Caller

__all__ = ["Handler", "address", "caller", "entrusted", "guard", "known", "public", "secret"]

_READS = frozenset({"GET", "HEAD"})
Handler = Callable[[Request], Awaitable[Response]]


def guard(handler: Handler, *, access: Access, action: Action, resource: Callable[[Request], str]) -> Handler:
    """Let only those in whose token has the action on the resource; ``caller(request)`` says who it is.

    The resource is a repository's name, or a stage's; for what is neither it is ``server:…``, which no pattern for
    repositories matches by chance.
    """

    async def endpoint(request: Request) -> Response:
        who = await _who(request, access)
        if not who.scopes:  # before the request is read further, so that nobody learns more than that
            access.demand_known(who)
        await access.require(who, action, resource(request))
        request.state.caller = who
        return await handler(request)

    vars(endpoint).update(guard="guard", action=action, handler=handler)
    return endpoint


def known(handler: Handler, *, access: Access) -> Handler:
    """Let everybody in who shows a token that works, whatever it is good for."""

    async def endpoint(request: Request) -> Response:
        who = await _who(request, access)
        access.demand_known(who)
        request.state.caller = who
        return await handler(request)

    vars(endpoint).update(guard="known", action=None, handler=handler)
    return endpoint


def public(handler: Handler) -> Handler:
    """Mark a handler as needing nobody."""

    async def endpoint(request: Request) -> Response:
        return await handler(request)

    vars(endpoint).update(guard="public", action=None, handler=handler)
    return endpoint


def entrusted(handler: Handler) -> Handler:
    """Mark a handler that knows its callers by itself, by a secret in the path: an API server sends no credentials."""

    async def endpoint(request: Request) -> Response:
        return await handler(request)

    vars(endpoint).update(guard="entrusted", action=None, handler=handler)
    return endpoint


def caller(request: Request) -> Caller:
    """Give who asks, as the guard found it."""
    found: Caller = request.state.caller
    return found


def address(request: Request) -> str:
    """Give the address of the connection; headers that claim another are not believed."""
    return request.client.host if request.client else ""


def secret(header: str | None) -> str | None:
    """Read the secret of an Authorization header; empty Basic credentials are nobody's, as clients send them so.

    >>> secret("Basic YW55Ym9keTpncnZfeA=="), secret("Bearer grv_x"), secret("Basic Og=="), secret(None)
    ('grv_x', 'grv_x', None, None)

    Raises:
        Unauthenticated: the header is neither Basic nor Bearer, or cannot be read.
    """
    if header is None:
        return None
    scheme, _, value = header.partition(" ")
    if scheme.lower() == "bearer" and value.strip():
        return value.strip()
    if scheme.lower() == "basic":
        return _password(value.strip())
    raise Unauthenticated("got an Authorization header that is neither Basic nor Bearer", where="Authorization")


def _password(value: str) -> str | None:
    try:
        user, colon, password = b64decode(value, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError) as e:
        raise Unauthenticated("got Basic credentials that are no base64 of UTF-8", where="Authorization") from e
    if not colon:
        raise Unauthenticated("got Basic credentials without a colon, expected USER:TOKEN", where="Authorization")
    return password or (None if not user else "")


async def _who(request: Request, access: Access) -> Caller:
    if request.method not in _READS:
        _refuse_forgery(request)
    try:
        found = secret(request.headers.get("authorization"))
    except Unauthenticated:
        access.count_stranger()
        raise
    return await access.authenticate(found, address(request))


def _refuse_forgery(request: Request) -> None:
    """Refuse what another site made a browser send: it adds the Basic credentials that it remembers by itself.

    Raises:
        Forbidden: the browser says that the request comes from elsewhere.
    """
    site = request.headers.get("sec-fetch-site", "none")
    origin = request.headers.get("origin")
    elsewhere = origin is not None and origin.partition("://")[2] != request.headers.get("host")
    if site not in ("none", "same-origin") or elsewhere:
        raise Forbidden(
            "got a request that another site made a browser send", where=origin or f"Sec-Fetch-Site: {site}"
        )
