"""Joins the routes of all protocols. What is asked for most stands first, since a router tries them in this order.

A room adds its ``routes(…)`` to ``join``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial

from prometheus_client import CollectorRegistry
from starlette.routing import Route

from graven.app.delivery import Delivery
from graven.app.flows import Flows
from graven.app.showing import TellDecision, TellEvidence, TellPicture, stages_of
from graven.app.stores import Stores
from graven.engines.feeds import StreamFeed, UrlFeed
from graven.ledger.tiles import CHECKPOINT
from graven.ports import Clock
from graven.protocols import admission, api, files, health, oci, tlog, ui
from graven.protocols.api import (
    advisories,
    artifacts,
    audit,
    clusters,
    decisions,
    documents,
    findings,
    inventory,
    keys,
    promotions,
    repositories,
    revocations,
    stages,
    status,
    tokens,
    waivers,
)
from graven.protocols.faults import Shape
from graven.protocols.oci.faults import shape

__all__ = ["SHAPES", "join"]

SHAPES: Mapping[str, Shape] = {"/v2": shape}
"""Bodies of errors by the beginning of the path, where a specification has its own."""


def join(
    flows: Flows,
    stores: Stores,
    *,
    clock: Clock,
    ca: Callable[[], str | None],
    registry: CollectorRegistry,
    ready: health.Ready,
    version: str,
) -> list[Route]:
    """Give all routes of the server."""
    access = flows.access
    deliver = Delivery(flows.pull.stream)
    judging = flows.judging
    page = _page(flows, stores)
    nouns = [
        tokens.routes(access=access, tokens=flows.tokens),
        repositories.routes(access=access, repositories=flows.repositories),
        inventory.routes(access=access, catalogue=flows.catalogue, bills=flows.bills, pull=flows.pull),
        findings.routes(access=access, advisories=flows.advisories, catalogue=flows.catalogue, pull=flows.pull),
        advisories.routes(
            access=access,
            advisories=flows.advisories,
            from_url=partial(UrlFeed, spool=stores.spool),
            from_stream=partial(StreamFeed, spool=stores.spool),
        ),
        decisions.routes(access=access, judge=judging.judge, pull=flows.pull, decisions=judging.decisions),
        promotions.routes(access=access, pull=flows.pull, promotion=judging.promotion),
        revocations.routes(access=access, promotion=judging.promotion),
        stages.routes(access=access, documents=judging.documents, promotion=judging.promotion),
        documents.routes(access=access, documents=judging.documents),
        waivers.routes(access=access, waive=judging.waive),
        artifacts.routes(access=access, pull=flows.pull, life=page.show),
        clusters.routes(access=access, clusters=flows.clusters, ca=ca),
        keys.routes(access=access, keyring=flows.keyring),
        audit.routes(access=access, ledger=flows.ledger, seal=flows.seal),
        status.routes(
            access=access, tables=stores.tables, entries=stores.entries, clock=clock, ready=ready, version=version
        ),
    ]
    return [
        *oci.routes(
            access=access,
            pull=flows.pull,
            push=flows.push,
            upload=flows.upload,
            remove=flows.remove,
            repositories=flows.repositories,
            deliver=deliver,
        ),
        *files.routes(access=access, publish=flows.publish, deliver=deliver),
        *tlog.routes(access=access, ledger=flows.ledger),
        *admission.routes(access=access, admit=flows.admit, clusters=flows.clusters),
        *api.join(*nouns, access=access, version=version),
        *health.routes(registry=registry, ready=ready),
        *ui.routes(access=access, reading=page.reading, artifact=page),
    ]


def _page(flows: Flows, stores: Stores) -> ui.ArtifactPage:
    judging = flows.judging
    reading = ui.Reading(
        tables=stores.tables,
        entries=stores.entries,
        objects=stores.reader,
        stages=stages_of(judging.documents),
        checkpoint=partial(_checkpoint, stores),
        vkey=flows.keyring.vkey(),
        names=stores.names,
    )
    return ui.ArtifactPage(
        reading=reading,
        evidence=TellEvidence(evidence=flows.evidence, documents=judging.documents, tables=stores.tables),
        decision=TellDecision(decisions=judging.decisions),
        picture=TellPicture(decisions=judging.decisions),
    )


async def _checkpoint(stores: Stores) -> str | None:
    note = await stores.log.read(CHECKPOINT)
    return None if note is None else note.decode()
