"""Pull: what a repository holds, by digest or by name.

distribution-spec, "Pull" and "Content Discovery". A repository shows what it holds and nothing else, whatever the store
has. Bytes of manifests are kept in memory within bounds, since they never change; tags are looked up each time.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from functools import lru_cache
from typing import NamedTuple

from graven.catalogue import oci
from graven.errors import NotFound
from graven.flows.push import parsed
from graven.flows.repositories import unknown
from graven.flows.shelf import Shelf
from graven.ports import ObjectReader, Tables
from graven.values import Descriptor, Digest

__all__ = ["Blob", "Held", "Page", "Pull", "Stand"]


class Held(NamedTuple):
    """A manifest as it was pushed."""

    data: bytes
    media_type: str
    digest: Digest


class Stand(NamedTuple):
    """What is known of a manifest without reading it."""

    digest: Digest
    media_type: str
    size: int


@dataclass(frozen=True, slots=True)
class Blob:
    """A blob that a repository holds."""

    digest: Digest
    size: int
    path: str | None
    """A file for the kernel to send, if the store has one."""


class Page(NamedTuple):
    """Some descriptors, and the digest to go on behind; empty at the end."""

    descriptors: tuple[Descriptor, ...]
    next: str


@dataclass(frozen=True, kw_only=True)
class Pull:
    """Reads repositories."""

    tables: Tables
    objects: ObjectReader
    shelf: Shelf = field(default_factory=Shelf)

    async def resolve(self, repository: str, reference: str) -> Digest:
        """Give the digest that a tag points to; a digest is itself, if the repository holds it.

        Raises:
            NotFound: no such repository, tag or manifest.
        """
        return (await self.stand(repository, reference)).digest

    async def stand(self, repository: str, reference: str) -> Stand:
        """Give digest, media type and size of a manifest.

        Raises:
            NotFound: no such repository, tag or manifest.
        """
        digest = reference
        if ":" not in reference:
            named = await self.tables.get("tags", (repository, reference))
            digest = "" if named is None else str(named["digest"])
        else:
            Digest.parse(reference)
        row = await self.tables.get("manifests", (repository, digest)) if digest else None
        if row is None:
            raise await unknown(self.tables, repository, otherwise=_no_manifest(repository, reference))
        return Stand(_digest(digest), str(row["media_type"]), int(row["size"] or 0))

    async def manifest(self, repository: str, reference: str) -> Held:
        """Give a manifest's bytes, as they were pushed.

        Raises:
            NotFound: no such repository, tag or manifest.
        """
        found = await self.stand(repository, reference)
        return Held(await self._bytes(found.digest), found.media_type, found.digest)

    async def _bytes(self, digest: Digest) -> bytes:
        kept = self.shelf.get(digest)
        if kept is not None:
            return kept
        data = await self.objects.get(digest, limit=oci.MAX_MANIFEST)
        self.shelf.put(digest, data)
        return data

    async def blob(self, repository: str, digest: Digest) -> Blob:
        """Find a blob.

        Raises:
            NotFound: the repository does not hold it, whoever else does.
        """
        row = await self.tables.get("blobs", (repository, str(digest)))
        if row is None:
            missing = NotFound(f"no blob {digest} in {repository!r}", where=repository, detail={"kind": "blob"})
            raise await unknown(self.tables, repository, otherwise=missing)
        return Blob(digest, int(row["size"] or 0), self.objects.path(digest))

    def stream(self, blob: Blob, *, start: int = 0, end: int | None = None) -> AsyncIterator[bytes]:
        """Give a blob's bytes in pieces, from start up to end (exclusive)."""
        return self.objects.stream(blob.digest, start=start, end=end)

    async def tags(self, repository: str, *, last: str = "", limit: int = 1000) -> tuple[tuple[str, ...], bool]:
        """List tags behind ``last`` in ASCII order, and tell whether there are more.

        Raises:
            NotFound: no such repository.
        """
        after = (repository, last) if last else None
        rows = await self.tables.scan("tags", (repository,), after=after, limit=limit + 1)
        if not rows:
            await self._exists(repository)
        return tuple(str(key[1]) for key, _ in rows[:limit]), len(rows) > limit

    async def _exists(self, repository: str) -> None:
        nothing = NotFound("")
        error = await unknown(self.tables, repository, otherwise=nothing)
        if error is not nothing:
            raise error

    async def referrers(
        self, repository: str, subject: Digest, *, artifact_type: str = "", last: str = "", limit: int = 100
    ) -> Page:
        """List the manifests of a repository that have a subject, in the order of their digests; never NotFound.

        A page ends earlier where their annotations would make it larger than a manifest may be.
        """
        found: list[Descriptor] = []
        room = oci.MAX_MANIFEST
        while True:
            after = (repository, str(subject), last) if last else None
            rows = await self.tables.scan("referrers", (repository, str(subject)), after=after, limit=limit)
            for key, row in rows:
                if artifact_type in ("", row["artifact_type"]):
                    room -= int(row["size"] or 0)
                    if len(found) == limit or (found and room < 0):
                        return Page(tuple(found), last)
                    found.append(await self._describe(Digest.parse(str(key[2])), str(row["media_type"])))
                last = str(key[2])
            if len(rows) < limit:
                return Page(tuple(found), "")

    async def _describe(self, digest: Digest, media_type: str) -> Descriptor:
        data = await self._bytes(digest)
        told = await parsed(data, media_type)
        return Descriptor(media_type, digest, len(data), told.artifact_type, annotations=told.annotations)


_digest = lru_cache(maxsize=4096)(Digest.parse)


def _no_manifest(repository: str, reference: str) -> NotFound:
    at = "@" if ":" in reference else ":"
    hint = "" if ":" in reference else f"graven ls {repository} shows the tags"
    where = f"{repository}{at}{reference}"
    return NotFound(f"no manifest {where}", where=where, hint=hint, detail={"kind": "manifest"})
