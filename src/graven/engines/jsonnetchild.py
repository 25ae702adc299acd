"""Owns the evaluation of one jsonnet program, in a process of its own that runs nothing else and may not grow.

It is started by ``engines.jsonnet`` as a file, since it imports nothing of graven: with the folder that imports may
reach and the limits as arguments, the text on stdin. It writes the JSON, or what is wrong and answers 1.
"""

from __future__ import annotations

import os
import resource
import sys
from importlib import import_module

__all__ = ["main"]

_MOST_IMPORTED = 16 << 20


def main(folder: str, seconds: int, memory: int, output: int) -> int:
    """Evaluate what stdin has."""
    text = sys.stdin.buffer.read().decode()
    jsonnet = import_module("_jsonnet")
    for limit, most in (
        (resource.RLIMIT_AS, memory),
        (resource.RLIMIT_CPU, seconds),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_NOFILE, 32),
    ):
        _lower(limit, most)
    try:
        told = jsonnet.evaluate_snippet("", text, import_callback=lambda base, name: _imported(folder, base, name))
    except RuntimeError as e:
        sys.stdout.buffer.write(str(e).encode(errors="replace")[:4000])
        return 1
    found = told.encode()
    if len(found) > output:
        return 2
    sys.stdout.buffer.write(found)
    return 0


def _lower(limit: int, most: int) -> None:
    """Set a limit, where the system has it: macOS has none for memory."""
    try:
        resource.setrlimit(limit, (most, most))
    except (OSError, ValueError):
        if sys.platform == "linux":
            raise


def _imported(folder: str, base: str, name: str) -> tuple[str, bytes]:
    """Give an imported file, which has to lie in the folder or below it, links followed."""
    root = os.path.realpath(folder)
    path = os.path.realpath(os.path.join(base or root, name))  # noqa: PTH118 - pathlib is half of the start
    if os.path.commonpath([root, path]) != root:
        raise RuntimeError("it is outside of the folder of the file")
    if not os.path.isfile(path):  # noqa: PTH113 - as above
        raise RuntimeError("there is no such file")
    with open(path, "rb") as file:  # noqa: PTH123 - as above
        content = file.read(_MOST_IMPORTED + 1)
    if len(content) > _MOST_IMPORTED:
        raise RuntimeError(f"it has more than {_MOST_IMPORTED >> 20} MiB")
    return path, content


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], *map(int, sys.argv[2:5])))
