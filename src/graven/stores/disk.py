"""Objects in a folder: immutable files by digest, written to a temporary file of the same file system and renamed.

What has been renamed is durable: the file and its folder were synced. The same bytes again succeed and change nothing.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import AsyncIterator
from pathlib import Path

from anyio import to_thread

from graven.errors import NotFound, TooLarge, Unavailable
from graven.stores import layout
from graven.values import Algorithm, Digest

__all__ = ["DiskCache", "DiskObjects", "place"]

_PIECE = 1 << 20
_DIRECT = 256 << 10
"""A file of at most so many bytes is read where one stands: it is quicker than a hand-over to a thread."""


class DiskObjects:
    """The port's ObjectReader, ObjectWriter and ObjectRemover over a data folder."""

    def __init__(self, data: Path) -> None:
        self._data = data

    async def size(self, digest: Digest) -> int | None:
        """Give the length; see the port."""
        try:
            return layout.object_file(self._data, digest).stat().st_size
        except FileNotFoundError:
            return None
        except OSError as e:
            raise _unavailable(e, digest) from e

    async def stream(self, digest: Digest, *, start: int = 0, end: int | None = None) -> AsyncIterator[bytes]:
        """Give the bytes in pieces; see the port."""
        descriptor = self._open(digest)
        try:
            at = start
            while end is None or at < end:
                wanted = _PIECE if end is None else min(_PIECE, end - at)
                piece = await to_thread.run_sync(os.pread, descriptor, wanted, at)
                if not piece:
                    return
                yield piece
                at += len(piece)
        except OSError as e:
            raise _unavailable(e, digest) from e
        finally:
            os.close(descriptor)

    async def get(self, digest: Digest, *, limit: int = 16 << 20) -> bytes:
        """Give a small object whole; see the port."""
        descriptor = self._open(digest)
        try:
            size = os.fstat(descriptor).st_size
            if size > limit:
                raise TooLarge(f"got an object of {size} bytes, at most {limit}", where=str(digest))
            if size <= _DIRECT:
                return _checked(descriptor, size, digest)
            return await to_thread.run_sync(_checked, descriptor, size, digest)
        except OSError as e:
            raise _unavailable(e, digest) from e
        finally:
            os.close(descriptor)

    def path(self, digest: Digest) -> str | None:
        """Give the file; see the port."""
        found = layout.object_file(self._data, digest)
        return str(found) if found.exists() else None

    async def put(self, data: bytes, *, algorithm: Algorithm = "sha256") -> Digest:
        """Store small bytes; see the port."""
        digest = Digest.of(data, algorithm)
        target = layout.object_file(self._data, digest)
        if not target.exists():
            await to_thread.run_sync(_store, target, data)
        return digest

    async def remove(self, digest: Digest) -> None:
        """Remove an object; see the port."""
        target = layout.object_file(self._data, digest)
        try:
            target.unlink(missing_ok=True)
        except OSError as e:
            raise _unavailable(e, digest) from e

    def _open(self, digest: Digest) -> int:
        try:
            return os.open(layout.object_file(self._data, digest), os.O_RDONLY | os.O_CLOEXEC)
        except FileNotFoundError as e:
            raise NotFound(f"there is no object {digest}") from e
        except OSError as e:
            raise _unavailable(e, digest) from e


class DiskCache:
    """Results in a folder, each behind its own digest, so that a harmed one is a missing one."""

    def __init__(self, data: Path) -> None:
        self._data = data

    async def get(self, key: str) -> bytes | None:
        """Give what was put; see the port."""
        try:
            found = await to_thread.run_sync(layout.cache_entry(self._data, key).read_bytes)
        except OSError:
            return None
        stated, data = found[:32], found[32:]
        return data if stated == bytes.fromhex(Digest.of(data).hex) else None

    async def put(self, key: str, data: bytes) -> None:
        """Keep it; see the port."""
        stated = bytes.fromhex(Digest.of(data).hex)
        with contextlib.suppress(Unavailable):
            await to_thread.run_sync(_store, layout.cache_entry(self._data, key), stated + data)


def place(draft: Path, target: Path) -> None:
    """Give a written and synced file its name, and make the name durable; where it is taken, the draft goes.

    Raises:
        OSError: the file system says no.
    """
    for folder in (target.parent.parent, target.parent):
        if not folder.exists():
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            _sync_folder(folder.parent)
    if target.exists():
        draft.unlink()
        return
    draft.rename(target)
    _sync_folder(target.parent)


def _store(target: Path, data: bytes) -> None:
    draft = target.parent.parent / f".{target.name}.{os.getpid()}.{os.urandom(6).hex()}"
    try:
        draft.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with draft.open("xb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        place(draft, target)
    except OSError as e:
        draft.unlink(missing_ok=True)
        raise Unavailable(f"nothing can be stored: {e.strerror}", hint="is the disk full?") from e


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _checked(descriptor: int, size: int, digest: Digest) -> bytes:
    data = os.pread(descriptor, size, 0)
    digest.check(data)
    return data


def _unavailable(error: OSError, digest: Digest) -> Unavailable:
    return Unavailable(f"an object cannot be reached: {error.strerror}", where=str(digest))
