"""Owns the logging commands by which Azure Pipelines shows results, as conftest writes them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from graven.checks.results import CheckResult
from graven.reports.totals import totals

__all__ = ["render"]


def render(results: Sequence[CheckResult]) -> str:
    """Write a section for each file, and the sums."""
    lines = [line for result in results for line in _section(result)]
    return "\n".join([*lines, str(totals(results))]) + "\n"


def _section(result: CheckResult) -> Iterator[str]:
    name = result.filename
    yield (f"##[section]Testing '{name}' against {totals([result]).tests} policies in namespace '{result.namespace}'")
    yield "##[group]See conftest results"
    for one in result.failures:
        yield f"##vso[task.logissue type=error] file={name} --> {one.message}"
    for one in (*result.warnings, *result.exceptions):
        yield f"##vso[task.logissue type=warning] file={name} --> {one.message}"
    for one in result.skipped:
        yield f"skipped file={name} {one.message}"
    if result.successes:
        yield f"success file={name} {result.successes}"
    yield "##[endgroup]"
