"""How graven is: ``/healthz`` (the process answers), ``/readyz`` (it can do its work), ``/metrics`` (Prometheus).

None of them names a repository, a principal or an address, so that they may be public.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping

import orjson
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from graven.protocols.credentials import public

__all__ = ["Ready", "routes"]

Ready = Callable[[], Awaitable[Mapping[str, str]]]
"""Says what is not well, by name; empty when all is."""


def routes(*, registry: CollectorRegistry, ready: Ready) -> list[Route]:
    """Give the three routes."""

    async def healthz(_: Request) -> Response:
        return PlainTextResponse("ok\n")

    async def readyz(_: Request) -> Response:
        faults = dict(await ready())
        body = orjson.dumps({"ready": not faults, "faults": faults})
        return Response(body, 503 if faults else 200, media_type="application/json")

    async def metrics(_: Request) -> Response:
        return Response(generate_latest(registry), media_type=CONTENT_TYPE_LATEST)

    handlers = {"/healthz": healthz, "/readyz": readyz, "/metrics": metrics}
    return [Route(path, public(handler), name=path) for path, handler in handlers.items()]
