"""Repositories: what there is, and whether it is immutable; set for one, or for those that will be made in a folder."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import orjson
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from graven.errors import Malformed
from graven.flows.access import Access
from graven.flows.repositories import Mode, Repositories, folder_or_name
from graven.projection import Row
from graven.protocols.credentials import caller, guard, known
from graven.values import canonical

__all__ = ["routes"]

_PAGE = 1000
_MOST = 64 << 10


def routes(*, access: Access, repositories: Repositories) -> list[Route]:
    """Make the routes of this noun."""
    handlers = _Repositories(repositories=repositories)
    one = "/api/v1/repositories/{name:path}"
    return [
        Route("/api/v1/repositories", known(handlers.all, access=access), methods=["GET"]),
        Route(one, guard(handlers.get, access=access, action="pull", resource=_name), methods=["GET"]),
        Route(one, guard(handlers.put, access=access, action="admin", resource=_name), methods=["PUT"]),
    ]


@dataclass(frozen=True, kw_only=True)
class _Repositories:
    repositories: Repositories

    async def all(self, request: Request) -> Response:
        """List the repositories that the caller may pull, and the settings of folders."""
        rows = await self.repositories.all(last=request.query_params.get("last", ""), limit=_PAGE)
        shown = [_document(name, row) for name, row in rows if caller(request).may("pull", name)]
        return _json({"repositories": shown, "next": rows[-1][0] if len(rows) == _PAGE else ""})

    async def get(self, request: Request) -> Response:
        """Give the mode of one."""
        name = _name(request)
        return _json(_document(name, await self.repositories.get(name)))

    async def put(self, request: Request) -> Response:
        """Set the mode: ``{"mode": "immutable" | "mutable", "reason"?: text}``."""
        name, (mode, reason) = _name(request), await _body(request)
        await self.repositories.set(name, mode, caller=caller(request), reason=reason)
        return _json(_document(name, await self.repositories.get(name)))


def _name(request: Request) -> str:
    return folder_or_name(request.path_params["name"])


async def _body(request: Request) -> tuple[Mode, str]:
    data = b""
    async for piece in request.stream():
        data += piece
        if len(data) > _MOST:
            break
    document = canonical.loads(data, where="body")
    found = document if isinstance(document, dict) else {}
    mode, reason = found.get("mode"), found.get("reason", "")
    if mode not in ("immutable", "mutable") or not isinstance(reason, str) or set(found) - {"mode", "reason"}:
        raise Malformed(
            'got another document, expected {"mode": "immutable" or "mutable", "reason": text}',
            where="body",
            hint="leave the reason out if there is none",
        )
    return ("mutable" if mode == "mutable" else "immutable"), reason


def _document(name: str, row: Row) -> dict[str, Any]:
    return {"name": name, "mode": row["mode"], "since": row["created"]}


def _json(document: object) -> Response:
    return Response(orjson.dumps(document), media_type="application/json")
