"""Stages: ``/stages``; the steps in order, what stands in each, and what stood there."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from starlette.requests import Request
from starlette.routing import Route

from graven.errors import Malformed
from graven.flows.access import Access
from graven.flows.apply import Documents
from graven.flows.promote import Promotion
from graven.protocols.api.operation import Operation, array, operation, struct, text
from graven.protocols.api.paging import page
from graven.protocols.credentials import caller

__all__ = ["routes"]

_HELD = struct(
    {
        "repository": text(),
        "digest": text(),
        "decision": text(),
        "vsa": text(),
        "since": text(),
        "valid_until": text(),
        "revoked": {"type": "boolean"},
    }
)
_STAGE = struct({"name": text(), "clusters": array(text()), "holds": array(_HELD)})
_STOOD = struct(
    {
        "position": {"type": "integer"},
        "digest": text(),
        "previous": {"type": ["string", "null"]},
        "decision": text(),
        "vsa": text(),
        "kind": text(enum=["promotion", "rollback"]),
        "actor": text(),
        "reason": text(),
        "time": text(),
    }
)


def routes(*, access: Access, documents: Documents, promotion: Promotion) -> list[Route]:
    """Give the routes of stages."""
    work = _Work(access, documents, promotion)
    listed = Operation(
        summary="List the stages in order, and what of the repositories that the token may pull stands in each",
        gives=struct({"stages": array(_STAGE)}),
    )
    stood = Operation(
        summary="List what stood in a stage, newest first",
        gives=struct({"history": array(_STOOD)}),
        query={"repository": "whose history", "limit": "at most so many (100; at most 1000)"},
    )
    return [
        operation("GET", "/stages", work.list, about=listed, access=access, action="known"),
        operation("GET", "/stages/{stage}/history", work.history, about=stood, access=access, action="known"),
    ]


@dataclass(frozen=True, slots=True)
class _Work:
    access: Access
    documents: Documents
    promotion: Promotion

    async def list(self, request: Request) -> dict[str, Any]:
        stages = (await self.documents.in_force()).stages
        shown = []
        for stage in stages.stages:
            held = await self.promotion.held(stage.name)
            holds = [one for one in held if caller(request).may("pull", str(one["repository"]))]
            shown.append({"name": stage.name, "clusters": list(stage.clusters), "holds": holds})
        return {"stages": shown}

    async def history(self, request: Request) -> dict[str, Any]:
        repository = request.query_params.get("repository", "")
        if not repository:
            raise Malformed("got no repository", where="repository", hint="add ?repository=NAME")
        await self.access.require(caller(request), "pull", repository)
        _, limit = page(request)
        return {"history": await self.promotion.history(repository, request.path_params["stage"], limit=limit)}
