"""Owns the workflow commands by which GitHub Actions shows results beside the lines of a change."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from graven.checks.results import CheckResult, Place, Result
from graven.reports.quoting import quoted, relative
from graven.reports.totals import totals

__all__ = ["render"]

_ESCAPES = str.maketrans({"%": "%25", "\r": "%0D", "\n": "%0A", ":": "%3A", ",": "%2C"})


def render(results: Sequence[CheckResult], *, hide_passed: bool = False, folder: str = "") -> str:
    """Write a group for each file, and the sums; absolute paths are told from ``folder``, the working directory.

    A finding stands at the place that its rule gave; without one at the place of the value that caused it.
    """
    lines: list[str] = []
    for result in results:
        if not (hide_passed and _only_passed(result)):
            lines += _group(result, folder)
    return "\n".join([*lines, str(totals(results))]) + "\n"


def _only_passed(result: CheckResult) -> bool:
    return not (result.failures or result.warnings or result.exceptions or result.skipped)


def _group(result: CheckResult, folder: str) -> Iterator[str]:
    number = totals([result]).tests
    name = quoted(result.filename)
    yield f"::group::Testing {name} against {number} policies in namespace {quoted(result.namespace)}"
    for level, lead, found in (
        ("error", "", result.failures),
        ("warning", "", result.warnings),
        ("notice", "", result.exceptions),
        ("notice", "Test was skipped: ", result.skipped),
    ):
        for one in found:
            yield from _commands(level, result.filename, one, lead + one.message, folder)
    yield _command("notice", Place(result.filename, 1), f"Number of successful checks: {result.successes}")
    yield "::endgroup::"


def _commands(level: str, filename: str, one: Result, text: str, folder: str) -> Iterator[str]:
    at = one.loc or one.place
    if at is None or at.file == filename:
        yield _command(level, at or Place(filename, 1), text)
        return
    there = Place(relative(at.file, folder), at.line, at.column)
    yield _command(level, there, text)
    yield _command(level, Place(filename, 1), f"(ORIGINATING FROM {there.file} L{there.line or ''}) {text}")


def _command(level: str, at: Place, text: str) -> str:
    column = f",col={at.column}" if at.column else ""
    return f"::{level} file={at.file.translate(_ESCAPES)},line={at.line or ''}{column}::{text}"
