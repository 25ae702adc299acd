"""Owns the places of the values of a text that is known to be TOML (the values themselves are read by ``tomllib``)."""

from __future__ import annotations

import re
import tomllib
from typing import Any

from graven.documents.faults import Text
from graven.documents.position import Path, Position
from graven.documents.tomledition import Earlier

__all__ = ["places"]

_BLANK = re.compile(r"(?:[ \t\n]|#[^\n]*)*+")
_KEY_PART = re.compile(r"""[ \t]*(?:"(?:[^"\\\n]|\\.)*"|'[^'\n]*'|[A-Za-z0-9_-]+)[ \t]*""")
_SCALAR = re.compile(
    r'''"""(?:[^"\\]|\\.|"(?!""))*"{3,5}|\'\'\'(?:[^']|'(?!''))*'{3,5}|"(?:[^"\\\n]|\\.)*"|'[^'\n]*\''''
    r"|[^\s,\[\]{}#=]+(?: [0-9][^\s,\[\]{}#]*)?",
    re.DOTALL,
)


def places(text: str) -> dict[Path, Position]:
    """Find where each table and each value stands."""
    reader = _Reader(text)
    reader.read()
    return reader.places


class _Reader:
    """Goes through the text from left to right."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.lines = Text(text)
        self.at = 0
        self.places: dict[Path, Position] = {(): Position(1, 1)}
        self.lengths: dict[Path, int] = {}
        """How many tables each list of tables has so far."""

    def read(self) -> None:
        """Read headers and keys up to the end."""
        table: Path = ()
        self._skip()
        while self.at < len(self.text):
            start = self.at
            if self.text.startswith("[[", start):
                self.at += 2
                table = self._append(self._key(), start)
                self.at += 2
            elif self.text[start] == "[":
                self.at += 1
                table = self._within((), self._key(), start)
                self.places.setdefault(table, self.lines.position(start))
                self.at += 1
            else:
                self._pair(table)
            self._skip()

    def _skip(self) -> None:
        found = _BLANK.match(self.text, self.at)
        self.at = found.end() if found else self.at

    def _key(self) -> list[str]:
        parts = []
        while found := _KEY_PART.match(self.text, self.at):
            self.at = found.end()
            word = found[0].strip()
            quoted = word[:1] in {'"', "'"}
            parts.append(next(iter(tomllib.loads(Earlier(f"{word}=0").text))) if quoted else word)
            if self.text[self.at : self.at + 1] != ".":
                break
            self.at += 1
        return parts

    def _within(self, table: Path, key: list[str], start: int) -> Path:
        """Give the path of a key; what was a list of tables on the way stands for its last table."""
        for index, part in enumerate(key):
            table = (*table, part)
            if table in self.lengths:
                table = (*table, self.lengths[table] - 1)
            elif index < len(key) - 1:
                self.places.setdefault(table, self.lines.position(start))
        return table

    def _append(self, key: list[str], start: int) -> Path:
        path = (*self._within((), key[:-1], start), key[-1])
        for above in range(1, len(path)):
            self.places.setdefault(path[:above], self.lines.position(start))
        self.places.setdefault(path, self.lines.position(start))
        count = self.lengths[path] = self.lengths.get(path, 0) + 1
        self.places[(*path, count - 1)] = self.lines.position(start)
        return (*path, count - 1)

    def _pair(self, table: Path) -> None:
        start = self.at
        path = self._within(table, self._key(), start)
        self.at += 1
        self._value(path)

    def _value(self, path: Path) -> None:
        self._skip()
        self.places[path] = self.lines.position(self.at)
        opener = self.text[self.at : self.at + 1]
        if opener == "[":
            self._items(path, "]")
        elif opener == "{":
            self._items(path, "}")
        else:
            found: Any = _SCALAR.match(self.text, self.at)
            self.at = found.end() if found else len(self.text)

    def _items(self, path: Path, closer: str) -> None:
        self.at += 1
        index = 0
        self._skip()
        while self.text[self.at : self.at + 1] not in (closer, ""):
            if closer == "]":
                self._value((*path, index))
                index += 1
            else:
                self._pair(path)
            self._skip()
            if self.text[self.at : self.at + 1] == ",":
                self.at += 1
                self._skip()
        self.at += 1
