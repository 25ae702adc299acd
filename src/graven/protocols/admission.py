"""Kubernetes admission webhooks (admission.k8s.io/v1).

    POST /admission/validate/{cluster}/{secret}      what a cluster's webhook configuration names
    POST /admission/mutate/{cluster}/{secret}
    POST /admission/validate?stage=STAGE             with a token that may pull from the stage: ``graven admit``
    POST /admission/mutate?stage=STAGE

A body that is no review is an error of HTTP, which the API server's ``failurePolicy: Fail`` turns into a refusal.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import orjson
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from graven.errors import Malformed, TooLarge
from graven.flows.access import Access
from graven.flows.admit import Admit, Door
from graven.flows.clusters import Clusters
from graven.flows.reviews import Review, parse_review
from graven.protocols.credentials import Handler, caller, entrusted, guard
from graven.values import Caller

__all__ = ["routes"]

_MAX_REVIEW = 8 << 20
"""An API server's objects have at most 3 MiB, and a review may hold two."""

Verb = Callable[[Review, Door, Caller], Awaitable[dict[str, Any]]]


def routes(*, access: Access, admit: Admit, clusters: Clusters) -> list[Route]:
    """Give the routes of admission."""

    async def mutate(review: Review, _: Door, __: Caller) -> dict[str, Any]:
        return await admit.mutate(review)

    verbs: dict[str, Verb] = {"validate": admit.validate, "mutate": mutate}
    found = []
    for name, verb in verbs.items():
        asked = guard(_for_stage(verb, clusters), access=access, action="pull", resource=_stage)
        called = entrusted(_for_cluster(verb, clusters))
        found.append(Route(f"/admission/{name}", asked, methods=["POST"]))
        found.append(Route(f"/admission/{name}/{{cluster}}/{{secret}}", called, methods=["POST"]))
    return found


def _for_stage(verb: Verb, clusters: Clusters) -> Handler:
    async def handler(request: Request) -> Response:
        door = await clusters.door(_stage(request))
        return await _answer(request, verb, door, caller(request))

    return handler


def _for_cluster(verb: Verb, clusters: Clusters) -> Handler:
    async def handler(request: Request) -> Response:
        door, who = await clusters.enter(request.path_params["cluster"], request.path_params["secret"])
        return await _answer(request, verb, door, who)

    return handler


async def _answer(request: Request, verb: Verb, door: Door, who: Caller) -> Response:
    review = parse_review(await _body(request))
    return Response(orjson.dumps(await verb(review, door, who)), media_type="application/json")


def _stage(request: Request) -> str:
    stage = request.query_params.get("stage")
    if not stage:
        raise Malformed("got no stage", where="?stage=", hint="name the stage that the cluster runs")
    return stage


async def _body(request: Request) -> bytes:
    found = bytearray()
    async for piece in request.stream():
        found += piece
        if len(found) > _MAX_REVIEW:
            raise TooLarge(f"got a review of more than {_MAX_REVIEW} bytes", where=request.url.path)
    return bytes(found)
