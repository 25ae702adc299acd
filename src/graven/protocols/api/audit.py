"""``/audit``: the events of the log decoded, the proof of one, and sealing on demand; all for who may audit."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import orjson
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from graven.errors import Malformed
from graven.flows.access import Access
from graven.flows.prove import Ledger
from graven.flows.seal import Seal
from graven.protocols.api.operation import SERVER, Operation, array, operation, struct, text
from graven.protocols.api.paging import page
from graven.protocols.credentials import caller

__all__ = ["routes"]

_RESOURCE = f"{SERVER}log"
_EVENT = struct({"position": {"type": "integer"}, "event": {"type": "object"}})
_LIST = Operation(
    summary="List events of the log, as they were hashed, in order; that they were read is an event too",
    query={"after": "give the events behind this position", "limit": "so many at most, from 1 to 1000"},
    gives=struct({"events": array(_EVENT), "size": {"type": "integer"}}),
)
_PROVE = Operation(
    summary="Prove one event: a .tlog-proof file that verifies offline, with the entry inside",
    gives=text("c2sp.org/tlog-proof@v1"),
    media_type="text/plain; charset=utf-8",
)
_SEAL = Operation(
    summary="Seal all that is in the journal now, and give the signed checkpoint",
    gives=struct({"checkpoint": text(), "key": text("the log's key, as verifiers take it")}),
)


def routes(*, access: Access, ledger: Ledger, seal: Seal) -> list[Route]:
    """Give the routes of the log's events."""
    work = _Work(ledger, seal)
    return [
        operation("GET", "/audit/entries", work.list, about=_LIST, access=access, action="audit", resource=_RESOURCE),
        operation(
            "GET",
            "/audit/proof/{position}",
            work.prove,
            about=_PROVE,
            access=access,
            action="audit",
            resource=_RESOURCE,
        ),
        operation("POST", "/audit/seal", work.seal_now, about=_SEAL, access=access, action="audit", resource=_RESOURCE),
    ]


@dataclass(frozen=True, slots=True)
class _Work:
    ledger: Ledger
    seal: Seal

    async def list(self, request: Request) -> dict[str, Any]:
        after, limit = page(request)
        first = _number(after, "after") + 1 if after else 0
        found = await self.ledger.events(first, limit, caller(request))
        events = [{"position": first + i, "event": orjson.loads(leaf)} for i, leaf in enumerate(found)]
        return {"events": events, "size": await self.ledger.entries.size()}

    async def prove(self, request: Request) -> Response:
        position = _number(request.path_params["position"], "position")
        data = await self.ledger.prove(position, caller(request))
        return Response(data, media_type=_PROVE.media_type)

    async def seal_now(self, _: Request) -> dict[str, Any]:
        note = await self.seal.seal()
        return {"checkpoint": (note or b"").decode(), "key": str(self.seal.key)}


def _number(given: str, where: str) -> int:
    if not (given.isascii() and given.isdecimal() and len(given) <= 18):
        raise Malformed(f"got {given[:40]!r}, expected a position in the log", where=where)
    return int(given)
