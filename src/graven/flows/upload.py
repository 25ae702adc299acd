"""Upload: large blobs come into a repository in pieces, and are visible when they are whole and hashed.

distribution-spec, "Pushing blobs". An upload belongs to a repository and a principal: its session carries a seal over
the three, so that nobody continues what somebody else began, also after a restart.
"""

from __future__ import annotations

import contextlib
import hashlib
import hmac
from collections.abc import AsyncIterable, AsyncIterator, Iterator
from dataclasses import dataclass

from graven.errors import GravenError, Mismatch, NotFound, TooLarge
from graven.flows.push import blob_events
from graven.flows.races import settle
from graven.ports import CancellableUploads, Journal, ObjectReader, Tables
from graven.values import Caller, Digest, RepositoryName
from graven.values.events import BlobPushed

__all__ = ["MAX_BLOB", "Session", "Upload", "exactly"]

MAX_BLOB = 64 << 30
"""Bytes of one blob, unless the server is told otherwise."""

_SEAL = 32


@dataclass(frozen=True, slots=True)
class Session:
    """An open upload, as its owner names it: ``UUID.SEAL``."""

    name: str
    length: int


@dataclass(frozen=True, kw_only=True)
class Upload:
    """Takes blobs in."""

    journal: Journal
    tables: Tables
    objects: ObjectReader
    uploads: CancellableUploads
    secret: bytes
    """Keys the seals. It lives as long as uploads do."""
    largest: int = MAX_BLOB

    async def open(self, repository: RepositoryName, *, caller: Caller) -> Session:
        """Begin an upload."""
        upload = await self.uploads.open()
        return Session(f"{upload}.{self._seal(upload, repository, caller)}", 0)

    async def length(self, repository: RepositoryName, session: str, *, caller: Caller) -> int:
        """Give the length so far.

        Raises:
            NotFound: no such upload of this caller in this repository.
        """
        with _open():
            return await self.uploads.length(self._own(repository, session, caller))

    async def append(
        self,
        repository: RepositoryName,
        session: str,
        pieces: AsyncIterable[bytes],
        *,
        caller: Caller,
        offset: int | None = None,
    ) -> Session:
        """Add pieces at the end.

        Raises:
            NotFound: no such upload of this caller in this repository.
            Mismatch: the pieces do not begin where the upload ends (``detail`` has ``offset``).
            TooLarge: the blob would be larger than one may be; the upload is over.
        """
        upload = self._own(repository, session, caller)
        try:
            with _open():
                room = self.largest - await self.uploads.length(upload)
                length = await self.uploads.write(upload, _within(pieces, room), offset=offset)
        except TooLarge:
            await self.uploads.cancel(upload)
            raise
        return Session(session, length)

    async def close(self, repository: RepositoryName, session: str, digest: Digest, *, caller: Caller) -> int:
        """Make the blob; give its size. The upload is over, whichever way it ends.

        Raises:
            NotFound: no such upload of this caller in this repository.
            Mismatch: its bytes are not those of the digest.
        """
        with _open():
            size = await self.uploads.finish(self._own(repository, session, caller), digest)
        await self._record(BlobPushed(repository, digest, size), caller)
        return size

    async def whole(
        self, repository: RepositoryName, digest: Digest, pieces: AsyncIterable[bytes], *, caller: Caller
    ) -> int:
        """Take a blob in one go; nothing of it stays if it breaks off.

        Raises:
            Mismatch: its bytes are not those of the digest.
            TooLarge: it is larger than one may be.
        """
        upload = await self.uploads.open()
        try:
            await self.uploads.write(upload, _within(pieces, self.largest))
        except BaseException:
            await self.uploads.cancel(upload)
            raise
        size = await self.uploads.finish(upload, digest)
        await self._record(BlobPushed(repository, digest, size), caller)
        return size

    async def cancel(self, repository: RepositoryName, session: str, *, caller: Caller) -> None:
        """Forget an upload.

        Raises:
            NotFound: no such upload of this caller in this repository.
        """
        with _open():
            await self.uploads.cancel(self._own(repository, session, caller))

    async def mount(
        self, repository: RepositoryName, digest: Digest, *, caller: Caller, source: str | None = None
    ) -> bool:
        """Take a blob over from a repository that the caller may pull; tell whether there was one.

        Without a source any such repository will do. That a blob exists is never told to whom may not pull it.
        """
        found = await self._source(digest, caller, source)
        if found is None:
            return False
        name, size = found
        await self._record(BlobPushed(repository, digest, size, name), caller)
        return True

    async def _source(self, digest: Digest, caller: Caller, source: str | None) -> tuple[str, int] | None:
        if source is not None:
            row = await self.tables.get("blobs", (source, str(digest)))
            held = [(source, row)] if row is not None else []
        else:
            held = [(str(key[1]), row) for key, row in await self.tables.scan("holders", (str(digest),))]
        for name, row in held:
            if caller.may("pull", name):
                return name, int(row["size"] or 0)
        return None

    async def _record(self, body: BlobPushed, caller: Caller) -> None:
        await settle(lambda: blob_events(self.journal, self.tables, body, caller))

    def _seal(self, upload: str, repository: str, caller: Caller) -> str:
        bound = f"{upload}\n{repository}\n{caller.principal}".encode()
        return hmac.new(self.secret, bound, hashlib.sha256).hexdigest()[:_SEAL]

    def _own(self, repository: str, session: str, caller: Caller) -> str:
        upload, _, seal = session.partition(".")
        if not hmac.compare_digest(seal.encode(), self._seal(upload, repository, caller).encode()):
            raise NotFound(
                f"no upload {session[:80]!r} of yours in {repository!r}",
                hint="begin another with POST",
                detail={"kind": "upload"},
            )
        return upload


@contextlib.contextmanager
def _open() -> Iterator[None]:
    try:
        yield
    except NotFound as e:
        raise NotFound(e.message, hint=e.hint, detail={"kind": "upload"}) from e


async def _within(pieces: AsyncIterable[bytes], room: int) -> AsyncIterator[bytes]:
    async for piece in pieces:
        room -= len(piece)
        if room < 0:
            raise TooLarge("got a blob of more bytes than one may have here", where="blob", detail={"kind": "blob"})
        yield piece


async def exactly(pieces: AsyncIterable[bytes], length: int) -> AsyncIterator[bytes]:
    """Pass pieces on and hold their sum against the announced length.

    Raises:
        Mismatch: they are more, or fewer.
    """
    seen = 0
    async for piece in pieces:
        seen += len(piece)
        if seen > length:
            break
        yield piece
    if seen != length:
        raise _wrong_length(seen, length)


def _wrong_length(seen: int, length: int) -> GravenError:
    return Mismatch(f"got {seen} bytes or more, expected {length}", where="body", detail={"kind": "size"})
