"""Seals the log each second, and knows how far it is sealed and since when, for metrics and for the doctor."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from prometheus_client import CollectorRegistry

from graven.app.metrics import Metered, gauge
from graven.flows.seal import Seal
from graven.ledger.checkpoint import Checkpoint
from graven.ledger.note import Note
from graven.ports import Clock

__all__ = ["Sealing"]


@dataclass(kw_only=True)
class Sealing:
    """The log's seal, and where it stands."""

    seal: Seal
    clock: Clock
    size: int = 0
    """Entries under the newest checkpoint."""
    moment: datetime | None = None
    """When the newest checkpoint was seen first."""

    async def round(self) -> None:
        """Seal the tail, if there is one."""
        note = await self.seal.seal()
        size = 0 if note is None else Checkpoint.parse(Note.parse(note).text).size
        if size != self.size:
            self.size, self.moment = size, self.clock()

    def measure(self, registry: CollectorRegistry, metered: Metered) -> None:
        """Add the gauges of the log."""
        gauge(registry, "graven_log_size", "Leaves of the log", lambda: metered.size)
        gauge(registry, "graven_log_unsealed", "Leaves under no checkpoint yet", lambda: metered.size - self.size)
        gauge(registry, "graven_checkpoint_age_seconds", "Time since the newest checkpoint", self._age)

    def _age(self) -> float:
        return 0.0 if self.moment is None else (self.clock() - self.moment).total_seconds()
