"""Owns the form that every format is read into: a plain JSON value, and the place of each of its parts."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from graven.record import TYPE_CHECKING, Record

if TYPE_CHECKING:
    from typing import Any

__all__ = ["Document", "Path", "Places", "Position"]

Path = tuple[str | int, ...]
"""Keys and indexes from the top of a document down to one of its parts."""


class Position(Record):
    """Where something stands in a text; both count from one."""

    line: int
    column: int

    def __str__(self) -> str:
        return f"line {self.line}, column {self.column}"


Places = Mapping[Path, Position]


class Document:
    """What a file says, and where it says it."""

    __slots__ = ("_places", "file", "source", "value")

    def __init__(self, value: Any, places: Places | Callable[[], Places], file: str = "", *, source: str = "") -> None:
        self.value = value
        """Null, booleans, numbers, strings, lists and objects with string keys."""
        self._places = places
        self.file = file
        self.source = source
        """What the text names as the origin of this part: Helm's ``# Source: chart/templates/x.yaml``."""

    @property
    def places(self) -> Places:
        """The place of each part; found when first asked for, since most documents are never asked."""
        if callable(self._places):
            self._places = self._places()
        return self._places

    def position(self, path: Path) -> Position:
        """Give the place of a part, or of the nearest part around it that is there."""
        places = self.places
        for length in range(len(path), -1, -1):
            found = places.get(path[:length])
            if found is not None:
                return found
        return Position(1, 1)

    def where(self, path: Path) -> str:
        """Name the place of a part as errors name it."""
        name = ".".join(map(str, path)) or "document"
        return f"{self.file + ': ' if self.file else ''}{self.position(path)}: {name}"
