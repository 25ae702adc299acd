"""Catalogue: what is in an artifact, read once and recorded, and bills of materials made of it.

An image is its layers laid over one another; an index is all its platforms together. What is neither is not unpacked,
and the inventory says so. What was read stays valid for as long as the cataloguer's version does.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple

from graven.catalogue import oci
from graven.errors import Conflict, GravenError, Malformed, NotFound
from graven.evidence import cyclonedx, spdx
from graven.evidence.bill import Format
from graven.flows.flights import Flights
from graven.flows.layers import Layers
from graven.flows.pull import Held, Pull
from graven.inventory import VERSION, Inventory, squash, unpacks
from graven.ports import Journal, ObjectReader, ObjectWriter, Tables
from graven.projection import Absent, Equals
from graven.values import SYSTEM, Descriptor, Digest, canonical, format_moment, parse_moment
from graven.values.events import Event, InventoryRecorded

__all__ = ["Catalogue", "Catalogued"]

_MAX_INVENTORY = 64 << 20
_MAX_CONFIG = 4 << 20
_DEEPEST = 4
"""Indexes in one another; more is nobody's honest artifact."""
_ATTESTATION = ("vnd.docker.reference.type", "attestation-manifest")
"""BuildKit lists its statements in the index, as if for a platform of their own; they never run."""
_TITLE = "org.opencontainers.image.title"
_CREATED = "org.opencontainers.image.created"


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
        return render(found.inventory, subject=digest, name=repository, moment=await self._moment(held))

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
        return Catalogued(Inventory.decode(await self.objects.get(stored, limit=_MAX_INVENTORY)), stored)

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
        if manifest.is_index:
            return await self._platforms(repository, manifest, depth)
        unpacked = [layer for layer in manifest.layers if unpacks(layer.media_type)]
        missing = [layer for layer in unpacked if await self.objects.size(layer.digest) is None]
        here = [layer for layer in unpacked if layer not in missing]
        others = [
            layer for layer in manifest.layers if layer not in unpacked and layer.media_type != oci.EMPTY.media_type
        ]
        seen = squash(await self.layers.reports(here))
        return seen.without(*map(_not_here, missing), *map(_not_unpacked, others))

    async def _platforms(self, repository: str, index: oci.Manifest, depth: int) -> Inventory:
        if depth == _DEEPEST:
            return Inventory.together(()).without(f"indexes stand in one another more than {_DEEPEST} deep")
        found, limits = [], []
        for child in index.manifests:
            if _ATTESTATION in child.annotations:
                continue
            try:
                held = await self.pull.manifest(repository, str(child.digest))
            except NotFound:
                limits.append(f"platform {child.platform or '?'}: its manifest {child.digest} is not here")
                continue
            found.append((await self._inventory(repository, held, depth + 1)).inventory)
        return Inventory.together(found).without(*limits)

    async def _moment(self, held: Held) -> str:
        """Give the artifact's own date, or else when it was catalogued."""
        manifest = oci.parse(held.data, held.media_type)
        told = _date(dict(manifest.annotations).get(_CREATED)) or await self._created(manifest.config)
        row = None if told else await self.tables.get("inventories", (str(held.digest),))
        return str(row["time"]) if row else told

    async def _created(self, config: Descriptor | None) -> str:
        if config is None or not config.media_type.endswith("+json") or not await self.objects.size(config.digest):
            return ""
        try:
            document = canonical.loads(await self.objects.get(config.digest, limit=_MAX_CONFIG))
        except GravenError:
            return ""
        return _date(document.get("created") if isinstance(document, dict) else None)


def _date(told: object) -> str:
    try:
        return format_moment(parse_moment(told)) if isinstance(told, str) else ""
    except Malformed:
        return ""


def _not_here(layer: Descriptor) -> str:
    return f"layer {layer.digest} is not here: its type is {layer.media_type}"


def _not_unpacked(layer: Descriptor) -> str:
    name = dict(layer.annotations).get(_TITLE, str(layer.digest))
    return f"{name} is not unpacked: its type is {layer.media_type}"
