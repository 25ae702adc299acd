"""Durable appends with 50 writers: the group-committing journal against one transaction for each append.

Each event is an admission's, with its tables. Bars: at least 2,000 events a second, and at least twice as many as one
transaction each. Both are run in turns, several times, so that a disk that is busy meanwhile is busy for both.
"""

from __future__ import annotations

import asyncio
import secrets
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from statistics import median, quantiles
from time import perf_counter
from typing import Any

from graven.stores import sequencer
from graven.stores.sqlite import SqliteStore
from graven.values import Digest
from graven.values.events import AdmissionAnswered, Event

WRITERS = 50
EACH = 60
ROUNDS = 5
BARS = {"events_per_second": 2000.0, "ratio": 2.0}


def event(n: int) -> Event:
    image = f"registry.example/app/web@{Digest.of(b'%d' % n)}"
    body = AdmissionAnswered("prod-1", "production", "Deployment shop/web", True, (image,))
    return Event(body, "cluster:prod-1", "0" * 32, reason="production holds it")


async def burst(store: SqliteStore) -> tuple[float, list[float]]:
    """Let all writers append as fast as they are answered; give events a second and each append's time."""
    times: list[float] = []

    async def write(writer: int) -> None:
        for n in range(EACH):
            began = perf_counter()
            await store.append(event(writer * EACH + n))
            times.append(perf_counter() - began)

    began = perf_counter()
    await asyncio.gather(*map(write, range(WRITERS)))
    return WRITERS * EACH / (perf_counter() - began), times


def measure(group: int, folder: Path) -> tuple[float, float]:
    """Give events a second and the 99th percentile in milliseconds, with commits of at most so many appends."""
    sequencer.GROUP = group
    store = SqliteStore(folder / "graven.db", clock=lambda: datetime.now(UTC), entropy=secrets.token_bytes)
    try:
        rate, times = asyncio.run(burst(store))
    finally:
        store.close()
    return rate, quantiles(times, n=100)[98] * 1000


def main() -> int:
    shared = sequencer.GROUP
    found: dict[str, list[tuple[float, float]]] = {"groups": [], "one each": []}
    for _ in range(ROUNDS):
        for name, group in (("groups", shared), ("one each", 1)):
            with tempfile.TemporaryDirectory(dir=Path(__file__).parents[1]) as folder:
                found[name].append(measure(group, Path(folder)))
    rates = {name: median(rate for rate, _ in runs) for name, runs in found.items()}
    for name, runs in found.items():
        p99 = median(slowest for _, slowest in runs)
        print(
            f"{name:<9} {rates[name]:8.0f} events/s   p99 {p99:6.1f} ms   ({WRITERS} writers, {ROUNDS} rounds, median)"
        )
    told: dict[str, Any] = {"events_per_second": rates["groups"], "ratio": rates["groups"] / rates["one each"]}
    for name, value in told.items():
        print(f"{name:<18} {value:8.1f}   bar {BARS[name]:.0f}   {'met' if value >= BARS[name] else 'MISSED'}")
    return 0 if all(told[name] >= bar for name, bar in BARS.items()) else 1


if __name__ == "__main__":
    sys.exit(main())
