"""Work that goes on beside the requests: each loop tells its failures, goes on, and is asked how it fares."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field

from prometheus_client import CollectorRegistry, Counter

__all__ = ["Loops"]

_LOG = logging.getLogger("graven.loops")
_PATIENCE = 5
"""A loop that failed so many times on end makes the server unready."""


@dataclass(kw_only=True)
class Loops:
    """The loops of one server; they run while ``running()`` is entered."""

    registry: CollectorRegistry
    every: list[tuple[str, float, Callable[[], Awaitable[object]]]] = field(default_factory=list)
    failing: dict[str, int] = field(default_factory=dict)
    """How many times on end a loop has failed."""

    def __post_init__(self) -> None:
        labels = ("loop", "outcome")
        self._runs = Counter("graven_loop_runs", "Rounds of background work", labels, registry=self.registry)

    def add(self, name: str, seconds: float, work: Callable[[], Awaitable[object]]) -> None:
        """Do this each so many seconds, counted from the end of the round before."""
        self.every.append((name, seconds, work))

    def faults(self) -> dict[str, str]:
        """Say which loops have failed for long."""
        return {
            f"loop {name}": f"failed {count} times on end; the log says why"
            for name, count in self.failing.items()
            if count >= _PATIENCE
        }

    @contextlib.asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Run all loops; end them, in the midst of a wait or of work, at the end."""
        tasks = [asyncio.create_task(self._run(*one), name=one[0]) for one in self.every]
        try:
            yield
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def _run(self, name: str, seconds: float, work: Callable[[], Awaitable[object]]) -> None:
        while True:
            await self.once(name, work)
            await asyncio.sleep(min(seconds * 2 ** min(self.failing.get(name, 0), 6), max(seconds, 60)))

    async def once(self, name: str, work: Callable[[], Awaitable[object]]) -> bool:
        """Do one round; tell of a failure instead of raising it."""
        try:
            await work()
        except Exception:  # noqa: BLE001  the last net of a loop: told with its traceback, and counted
            self.failing[name] = self.failing.get(name, 0) + 1
            self._runs.labels(name, "failure").inc()
            _LOG.exception("the loop %r failed", name)
            return False
        self.failing.pop(name, None)
        self._runs.labels(name, "success").inc()
        return True
