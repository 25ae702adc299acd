"""Owns the running of tests of rules: each rule whose name begins with ``test_``, by itself.

A test passes if its value is true, fails if it is undefined or false, and is an error in any other case. Names that
begin with ``todo_test_`` are skipped. A test of several cases, with variables in its head, is an error: its cases are
not told apart here, and one that failed must not look as if it had passed.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from graven.errors import GravenError, Malformed
from graven.rego.evaluation import Limits, World, begin_run, too_deep
from graven.rego.machine import State, U
from graven.rego.ruletree import Group, dotted
from graven.rego.values import FALSE, TRUE, UNDEFINED, Value

if TYPE_CHECKING:
    from graven.rego.compile.assembly import Assembled
    from graven.rego.evaluation import Print
    from graven.rego.explanation import Failure
    from graven.rego.policy import Policy
    from graven.rego.testing.coverage import Coverage

__all__ = ["Case", "TestResult", "cases", "run"]

_WORLD = World()
_LIMITS = Limits()


@dataclass(frozen=True, slots=True)
class Case:
    """A test."""

    package: str
    """``data.artifact_test``."""
    name: str
    file: str
    row: int
    col: int = 1

    @property
    def path(self) -> str:
        """Give the document that says whether it holds."""
        return f"{self.package}.{self.name}"

    @property
    def skipped(self) -> bool:
        """Say whether it is written but not yet to be asked."""
        return self.name.startswith("todo_")


@dataclass(frozen=True, slots=True)
class TestResult:
    """What became of a test."""

    __test__ = False
    case: Case
    outcome: str
    """pass, fail, error or skip."""
    nanoseconds: int = 0
    error: str = ""
    failures: tuple[Failure, ...] = ()
    """The expressions at which a failed test stopped, with their values."""
    prints: tuple[Print, ...] = ()


def cases(policy: Policy, match: str = "") -> tuple[Case, ...]:
    """Give the tests in the order of files and rows whose full names match a regular expression.

    Raises:
        Malformed: it is no regular expression.
    """
    try:
        pattern = re.compile(match)
    except re.error as e:
        raise Malformed(f"got no regular expression: {e}", where=match) from e
    found = [each for group in policy.traced.unit.tree.groups for each in _cases(group)]
    found.sort(key=lambda case: (case.file, case.row))
    return tuple(case for case in found if pattern.search(case.path))


def _cases(group: Group) -> Iterator[Case]:
    if group.kind == "function":
        return
    for each in group.definitions[:1]:
        if each.rule.name.startswith(("test_", "todo_test_")):
            row, col = each.module.source.position(each.rule.at)
            package = "data." + dotted(each.module.package)
            yield Case(package, each.rule.name, each.module.source.file, row, col)


def run(
    policy: Policy,
    *,
    match: str = "",
    clock: Callable[[], int] = lambda: 0,
    now_ns: int | None = None,
    world: World = _WORLD,
    limits: Limits = _LIMITS,
    coverage: Coverage | None = None,
) -> tuple[TestResult, ...]:
    """Run the tests whose full names match; ``clock`` gives nanoseconds, for the durations.

    Raises:
        Malformed: ``match`` is no regular expression.
    """
    return tuple(_ask(policy, case, clock, (now_ns, world, limits), coverage) for case in cases(policy, match))


def _ask(
    policy: Policy,
    case: Case,
    clock: Callable[[], int],
    around: tuple[int | None, World, Limits],
    coverage: Coverage | None,
) -> TestResult:
    if case.skipped:
        return TestResult(case, "skip")
    begun = clock()
    try:
        prints: tuple[Print, ...] = ()
        if coverage is not None:
            value = _traced(policy.traced, case, around, coverage)
        else:
            now_ns, world, limits = around
            answer = policy.evaluate(case.path, now_ns=now_ns, world=world, limits=limits)
            value, prints = answer.value, answer.prints
    except GravenError as error:
        return TestResult(case, "error", clock() - begun, error.message)
    taken = clock() - begun
    if value is TRUE:
        return TestResult(case, "pass", taken, prints=prints)
    if value is UNDEFINED or value is FALSE:
        return TestResult(case, "fail", taken, failures=_failures(policy, case, around), prints=prints)
    return TestResult(case, "error", taken, "a test must be true, false or undefined", prints=prints)


def _failures(policy: Policy, case: Case, around: tuple[int | None, World, Limits]) -> tuple[Failure, ...]:
    now_ns, world, limits = around
    try:
        return policy.explain(case.path, now_ns=now_ns, world=world, limits=limits).failures
    except GravenError:
        return ()


def _traced(program: Assembled, case: Case, around: tuple[int | None, World, Limits], coverage: Coverage) -> Value:
    """Ask a test in a traced program, and let the coverage watch."""
    group = _group(program, case)
    run = begin_run(program, *around, strict=False)
    state = State(run, U)
    run.frames, run.tracer = coverage, coverage.reached
    try:
        return program.ask(group.number, state)
    except RecursionError:
        raise too_deep() from None
    finally:
        run.frames = run.tracer = None


def _group(program: Assembled, case: Case) -> Group:
    node, _ = program.unit.tree.find([*case.package.split(".")[1:], case.name])
    assert node.group is not None  # noqa: S101 - the case was made from it
    return node.group
