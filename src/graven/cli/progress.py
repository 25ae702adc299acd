"""A progress bar on a terminal; silence elsewhere."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Callable, Iterator

__all__ = ["bar"]


@contextlib.contextmanager
def bar(words: str, total: int | None) -> Iterator[Callable[[int], None]]:
    """Show how many bytes have gone; give what is to be told of each piece."""
    if not sys.stderr.isatty() or total == 0:
        yield lambda _: None
        return
    from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TransferSpeedColumn

    from graven.cli.output import console

    columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TransferSpeedColumn())
    with Progress(*columns, console=console(stderr=True), transient=True) as shown:
        task = shown.add_task(words, total=total)
        yield lambda count: shown.advance(task, count)
