"""Flights: of those who ask for the same thing at the same time, one does the work, and the others find it done."""

from __future__ import annotations

from collections.abc import AsyncIterator, Hashable
from contextlib import asynccontextmanager
from typing import Generic, TypeVar

import anyio

__all__ = ["Flights"]

Key = TypeVar("Key", bound=Hashable)


class Flights(Generic[Key]):
    """A lock for each key, for as long as somebody holds it or waits for it."""

    def __init__(self) -> None:
        self._flying: dict[Key, tuple[anyio.Lock, int]] = {}

    @asynccontextmanager
    async def one(self, key: Key) -> AsyncIterator[None]:
        """Be the only one at work for a key. Whoever waited looks first whether it is done; if not, it is his turn."""
        lock, waiting = self._flying.get(key) or (anyio.Lock(), 0)
        self._flying[key] = (lock, waiting + 1)
        try:
            async with lock:
                yield
        finally:
            lock, waiting = self._flying.pop(key)
            if waiting > 1:
                self._flying[key] = (lock, waiting - 1)
