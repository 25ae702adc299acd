"""Owns the table of results, drawn as conftest draws it."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence

from graven.checks.results import CheckResult

__all__ = ["draw", "render"]

_HEADER = ("RESULT", "FILE", "NAMESPACE", "MESSAGE")
_COLOURS = re.compile(r"\x1b\[[0-9;]*m")

Cells = tuple[str, ...]


def render(results: Sequence[CheckResult]) -> str:
    """Write a row for each result; nothing if there are none."""
    rows = list(_rows(results))
    return draw(_HEADER, rows) if rows else ""


def draw(header: Cells, rows: Sequence[Cells]) -> str:
    """Draw a table, its header in the middle of each column."""
    cells = [[_lines(cell) for cell in row] for row in rows]
    widths = [
        max(_width(line) for row in ([[name]], *((row[at],) for row in cells)) for lines in row for line in lines)
        for at, name in enumerate(header)
    ]
    drawn = [_rule("┌┬┐", widths), _line([_centred(name, width) for name, width in zip(header, widths, strict=True)])]
    drawn.append(_rule("├┼┤", widths))
    for row in cells:
        for number in range(max(map(len, row))):
            parts = [lines[number] if number < len(lines) else "" for lines in row]
            drawn.append(_line([_padded(part, width) for part, width in zip(parts, widths, strict=True)]))
    drawn.append(_rule("└┴┘", widths))
    return "\n".join(drawn) + "\n"


def _rows(results: Sequence[CheckResult]) -> Iterator[Cells]:
    for result in results:
        at = (result.filename, result.namespace)
        yield from [("success", *at, "SUCCESS")] * result.successes
        kinds = (
            ("exception", result.exceptions),
            ("warning", result.warnings),
            ("skipped", result.skipped),
            ("failure", result.failures),
        )
        for word, found in kinds:
            for one in found:
                yield (word, *at, one.message)


def _lines(cell: str) -> list[str]:
    lines = [line for line in cell.strip().replace("\t", " " * 8).split("\n") if line]
    return lines or [""]


def _width(text: str) -> int:
    """Count the columns of a terminal that a text takes."""
    plain = _COLOURS.sub("", text)
    if plain.isascii():
        return sum(char.isprintable() for char in plain)
    return sum(_columns(char) for char in plain)


def _columns(char: str) -> int:
    if unicodedata.category(char) in ("Mn", "Me", "Cf", "Cc") or "\U0001f3fb" <= char <= "\U0001f3ff":
        return 0
    return 2 if unicodedata.east_asian_width(char) in "WF" else 1


def _centred(text: str, width: int) -> str:
    left = (width - _width(text)) // 2
    return " " * left + text + " " * (width - left - _width(text))


def _padded(text: str, width: int) -> str:
    return text + " " * (width - _width(text))


def _line(parts: Sequence[str]) -> str:
    return "│ " + " │ ".join(parts) + " │"


def _rule(corners: str, widths: Sequence[int]) -> str:
    return corners[0] + corners[1].join("─" * (width + 2) for width in widths) + corners[2]
