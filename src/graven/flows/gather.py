"""Gather: everything that a question is built from, fetched once and named by digest. It decides nothing.

What could not be had is part of the result: contents that cannot be read, more evidence than is looked at, and a
snapshot that nobody imported come back as such, and the rules say what that means.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from graven.catalogue import oci
from graven.decide.inputs import Artifact, Request, Snapshot, Stay, Target
from graven.decide.materials import Materials, Source, encode_records, missing
from graven.decide.stages import Stages
from graven.errors import Malformed, NotFound, TooLarge, Unsupported
from graven.evidence.packages import wanted
from graven.flows.advisories import Advisories
from graven.flows.attach import Evidence
from graven.flows.catalogue import Catalogue, Catalogued
from graven.flows.pull import Pull
from graven.ports import ObjectReader, ObjectWriter, Tables
from graven.values import Digest

__all__ = ["Gather", "Gathered"]

_LIMIT = 64 << 20
_MOST = 1000
_IMAGES = ("oci.image.config", "docker.container.image")
"""In the media type of the config of what can be run."""


@dataclass(frozen=True, slots=True)
class Gathered:
    """What a question is built from, with the bytes."""

    materials: Materials
    objects: dict[Digest, bytes] = field(default_factory=dict)

    def fetch(self, digest: Digest) -> bytes:
        """Give the bytes of an object that was gathered.

        Raises:
            NotFound: it was not.
        """
        found = self.objects.get(digest)
        if found is None:
            raise missing(digest)
        return found


@dataclass(frozen=True, kw_only=True)
class Gather:
    """Fetches what a question is built from."""

    tables: Tables
    objects: ObjectReader
    writer: ObjectWriter
    pull: Pull
    evidence: Evidence
    catalogue: Catalogue
    advisories: Advisories

    async def materials(
        self, repository: str, digest: Digest, *, stage: str, stages: Stages, trust: Digest, request: Request, now: str
    ) -> Gathered:
        """Gather for one artifact and one stage.

        Raises:
            NotFound: the repository does not hold it, or there is no such stage.
        """
        artifact = await self._artifact(repository, digest)
        target = await self._target(artifact, stage, stages)
        evidence, overflow = await self._evidence(repository, digest)
        contents, fault = await self._contents(artifact)
        snapshot, advisories, kev = await self._advisories(contents)
        materials = Materials(
            artifact=artifact,
            target=target,
            request=request,
            now=now,
            trust=trust,
            revoked=await self._revoked(),
            evidence=evidence,
            overflow=overflow,
            inventory=contents.digest if contents else None,
            fault=fault,
            snapshot=snapshot,
            advisories=advisories,
            kev=kev,
        )
        found = {name: await self._bytes(name) for name in set(materials.objects())}
        return Gathered(materials, {name: data for name, data in found.items() if data is not None})

    async def _bytes(self, digest: Digest) -> bytes | None:
        """Evidence may name what is not there, or is too large; it is then found to be faulty when it is read."""
        try:
            return await self.objects.get(digest, limit=_LIMIT)
        except (NotFound, TooLarge):
            return None

    async def _artifact(self, repository: str, digest: Digest) -> Artifact:
        held = await self.pull.manifest(repository, str(digest))
        row = await self.tables.get("manifests", (repository, str(digest))) or {}
        manifest = oci.parse(held.data, held.media_type)
        tagged = await self.tables.scan("tagged", (repository, str(digest)), limit=_MOST)
        runs = any(part in manifest.artifact_type for part in _IMAGES)
        kind = "index" if manifest.is_index else "image" if runs else "artifact"
        return Artifact(
            repository=repository,
            digest=digest,
            media_type=held.media_type,
            kind=kind if kind != "artifact" else manifest.artifact_type or kind,
            size=len(held.data),
            pushed=str(row.get("time", "")),
            tags=tuple(str(key[2]) for key, _ in tagged),
            children=tuple(sorted(child.digest for child in manifest.manifests)),
        )

    async def _target(self, artifact: Artifact, stage: str, stages: Stages) -> Target:
        repository, digest = artifact.repository, str(artifact.digest)
        pointer = await self.tables.get("pointers", (stages.get(stage).name, repository))
        stays = []
        for key, row in await self.tables.scan("stood", (repository, digest), limit=_MOST):
            where = str(key[2])
            now_there = await self.tables.get("pointers", (where, repository))
            revoked = await self.tables.get("revocations", ("promotion", f"{where}/{repository}@{digest}"))
            current = now_there is not None and now_there["digest"] == digest
            stays.append(Stay(where, str(row["since"]), current=current, revoked=revoked is not None))
        previous = None if pointer is None else Digest.parse(str(pointer["digest"]))
        return Target(stage, stages.before(stage), tuple(sorted(stays)), previous)

    async def _evidence(self, repository: str, digest: Digest) -> tuple[tuple[Source, ...], str]:
        try:
            return await self.evidence.sources(repository, digest), ""
        except TooLarge as e:
            return (), f"{e.message}; {e.hint}"

    async def _contents(self, artifact: Artifact) -> tuple[Catalogued | None, str]:
        try:
            return await self.catalogue.inventory(artifact.repository, artifact.digest), ""
        except (Malformed, TooLarge, Unsupported, NotFound) as e:
            return None, e.message

    async def _advisories(self, contents: Catalogued | None) -> tuple[Snapshot | None, Digest | None, Digest | None]:
        try:
            current = await self.advisories.current()
        except NotFound:
            return None, None, None
        snapshot = Snapshot(current.digest, current.moment)
        if contents is None:
            return snapshot, None, None
        inventory = contents.inventory
        packages = {one for c in inventory.components for one in wanted(c, inventory.distro).packages}
        records = await self.advisories.records(current.digest, packages)
        return snapshot, await self.writer.put(encode_records(records)), current.snapshot.kev

    async def _revoked(self) -> tuple[tuple[str, str], ...]:
        found = []
        for kind in ("identity", "key"):
            found += [(kind, str(key[1])) for key, _ in await self.tables.scan("revocations", (kind,), limit=100_000)]
        return tuple(sorted(found))
