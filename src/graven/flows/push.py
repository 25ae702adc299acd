"""Push: manifests and small blobs become part of a repository.

distribution-spec, "Push". A manifest's bytes are stored as received; what it requires must be in the repository. Large
blobs come by ``flows.upload``; who may push is asked before, by ``flows.access``.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

from graven.catalogue import growth, oci
from graven.errors import Conflict, Malformed, family
from graven.flows.races import settle
from graven.flows.repositories import Mode, Opening, opening
from graven.ports import Journal, ObjectReader, ObjectWriter, Tables
from graven.projection import Absent, Equals, Expectation
from graven.values import Caller, Descriptor, Digest, RepositoryName, tag
from graven.values.events import ArtifactPushed, BlobPushed, Body, Event, PushRefused, TagSet

__all__ = ["Push", "Pushed", "blob_events", "parsed"]

_LARGE = 128 << 10

_TOLD_CHILDREN = 400
"""An event holds 65,535 bytes; of a longer index the first children are told."""


@dataclass(frozen=True, slots=True)
class Pushed:
    """What a push of a manifest did."""

    digest: Digest
    manifest: oci.Manifest
    tags: tuple[str, ...]
    """Those that point to it now and were asked for."""

    @property
    def subject(self) -> Digest | None:
        """The digest that it is evidence about."""
        return None if self.manifest.subject is None else self.manifest.subject.digest


@dataclass(frozen=True, slots=True)
class _Plan:
    """What to journal, and what was looked at for it."""

    bodies: tuple[Body, ...] = ()
    expects: tuple[Expectation, ...] = ()

    def __add__(self, other: _Plan) -> _Plan:
        return _Plan(self.bodies + other.bodies, self.expects + other.expects)


@dataclass(frozen=True, kw_only=True)
class Push:
    """Puts manifests and small blobs into repositories."""

    journal: Journal
    tables: Tables
    objects: ObjectReader
    writer: ObjectWriter

    async def manifest(
        self,
        repository: RepositoryName,
        reference: str,
        data: bytes,
        media_type: str,
        *,
        caller: Caller,
        tags: Sequence[str] = (),
    ) -> Pushed:
        """Put a manifest under a tag, or under its digest and perhaps some tags; all or nothing.

        Raises:
            Malformed: no manifest, or one that requires what is not here (``detail`` has ``missing``).
            Mismatch: the reference is a digest, and of other bytes.
            Conflict: a tag of an immutable repository would move.
        """
        digest, named = _target(reference, data, tags)
        manifest = await parsed(data, media_type)
        pushed = Pushed(digest, manifest, named)
        try:
            await settle(lambda: self._manifest(repository, data, pushed, caller))
        except Conflict as e:
            body = PushRefused(repository, reference, family(e))
            await self.journal.append(Event(body, caller.principal, caller.origin, outcome="denied", reason=e.message))
            raise
        return pushed

    async def _manifest(self, repository: RepositoryName, data: bytes, pushed: Pushed, caller: Caller) -> None:
        opened = await opening(self.tables, repository)
        plan = await self._contents(repository, pushed.manifest)
        plan += await self._artifact(repository, pushed, len(data))
        for name in pushed.tags:
            plan += await self._tag(repository, name, pushed, opened.mode)
        if plan.bodies:
            await self.writer.put(data, algorithm=pushed.digest.algorithm)
            await _append(self.journal, opened, plan, caller)

    async def _contents(self, repository: str, manifest: oci.Manifest) -> _Plan:
        """Find what the manifest requires.

        Raises:
            Malformed: it is not all here, or not of the size that the manifest says.
        """
        wanted = [("blobs", value) for value in dict.fromkeys(manifest.required)]
        wanted += [(_home(child), child) for child in dict.fromkeys(manifest.manifests)]
        rows = [await self.tables.get(table, (repository, str(value.digest))) for table, value in wanted]
        missing = [str(value.digest) for (_, value), row in zip(wanted, rows, strict=True) if row is None]
        if missing:
            raise Malformed(
                f"the manifest requires {', '.join(missing[:3])}{' …' if len(missing) > 3 else ''}, "
                f"which {repository!r} does not hold",
                where="manifest",
                hint="push blobs and children first",
                detail={"kind": "missing", "missing": missing},
            )
        for (table, value), row in zip(wanted, rows, strict=True):
            if row is not None and row["size"] != value.size:
                raise Malformed(f"got the size {value.size} for {value.digest} in {table}, expected {row['size']}")
        return _Plan((), tuple(Equals(table, (repository, str(value.digest))) for table, value in wanted))

    async def _artifact(self, repository: str, pushed: Pushed, size: int) -> _Plan:
        key = (repository, str(pushed.digest))
        if await self.tables.get("manifests", key) is not None:
            return _Plan((), (Equals("manifests", key),))
        kind, artifact_type = pushed.manifest.media_type, pushed.manifest.artifact_type
        children = tuple(str(child.digest) for child in pushed.manifest.manifests[:_TOLD_CHILDREN])
        body = ArtifactPushed(repository, pushed.digest, size, kind, artifact_type, pushed.subject, children)
        return _Plan((body,), (Absent("manifests", key),))

    async def _tag(self, repository: RepositoryName, name: str, pushed: Pushed, mode: Mode) -> _Plan:
        row = await self.tables.get("tags", (repository, name))
        if row is None:
            return _Plan((TagSet(repository, name, pushed.digest),))
        previous = Digest.parse(str(row["digest"]))
        if previous == pushed.digest:
            return _Plan((), (Equals("tags", (repository, name), {"digest": str(previous)}),))
        if mode == "immutable":
            await self._refuse_move(repository, name, previous, pushed)
        return _Plan((TagSet(repository, name, pushed.digest, previous),))

    async def _refuse_move(self, repository: str, name: str, previous: Digest, pushed: Pushed) -> None:
        why = "its tags are write-once and this one is taken by other content"
        if growth.grows(name):
            old = await parsed(await self.objects.get(previous, limit=oci.MAX_MANIFEST))
            why = growth.follows(name, old, pushed.manifest)
        if why:
            raise Conflict(
                f"the tag {name!r} of {repository!r} does not move from {previous} to {pushed.digest}: "
                f"the repository is immutable, {why}",
                where=f"{repository}:{name}",
                hint="push under a new tag, or pull the old one by its digest",
                detail={"kind": "immutable", "tag": name, "current": str(previous), "pushed": str(pushed.digest)},
            )

    async def blob(self, repository: RepositoryName, data: bytes, *, caller: Caller) -> Digest:
        """Put a small blob that is in memory."""
        digest = await self.writer.put(data)
        await settle(lambda: blob_events(self.journal, self.tables, BlobPushed(repository, digest, len(data)), caller))
        return digest


async def parsed(data: bytes, media_type: str = "") -> oci.Manifest:
    """Read a manifest; a large one takes long, and others are answered meanwhile."""
    if len(data) < _LARGE:
        return oci.parse(data, media_type)
    return await asyncio.to_thread(oci.parse, data, media_type)


async def blob_events(journal: Journal, tables: Tables, body: BlobPushed, caller: Caller) -> None:
    """Journal that a repository holds a blob, unless it does."""
    name, key = RepositoryName(body.repository), (body.repository, str(body.digest))
    if await tables.get("blobs", key) is None:
        plan = _Plan((body,), (Absent("blobs", key),))
        await _append(journal, await opening(tables, name), plan, caller)


async def _append(journal: Journal, opened: Opening, plan: _Plan, caller: Caller) -> None:
    told = (Event(body, caller.principal, caller.origin) for body in (*opened.bodies, *plan.bodies))
    await journal.append(*told, expects=(*opened.expects, *plan.expects))


def _target(reference: str, data: bytes, tags: Sequence[str]) -> tuple[Digest, tuple[str, ...]]:
    if ":" not in reference:
        return Digest.of(data), tuple(dict.fromkeys((tag(reference), *map(tag, tags))))
    digest = Digest.parse(reference)
    digest.check(data)
    return digest, tuple(dict.fromkeys(map(tag, tags)))


def _home(child: Descriptor) -> str:
    """An index may list what is no manifest; that stands among the blobs."""
    return "manifests" if child.media_type in oci.MANIFEST_TYPES else "blobs"
