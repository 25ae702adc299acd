"""Owns the reading of INI files as the library go-ini reads them; numbers and booleans as Go's ``strconv`` has them.

What stands above the first section, and in a section called ``DEFAULT``, is left out, as in conftest.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from graven.documents.faults import decoded, unreadable
from graven.documents.position import Document, Path, Position
from graven.documents.strconv import typed
from graven.errors import Malformed

__all__ = ["parse"]

_DEFAULT = "DEFAULT"
_DELIMITER = re.compile("[=:]")
_REMARK = re.compile("[#;]")


def parse(data: bytes, *, file: str = "") -> tuple[Document, ...]:
    r"""Read the sections.

    >>> [found] = parse(b"[web]\nport = 8080 ; why\ntls = true\n")
    >>> found.value, str(found.position(("web", "port")))
    ({'web': {'port': 8080, 'tls': True}}, 'line 2, column 8')

    Raises:
        Malformed: a line is neither section, key nor comment, or a quote is not closed; says line and column.
    """
    reader = _Reader(decoded(data, file), file)
    reader.read()
    reader.sections.pop(_DEFAULT, None)
    places = {path: place for path, place in reader.places.items() if path[:1] != (_DEFAULT,)}
    return (Document(reader.sections, places, file),)


class _Reader:
    """Goes through the lines of one file."""

    def __init__(self, text: str, file: str) -> None:
        self.file = file
        self.raw = iter(re.findall(r"[^\n]*\n|[^\n]+", text))
        self.sections: dict[str, dict[str, Any]] = {}
        self.places: dict[Path, Position] = {(): Position(1, 1)}
        self.number = 0

    def lines(self) -> Iterator[str]:
        """Give the lines that nobody has read yet, and count them."""
        for raw in self.raw:
            self.number += 1
            yield raw

    def read(self) -> None:
        """Read all lines."""
        section, count = _DEFAULT, 1
        for raw in self.lines():
            line = raw.lstrip()
            column = len(raw) - len(line) + 1
            if not line or line[0] in "#;":
                continue
            if line[0] == "[":
                section, count = self._section(line, column), 1
                continue
            key, offset = self._key(line, column)
            if key == "-":
                key, count = f"#{count}", count + 1
            rest = line[offset:]
            self.places[(section, key)] = Position(self.number, column + offset + len(rest) - len(rest.lstrip(" \t")))
            self.sections.setdefault(section, {})[key] = typed(self._value(rest, column))

    def _section(self, line: str, column: int) -> str:
        close = line.rfind("]")
        if close < 2:
            raise self._fault("got a section without a name or without ]", column)
        name = line[1:close]
        self.sections.setdefault(name, {})
        self.places.setdefault((name,), Position(self.number, column))
        return name

    def _key(self, line: str, column: int) -> tuple[str, int]:
        """Give a key, and where its value starts."""
        quote = '"""' if line.startswith('"""') and len(line) > 6 else line[0] if line[0] in '"`' else ""
        end = len(quote)
        if quote:
            close = line.find(quote, end)
            if close < 0:
                raise self._fault("got a quote that is never closed", column)
            key = line[end:close].strip()
            end += close
        found = _DELIMITER.search(line, end)
        if not found:
            raise self._fault("got a line that sets nothing, expected key = value", column)
        if not quote:
            key = line[: found.start()].strip()
        if not key:
            raise self._fault("got a value without a key", column)
        return key, found.end()

    def _value(self, rest: str, column: int) -> str:
        text = rest.lstrip()
        if not text:
            return ""
        quote = '"""' if text.startswith('"""') and len(text) > 3 else "`" if text[0] == "`" else ""
        if quote:
            close = text.rfind(quote, len(quote))
            return text[len(quote) : close] if close >= 0 else self._several(text[len(quote) :], quote, column)
        text = text.strip()
        if text[-1] == "\\":
            return self._continued(text[:-1])
        remark = _REMARK.search(text)
        if remark:
            text = text[: remark.start()].strip()
        if len(text) > 1 and text[0] == text[-1] and text[0] in "\"'" and text.find(text[0], 1) == len(text) - 1:
            return text[1:-1]
        return text

    def _several(self, start: str, quote: str, column: int) -> str:
        opened = self.number
        parts = [start]
        for raw in self.lines():
            close = raw.rfind(quote)
            parts.append(raw if close < 0 else raw[:close])
            if close >= 0:
                return "".join(parts)
        self.number = opened
        raise self._fault(f"got {quote} that is never closed", column)

    def _continued(self, start: str) -> str:
        parts = [start]
        for raw in self.lines():
            line = raw.strip()
            parts.append(line.removesuffix("\\"))
            if not line.endswith("\\"):
                break
        return "".join(parts)

    def _fault(self, message: str, column: int) -> Malformed:
        return unreadable(message, self.file, Position(self.number, column))
