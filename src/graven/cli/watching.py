"""Runs something again whenever one of some files changes; looks at their times, since that works everywhere."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from graven.errors import GravenError, exit_code

__all__ = ["watch"]

_SECONDS = 0.3


def watch(paths: Sequence[str], run: Callable[[], int], *, rounds: int = 0, pause: float = _SECONDS) -> int:
    """Run, and again after each change, until it is interrupted or so many rounds are over; give the last answer."""
    code, done = 0, 0
    while True:
        seen = dict(_times(paths))
        try:
            code = run()
        except GravenError as e:
            sys.stderr.write(f"graven: {e}\n")
            code = exit_code(e)
        done += 1
        if done == rounds:
            return code
        sys.stderr.write("waiting for changes; Ctrl-C ends\n")
        while dict(_times(paths)) == seen:
            time.sleep(pause)
        if sys.stdout.isatty():
            sys.stdout.write("\x1b[2J\x1b[H")


def _times(paths: Sequence[str]) -> Iterator[tuple[str, tuple[int, int]]]:
    for path in paths:
        place = Path(path)
        for file in (place, *(place.rglob("*") if place.is_dir() else ())):
            try:
                found = file.stat()
            except OSError:
                continue
            yield str(file), (found.st_mtime_ns, found.st_size)
