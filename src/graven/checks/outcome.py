"""Owns what a run comes to: results, what could not be decided, what is worth telling, and the exit code; pure."""

from __future__ import annotations

from collections.abc import Iterable

from graven.checks.results import CheckResult, Place
from graven.record import TYPE_CHECKING, Record

if TYPE_CHECKING:
    from graven.checks.explaining import Explained

__all__ = ["ALLOWABLE", "Outcome", "Problem", "exit_code", "tests"]

ALLOWABLE = {
    "namespace": "a namespace in which no rule lies",
    "empty": "a run in which no rule was evaluated",
    "undefined": "a rule that held, but whose message reads what is not there",
    "builtin": "a builtin function that failed",
    "value": "a rule that says what is no message",
    "unreadable": "a file that cannot be read",
    "unknown": "a rule that reads what only a run of Terraform can tell, or what is masked",
}
"""What makes a run undecided unless ``--allow`` names it."""


class Problem(Record):
    """Why something could not be decided."""

    kind: str
    """One of ``ALLOWABLE``, or what nothing allows: ``rule``, it raised an error; ``engine``, a second one differs."""
    message: str
    file: str = ""
    """The file that was tested."""
    place: Place | None = None
    """Where in the policy, or in the file."""
    hint: str = ""


class Outcome(Record):
    """All that a run found."""

    results: tuple[CheckResult, ...] = ()
    problems: tuple[Problem, ...] = ()
    """What stands in the way of a decision."""
    notes: tuple[str, ...] = ()
    """What the summary tells: namespaces, files left out, paths that no file has."""
    explained: tuple[Explained, ...] = ()
    """How each finding came about, where that was asked for."""


def exit_code(outcome: Outcome, *, fail_on_warn: bool = False, no_fail: bool = False) -> int:
    """Give the exit code: 3 if something could not be decided, 1 if a rule refused, else 0.

    >>> exit_code(Outcome(problems=(Problem("rule", "it raised"),)), no_fail=True)
    3
    """
    if outcome.problems:
        return 3
    refused = any(result.failures or (fail_on_warn and result.warnings) for result in outcome.results)
    return 1 if refused and not no_fail else 0


def tests(results: Iterable[CheckResult]) -> int:
    """Count what was tested, as conftest's summary does."""
    return sum(
        each.successes + sum(map(len, (each.skipped, each.warnings, each.failures, each.exceptions)))
        for each in results
    )
