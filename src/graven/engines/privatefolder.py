"""Owns a folder of files that one user alone can read and write: what is not so is refused, not mended.

Owner and mode are asked of the opened descriptor, and files are opened below it without following links, so that
nobody can put another file in place between the look and the use.
"""

from __future__ import annotations

import os
import stat
from types import TracebackType

from graven.errors import Forbidden
from graven.record import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import Self

__all__ = ["PrivateFolder"]


class PrivateFolder:
    """An opened folder of mode 0700."""

    def __init__(self, path: str, descriptor: int) -> None:
        self.path = path
        self._descriptor = descriptor

    @classmethod
    def open(cls, path: str) -> PrivateFolder:
        """Open a folder, made first if there is none.

        Raises:
            Forbidden: somebody else owns it, or group or others may use it.
            OSError: it cannot be made or opened.
        """
        try:
            descriptor = _descriptor(path)
        except NotADirectoryError:
            raise Forbidden(f"{path} is no folder, or a link to one", hint=f"remove {path}") from None
        try:
            _check(descriptor, path, "chmod 700")
        except Forbidden:
            os.close(descriptor)
            raise
        return cls(path, descriptor)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        os.close(self._descriptor)

    def read(self, name: str) -> bytes | None:
        """Read a file and note that it was used; None if it is not there.

        Raises:
            Forbidden: it is a link, somebody else owns it, or group or others may use it.
        """
        try:
            descriptor = os.open(
                name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC, dir_fd=self._descriptor
            )
        except FileNotFoundError:
            return None
        except OSError as error:
            raise Forbidden(
                f"{self.path}/{name} is no file that can be opened: {error.strerror}", hint="remove it"
            ) from None
        with os.fdopen(descriptor, "rb") as file:
            if not stat.S_ISREG(os.fstat(descriptor).st_mode):
                raise Forbidden(f"{self.path}/{name} is no plain file", hint="remove it")
            _check(descriptor, f"{self.path}/{name}", "chmod 600")
            _touch(descriptor)
            return file.read()

    def write(self, name: str, data: bytes) -> None:
        """Write a file at once or not at all; a folder that cannot be written to stays as it is."""
        import secrets
        from contextlib import suppress

        waiting = f".{name}.{secrets.token_hex(8)}"
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
        with suppress(OSError):
            with os.fdopen(os.open(waiting, flags, 0o600, dir_fd=self._descriptor), "wb") as file:
                file.write(data)
            os.rename(waiting, name, src_dir_fd=self._descriptor, dst_dir_fd=self._descriptor)

    def shrink(self, files: int, size: int) -> None:
        """Drop the files that were not used for longest until there are no more than so many, and bytes in them."""
        from contextlib import suppress

        found = []
        with os.scandir(self._descriptor) as entries:
            for entry in entries:
                with suppress(FileNotFoundError):  # another run has dropped it, or what it wrote has its name by now
                    found.append((entry.stat(follow_symlinks=False), entry.name))
        found.sort(key=lambda each: each[0].st_mtime_ns, reverse=True)
        kept = 0
        for at, (about, name) in enumerate(found):
            kept += about.st_size
            if at and (at >= files or kept > size):
                with suppress(OSError):
                    os.unlink(name, dir_fd=self._descriptor)


def _descriptor(path: str) -> int:
    """Open a folder, made first if there is none."""
    flags = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
    try:
        return os.open(path, flags)
    except FileNotFoundError:
        _make(path)
        return os.open(path, flags)


def _make(path: str) -> None:
    from contextlib import suppress
    from pathlib import Path

    Path(path).parent.mkdir(parents=True, exist_ok=True)
    with suppress(FileExistsError):
        Path(path).mkdir(mode=0o700)


def _touch(descriptor: int) -> None:
    """Note that a file was used, if that can be noted."""
    try:
        os.utime(descriptor)
    except OSError:
        return


def _check(descriptor: int, path: str, mend: str) -> None:
    """Look who may use what was opened.

    Raises:
        Forbidden: others than the user.
    """
    about = os.fstat(descriptor)
    if about.st_uid != os.geteuid():
        raise Forbidden(f"{path} belongs to user {about.st_uid}, expected {os.geteuid()}", hint=f"remove {path}")
    if about.st_mode & 0o077:
        mode = stat.S_IMODE(about.st_mode)
        raise Forbidden(f"{path} has mode {mode:04o}, expected none for group and others", hint=f"{mend} {path}")
