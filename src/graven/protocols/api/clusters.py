"""Clusters that may ask for admission: ``/clusters``."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from starlette.requests import Request
from starlette.routing import Route

from graven.flows.access import Access
from graven.flows.clusters import Clusters
from graven.protocols.api.operation import SERVER, Operation, array, operation, struct, text
from graven.protocols.credentials import caller

__all__ = ["routes"]

_RESOURCE = f"{SERVER}clusters"
_SHOWN = {"cluster": text(), "stage": text(), "since": text()}
_WANTED = struct({"cluster": text(minLength=1, maxLength=100), "stage": text(minLength=1, maxLength=63)})
_MADE = struct(
    {
        "cluster": text(),
        "stage": text(),
        "secret": text("shown once; it stands in the webhook's path"),
        "ca": {"type": ["string", "null"], "description": "PEM of the CA of --tls auto"},
    }
)


def routes(*, access: Access, clusters: Clusters, ca: Callable[[], str | None]) -> list[Route]:
    """Give the routes of clusters."""
    work = _Work(clusters, ca)
    admin: dict[str, Any] = {"access": access, "action": "admin", "resource": _RESOURCE}
    listed = Operation(summary="List the clusters", gives=struct({"clusters": array(struct(_SHOWN))}))
    made = Operation(summary="Register a cluster, or give it a new secret", takes=_WANTED, gives=_MADE, status=201)
    return [
        operation("GET", "/clusters", work.list, about=listed, **admin),
        operation("POST", "/clusters", work.register, about=made, **admin),
    ]


@dataclass(frozen=True, slots=True)
class _Work:
    clusters: Clusters
    ca: Callable[[], str | None]

    async def list(self, _: Request) -> dict[str, Any]:
        found = await self.clusters.listed()
        return {"clusters": [{"cluster": name, "stage": row["stage"], "since": row["time"]} for name, row in found]}

    async def register(self, request: Request) -> dict[str, Any]:
        wanted = request.state.document
        secret = await self.clusters.register(wanted["cluster"], wanted["stage"], caller(request))
        return {"cluster": wanted["cluster"], "stage": wanted["stage"], "secret": secret, "ca": self.ca()}
