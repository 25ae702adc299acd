"""Owns what ``--metrics`` adds to the answer of ``graven policy eval``: what the steps took, under OPA's names."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

__all__ = ["Times", "measured"]


class Times:
    """Sums up times."""

    def __init__(self) -> None:
        self._taken: dict[str, int] = {}

    def add(self, name: str, nanoseconds: int) -> None:
        """Take what a step took."""
        self._taken[name] = self._taken.get(name, 0) + nanoseconds

    def told(self) -> dict[str, Any]:
        """Give the times as OPA names them."""
        return {"metrics": {f"timer_rego_{name}_ns": taken for name, taken in sorted(self._taken.items())}}


@contextmanager
def measured(times: Times | None, name: str) -> Iterator[None]:
    """Take the time of what runs inside, where somebody asks for it, also if it ends with an error."""
    begun = time.perf_counter_ns()
    try:
        yield
    finally:
        if times is not None:
            times.add(name, time.perf_counter_ns() - begun)
