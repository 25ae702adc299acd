"""Owns the sums over results, and the line in which conftest tells them."""

from __future__ import annotations

from collections.abc import Sequence

from graven.checks.results import CheckResult
from graven.record import Record

__all__ = ["Totals", "counted", "totals"]


class Totals(Record):
    """How many results there are of each kind."""

    successes: int
    warnings: int
    failures: int
    exceptions: int
    skipped: int

    @property
    def tests(self) -> int:
        """Count all of them."""
        return sum(self)

    def __str__(self) -> str:
        parts = (counted(self.warnings, "warning"), counted(self.failures, "failure"))
        ends = (*parts, counted(self.exceptions, "exception"))
        return ", ".join((counted(self.tests, "test"), f"{self.successes} passed", *ends))


def totals(results: Sequence[CheckResult]) -> Totals:
    """Add up the results of some files.

    >>> str(totals([CheckResult("a.yaml", "main", successes=1)]))
    '1 test, 1 passed, 0 warnings, 0 failures, 0 exceptions'
    """
    return Totals(
        sum(result.successes for result in results),
        sum(len(result.warnings) for result in results),
        sum(len(result.failures) for result in results),
        sum(len(result.exceptions) for result in results),
        sum(len(result.skipped) for result in results),
    )


def counted(number: int, noun: str) -> str:
    """Give a number and its noun, in the plural unless there is one.

    >>> counted(1, "test"), counted(0, "test")
    ('1 test', '0 tests')
    """
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
