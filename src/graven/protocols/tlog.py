"""C2SP tlog-tiles below ``/log``: checkpoint and tiles for everybody, entries for who may audit.

Leaf hashes say nothing, since each entry has a salt; so only the entries themselves are guarded.
"""

from __future__ import annotations

from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from graven.errors import Malformed, NotFound
from graven.flows.access import Access
from graven.flows.prove import Ledger
from graven.ledger.tiles import ENTRIES, Tile, parse
from graven.protocols.credentials import caller, guard, public

__all__ = ["routes"]

_LASTING = "public, max-age=31536000, immutable"
_PRIVATE = "private, max-age=31536000, immutable"
_BRIEF = "no-cache"


def routes(*, access: Access, ledger: Ledger) -> list[Route]:
    """Give the routes of the published log."""
    work = _Work(ledger)
    entries = guard(work.entries, access=access, action="audit", resource=lambda _: "server:log")
    return [
        Route("/log/checkpoint", public(work.checkpoint)),
        Route("/log/tile/entries/{number:path}", entries),
        Route("/log/tile/{level}/{number:path}", public(work.tile)),
    ]


@dataclass(frozen=True, slots=True)
class _Work:
    ledger: Ledger

    async def checkpoint(self, _: Request) -> Response:
        note = await self.ledger.checkpoint()
        return Response(note, headers={"Cache-Control": _BRIEF}, media_type="text/plain; charset=utf-8")

    async def entries(self, request: Request) -> Response:
        tile = _tile(f"tile/entries/{request.path_params['number']}")
        data = await self.ledger.bundle(tile, caller(request))
        return Response(data, headers={"Cache-Control": _PRIVATE}, media_type="application/octet-stream")

    async def tile(self, request: Request) -> Response:
        tile = _tile(f"tile/{request.path_params['level']}/{request.path_params['number']}")
        if tile.level == ENTRIES:
            raise NotFound("the log has no such tile")
        data = await self.ledger.tile(tile)
        return Response(data, headers={"Cache-Control": _LASTING}, media_type="application/octet-stream")


def _tile(path: str) -> Tile:
    try:
        return parse(path)
    except Malformed as e:
        raise NotFound(e.message, where=e.where) from e
