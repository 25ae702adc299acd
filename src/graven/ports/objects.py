"""Objects: immutable bytes by digest. There is no verb that overwrites."""

from __future__ import annotations

from collections.abc import AsyncIterable, AsyncIterator
from typing import Protocol

from graven.values import Algorithm, Digest

__all__ = ["CancellableUploads", "ObjectReader", "ObjectRemover", "ObjectWriter", "Uploads"]


class ObjectReader(Protocol):
    """Reads what is there."""

    async def size(self, digest: Digest) -> int | None:
        """Give the length in bytes, or None where there is no such object."""

    def stream(self, digest: Digest, *, start: int = 0, end: int | None = None) -> AsyncIterator[bytes]:
        """Give the bytes from start up to end (exclusive), in pieces.

        Raises:
            NotFound: when the first piece is asked for and there is no such object.
        """

    async def get(self, digest: Digest, *, limit: int = 16 << 20) -> bytes:
        """Give a small object whole, checked against its digest.

        Raises:
            NotFound: there is no such object.
            TooLarge: it is longer than the limit.
            Mismatch: the bytes on disk are not those of the digest.
        """

    def path(self, digest: Digest) -> str | None:
        """Give a file of this machine that holds the object, if the adapter has such, for the kernel to send."""


class ObjectWriter(Protocol):
    """Writes small objects."""

    async def put(self, data: bytes, *, algorithm: Algorithm = "sha256") -> Digest:
        """Store bytes under their digest; the same bytes again succeed and change nothing."""


class Uploads(Protocol):
    """Large objects come in pieces, over several requests, and perhaps over a restart."""

    async def open(self) -> str:
        """Begin an upload; give its id (a UUID)."""

    async def write(self, upload: str, pieces: AsyncIterable[bytes], *, offset: int | None = None) -> int:
        """Add pieces at the end; give the length so far. What arrived before the pieces broke off is kept.

        Raises:
            NotFound: no such upload.
            Mismatch: offset is not the length so far; ``detail`` has ``offset``. Nothing was changed.
        """

    async def finish(self, upload: str, digest: Digest) -> int:
        """Make the object of the upload; give its size. The upload is gone after it, whichever way it ends.

        Raises:
            NotFound: no such upload.
            Mismatch: its bytes are not those of the digest.
        """

    async def length(self, upload: str) -> int:
        """Give the length so far.

        Raises:
            NotFound: no such upload.
        """


class CancellableUploads(Uploads, Protocol):
    """An extra power, for clients that give up."""

    async def cancel(self, upload: str) -> None:
        """Forget an upload.

        Raises:
            NotFound: no such upload.
        """


class ObjectRemover(Protocol):
    """An extra power, for the collection of what nothing refers to."""

    async def remove(self, digest: Digest) -> None:
        """Remove an object; it is no error if there is none."""
