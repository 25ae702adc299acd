"""Owns the asking of tests: each rule whose name begins with ``test_``, by itself, with its time."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from graven.errors import GravenError, Malformed
from graven.rego.values import FALSE, TRUE, UNDEFINED

if TYPE_CHECKING:
    from graven.rego import Policy, RuleInfo

__all__ = ["Case", "Result", "ask", "cases"]


@dataclass(frozen=True, slots=True)
class Case:
    """A test."""

    package: str
    name: str
    file: str
    row: int
    col: int

    @property
    def path(self) -> str:
        """Give the document that says whether it holds."""
        return f"{self.package}.{self.name}"

    @property
    def skipped(self) -> bool:
        """Say whether it is written but not yet to be asked."""
        return self.name.startswith("todo_")


@dataclass(frozen=True, slots=True)
class Result:
    """What became of a test."""

    case: Case
    outcome: str
    """pass, fail, error or skip."""
    nanoseconds: int = 0
    error: str = ""


def cases(policy: Policy, wanted: str = "") -> tuple[Case, ...]:
    """Give the tests, in the order of files and rows, whose full names match an expression.

    Raises:
        Malformed: it is no regular expression.
    """
    try:
        pattern = re.compile(wanted)
    except re.error as e:
        raise Malformed(f"got no regular expression: {e}", where=wanted) from e
    return tuple(case for case in _all(policy.rules()) if pattern.search(case.path))


def _all(rules: Iterable[RuleInfo]) -> Iterator[Case]:
    seen: set[tuple[str, str]] = set()
    for rule in rules:
        plain = rule.name.startswith(("test_", "todo_test_")) and rule.kind not in ("function", "default")
        if plain and (rule.package, rule.name) not in seen:
            seen.add((rule.package, rule.name))
            yield Case(f"data.{rule.package}", rule.name, rule.file, rule.row, 1)


def ask(policy: Policy, case: Case, clock: Callable[[], int], now_ns: int) -> Result:
    """Ask a test: it passes if it is true, and nothing else is a pass."""
    if case.skipped:
        return Result(case, "skip")
    begun = clock()
    try:
        value = policy.evaluate(case.path, now_ns=now_ns).value
    except GravenError as error:
        return Result(case, "error", clock() - begun, error.message)
    taken = clock() - begun
    if value is TRUE:
        return Result(case, "pass", taken)
    if value is UNDEFINED or value is FALSE:
        return Result(case, "fail", taken)
    return Result(
        case, "error", taken, "a test must be true or undefined; a test of several cases is not told apart here"
    )
