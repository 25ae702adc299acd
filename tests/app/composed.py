"""A whole server on a folder of its own, asked over ASGI: what the tests of routes and of access stand on."""

from __future__ import annotations

import contextlib
import secrets
import tempfile
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
from prometheus_client import CollectorRegistry

from graven.app.place import Place
from graven.app.server import Server, begin, compose
from graven.app.stores import Stores, opened
from graven.settings import read

__all__ = ["Composed", "Time", "composed"]


@dataclass
class Time:
    """A clock that stands until it is moved."""

    moment: datetime = datetime(2026, 6, 1, 12, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.moment

    def pass_by(self, **span: float) -> None:
        self.moment += timedelta(**span)


@dataclass
class Composed:
    """A server, its administrator's token and a client of it."""

    server: Server
    stores: Stores
    client: httpx.AsyncClient
    clock: Time
    admin: str
    last: tuple[str, str, dict[str, Any]] = ("GET", "/", {})
    """What was asked last, so that it can be asked again by somebody else."""

    async def ask(self, method: str, path: str, who: str | None = "admin", **options: Any) -> httpx.Response:
        self.last = (method, path, dict(options))
        secret = self.admin if who == "admin" else who
        headers = {**({"Authorization": f"Bearer {secret}"} if secret else {}), **options.pop("headers", {})}
        return await self.client.request(method, path, headers=headers, **options)

    async def ask_again(self, asked: tuple[str, str, dict[str, Any]], who: str | None) -> httpx.Response:
        method, path, options = asked
        return await self.ask(method, path, who, **options)

    async def token(self, *scopes: str, name: str = "ci", expires: str = "", kind: str = "service") -> dict[str, Any]:
        wanted = {"name": name, "scopes": list(scopes), "kind": kind, **({"expires": expires} if expires else {})}
        response = await self.ask("POST", "/api/v1/tokens", json=wanted)
        assert response.status_code == 201, response.text
        made: dict[str, Any] = response.json()
        return made

    async def journalled(self, first: int = 0) -> Sequence[bytes]:
        return await self.stores.entries.read(first, 1000)


@contextlib.asynccontextmanager
async def composed(**flags: str) -> AsyncIterator[Composed]:
    """Compose a server on a folder that goes with it."""
    clock, registry = Time(), CollectorRegistry()
    place = Place(url="http://graven.example:7331", hosts=frozenset({"graven.example:7331"}))
    with tempfile.TemporaryDirectory() as folder:
        async with opened(Path(folder), clock=clock, entropy=secrets.token_bytes) as stores:
            server = await compose(read(flags, {}), stores, place=place, registry=registry, clock=clock)
            await begin(server)
            admin = server.flows.tokens.secret()
            await server.flows.tokens.first(admin)
            transport = httpx.ASGITransport(app=server.app, client=("192.0.2.1", 4711))
            async with httpx.AsyncClient(transport=transport, base_url=place.url) as client:
                yield Composed(server, stores, client, clock, admin)
