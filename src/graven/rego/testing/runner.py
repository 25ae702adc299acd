"""Owns the running of tests of rules: each rule whose name begins with ``test_``, by itself.

A test passes if it is true, and nothing else is a pass; a test with cases (``subtests``) passes if each of them does,
and there is one: a test of nothing proves nothing. Names that begin with ``todo_test_`` are skipped.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from graven.errors import GravenError, Malformed
from graven.rego.depths import once_more
from graven.rego.evaluation import Limits, World, begin_run
from graven.rego.machine import State, U
from graven.rego.ruletree import Group, dotted
from graven.rego.testing.subtests import SubResult, Subtests, has_cases
from graven.rego.values import TRUE

if TYPE_CHECKING:
    from graven.rego.compile.assembly import Assembled
    from graven.rego.evaluation import Print
    from graven.rego.explanation import Failure
    from graven.rego.policy import Policy
    from graven.rego.testing.coverage import Coverage

__all__ = ["Case", "Runner", "TestResult", "cases", "run"]

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
    several: bool = False
    """It has cases."""

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
    cases: tuple[SubResult, ...] = ()
    fault: GravenError | None = None
    """What ended a test in error."""


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
            yield Case(package, each.rule.name, each.module.source.file, row, col, has_cases(group))


@dataclass(frozen=True)
class Runner:
    """Runs the tests of one policy."""

    policy: Policy
    clock: Callable[[], int] = lambda: 0
    """Gives nanoseconds, for the durations."""
    now_ns: int | None = None
    world: World = _WORLD
    limits: Limits = _LIMITS
    coverage: Coverage | None = None
    strict: bool = False
    """A builtin that fails is an error."""
    patience: int = 0
    """So many nanoseconds are waited for a test; 0: as long as it takes."""

    @cached_property
    def _subtests(self) -> Subtests:
        return Subtests(self.policy)

    def ask(self, case: Case) -> TestResult:
        """Run a test."""
        if case.skipped:
            return TestResult(case, "skip")
        begun = self.clock()
        given = {"now_ns": self.now_ns, "world": self.world, "limits": self.limits}
        over = (lambda: self.clock() - begun > self.patience) if self.patience else None
        try:
            answer = self.policy.evaluate(
                case.path,
                now_ns=self.now_ns,
                world=self.world,
                limits=self.limits,
                strict_builtin_errors=self.strict,
                deadline=over,
            )
            taken = self.clock() - begun
            if self.coverage is not None:
                self._watched(case, self.coverage)
            subs = self._subtests.results(case.path, answer.value, given) if case.several else ()
        except GravenError as error:
            return TestResult(case, "error", self.clock() - begun, error.message, fault=error)
        if answer.value is TRUE or (subs and all(one.passed for one in subs)):
            return TestResult(case, "pass", taken, prints=answer.prints, cases=subs)
        reason = "none of its cases was reached" if case.several and not subs else ""
        return TestResult(case, "fail", taken, reason, self._failures(case), answer.prints, subs)

    def _failures(self, case: Case) -> tuple[Failure, ...]:
        try:
            found = self.policy.explain(case.path, now_ns=self.now_ns, world=self.world, limits=self.limits)
        except GravenError:
            return ()
        return found.failures

    def _watched(self, case: Case, coverage: Coverage) -> None:
        """Ask a test in a traced program, and let the coverage watch."""
        program = coverage.program
        group = _group(program, case)
        run = begin_run(program, self.now_ns, self.world, self.limits, strict=self.strict)
        run.frames, run.tracer = coverage, coverage.reached
        try:
            program.ask(group.number, State(run, U))
        except RecursionError:
            once_more(run, lambda: program.ask(group.number, State(run, U)))
        finally:
            run.frames = run.tracer = None


def run(policy: Policy, *, match: str = "", **how: Any) -> tuple[TestResult, ...]:
    """Run the tests whose full names match; ``how`` is what ``Runner`` takes beside.

    Raises:
        Malformed: ``match`` is no regular expression.
    """
    runner = Runner(policy, **how)
    return tuple(map(runner.ask, cases(policy, match)))


def _group(program: Assembled, case: Case) -> Group:
    node, _ = program.unit.tree.find([*case.package.split(".")[1:], case.name])
    assert node.group is not None  # noqa: S101 - the case was made from it
    return node.group
