"""Owns the lines for a terminal: conftest's, to which the place of each finding is added where that is asked for."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from graven.checks.results import CheckResult, Result
from graven.reports.totals import Totals, totals

__all__ = ["render", "trace"]

_RED, _GREEN, _YELLOW, _BLUE, _CYAN = 31, 32, 33, 34, 36


def render(
    results: Sequence[CheckResult],
    *,
    color: bool = False,
    suppress_exceptions: bool = False,
    show_skipped: bool = False,
    places: bool = False,
) -> str:
    """Tell what was printed, each finding, and the sums.

    ``places`` writes the line and the column of what caused a finding after the name of its file.
    """
    lines = [f"{_painted('PRNT ', _BLUE, color)}  {said}\n" for result in results for said in result.prints]
    for result in results:
        lines += _findings(result, color=color, exceptions=not suppress_exceptions, places=places)
    sums = totals(results)
    text = f"{sums}, {sums.skipped} skipped" if show_skipped else str(sums)
    return "\n".join([*lines, "", _painted(text, _worst(sums), color)]) + "\n"


def trace(results: Sequence[CheckResult], *, color: bool = False) -> str:
    """Tell how each query was evaluated."""
    lines = []
    for result in results:
        for query, found, steps in result.queries:
            passed = all(not one.message for one in found)
            head = f"file: {result.filename} | query: {query}"
            lines.append(_painted(head, _GREEN if passed else _RED, color))
            lines += [f"{_painted('TRAC ', _BLUE, color)}  {step}" for step in steps]
    return "".join(f"{line}\n" for line in lines)


def _findings(result: CheckResult, *, color: bool, exceptions: bool, places: bool) -> Iterator[str]:
    namespace = "-" if result.namespace == "-" else f"- {result.namespace} -"
    kinds = [("WARN", _YELLOW, result.warnings), ("FAIL", _RED, result.failures)]
    if exceptions:
        kinds.append(("EXCP", _CYAN, result.exceptions))
    for word, paint, found in kinds:
        for one in found:
            where = _where(result.filename, one if places else None)
            yield f"{_painted(word, paint, color)} {where} {namespace} {one.message}"


def _where(filename: str, one: Result | None) -> str:
    place = one.place if one is not None else None
    if place is None or not place.line:
        return "-" if filename == "-" else f"- {filename}"
    column = f":{place.column}" if place.column else ""
    return f"- {place.file or filename}:{place.line}{column}"


def _painted(text: str, paint: int, color: bool) -> str:  # noqa: FBT001 - the last of three, and always a name
    return f"\x1b[{paint}m{text}\x1b[0m" if color else text


def _worst(sums: Totals) -> int:
    if sums.failures:
        return _RED
    if sums.warnings:
        return _YELLOW
    return _CYAN if sums.exceptions else _GREEN
