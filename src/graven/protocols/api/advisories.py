"""Advisories: ``/advisories``; what there is to match against, and importing more of it.

A body is a zip, JSON lines (plain, .gz or .zst) or one record, streamed; or ``{"url": …}`` as JSON, which the server
then fetches by itself.
"""

from __future__ import annotations

from collections.abc import AsyncIterable, Callable
from dataclasses import dataclass
from typing import Any

from starlette.requests import Request
from starlette.routing import Route

from graven.errors import Malformed
from graven.flows.access import Access
from graven.flows.advisories import Advisories, Imported
from graven.ports import Feed
from graven.protocols.api.operation import SERVER, Operation, array, body, operation, struct, text
from graven.protocols.credentials import caller
from graven.values import canonical

__all__ = ["routes"]

_RESOURCE = f"{SERVER}advisories"
_COUNT = {"type": "integer", "minimum": 0}
_CURRENT = struct(
    {
        "snapshot": text("digest"),
        "moment": text("when it was imported"),
        "source": text(),
        "records": _COUNT,
        "newest": text("when its newest record was modified"),
        "ecosystems": {"type": "object", "additionalProperties": _COUNT},
        "kev": {"type": ["string", "null"], "description": "digest of CISA's list of known exploited vulnerabilities"},
    }
)
_IMPORTED = struct(
    {
        "snapshot": text("digest"),
        "records": _COUNT,
        "read": _COUNT,
        "added": _COUNT,
        "skipped": _COUNT,
        "faults": array(text("why a record was skipped")),
    }
)


def routes(
    *,
    access: Access,
    advisories: Advisories,
    from_url: Callable[[str], Feed],
    from_stream: Callable[[AsyncIterable[bytes]], Feed],
) -> list[Route]:
    """Give the routes of advisories; the feeds are handed in, since fetching is no matter of a protocol."""
    work = _Work(advisories, from_url, from_stream)
    shown = Operation(summary="Say which advisories there are, and how old they are", gives=_CURRENT)
    made = Operation(
        summary="Import OSV advisories: a zip, JSON lines (plain, .gz, .zst) or a record; or JSON with a url",
        gives=_IMPORTED,
        query={
            "source": "what to call it in the journal",
            "keep_going": "1: skip and count records that cannot be read",
        },
        status=201,
    )
    return [
        operation("GET", "/advisories", work.show, about=shown, access=access, action="known"),
        operation("POST", "/advisories", work.add, about=made, access=access, action="admin", resource=_RESOURCE),
    ]


@dataclass(frozen=True, slots=True)
class _Work:
    advisories: Advisories
    from_url: Callable[[str], Feed]
    from_stream: Callable[[AsyncIterable[bytes]], Feed]

    async def show(self, _: Request) -> dict[str, Any]:
        current = await self.advisories.current()
        snapshot = current.snapshot
        return {
            "snapshot": str(current.digest),
            "moment": current.moment,
            "source": current.source,
            "records": snapshot.records,
            "newest": snapshot.newest,
            "ecosystems": dict(snapshot.ecosystems),
            "kev": None if snapshot.kev is None else str(snapshot.kev),
        }

    async def add(self, request: Request) -> dict[str, Any]:
        feed, source = await self._feed(request)
        source = request.query_params.get("source", source)[:300]
        keep_going = request.query_params.get("keep_going") == "1"
        made = await self.advisories.import_(feed, caller(request), source=source, keep_going=keep_going)
        return _shown(made)

    async def _feed(self, request: Request) -> tuple[Feed, str]:
        if request.headers.get("content-type", "").partition(";")[0].strip() != "application/json":
            return self.from_stream(request.stream()), "upload"
        document = canonical.loads(await body(request), where="body")
        url = document.get("url") if isinstance(document, dict) else None
        if not isinstance(url, str) or not url.startswith(("http://", "https://")):
            raise Malformed('got JSON without a url, expected {"url": "https://…"}', where="body")
        return self.from_url(url), url


def _shown(made: Imported) -> dict[str, Any]:
    return {
        "snapshot": str(made.snapshot),
        "records": made.records,
        "read": made.read,
        "added": made.added,
        "skipped": made.skipped,
        "faults": list(made.faults),
    }
