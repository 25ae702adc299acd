"""Owns the reading of ``.gitignore`` and ``.dockerignore``: each line with its kind, as conftest has it.

The lines stand in a list within a list, so that a rule sees the whole file at once.
"""

from __future__ import annotations

import re

from graven.documents.faults import decoded
from graven.documents.position import Document, Path, Position

__all__ = ["parse"]

_ESCAPE = re.compile(r"\\(\\?)")


def parse(data: bytes, *, file: str = "") -> tuple[Document, ...]:
    r"""Read the lines.

    >>> [found] = parse(b"*.log\n!keep.log")
    >>> [(line["Kind"], line["Value"]) for line in found.value[0]]
    [('Path', '*.log'), ('NegatedPath', 'keep.log')]

    Raises:
        Malformed: it is no UTF-8.
    """
    entries = [_entry(line) for line in decoded(data, file).split("\n")]

    def places() -> dict[Path, Position]:
        found: dict[Path, Position] = {(): Position(1, 1), (0,): Position(1, 1)}
        for index, entry in enumerate(entries):
            found[(0, index)] = Position(index + 1, 1)
            found.update({(0, index, key): Position(index + 1, 1) for key in entry})
        return found

    return (Document([entries], places, file),)


def _entry(line: str) -> dict[str, str]:
    bare = line.rstrip(" ")
    if bare.endswith("\\"):
        bare = line[: len(bare) + 1]
    if not bare:
        kind, value = "Empty", line
    elif line[0] == "#":
        kind, value = "Comment", bare[1:].strip()
    elif line[0] == "!":
        kind, value = "NegatedPath", _ESCAPE.sub(r"\1", bare[1:])
    else:
        kind, value = "Path", _ESCAPE.sub(r"\1", bare)
    return {"Kind": kind, "Value": value, "Original": line}
