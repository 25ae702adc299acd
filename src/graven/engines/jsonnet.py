"""Owns the running of jsonnet programs by Google's library, which cannot be stopped: so each is a process that can.

A program gets ten seconds, a GiB of memory (where the system can hold it to that) and 64 MiB of output, reads nothing
but files in the folder of its own file and below, and sees nothing of the environment.
"""

from __future__ import annotations

import re
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import NamedTuple

from graven.documents.faults import unreadable
from graven.documents.position import Position
from graven.errors import GravenError, TooLarge, Unavailable, Unsupported

__all__ = ["Limits", "evaluate"]

_PLACE = re.compile(r"(?:^STATIC ERROR: |^\t)(?:\((\d+):(\d+)\)|(\d+):(\d+))", re.MULTILINE)


class Limits(NamedTuple):
    """What one program may take."""

    seconds: int = 10
    memory: int = 1 << 30
    output: int = 64 << 20


_LIMITS = Limits()


def evaluate(data: bytes, file: str, *, limits: Limits = _LIMITS) -> bytes:
    """Give the JSON that a program makes.

    Raises:
        Malformed: it is no jsonnet, or comes to an error; says line and column.
        TooLarge: it takes more time, memory or output than it may.
        Unsupported: the library is not installed.
    """
    if find_spec("_jsonnet") is None:
        hint = "install graven[jsonnet], or give the JSON that jsonnet makes"
        raise Unsupported("jsonnet is read by a library that is not installed", where=file, hint=hint)
    child = Path(__file__).with_name("jsonnetchild.py")
    folder = str(Path(file).absolute().parent)
    try:
        done = subprocess.run(  # noqa: S603 - our own module, under the interpreter that runs us
            [sys.executable, "-I", str(child), folder, *map(str, limits)],
            input=data,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,  # what std.trace says has no end
            timeout=2 * limits.seconds,
            check=False,
            env={},
        )
    except subprocess.TimeoutExpired:
        raise _too_long(limits, file) from None
    except OSError as e:
        raise Unavailable(f"jsonnet cannot be run: {e}", where=file) from e
    if done.returncode:
        raise _fault(done.returncode, done.stdout.decode(errors="replace"), limits, file)
    return done.stdout


def _fault(code: int, said: str, limits: Limits, file: str) -> GravenError:
    if code == 1 and said:
        found = _PLACE.search(said)
        at = [int(each) for each in found.groups() if each] if found else []
        message = re.sub(r"^(?:STATIC|RUNTIME) ERROR: (?:[\d:()-]+: )?", "", said.partition("\n")[0])
        return unreadable(f"no jsonnet: {message}", file, Position(*at) if at else None)
    if code == 2:
        return TooLarge(f"the program makes more than {limits.output} bytes of JSON", where=file)
    if -code in _STOPPED:
        return _too_long(limits, file)
    return TooLarge(f"the program needs more than {limits.memory >> 20} MiB of memory, or nests too deep", where=file)


_STOPPED = (9, 24)
"""SIGKILL and SIGXCPU, by which the limit of time ends a process."""


def _too_long(limits: Limits, file: str) -> TooLarge:
    return TooLarge(f"the program runs for more than {limits.seconds} seconds", where=file, hint="does it end at all?")
