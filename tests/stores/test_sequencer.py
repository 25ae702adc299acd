"""Commits are shared by who waits, at most 256 at once, and nobody waits for company or for ever."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Sequence
from functools import partial
from typing import Any

import pytest

from graven.errors import Conflict, Unavailable
from graven.stores.sequencer import GROUP, Sequencer, Work


class Gate:
    """A commit that waits until it is let through, and notes its groups."""

    def __init__(self) -> None:
        self.groups: list[int] = []
        self.entered = threading.Semaphore(0)
        self.open = threading.Semaphore(0)

    def __call__(self, group: Sequence[Work]) -> Sequence[Any]:
        self.groups.append(len(group))
        self.entered.release()
        self.open.acquire()
        return [work() if callable(work) else None for work in group]


async def _entered(gate: Gate) -> None:
    await asyncio.to_thread(gate.entered.acquire)


async def test_who_comes_while_a_commit_runs_shares_the_next_ones() -> None:
    gate = Gate()
    sequencer = Sequencer(gate)
    first = asyncio.ensure_future(sequencer.ask(lambda: "first"))
    await _entered(gate)
    rest = [asyncio.ensure_future(sequencer.ask(partial(int, n))) for n in range(600)]
    await asyncio.sleep(0)
    for _ in range(4):
        gate.open.release()
    assert await first == "first"
    assert await asyncio.gather(*rest) == list(range(600))
    assert gate.groups == [1, GROUP, GROUP, 600 - 2 * GROUP]
    sequencer.close()


async def test_one_alone_is_committed_at_once() -> None:
    gate = Gate()
    gate.open.release()
    sequencer = Sequencer(gate)
    assert await asyncio.wait_for(sequencer.ask(lambda: 1), 5) == 1
    assert gate.groups == [1]
    sequencer.close()


async def test_an_answer_that_is_an_error_is_that_callers_alone() -> None:
    def commit(group: Sequence[Work]) -> Sequence[Any]:
        return [Conflict("no") if n % 2 else n for n, _ in enumerate(group)]

    sequencer = Sequencer(commit)
    assert await sequencer.ask(lambda: None) == 0
    sequencer.close()


@pytest.mark.parametrize("error", [Unavailable("the disk is full"), ValueError("a bug"), MemoryError()])
async def test_a_commit_that_fails_answers_everybody_in_it_and_the_next_one_goes_on(error: Exception) -> None:
    broken = True

    def commit(group: Sequence[Work]) -> Sequence[Any]:
        if broken:
            raise error
        return ["done"] * len(group)

    sequencer = Sequencer(commit)
    outcomes = await asyncio.gather(*(sequencer.ask(lambda: None) for _ in range(9)), return_exceptions=True)
    assert all(isinstance(one, Unavailable) for one in outcomes)
    broken = False
    assert await sequencer.ask(lambda: None) == "done"
    sequencer.close()


async def test_who_goes_away_does_not_stop_the_others() -> None:
    gate = Gate()
    sequencer = Sequencer(gate)
    gone = asyncio.ensure_future(sequencer.ask(lambda: "gone"))
    await _entered(gate)
    other = asyncio.ensure_future(sequencer.ask(lambda: "other"))
    await asyncio.sleep(0)
    gone.cancel()
    gate.open.release()
    gate.open.release()
    assert await other == "other"
    with pytest.raises(asyncio.CancelledError):
        await gone
    sequencer.close()


async def test_closing_finishes_what_is_queued_and_takes_no_more() -> None:
    gate = Gate()
    sequencer = Sequencer(gate)
    asked = [asyncio.ensure_future(sequencer.ask(partial(int, n))) for n in range(300)]
    await asyncio.sleep(0)
    for _ in range(300):
        gate.open.release()
    await asyncio.to_thread(sequencer.close)
    assert await asyncio.gather(*asked) == list(range(300))
    with pytest.raises(Unavailable, match="closed"):
        await sequencer.ask(lambda: None)
    sequencer.close()
