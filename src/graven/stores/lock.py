"""The lock on a data folder: one process, or none."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from graven.errors import Unavailable
from graven.stores import layout

__all__ = ["locked"]


@contextmanager
def locked(data: Path) -> Iterator[None]:
    """Hold the folder, making it if it is not there.

    Raises:
        Unavailable: another process holds it, or it cannot be made.
    """
    try:
        data.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor = os.open(layout.lock(data), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as e:
        raise Unavailable(f"the data folder cannot be used: {e.strerror}", where=str(data)) from e
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as e:
            holder = os.pread(descriptor, 20, 0).decode(errors="replace").strip() or "unknown"
            raise Unavailable(
                f"the data folder is in use by PID {holder}", where=str(data), hint="stop it, or give another --data"
            ) from e
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, str(os.getpid()).encode(), 0)
        yield
    finally:
        os.close(descriptor)
