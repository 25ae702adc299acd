"""The files of the sealed log in a folder, laid out as C2SP tlog-tiles serves them, and as any file server could.

What has been put is durable: each file and each folder that got a new name was synced. A file is written whole under
another name and renamed, so that no reader and no crash finds half of one.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TypeVar

from anyio import to_thread

from graven.errors import Conflict, Unavailable
from graven.ledger.tiles import CHECKPOINT

__all__ = ["DiskLogFiles"]

_DRAFT = ".draft"
_Found = TypeVar("_Found")


class DiskLogFiles:
    """The port's LogFiles over a folder. One process writes."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    async def read(self, path: str) -> bytes | None:
        """Give a file; see the port."""
        return await _in_thread(lambda: _read(self._folder / path))

    async def put(self, files: Sequence[tuple[str, bytes]]) -> None:
        """Write files; see the port."""
        await _in_thread(lambda: self._put(files))

    async def publish(self, note: bytes) -> None:
        """Replace the checkpoint; see the port."""
        await _in_thread(lambda: _sync_folders({self._write(CHECKPOINT, note)}))

    async def prune(self, path: str) -> None:
        """Remove partial forms; see the port."""
        await _in_thread(lambda: shutil.rmtree(self._folder / f"{path}.p", ignore_errors=True))

    def _put(self, files: Sequence[tuple[str, bytes]]) -> None:
        folders: set[Path] = set()
        for path, data in files:
            found = _read(self._folder / path)
            if found is None:
                folders |= self._folders(path)
                folders.add(self._write(path, data))
            elif found != data:
                raise Conflict(f"{path} is there with other bytes, and never changes", where=path)
        _sync_folders(folders)

    def _folders(self, path: str) -> set[Path]:
        """Make the folders of a file; give those in which a name is new."""
        made: set[Path] = set()
        folder = (self._folder / path).parent
        while not folder.exists():
            made.add(folder.parent)
            folder = folder.parent
        (self._folder / path).parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        return made

    def _write(self, path: str, data: bytes) -> Path:
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        draft, target = self._folder / _DRAFT, self._folder / path
        with draft.open("wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(target)
        return target.parent


def _read(file: Path) -> bytes | None:
    try:
        return file.read_bytes()
    except (FileNotFoundError, NotADirectoryError):
        return None


def _sync_folders(folders: set[Path]) -> None:
    for folder in folders:
        descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


async def _in_thread(work: Callable[[], _Found]) -> _Found:
    try:
        return await to_thread.run_sync(work)
    except OSError as e:
        raise Unavailable(f"the log's files cannot be reached: {e.strerror}", hint="is the disk full?") from e
