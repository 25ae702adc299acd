"""Owns the Test Anything Protocol's lines, as conftest writes them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from graven.checks.results import CheckResult, Result
from graven.reports.totals import totals

__all__ = ["render"]

_SUCCESS = Result("SUCCESS")


def render(results: Sequence[CheckResult]) -> str:
    """Write one plan and the numbered tests of all files; nothing if there are none."""
    number = totals(results).tests
    if not number:
        return ""
    lines = [f"1..{number}"]
    counter = 0
    for result in results:
        where = "-" if result.filename == "-" else f"- {result.filename}"
        namespace = "-" if result.namespace == "-" else f"- {result.namespace} -"
        for header, status, found in _sections(result):
            if header and found:
                lines.append(f"# {header}")
            for one in found:
                counter += 1
                lines.append(f"{status} {counter} {where} {namespace} {one.message}")
    return "\n".join(lines) + "\n"


def _sections(result: CheckResult) -> Iterator[tuple[str, str, Sequence[Result]]]:
    yield "", "not ok", result.failures
    yield "warnings", "not ok", result.warnings
    yield "exceptions", "ok", result.exceptions
    yield "skip", "ok", result.skipped
    yield "successes", "ok", (_SUCCESS,) * result.successes
