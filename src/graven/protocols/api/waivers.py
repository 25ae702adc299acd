"""Waivers: ``/waivers``. Who grants or withdraws one needs ``approve`` on all that it is about."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from starlette.requests import Request
from starlette.routing import Route

from graven.flows.access import Access
from graven.flows.waive import Waive
from graven.protocols.api.operation import Operation, array, operation, struct, text
from graven.protocols.credentials import caller
from graven.values import Caller

__all__ = ["routes"]

_SCOPE = struct(
    {"rule": text("name of the rule", minLength=1)},
    {
        "repository": text("a name, or a pattern with *"),
        "digest": text(),
        "stage": text(),
        "term": text("what the rule names: an advisory, a path"),
        "component": text("package URL"),
    },
)
_WANTED = struct(
    {
        "scope": _SCOPE,
        "owner": text("name or id of the principal who wants it", minLength=1, maxLength=200),
        "reason": text("why", minLength=1, maxLength=1000),
        "expires": text("RFC 3339", maxLength=40),
    }
)
_SHOWN = {
    "waiver": text("id"),
    "digest": text("of the document"),
    "scope": _SCOPE,
    "owner": text("principal"),
    "approver": text("principal"),
    "reason": text(),
    "expires": text(),
}


def routes(*, access: Access, waive: Waive) -> list[Route]:
    """Give the routes of waivers."""
    work = _Work(access, waive)
    listed = Operation(
        summary="List the waivers that were not withdrawn",
        gives=struct({"waivers": array(struct({**_SHOWN, "standing": text(enum=["holds", "expired", "unreadable"])}))}),
    )
    granted = Operation(summary="Grant a waiver", takes=_WANTED, gives=struct(_SHOWN), status=201)
    withdrawn = Operation(
        summary="End a waiver before its time", gives=struct({}), query={"reason": "why, for the journal"}
    )
    any_token: dict[str, Any] = {"access": access, "action": "known"}
    return [
        operation("GET", "/waivers", work.list, about=listed, **any_token),
        operation("POST", "/waivers", work.grant, about=granted, **any_token),
        operation("DELETE", "/waivers/{waiver}", work.withdraw, about=withdrawn, **any_token),
    ]


@dataclass(frozen=True, slots=True)
class _Work:
    access: Access
    waive: Waive

    async def list(self, request: Request) -> dict[str, Any]:
        found = await self.waive.listed()
        return {"waivers": [one for one in found if caller(request).may("pull", _about(one["scope"]))]}

    async def grant(self, request: Request) -> dict[str, Any]:
        wanted, who = request.state.document, caller(request)
        await self._require(who, _about(wanted["scope"]))
        return await self.waive.grant(wanted.pop("scope"), who, **wanted)

    async def withdraw(self, request: Request) -> dict[str, Any]:
        name, who = request.path_params["waiver"], caller(request)
        await self._require(who, await self.waive.scope(name))
        await self.waive.withdraw(name, who, reason=request.query_params.get("reason", ""))
        return {}

    async def _require(self, who: Caller, repositories: str) -> None:
        """Demand ``approve`` on a pattern, and on a name that only a pattern as wide would match."""
        await self.access.require(who, "approve", repositories)
        await self.access.require(who, "approve", repositories.replace("*", "any/thing"))


def _about(scope: dict[str, str]) -> str:
    return scope.get("repository") or "*"
