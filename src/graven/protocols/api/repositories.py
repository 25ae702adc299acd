"""Repositories: ``/repositories``; what there is, and whether it is immutable.

The mode is set for one repository, or for those that will be made in a folder (``team/*``, or ``*``).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from starlette.requests import Request
from starlette.routing import Route

from graven.flows.access import Access
from graven.flows.repositories import Repositories, folder_or_name
from graven.projection import Row
from graven.protocols.api.operation import Operation, array, operation, struct, text
from graven.protocols.api.paging import page
from graven.protocols.credentials import caller

__all__ = ["routes"]

_MODE = text(enum=["immutable", "mutable"])
_SHOWN = struct({"name": text("a repository, or a folder and /*"), "mode": _MODE, "since": text()})
_WANTED = struct({"mode": _MODE}, {"reason": text("for the journal", maxLength=1000)})


def routes(*, access: Access, repositories: Repositories) -> list[Route]:
    """Give the routes of repositories."""
    work = _Work(repositories)
    listed = Operation(
        summary="List the repositories that the token may pull, and the settings of folders",
        gives=struct({"repositories": array(_SHOWN), "next": {"type": ["string", "null"]}}),
        query={"after": "the `next` of the page before", "limit": "at most so many (100; at most 1000)"},
    )
    one = "/repositories/{name:path}"
    shown = Operation(summary="Say whether a repository is immutable", gives=_SHOWN)
    made = Operation(
        summary="Make a repository, or those to come in a folder, (im)mutable", takes=_WANTED, gives=_SHOWN
    )
    return [
        operation("GET", "/repositories", work.list, about=listed, access=access, action="known"),
        operation("GET", one, work.show, about=shown, access=access, action="pull", resource=_name),
        operation("PUT", one, work.set, about=made, access=access, action="admin", resource=_name),
    ]


@dataclass(frozen=True, slots=True)
class _Work:
    repositories: Repositories

    async def list(self, request: Request) -> dict[str, Any]:
        after, limit = page(request)
        rows = await self.repositories.all(last=after, limit=limit)
        shown = [_document(name, row) for name, row in rows if caller(request).may("pull", name)]
        return {"repositories": shown, "next": rows[-1][0] if len(rows) == limit else None}

    async def show(self, request: Request) -> dict[str, Any]:
        name = _name(request)
        return _document(name, await self.repositories.get(name))

    async def set(self, request: Request) -> dict[str, Any]:
        name, wanted = _name(request), request.state.document
        await self.repositories.set(name, wanted["mode"], caller=caller(request), reason=wanted.get("reason", ""))
        return _document(name, await self.repositories.get(name))


def _name(request: Request) -> str:
    return folder_or_name(request.path_params["name"])


def _document(name: str, row: Row) -> dict[str, Any]:
    return {"name": name, "mode": row["mode"], "since": row["created"]}
