"""What Prometheus is told of the journal and the log; a wrapper around the journal does the counting."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from time import perf_counter

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

from graven.errors import GravenError, family
from graven.ports import Journal, Receipt
from graven.projection import Expectation
from graven.values.entry import Entry
from graven.values.events import AdmissionAnswered, DecisionMade, Event

__all__ = ["Metered", "gauge", "observer"]

_BUCKETS = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5)
_SIZES = (1, 2, 4, 8, 16, 32, 64, 128, 256)


@dataclass(kw_only=True)
class Metered:
    """A journal that counts what goes through it."""

    journal: Journal
    registry: CollectorRegistry
    size: int = 0
    """The log's, as far as it was seen."""
    _events: Counter = field(init=False, repr=False)
    _failed: Counter = field(init=False, repr=False)
    _decisions: Counter = field(init=False, repr=False)
    _admissions: Counter = field(init=False, repr=False)
    _seconds: Histogram = field(init=False, repr=False)

    def __post_init__(self) -> None:
        on = self.registry
        self._events = Counter("graven_events", "Events in the journal", ("type", "outcome"), registry=on)
        self._failed = Counter("graven_append_failures", "Appends that failed, by family", ("family",), registry=on)
        self._decisions = Counter("graven_decisions", "Decisions of the rules", ("stage", "verdict"), registry=on)
        self._admissions = Counter("graven_admissions", "Answers to clusters", ("stage", "allowed"), registry=on)
        self._seconds = Histogram(
            "graven_append_seconds", "Time until an append is durable", buckets=_BUCKETS, registry=on
        )

    async def append(self, *events: Event, expects: Sequence[Expectation] = ()) -> Receipt:
        """Append as the journal within does, and count.

        Raises:
            Conflict: as the journal within.
            TooLarge: as the journal within.
            Unavailable: as the journal within.
        """
        began = perf_counter()
        try:
            receipt = await self.journal.append(*events, expects=expects)
        except GravenError as e:
            self._failed.labels(family(e)).inc()
            raise
        self._seconds.observe(perf_counter() - began)
        self.size = max(self.size, receipt.first + len(receipt.entries))
        for entry in receipt.entries:
            self._count(entry)
        return receipt

    def _count(self, entry: Entry) -> None:
        event = entry.event
        self._events.labels(entry.type, event.outcome).inc()
        match event.body:
            case DecisionMade() as made:
                self._decisions.labels(made.stage, made.verdict).inc()
            case AdmissionAnswered() as given:
                self._admissions.labels(given.stage, str(given.allowed).lower()).inc()
            case _:
                pass


def gauge(registry: CollectorRegistry, name: str, words: str, value: Callable[[], float]) -> None:
    """Add a gauge that is read when it is asked for."""
    Gauge(name, words, registry=registry).set_function(value)


def observer(registry: CollectorRegistry) -> Callable[[int, float], None]:
    """Give the function that the journal tells of each of its commits: how many appends shared it, how long it took."""
    sizes = Histogram("graven_commit_appends", "Appends that shared a commit", buckets=_SIZES, registry=registry)
    seconds = Histogram("graven_commit_seconds", "Time of a commit", buckets=_BUCKETS, registry=registry)

    def observe(appends: int, took: float) -> None:
        sizes.observe(appends)
        seconds.observe(took)

    return observe
