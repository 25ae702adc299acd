"""Publish: a generic file gets a name and a version, once, and an OCI manifest that evidence can attach to."""

from __future__ import annotations

from collections.abc import AsyncIterable, AsyncIterator
from dataclasses import dataclass

from graven.catalogue import files, oci
from graven.errors import Conflict, NotFound, TooLarge, family
from graven.flows.pull import Blob, Pull
from graven.flows.push import Push
from graven.flows.races import settle
from graven.flows.repositories import opening
from graven.flows.upload import Upload
from graven.ports import Journal, Tables
from graven.projection import Equals, Row
from graven.values import Caller, Digest, Hasher, RepositoryName
from graven.values.events import Event, FilePublished, PushRefused

__all__ = ["Listed", "Place", "Publish"]


@dataclass(frozen=True, slots=True)
class Place:
    """Where a file stands."""

    repository: RepositoryName
    name: str
    version: str
    filename: str

    @property
    def key(self) -> tuple[str, str, str, str]:
        """Its key in the table of files."""
        return (self.repository, self.name, self.version, self.filename)

    def __str__(self) -> str:
        return "/".join(self.key)


@dataclass(frozen=True, slots=True)
class Listed:
    """A published file."""

    place: Place
    digest: Digest
    size: int
    manifest: Digest
    time: str


@dataclass(frozen=True, kw_only=True)
class Publish:
    """Publishes files and finds them again."""

    journal: Journal
    tables: Tables
    push: Push
    pull: Pull
    upload: Upload

    async def file(
        self, place: Place, pieces: AsyncIterable[bytes], *, caller: Caller, digest: Digest | None = None
    ) -> Listed:
        """Publish a file, of an announced digest or of whatever it has; the same again changes nothing.

        Raises:
            Conflict: the name is taken by other content, or the repository is mutable.
            Mismatch: the bytes are not those of the digest.
        """
        if digest is not None:  # refused before its bytes come
            await self._permit(place, digest, caller)
        session = (await self.upload.open(place.repository, caller=caller)).name
        hasher = Digest.hasher()
        try:
            told = pieces if digest is not None else _hashed(pieces, hasher)
            await self.upload.append(place.repository, session, told, caller=caller)
            found = digest or Digest("sha256", hasher.hexdigest())
            await self._permit(place, found, caller)
        except TooLarge:  # the upload is over already
            raise
        except BaseException:
            await self.upload.cancel(place.repository, session, caller=caller)
            raise
        size = await self.upload.close(place.repository, session, found, caller=caller)
        return await self.stored(place, found, size, caller=caller)

    async def _permit(self, place: Place, digest: Digest, caller: Caller) -> None:
        try:
            await self._free(place, digest)
        except Conflict as e:
            refused = PushRefused(place.repository, str(place)[-512:], family(e))
            told = Event(refused, caller.principal, caller.origin, outcome="denied", reason=e.message)
            await self.journal.append(told)
            raise

    async def stored(self, place: Place, digest: Digest, size: int, *, caller: Caller) -> Listed:
        """Publish a blob that the repository holds."""
        document = files.manifest_of(digest, size, name=place.name, version=place.version, filename=place.filename)
        await self.push.blob(place.repository, oci.EMPTY_JSON, caller=caller)
        target = str(Digest.of(document))
        pushed = await self.push.manifest(place.repository, target, document, oci.IMAGE_MANIFEST, caller=caller)
        body = FilePublished(*place.key, digest, size, pushed.digest)
        await settle(lambda: self._record(place, body, caller))
        return await self.find(place)

    async def _free(self, place: Place, digest: Digest) -> bool:
        """Tell whether the name is not taken yet.

        Raises:
            Conflict: by other content; or the repository is mutable.
        """
        row = await self.tables.get("files", place.key)
        if row is not None and row["digest"] != str(digest):
            raise Conflict(
                f"{place} is {row['digest']} and stays so, got {digest}",
                where=str(place),
                hint="publish it under a new version",
                detail={"kind": "immutable", "current": row["digest"], "pushed": str(digest)},
            )
        if row is None and (await opening(self.tables, place.repository)).mode == "mutable":
            raise Conflict(
                f"{place.repository!r} is mutable, files are published in immutable repositories",
                where=place.repository,
                hint="use another repository",
            )
        return row is None

    async def _record(self, place: Place, body: FilePublished, caller: Caller) -> None:
        if await self._free(place, body.digest):
            unchanged = Equals("repositories", (place.repository,), {"mode": "immutable"})
            await self.journal.append(Event(body, caller.principal, caller.origin), expects=(unchanged,))

    async def find(self, place: Place) -> Listed:
        """Find a file.

        Raises:
            NotFound: nothing was published there.
        """
        row = await self.tables.get("files", place.key)
        if row is None:
            raise NotFound(f"no file {place}", where=str(place), detail={"kind": "file"})
        return _listed(place, row)

    async def blob(self, place: Place) -> Blob:
        """Find the bytes of a file.

        Raises:
            NotFound: nothing was published there.
        """
        return await self.pull.blob(place.repository, (await self.find(place)).digest)

    async def listing(
        self, repository: RepositoryName, *within: str, last: tuple[str, ...] = (), limit: int = 1000
    ) -> tuple[Listed, ...]:
        """List the files of a repository, of a name or of a version, in the order of their names."""
        after = (repository, *within, *last) if last else None
        rows = await self.tables.scan("files", (repository, *within), after=after, limit=limit)
        return tuple(_listed(_place(repository, key), row) for key, row in rows)


async def _hashed(pieces: AsyncIterable[bytes], hasher: Hasher) -> AsyncIterator[bytes]:
    async for piece in pieces:
        hasher.update(piece)
        yield piece


def _place(repository: RepositoryName, key: tuple[str | int, ...]) -> Place:
    name, version, filename = map(str, key[1:])
    return Place(repository, name, version, filename)


def _listed(place: Place, row: Row) -> Listed:
    digest, manifest = Digest.parse(str(row["digest"])), Digest.parse(str(row["manifest"]))
    return Listed(place, digest, int(row["size"] or 0), manifest, str(row["time"]))
