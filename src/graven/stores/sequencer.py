"""One sequencer: appends are queued, and one thread commits them in groups.

The next group is committed as soon as the previous commit ends, never waiting for more; it takes what has arrived in
between, at most 256 appends. So the cost of a durable commit is shared by all who asked meanwhile, and nobody waits for
company that does not come.
"""

from __future__ import annotations

import asyncio
import contextlib
import queue
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from graven.errors import GravenError, Unavailable
from graven.projection import Expectation
from graven.values.events import Event

__all__ = ["GROUP", "Append", "Sequencer", "Work"]

GROUP = 256
"""So many appends share a commit at most."""


@dataclass(frozen=True, slots=True)
class Append:
    """What one caller wants to happen, all of it or nothing."""

    events: tuple[Event, ...]
    expects: tuple[Expectation, ...]


Work = Append | Callable[[], Any]
"""An append, or something else that only the writing thread may do."""


@dataclass(frozen=True, slots=True)
class _Asked:
    work: Work
    loop: asyncio.AbstractEventLoop
    answer: asyncio.Future[Any]


class Sequencer:
    """The writing thread and its queue.

    ``commit`` gets a group in order and answers each of it with a value or an error, after the group is durable.
    """

    def __init__(self, commit: Callable[[Sequence[Work]], Sequence[Any]]) -> None:
        self._commit = commit
        self._queue: queue.SimpleQueue[_Asked | None] = queue.SimpleQueue()
        self._open = True
        self._thread = threading.Thread(target=self._run, name="graven-sequencer", daemon=True)
        self._thread.start()

    async def ask(self, work: Work) -> Any:
        """Queue work, and give its answer when it is durable.

        Raises:
            GravenError: what the work was answered with.
            Unavailable: the sequencer has been closed.
        """
        if not self._open:
            raise Unavailable("the journal is closed")
        loop = asyncio.get_running_loop()
        asked = _Asked(work, loop, loop.create_future())
        self._queue.put(asked)
        return await asked.answer

    def close(self) -> None:
        """Finish what is queued, and end the thread."""
        if self._open:
            self._open = False
            self._queue.put(None)
            self._thread.join()

    def _run(self) -> None:
        while True:
            group, ended = self._take()
            if group:
                self._settle(group)
            if ended:
                return

    def _take(self) -> tuple[list[_Asked], bool]:
        """Wait for the first, and take what has arrived behind it."""
        found: list[_Asked] = []
        asked = self._queue.get()
        while asked is not None:
            found.append(asked)
            if len(found) == GROUP:
                return found, False
            try:
                asked = self._queue.get_nowait()
            except queue.Empty:
                return found, False
        return found, True

    def _settle(self, group: list[_Asked]) -> None:
        try:
            answers = self._commit([asked.work for asked in group])
        except GravenError as e:
            answers = [e] * len(group)
        except Exception as e:  # noqa: BLE001  whatever it was, those who wait must not wait for ever
            answers = [Unavailable(f"the journal failed: {type(e).__name__}: {e}")] * len(group)
        by_loop: dict[asyncio.AbstractEventLoop, list[tuple[asyncio.Future[Any], Any]]] = {}
        for asked, answer in zip(group, answers, strict=True):
            by_loop.setdefault(asked.loop, []).append((asked.answer, answer))
        for loop, settled in by_loop.items():
            with contextlib.suppress(RuntimeError):  # the loop was closed: nobody waits any more
                loop.call_soon_threadsafe(_answer, settled)


def _answer(settled: list[tuple[asyncio.Future[Any], Any]]) -> None:
    for future, answer in settled:
        if future.done():  # who asked went away
            continue
        if isinstance(answer, BaseException):
            future.set_exception(answer)
        else:
            future.set_result(answer)
