"""A progress bar on a terminal; silence elsewhere."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Iterator

__all__ = ["Bar", "bar"]


class Bar:
    """Is told how many bytes went, and how many there will be where that was not known before."""

    def __call__(self, count: int) -> None:
        """Take note of bytes that went."""

    def expect(self, total: int) -> None:
        """Take note of how many there will be."""


class _Shown(Bar):
    def __init__(self, words: str, total: int | None) -> None:
        from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TransferSpeedColumn

        from graven.cli.output import console

        columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TransferSpeedColumn())
        self.shown = Progress(*columns, console=console(stderr=True), transient=True)
        self._task = self.shown.add_task(words, total=total)

    def __call__(self, count: int) -> None:
        self.shown.advance(self._task, count)

    def expect(self, total: int) -> None:
        self.shown.update(self._task, total=total)


@contextlib.contextmanager
def bar(words: str, total: int | None = None) -> Iterator[Bar]:
    """Show how many bytes have gone."""
    if not sys.stderr.isatty() or total == 0:
        yield Bar()
        return
    shown = _Shown(words, total)
    with shown.shown:
        yield shown
