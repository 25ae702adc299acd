"""A disk that loses what was not synced, and a process that dies at any durable operation.

Before the operation took effect, or after it did and before the reply: so every write is broken both ways.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

__all__ = ["Died", "Disk"]


class Died(BaseException):
    """The process ends here, in a test. No error of graven's, so that nothing that handles errors handles it."""


@dataclass
class Disk:
    """Counts durable operations, and dies at the one that a test names."""

    dies_at: int = -1
    how: Literal["lost write", "lost reply"] = "lost write"
    count: int = 0
    backwards: bool = False
    """Of things written together the last becomes durable first: a disk promises no order before a sync."""

    def durable(self) -> bool:
        """Enter a durable operation; True: it takes effect, and the process dies behind it."""
        self.count += 1
        if self.count - 1 != self.dies_at:
            return False
        if self.how == "lost write":
            raise Died
        return True
