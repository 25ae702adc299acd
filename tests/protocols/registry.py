"""The OCI and file protocols over a registry in memory, asked over ASGI by somebody with a token."""

from __future__ import annotations

import contextlib
from base64 import b64encode
from collections.abc import AsyncIterator
from datetime import UTC, datetime

import httpx
from starlette.routing import Router

from flows.registry import Registry
from graven.app.delivery import Delivery
from graven.flows.access import Access, secret_hash
from graven.protocols import files, oci
from graven.protocols.api import repositories
from graven.protocols.faults import Faults, not_found
from graven.values.events import Event, PrincipalCreated, TokenCreated

__all__ = ["asked", "basic"]


def basic(secret: str) -> dict[str, str]:
    return {"Authorization": "Basic " + b64encode(f"anybody:{secret}".encode()).decode()}


@contextlib.asynccontextmanager
async def asked(*, anonymous_pull: bool = False) -> AsyncIterator[tuple[httpx.AsyncClient, Registry]]:
    """Give a client with the token ``writer`` of Ada; ``reader`` and ``other`` are tokens too."""
    registry = Registry()
    store = registry.store
    for principal, secret, scopes in (
        ("ada", "writer", ("push:*", "pull:*")),
        ("bob", "other", ("push:team/*", "pull:team/*")),
        ("eve", "reader", ("pull:team/*",)),
        ("root", "admin", ("admin:*",)),
    ):
        await store.append(
            Event(PrincipalCreated(principal, "person"), "system"),
            Event(TokenCreated(secret, principal, secret_hash(secret), scopes, ""), "system"),
        )
    access = Access(
        journal=store,
        tables=store,
        clock=lambda: datetime(2026, 6, 1, tzinfo=UTC),
        origin_key=b"k" * 32,
        anonymous_pull=anonymous_pull,
    )
    deliver = Delivery(registry.pull.stream)
    routes = [
        *oci.routes(
            access=access,
            pull=registry.pull,
            push=registry.push,
            upload=registry.upload,
            remove=registry.remove,
            repositories=registry.repositories,
            deliver=deliver,
        ),
        *files.routes(access=access, publish=registry.publish, deliver=deliver),
        *repositories.routes(access=access, repositories=registry.repositories),
    ]
    router = Router(routes, redirect_slashes=False, default=not_found)
    app = Faults(router, shapes={oci.PREFIX: oci.shape})
    transport = httpx.ASGITransport(app=app)
    async with httpx.AsyncClient(
        transport=transport, base_url="http://graven.example", headers=basic("writer")
    ) as client:
        yield client, registry
