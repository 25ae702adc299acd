"""Revocations: ``/revocations``; a promotion needs ``promote`` on its stage, an identity or a key needs ``trust``."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from starlette.requests import Request
from starlette.routing import Route

from graven.flows.access import Access
from graven.flows.promote import Promotion
from graven.protocols.api.operation import SERVER, Operation, operation, struct, text
from graven.protocols.credentials import caller

__all__ = ["routes"]

_KIND = text(enum=["promotion", "identity", "key"])
_TARGET = text("STAGE/NAME@DIGEST, an identity, or a key's fingerprint", minLength=1, maxLength=500)
_WANTED = struct({"kind": _KIND, "target": _TARGET, "reason": text("why", minLength=1, maxLength=1000)})


def routes(*, access: Access, promotion: Promotion) -> list[Route]:
    """Give the route of revocations."""
    work = _Work(access, promotion)
    about = Operation(
        summary="End the standing of a promotion, an identity or a key, at once and for good",
        takes=_WANTED,
        gives=struct({"kind": _KIND, "target": _TARGET}),
        status=201,
    )
    return [operation("POST", "/revocations", work.revoke, about=about, access=access, action="known")]


@dataclass(frozen=True, slots=True)
class _Work:
    access: Access
    promotion: Promotion

    async def revoke(self, request: Request) -> dict[str, Any]:
        wanted, who = request.state.document, caller(request)
        kind, target = wanted["kind"], wanted["target"]
        if kind == "promotion":
            await self.access.require(who, "promote", target.partition("/")[0])
        else:
            await self.access.require(who, "trust", f"{SERVER}revocations")
        kept = await self.promotion.revoke(kind, target, who, reason=wanted["reason"])
        return {"kind": kind, "target": kept}
