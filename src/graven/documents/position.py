"""Owns the form that every format is read into: a plain JSON value, and the place of each of its parts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

__all__ = ["Document", "Path", "Position"]

Path = tuple[str | int, ...]
"""Keys and indexes from the top of a document down to one of its parts."""


@dataclass(frozen=True, slots=True, order=True)
class Position:
    """Where something stands in a text; both count from one."""

    line: int
    column: int

    def __str__(self) -> str:
        return f"line {self.line}, column {self.column}"


@dataclass(frozen=True, slots=True)
class Document:
    """What a file says, and where it says it."""

    value: Any
    """Null, booleans, numbers, strings, lists and objects with string keys."""
    places: Mapping[Path, Position]
    file: str = ""

    def position(self, path: Path) -> Position:
        """Give the place of a part, or of the nearest part around it that is there."""
        for length in range(len(path), -1, -1):
            found = self.places.get(path[:length])
            if found is not None:
                return found
        return Position(1, 1)

    def where(self, path: Path) -> str:
        """Name the place of a part as errors name it."""
        name = ".".join(map(str, path)) or "document"
        return f"{self.file + ': ' if self.file else ''}{self.position(path)}: {name}"
