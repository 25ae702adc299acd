"""Uploads on disk: pieces are hashed and written in batches off the event loop, while the next ones arrive.

The state of the hash is kept in memory between the requests of an upload, so that its end needs no second reading. Only
an upload that was resumed after a restart, or that is closed with another algorithm than it was hashed with, is read
again. The disk is set to work early, so that little is left to sync at the end.
"""

from __future__ import annotations

import asyncio
import os
import re
import uuid
from collections.abc import AsyncIterable, Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TypeVar

from graven.errors import Conflict, Mismatch, NotFound, Unavailable
from graven.ports import Entropy
from graven.stores import layout
from graven.stores.disk import place
from graven.values import Algorithm, Digest, Hasher

__all__ = ["DiskUploads"]

_BATCH = 1 << 20
_SYNC_EVERY = 32 << 20
_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_Found = TypeVar("_Found")


@dataclass(slots=True)
class _Upload:
    """What is known of an upload while the process lives."""

    path: Path
    length: int = 0
    hasher: Hasher | None = None
    """None: the bytes must be read again at the end."""
    algorithm: Algorithm = "sha256"
    busy: bool = False


class DiskUploads:
    """The port's Uploads over a data folder."""

    def __init__(self, data: Path, *, entropy: Entropy) -> None:
        self._data = data
        self._entropy = entropy
        self._known: dict[str, _Upload] = {}
        self._hands = ThreadPoolExecutor(max_workers=4, thread_name_prefix="graven-upload")
        self._syncs = ThreadPoolExecutor(max_workers=2, thread_name_prefix="graven-sync")

    async def open(self, *, algorithm: Algorithm = "sha256") -> str:
        """Begin an upload; see the port. The algorithm is what its digest will probably be of."""
        name = str(uuid.UUID(bytes=self._entropy(16), version=4))
        path = layout.upload_file(self._data, name)
        await self._in_hands(lambda: _create(path))
        self._known[name] = _Upload(path, hasher=Digest.hasher(algorithm), algorithm=algorithm)
        return name

    async def write(self, upload: str, pieces: AsyncIterable[bytes], *, offset: int | None = None) -> int:
        """Add pieces; see the port."""
        found = self._find(upload)
        if offset is not None and offset != found.length:
            raise Mismatch(
                f"got bytes from {offset} on, expected them from {found.length} on",
                where="Content-Range",
                detail={"offset": found.length},
            )
        found.busy = True
        descriptor = self._reopen(found)
        try:
            await self._pump(found, descriptor, pieces)
        finally:
            os.close(descriptor)
            found.busy = False
        return found.length

    async def finish(self, upload: str, digest: Digest) -> int:
        """Make the object; see the port."""
        found = self._find(upload)
        found.busy = True
        self._known.pop(upload, None)
        await self._in_hands(lambda: _finish(found, digest, layout.object_file(self._data, digest)))
        return found.length

    async def cancel(self, upload: str) -> None:
        """Forget an upload; see the port."""
        found = self._find(upload)
        self._known.pop(upload, None)
        await self._in_hands(found.path.unlink)

    async def length(self, upload: str) -> int:
        """Give the length so far; see the port."""
        return self._find(upload, idle=False).length

    async def expire(self, before: datetime) -> int:
        """Remove uploads that nobody has continued since a moment; give how many."""
        return await self._in_hands(lambda: self._expire(before.timestamp()))

    def close(self) -> None:
        """End the threads; what arrived is kept."""
        self._hands.shutdown()
        self._syncs.shutdown()

    def _find(self, upload: str, *, idle: bool = True) -> _Upload:
        found = self._known.get(upload) or self._resumed(upload)
        if found is None:
            raise NotFound("there is no such upload", hint="begin again: it was finished, cancelled or has expired")
        if idle and found.busy:
            raise Conflict("another request is at work on this upload", hint="one at a time")
        return found

    def _resumed(self, upload: str) -> _Upload | None:
        """Take up an upload of an earlier process; the state of its hash died with that."""
        if not _ID.fullmatch(upload):
            return None
        path = layout.upload_file(self._data, upload)
        try:
            found = _Upload(path, length=path.stat().st_size)
        except FileNotFoundError:
            return None
        self._known[upload] = found
        return found

    def _reopen(self, found: _Upload) -> int:
        try:
            descriptor = os.open(found.path, os.O_WRONLY | os.O_CLOEXEC)
            if os.fstat(descriptor).st_size != found.length:
                os.ftruncate(descriptor, found.length)
        except OSError as e:
            found.busy = False
            raise Unavailable(f"the upload cannot be written: {e.strerror}") from e
        return descriptor

    async def _pump(self, found: _Upload, descriptor: int, pieces: AsyncIterable[bytes]) -> None:
        """Hash and write one batch while the next arrives; what arrived is kept, however the pieces end."""
        loop = asyncio.get_running_loop()
        under_way: asyncio.Future[None] | None = None
        batch: list[bytes] = []
        waiting = unsynced = 0
        syncing: asyncio.Future[None] | None = None
        try:
            async for piece in pieces:
                batch.append(piece)
                waiting += len(piece)
                if waiting < _BATCH:
                    continue
                if under_way is not None:
                    await under_way
                full, batch, unsynced, waiting = batch, [], unsynced + waiting, 0
                under_way = loop.run_in_executor(self._hands, _absorb, found, descriptor, full)
                if unsynced >= _SYNC_EVERY and (syncing is None or syncing.done()):
                    unsynced = 0
                    syncing = loop.run_in_executor(self._syncs, os.fdatasync, descriptor)
        finally:
            await _to_its_end(self._drain(found, descriptor, batch, under_way, syncing))

    async def _drain(
        self,
        found: _Upload,
        descriptor: int,
        batch: list[bytes],
        under_way: asyncio.Future[None] | None,
        syncing: asyncio.Future[None] | None,
    ) -> None:
        try:
            if under_way is not None:
                await under_way
            if batch:
                await asyncio.get_running_loop().run_in_executor(self._hands, _absorb, found, descriptor, batch)
        finally:
            if syncing is not None:
                await syncing

    def _expire(self, before: float) -> int:
        count = 0
        for path in layout.uploads(self._data).glob("*"):
            known = self._known.get(path.name)
            if path.stat().st_mtime < before and not (known and known.busy):
                self._known.pop(path.name, None)
                path.unlink(missing_ok=True)
                count += 1
        return count

    async def _in_hands(self, work: Callable[[], _Found]) -> _Found:
        try:
            return await asyncio.get_running_loop().run_in_executor(self._hands, work)
        except OSError as e:
            raise Unavailable(f"the upload cannot be stored: {e.strerror}", hint="is the disk full?") from e


async def _to_its_end(work: Coroutine[None, None, None]) -> None:
    """Run to the end even where the caller is cancelled: threads are still at work on the file."""
    task = asyncio.ensure_future(work)
    try:
        await asyncio.shield(task)
    except asyncio.CancelledError:
        await task
        raise


def _create(path: Path) -> None:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    path.touch(mode=0o600, exist_ok=False)


def _absorb(found: _Upload, descriptor: int, batch: list[bytes]) -> None:
    """Hash and write a batch; after a failure the hash is worth nothing and the length is what was written."""
    try:
        for piece in batch:
            _write_all(descriptor, piece, found.length)
            if found.hasher is not None:
                found.hasher.update(piece)
            found.length += len(piece)
    except OSError as e:
        found.hasher = None
        raise Unavailable(f"the upload cannot be written: {e.strerror}", hint="is the disk full?") from e


def _write_all(descriptor: int, piece: bytes, at: int) -> None:
    left = memoryview(piece)
    while left:
        written = os.pwrite(descriptor, left, at)
        at += written
        left = left[written:]


def _finish(found: _Upload, digest: Digest, target: Path) -> None:
    """Hold the bytes against the digest, and give them their name; either way the upload is gone."""
    try:
        descriptor = os.open(found.path, os.O_RDWR | os.O_CLOEXEC)
        try:
            known = found.hasher if found.algorithm == digest.algorithm else None
            hexdigest = _hash(descriptor, digest.algorithm) if known is None else known.hexdigest()
            if hexdigest != digest.hex:
                raise Mismatch(f"got bytes of digest {digest.algorithm}:{hexdigest}, expected {digest}", where="digest")
            os.fdatasync(descriptor)
        finally:
            os.close(descriptor)
        place(found.path, target)
    except BaseException:
        found.path.unlink(missing_ok=True)
        raise


def _hash(descriptor: int, algorithm: Algorithm) -> str:
    hasher, at = Digest.hasher(algorithm), 0
    while piece := os.pread(descriptor, _BATCH, at):
        hasher.update(piece)
        at += len(piece)
    return hasher.hexdigest()
