"""Races: look, decide, append with what was looked at as expectation; and look again when somebody was quicker."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TypeVar

from graven.errors import Conflict, Unavailable

__all__ = ["settle"]

T = TypeVar("T")

_ATTEMPTS = 8


async def settle(attempt: Callable[[], Awaitable[T]]) -> T:
    """Run an attempt until no expectation of its append fails; other conflicts are for the caller.

    Raises:
        Unavailable: others were quicker each time.
    """
    for _ in range(_ATTEMPTS):
        try:
            return await attempt()
        except Conflict as e:
            if "table" not in e.detail:
                raise
    raise Unavailable("others wrote to the same place each time", hint="try again")
