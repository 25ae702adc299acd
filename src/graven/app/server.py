"""The server: composed of stores, flows and routes, and its life from the lock on the data folder to the last event."""

from __future__ import annotations

import logging
import secrets
import socket
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from importlib import metadata

from prometheus_client import CollectorRegistry
from starlette.routing import Route, Router
from starlette.types import ASGIApp

from graven.app import http, routes
from graven.app.administrator import first_administrator
from graven.app.flows import Flows, build
from graven.app.judging import first_documents
from graven.app.loops import Loops
from graven.app.metrics import Metered, observer
from graven.app.place import Place
from graven.app.sealing import Sealing
from graven.app.stores import Stores, opened
from graven.app.telling import configure
from graven.engines.feeds import open_feed
from graven.engines.keystore import Keystore
from graven.errors import GravenError
from graven.evidence.keys import PublicKey
from graven.flows.opening import open_log
from graven.ports import Clock, Entropy
from graven.protocols import ui
from graven.protocols.faults import Faults, not_found
from graven.protocols.telling import Telling
from graven.settings import Settings
from graven.stores import layout
from graven.values import SYSTEM, parse_moment
from graven.values.events import Event, LogStarted, LogStopped

__all__ = ["Server", "begin", "compose", "now", "run"]

_LOG = logging.getLogger("graven.server")
VERSION = metadata.version("graven")


def now() -> datetime:
    """Read the clock."""
    return datetime.now(UTC)  # noqa: TID251  the one place that does


@dataclass(frozen=True, kw_only=True)
class Server:
    """A server that could answer; nothing of it runs yet."""

    app: ASGIApp
    flows: Flows
    loops: Loops
    routes: tuple[Route, ...]
    metered: Metered
    sealing: Sealing


async def compose(
    settings: Settings,
    stores: Stores,
    *,
    place: Place,
    registry: CollectorRegistry,
    clock: Clock = now,
    entropy: Entropy = secrets.token_bytes,
) -> Server:
    """Open the log, and build the flows, the routes, the application and the loops over these stores."""
    metered = Metered(journal=stores.journal, registry=registry)
    keys = Keystore.open(layout.keys(stores.data), entropy=entropy)
    seal = await open_log(
        journal=metered,
        entries=stores.entries,
        tables=stores.tables,
        head=stores.head,
        files=stores.log,
        signer=keys.log,
    )
    sealing = Sealing(seal=seal, clock=clock)
    sealing.measure(registry, metered)
    flows = build(
        settings, stores, journal=metered, keys=keys, seal=seal, hosts=place.hosts, clock=clock, entropy=entropy
    )
    loops = Loops(registry=registry)
    loops.add("seal", 1, sealing.round)
    loops.add("refusals", 5, flows.access.tell_refusals)
    loops.add("uploads", 600, partial(_expire, stores, clock, settings.upload_expiry))
    if settings.advisories:
        loops.add("advisories", 300, partial(_refresh, settings, stores, flows, clock))

    async def ready() -> dict[str, str]:
        try:
            await stores.entries.size()
        except GravenError as e:
            return {"journal": str(e)} | loops.faults()
        return loops.faults()

    joined = tuple(
        routes.join(flows, stores, ca=place.authority, clock=clock, registry=registry, ready=ready, version=VERSION)
    )
    router = Router(joined, redirect_slashes=False, default=not_found)
    app = Telling(Faults(router, shapes=routes.SHAPES, page=ui.fault), registry=registry)
    return Server(app=app, flows=flows, loops=loops, routes=joined, metered=metered, sealing=sealing)


async def begin(server: Server) -> None:
    """Begin what a new data folder has not: the documents that decide, and the keys that sign, in the journal."""
    await server.flows.keyring.announce()
    await server.flows.judging.documents.start(first_documents(PublicKey.parse(server.flows.keys.vsa.public_pem)))


async def _expire(stores: Stores, clock: Clock, seconds: int) -> None:
    count = await stores.uploads.expire(clock() - timedelta(seconds=seconds))
    if count:
        _LOG.info("removed %d uploads that nobody continued", count)


async def _refresh(settings: Settings, stores: Stores, flows: Flows, clock: Clock) -> None:
    """Import advisories when the newest snapshot is as old as the schedule says."""
    newest = await stores.tables.scan("snapshots", limit=1, reverse=True)
    due = clock() - timedelta(seconds=settings.advisories_every)
    if newest and parse_moment(str(newest[0][1]["time"])) > due:
        return
    made = await flows.advisories.refresh(
        open_feed(settings.advisories, spool=stores.spool), source=settings.advisories
    )
    _LOG.info("imported advisories: %d records, %d of them new", made.records, made.added)


async def run(settings: Settings, *, say: Callable[[str], None]) -> None:
    """Serve until SIGTERM or SIGINT.

    Raises:
        GravenError: it cannot start; says why and what to do.
    """
    configure(settings.log_format, settings.log_level)
    registry = CollectorRegistry()
    observe = observer(registry)
    async with opened(settings.data, clock=now, entropy=secrets.token_bytes, observe=observe) as stores:
        listener = http.listen(*settings.listen)
        place = Place.of(settings, listener.getsockname()[1], now=now())
        server = await compose(settings, stores, place=place, registry=registry)
        await begin(server)
        await first_administrator(server.flows.tokens, settings.admin_token_file, say=say)
        await server.metered.append(Event(LogStarted(VERSION), actor=SYSTEM.principal))
        server.metered.size = await stores.entries.size()
        async with server.loops.running():
            await _serve(server, place, listener, say)
        await _end(server)


async def _serve(server: Server, place: Place, listener: socket.socket, say: Callable[[str], None]) -> None:
    def started(_: int) -> None:
        say(f"graven {VERSION} listens on {place.url}")
        _LOG.info("listening", extra={"facts": {"address": place.url}})

    await http.serve(server.app, listener=listener, tls=place.tls, started=started)


async def _end(server: Server) -> None:
    """Say in the log that it ended; whoever finds a start without an end knows that it did not end well."""
    await server.loops.once("refusals", server.flows.access.tell_refusals)
    await server.metered.append(Event(LogStopped(VERSION), actor=SYSTEM.principal))
    await server.loops.once("seal", server.sealing.round)
    _LOG.info("stopped")
