"""``/status``: what a doctor asks a server about: its clock, its log, its advisories, its own keys."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any

from starlette.requests import Request
from starlette.routing import Route

from graven.flows.access import Access
from graven.ports import Clock, Entries, Tables
from graven.protocols.api.operation import Operation, array, operation, struct, text
from graven.values import format_moment

__all__ = ["routes"]

Ready = Callable[[], Awaitable[Mapping[str, str]]]
_MAYBE = {"type": ["string", "null"]}
_KEY = struct({"purpose": text(), "fingerprint": text(), "public": text(), "since": text(), "until": _MAYBE})
_SNAPSHOT = {"type": ["object", "null"], "properties": {name: text() for name in ("snapshot", "source", "time")}}
_STATUS = struct(
    {
        "version": text(),
        "now": text("the server's clock"),
        "faults": {"type": "object", "additionalProperties": text()},
        "log_size": {"type": "integer"},
        "advisories": _SNAPSHOT,
        "keys": array(_KEY),
    }
)


def routes(
    *, access: Access, tables: Tables, entries: Entries, clock: Clock, ready: Ready, version: str
) -> list[Route]:
    """Give the route of the status."""
    work = _Work(tables, entries, clock, ready, version)
    about = Operation(summary="Say how the server is: clock, log, advisories, its own keys", gives=_STATUS)
    return [operation("GET", "/status", work.show, about=about, access=access, action="known")]


@dataclass(frozen=True, slots=True)
class _Work:
    tables: Tables
    entries: Entries
    clock: Clock
    ready: Ready
    version: str

    async def show(self, _: Request) -> dict[str, Any]:
        newest = await self.tables.scan("snapshots", limit=1, reverse=True)
        keys = await self.tables.scan("keys")
        return {
            "version": self.version,
            "now": format_moment(self.clock()),
            "faults": dict(await self.ready()),
            "log_size": await self.entries.size(),
            "advisories": {name: newest[0][1][name] for name in ("snapshot", "source", "time")} if newest else None,
            "keys": [{"purpose": key[0], "fingerprint": key[1], **_public(row)} for key, row in keys],
        }


def _public(row: Any) -> dict[str, Any]:
    return {name: row[name] for name in ("public", "since", "until")}
