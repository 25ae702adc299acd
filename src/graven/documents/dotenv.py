"""Owns the reading of ``.env`` files, as the library gotenv reads them: quotes, several lines, ``export``, ``$NAME``.

A variable stands for what the file said of it above, and for nothing if it said nothing: the environment of the
machine that judges is not looked at, where conftest would put it into what is judged.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import re2

from graven.documents.faults import decoded, unreadable
from graven.documents.position import Document, Path, Position

__all__ = ["parse"]

_LINE = re2.compile(
    r"""\A\s*(?:export\s+)?([\w.]+)(?:\s*=\s*|:\s+?)('(?:'|[^'])*'|"(?:"|[^"])*"|[^#\n]+)?\s*(?:\s*#.*)?\z"""
)
_LINES = re2.compile(r"\r\n|\r|\n")
_ESCAPED = re2.compile(r"\\([^$])")
_VARIABLE = re2.compile(r"(\\)?(\$)(\{?([A-Z0-9_]+)?\}?)")


def parse(data: bytes, *, file: str = "") -> tuple[Document, ...]:
    r"""Read the variables, all of them strings.

    >>> [found] = parse(b"export A=1\nB='x y' # why\nC=${A}2\n")
    >>> found.value, str(found.position(("B",)))
    ({'A': '1', 'B': 'x y', 'C': '12'}, 'line 2, column 3')

    Raises:
        Malformed: a line sets nothing, or a quote is not closed; says the line.
    """
    values: dict[str, str] = {}
    places: dict[Path, Position] = {(): Position(1, 1)}
    for line, place in _statements(decoded(data, file), file):
        found = _LINE.match(line)
        if not found:
            raise unreadable("got a line that sets no variable, expected NAME=value", file, place)
        name = found[1]
        values[name] = _value((found[2] or "").strip(), values)
        start = found.start(2) if found[2] else found.start(1)
        above = line.count("\n", 0, start)
        column = start + place.column if not above else start - line.rfind("\n", 0, start)
        places[(name,)] = Position(place.line + above, column)
    return (Document(values, places, file),)


def _statements(text: str, file: str) -> Iterator[tuple[str, Position]]:
    """Give each statement; one whose quote stays open takes the lines up to the one that closes it."""
    lines = iter(enumerate(_LINES.split(text), 1))
    for number, raw in lines:
        line = raw.strip()
        if not line or line[0] == "#":
            continue
        place = Position(number, raw.index(line[0]) + 1)
        quote = _open_quote(line)
        while quote:
            _, following = next(lines, (0, None))
            if following is None:
                raise unreadable(f"got {quote} that is never closed", file, place)
            line += "\n" + following
            at = following.rfind(quote)
            if at >= 0 and not (at > 0 and following[at - 1] == "\\"):
                quote = ""
        yield line, place


def _open_quote(line: str) -> str:
    """Give the quote that a line opens and does not close."""
    at = line.find("=")
    at = line.find(":") if at < 0 else at
    if not 0 < at < len(line) - 1:
        return ""
    value = line[at + 1 :].strip()
    if value[0] not in "\"'":
        return ""
    last = value[1:].strip().rfind(value[0])
    return "" if last >= 0 and value[last] != "\\" else value[0]


def _value(text: str, values: dict[str, str]) -> str:
    quote = text[0] if len(text) > 1 and text[0] == text[-1] and text[0] in "\"'" else ""
    if quote:
        text = text[1:-1]
    if quote == "'":
        return text
    if quote:
        text = str(_ESCAPED.sub(r"\1", text.replace("\\n", "\n").replace("\\r", "\r")))

    def variable(match: Any) -> str:
        if match[1]:
            return str(match[0][1:])
        return values.get(match[4], "") if match[4] else str(match[0])

    return str(_VARIABLE.sub(variable, text))
