"""Catalogue: what is in an artifact, read once and recorded, and bills of materials made of it.

An image is its layers laid over one another; an index is all its platforms together. What is neither is not unpacked,
and the inventory says so. What was read stays valid for as long as the cataloguer's version does. Whatever takes long
is done in threads, so that nobody else waits for it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import NamedTuple

from anyio import to_thread

from graven.catalogue import oci
from graven.catalogue.contents import DEEPEST, contents, created
from graven.errors import Conflict, NotFound
from graven.evidence import cyclonedx, spdx
from graven.evidence.bill import Format
from graven.flows.flights import Flights
from graven.flows.layers import Layers
from graven.flows.pull import Held, Pull
from graven.inventory import VERSION, Inventory, squash
from graven.ports import Journal, ObjectReader, ObjectWriter, Tables
from graven.projection import Absent, Equals
from graven.values import SYSTEM, Descriptor, Digest
from graven.values.events import Event, InventoryRecorded

__all__ = ["Catalogue", "Catalogued"]

_MAX_INVENTORY = 64 << 20
_MAX_CONFIG = 4 << 20


class Catalogued(NamedTuple):
    """An inventory, and the digest of the bytes that it is stored as."""

    inventory: Inventory
    digest: Digest


@dataclass(frozen=True, kw_only=True)
class Catalogue:
    """Reads what is in artifacts."""

    pull: Pull
    layers: Layers
    objects: ObjectReader
    writer: ObjectWriter
    journal: Journal
    tables: Tables
    flights: Flights[Digest] = field(default_factory=Flights)

    async def inventory(self, repository: str, digest: Digest) -> Catalogued:
        """Give what is in an artifact of a repository; read it now if nobody has before.

        Raises:
            NotFound: the repository does not hold it.
            Malformed: a layer cannot be read.
            TooLarge: a layer passes a limit; the message says which.
            Unsupported: a layer is compressed in a way that is not read.
        """
        return await self._inventory(repository, await self.pull.manifest(repository, str(digest)), 0)

    async def sbom(self, repository: str, digest: Digest, format_: Format) -> bytes:
        """Write the bill of materials of an artifact; the same bytes each time.

        Raises:
            NotFound: the repository does not hold it.
            Malformed: a layer cannot be read.
            TooLarge: a layer passes a limit.
        """
        held = await self.pull.manifest(repository, str(digest))
        found = await self._inventory(repository, held, 0)
        render = cyclonedx.render if format_ == "cyclonedx" else spdx.render
        write = partial(render, found.inventory, subject=digest, name=repository, moment=await self._moment(held))
        return await to_thread.run_sync(write)

    async def _inventory(self, repository: str, held: Held, depth: int) -> Catalogued:
        found = await self._recorded(held.digest)
        if found is not None:
            return found
        async with self.flights.one(held.digest):
            return await self._recorded(held.digest) or await self._record(repository, held, depth)

    async def _recorded(self, digest: Digest) -> Catalogued | None:
        row = await self.tables.get("inventories", (str(digest),))
        if row is None or row["cataloguer"] != VERSION:
            return None
        stored = Digest.parse(str(row["inventory"]))
        data = await self.objects.get(stored, limit=_MAX_INVENTORY)
        return Catalogued(await to_thread.run_sync(Inventory.decode, data), stored)

    async def _record(self, repository: str, held: Held, depth: int) -> Catalogued:
        inventory = await self._read(repository, oci.parse(held.data, held.media_type), depth)
        stored = await self.writer.put(inventory.encode())
        before = await self.tables.get("inventories", (str(held.digest),))
        key = ("inventories", (str(held.digest),))
        body = InventoryRecorded(repository, held.digest, stored, VERSION)
        try:
            await self.journal.append(
                Event(body, actor=SYSTEM.principal), expects=[Absent(*key) if before is None else Equals(*key, before)]
            )
        except Conflict:
            # Somebody else recorded it meanwhile; the same layers gave him the same inventory.
            found = await self._recorded(held.digest)
            if found is None:
                raise
            return found
        return Catalogued(inventory, stored)

    async def _read(self, repository: str, manifest: oci.Manifest, depth: int) -> Inventory:
        told = contents(manifest)
        missing = [layer for layer in told.layers if await self.objects.size(layer.digest) is None]
        here = [layer for layer in told.layers if layer not in missing]
        found = await self._platforms(repository, told.platforms, depth) if manifest.is_index else None
        seen = await to_thread.run_sync(squash, await self.layers.reports(here)) if found is None else found
        return seen.without(*told.limits, *(f"layer {layer.digest} is not here" for layer in missing))

    async def _platforms(self, repository: str, platforms: Sequence[Descriptor], depth: int) -> Inventory:
        if depth == DEEPEST:
            return Inventory.together(()).without(f"indexes stand in one another more than {DEEPEST} deep")
        found, limits = [], []
        for platform in platforms:
            try:
                held = await self.pull.manifest(repository, str(platform.digest))
            except NotFound:
                limits.append(f"platform {platform.platform or '?'}: its manifest {platform.digest} is not here")
            else:
                found.append((await self._inventory(repository, held, depth + 1)).inventory)
        return Inventory.together(found).without(*limits)

    async def _moment(self, held: Held) -> str:
        """Give the artifact's own date, or else when it was catalogued."""
        manifest = oci.parse(held.data, held.media_type)
        told = created(manifest, await self._config(manifest.config))
        row = None if told else await self.tables.get("inventories", (str(held.digest),))
        return str(row["time"]) if row else told

    async def _config(self, config: Descriptor | None) -> bytes:
        if config is None or config.size > _MAX_CONFIG or await self.objects.size(config.digest) is None:
            return b""
        return await self.objects.get(config.digest, limit=_MAX_CONFIG)
