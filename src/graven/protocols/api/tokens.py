"""Tokens and principals: ``/tokens``, ``/principals``, and ``/whoami`` for whoever has a token."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from starlette.requests import Request
from starlette.routing import Route

from graven.flows.access import Access
from graven.flows.tokens import Token, Tokens
from graven.protocols.api.operation import SERVER, Operation, array, operation, struct, text
from graven.protocols.api.paging import page
from graven.protocols.credentials import caller

__all__ = ["routes"]

_RESOURCE = f"{SERVER}tokens"
_SCOPES = array(text("ACTION:PATTERN"), minItems=1, maxItems=100)
_SHOWN = {
    "token": text("public id"),
    "principal": text("opaque id"),
    "name": {"type": ["string", "null"], "description": "null: it was erased"},
    "scopes": _SCOPES,
    "expires": {"type": ["string", "null"]},
    "created": text(),
}
_TOKEN = struct(_SHOWN)
_CREATED = struct({**_SHOWN, "secret": text("shown once, kept nowhere")})
_WANTED = struct(
    {"name": text("of the principal", minLength=1, maxLength=200), "scopes": _SCOPES},
    {"kind": text(enum=["person", "service"]), "expires": text("RFC 3339; never, where it is not given")},
)
_WHO = struct({"principal": text("opaque id"), "token": text("public id"), "scopes": array(text())})
_NOTHING = struct({})


def routes(*, access: Access, tokens: Tokens) -> list[Route]:
    """Give the routes of tokens and principals."""
    work = _Work(tokens)
    listed = Operation(
        summary="List the tokens that work, oldest first",
        gives=struct({"tokens": array(_TOKEN), "next": {"type": ["string", "null"]}}),
        query={"after": "the `next` of the page before", "limit": "at most so many (100; at most 1000)"},
    )
    made = Operation(summary="Make a token; its secret is shown this once", takes=_WANTED, gives=_CREATED, status=201)
    revoked = Operation(summary="Revoke a token at once", gives=_NOTHING, query={"reason": "why, for the journal"})
    erased = Operation(summary="Erase the name of a principal; its opaque id stays", gives=_NOTHING)
    who = Operation(summary="Say who the token that is shown belongs to", gives=_WHO)
    admin: dict[str, Any] = {"access": access, "action": "admin", "resource": _RESOURCE}
    return [
        operation("GET", "/tokens", work.list, about=listed, **admin),
        operation("POST", "/tokens", work.create, about=made, **admin),
        operation("DELETE", "/tokens/{token}", work.revoke, about=revoked, **admin),
        operation("DELETE", "/principals/{principal}/name", work.erase, about=erased, **admin),
        operation("GET", "/whoami", _whoami, about=who, access=access, action="known"),
    ]


@dataclass(frozen=True, slots=True)
class _Work:
    tokens: Tokens

    async def list(self, request: Request) -> dict[str, Any]:
        after, limit = page(request)
        found = await self.tokens.list(after=after, limit=limit + 1)
        following = found[limit - 1].token if len(found) > limit else None
        return {"tokens": [_shown(token) for token in found[:limit]], "next": following}

    async def create(self, request: Request) -> dict[str, Any]:
        made = await self.tokens.create(caller(request), **request.state.document)
        return {**_shown(made), "secret": made.secret}

    async def revoke(self, request: Request) -> dict[str, Any]:
        reason = request.query_params.get("reason", "")[:1000]
        await self.tokens.revoke(caller(request), request.path_params["token"], reason=reason)
        return {}

    async def erase(self, request: Request) -> dict[str, Any]:
        await self.tokens.erase(caller(request), request.path_params["principal"])
        return {}


async def _whoami(request: Request) -> dict[str, Any]:
    who = caller(request)
    return {"principal": who.principal, "token": who.token, "scopes": [str(scope) for scope in who.scopes]}


def _shown(token: Token) -> dict[str, Any]:
    shown = asdict(token)
    del shown["secret"]
    return {**shown, "scopes": list(token.scopes)}
