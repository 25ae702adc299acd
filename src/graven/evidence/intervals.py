"""Ranges of versions as intervals of byte keys (OSV schema, "affected[].ranges[].events", "Evaluation").

``introduced`` opens, and "0" is below all versions; ``fixed`` closes and is outside; ``last_affected`` closes and is
inside; with ``limit`` a version must be below one of the limits, and "*" is none.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from operator import itemgetter

from graven.errors import Malformed
from graven.versions import key

__all__ = ["Interval", "intervals"]


@dataclass(frozen=True, slots=True)
class Interval:
    """From a key on (inside), up to another."""

    low: bytes
    high: bytes | None
    """None where nothing closes it."""
    inclusive: bool
    """Whether the upper end is inside."""
    fixed: str = ""
    """The version that closes it by a fix."""

    def __contains__(self, version: bytes) -> bool:
        if version < self.low:
            return False
        return self.high is None or version < self.high or (self.inclusive and version == self.high)


def intervals(ecosystem: str, events: Sequence[tuple[str, str]]) -> list[Interval]:
    """Turn the events of one range, each a kind and a version, into intervals.

    >>> intervals("npm", [("introduced", "0"), ("fixed", "4.17.21")])[0].fixed
    '4.17.21'

    Raises:
        Malformed: one of the versions is outside the ecosystem's grammar.
    """
    ordered = [(_bound(ecosystem, kind, text), kind, text) for kind, text in events if kind != "limit"]
    # the sort is stable: events of one version keep their order, as in the specification's algorithm
    found = _walk(sorted(ordered, key=itemgetter(0)))
    limits = [text for kind, text in events if kind == "limit"]
    if not limits or "*" in limits:
        return list(found)
    return list(_below(found, max(_bound(ecosystem, "limit", text) for text in limits)))


def _bound(ecosystem: str, kind: str, text: str) -> bytes:
    if kind == "introduced" and text == "0":
        return b""
    found = key(ecosystem, text)
    if found is None:
        raise Malformed(f"the {kind} version {text[:80]!r} of its range cannot be read as a version of {ecosystem}")
    return found


def _walk(events: Sequence[tuple[bytes, str, str]]) -> Iterator[Interval]:
    low: bytes | None = None
    for bound, kind, text in events:
        if kind == "introduced":
            low = bound if low is None else low
        elif low is not None:
            if low < bound or kind == "last_affected":
                yield Interval(low, bound, inclusive=kind == "last_affected", fixed=text if kind == "fixed" else "")
            low = None
    if low is not None:
        yield Interval(low, None, inclusive=False)


def _below(found: Iterator[Interval], limit: bytes) -> Iterator[Interval]:
    for interval in found:
        if interval.low >= limit:
            continue
        if interval.high is None or interval.high >= limit:
            interval = Interval(interval.low, limit, inclusive=False)
        yield interval
