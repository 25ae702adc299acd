"""How the C library keeps memory: what the pieces of a body free is used again for the next ones.

glibc gives the end of its heap back to the kernel as soon as 128 KiB of it are free, and maps large pieces anew each
time. A body of 256 MiB then costs 70,000 page faults, more time than all else that is done to receive it. Elsewhere
(musl, macOS) nothing is changed.
"""

from __future__ import annotations

import contextlib
import ctypes

__all__ = ["keep_freed"]

_TRIM_THRESHOLD, _MMAP_THRESHOLD = -1, -3
"""Names of mallopt(3)."""
_KEPT = 16 << 20
_LARGE = 4 << 20


def keep_freed() -> None:
    """Keep up to 16 MiB of freed memory, and take what is below 4 MiB from the heap."""
    with contextlib.suppress(OSError, AttributeError):
        mallopt = ctypes.CDLL(None).mallopt
        mallopt(_MMAP_THRESHOLD, _LARGE)
        mallopt(_TRIM_THRESHOLD, _KEPT)
