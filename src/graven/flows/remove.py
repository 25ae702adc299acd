"""Remove: mutable repositories let tags, manifests and blobs go; immutable ones do not.

distribution-spec, "Content Management". What is removed leaves the repository at once; the journal keeps that it was
there, and other repositories keep what they hold.
"""

from __future__ import annotations

from dataclasses import dataclass

from graven.errors import Conflict, NotFound, Unsupported
from graven.flows.races import settle
from graven.flows.repositories import unknown
from graven.ports import Journal, Tables
from graven.projection import Equals, Expectation
from graven.values import Caller, Digest, RepositoryName, tag
from graven.values.events import ArtifactRemoved, BlobRemoved, Body, Event, TagRemoved

__all__ = ["Remove"]

_MOST_TAGS = 10_000


@dataclass(frozen=True, kw_only=True)
class Remove:
    """Takes things out of mutable repositories."""

    journal: Journal
    tables: Tables

    async def manifest(self, repository: RepositoryName, reference: str, *, caller: Caller) -> None:
        """Remove a tag; or a manifest by digest, with the tags that point to it.

        Raises:
            Unsupported: the repository is immutable.
            NotFound: it is not there.
            Conflict: the manifest stands or stood in a stage.
        """
        if ":" in reference:
            digest = Digest.parse(reference)
            await settle(lambda: self._manifest(repository, digest, caller))
        else:
            name = tag(reference)
            await settle(lambda: self._tag(repository, name, caller))

    async def blob(self, repository: RepositoryName, digest: Digest, *, caller: Caller) -> None:
        """Remove a blob from this repository.

        Raises:
            Unsupported: the repository is immutable.
            NotFound: it is not there.
        """
        await settle(lambda: self._blob(repository, digest, caller))

    async def _tag(self, repository: str, name: str, caller: Caller) -> None:
        mutable = await self._mutable(repository)
        row = await self.tables.get("tags", (repository, name))
        if row is None:
            raise NotFound(f"no tag {name!r} in {repository!r}", where=repository, detail={"kind": "manifest"})
        await self._append(caller, (mutable,), TagRemoved(repository, name, Digest.parse(str(row["digest"]))))

    async def _manifest(self, repository: str, digest: Digest, caller: Caller) -> None:
        mutable = await self._mutable(repository)
        key = (repository, str(digest))
        row = await self.tables.get("manifests", key)
        if row is None:
            raise NotFound(f"no manifest {digest} in {repository!r}", where=repository, detail={"kind": "manifest"})
        if await self.tables.scan("stood", key, limit=1):
            raise Conflict(f"{repository}@{digest} was promoted, expected one that never was", where=repository)
        tagged = await self.tables.scan("tagged", key, limit=_MOST_TAGS)
        gone: list[Body] = [TagRemoved(repository, str(found[2]), digest) for found, _ in tagged]
        subject = Digest.parse(str(row["subject"])) if row["subject"] else None
        await self._append(caller, (mutable, Equals("manifests", key)), *gone, ArtifactRemoved(*_at(key), subject))

    async def _blob(self, repository: str, digest: Digest, caller: Caller) -> None:
        mutable = await self._mutable(repository)
        key = (repository, str(digest))
        if await self.tables.get("blobs", key) is None:
            raise NotFound(f"no blob {digest} in {repository!r}", where=repository, detail={"kind": "blob"})
        await self._append(caller, (mutable, Equals("blobs", key)), BlobRemoved(*_at(key)))

    async def _mutable(self, repository: str) -> Expectation:
        row = await self.tables.get("repositories", (repository,))
        if row is None:
            raise await unknown(self.tables, repository, otherwise=NotFound(repository))
        if row["mode"] != "mutable":
            raise Unsupported(
                f"{repository!r} is immutable: what was pushed stays",
                where=repository,
                hint="an administrator can make it mutable: PUT /api/v1/repositories/NAME",
                detail={"kind": "immutable"},
            )
        return Equals("repositories", (repository,), {"mode": "mutable"})

    async def _append(self, caller: Caller, expects: tuple[Expectation, ...], *bodies: Body) -> None:
        told = (Event(body, caller.principal, caller.origin) for body in bodies)
        await self.journal.append(*told, expects=expects)


def _at(key: tuple[str, str]) -> tuple[str, Digest]:
    return key[0], Digest.parse(key[1])
