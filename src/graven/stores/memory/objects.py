"""Objects and uploads in memory."""

from __future__ import annotations

import uuid
from collections.abc import AsyncIterable, AsyncIterator
from dataclasses import dataclass, field

from graven.errors import Mismatch, NotFound, TooLarge
from graven.ports import Entropy
from graven.stores.memory.disk import Died, Disk
from graven.values import Algorithm, Digest

__all__ = ["MemoryObjects"]


@dataclass
class MemoryObjects:
    """The port's ObjectReader, ObjectWriter, ObjectRemover and Uploads."""

    entropy: Entropy
    disk: Disk = field(default_factory=Disk)
    objects: dict[Digest, bytes] = field(default_factory=dict)
    uploads: dict[str, bytearray] = field(default_factory=dict)

    async def size(self, digest: Digest) -> int | None:
        """Give the length; see the port."""
        found = self.objects.get(digest)
        return None if found is None else len(found)

    async def stream(self, digest: Digest, *, start: int = 0, end: int | None = None) -> AsyncIterator[bytes]:
        """Give the bytes in pieces; see the port."""
        if digest not in self.objects:
            raise NotFound(f"there is no object {digest}")
        if piece := self.objects[digest][start:end]:
            yield piece

    async def get(self, digest: Digest, *, limit: int = 16 << 20) -> bytes:
        """Give a small object whole; see the port."""
        if digest not in self.objects:
            raise NotFound(f"there is no object {digest}")
        found = self.objects[digest]
        if len(found) > limit:
            raise TooLarge(f"got an object of {len(found)} bytes, at most {limit}", where=str(digest))
        digest.check(found)
        return found

    def path(self, digest: Digest) -> str | None:  # noqa: ARG002  the port has it
        """Give the file: there is none."""
        return None

    async def put(self, data: bytes, *, algorithm: Algorithm = "sha256") -> Digest:
        """Store small bytes; see the port."""
        digest = Digest.of(data, algorithm)
        self._keep(digest, bytes(data))
        return digest

    async def remove(self, digest: Digest) -> None:
        """Remove an object; see the port."""
        self.objects.pop(digest, None)

    async def open(self) -> str:
        """Begin an upload; see the port."""
        name = _uuid(self.entropy(16))
        self.uploads[name] = bytearray()
        return name

    async def write(self, upload: str, pieces: AsyncIterable[bytes], *, offset: int | None = None) -> int:
        """Add pieces; see the port."""
        found = self._upload(upload)
        if offset is not None and offset != len(found):
            detail = {"offset": len(found)}
            raise Mismatch(f"got bytes from {offset} on, expected them from {len(found)} on", detail=detail)
        async for piece in pieces:
            found += piece
        return len(found)

    async def finish(self, upload: str, digest: Digest) -> int:
        """Make the object; see the port."""
        found = bytes(self._upload(upload))
        del self.uploads[upload]
        digest.check(found)
        self._keep(digest, found)
        return len(found)

    async def cancel(self, upload: str) -> None:
        """Forget an upload; see the port."""
        self._upload(upload)
        del self.uploads[upload]

    async def length(self, upload: str) -> int:
        """Give the length so far; see the port."""
        return len(self._upload(upload))

    def _upload(self, upload: str) -> bytearray:
        if upload not in self.uploads:
            raise NotFound("there is no such upload", hint="begin again: it was finished, cancelled or has expired")
        return self.uploads[upload]

    def _keep(self, digest: Digest, data: bytes) -> None:
        dies = self.disk.durable()
        self.objects.setdefault(digest, data)
        if dies:
            raise Died


def _uuid(random: bytes) -> str:
    return str(uuid.UUID(bytes=random, version=4))
