"""Everything in memory: for tests, which run the same contract suite on it, and for a server that may forget.

A disk loses what was not synced. ``Disk`` is such a disk: each durable operation passes through it, and a test can make
the process die at any of them.
"""

from __future__ import annotations

from graven.stores.memory.disk import Died, Disk
from graven.stores.memory.journal import MemoryStore, rows_after
from graven.stores.memory.log import MemoryCache, MemoryHead, MemoryLogFiles, MemoryNames
from graven.stores.memory.objects import MemoryObjects

__all__ = [
    "Died",
    "Disk",
    "MemoryCache",
    "MemoryHead",
    "MemoryLogFiles",
    "MemoryNames",
    "MemoryObjects",
    "MemoryStore",
    "rows_after",
]
