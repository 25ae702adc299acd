"""Owns the running of ``test_`` rules for ``conftest verify``, and their report in the manner of ``opa test``."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from graven.cli.policy.testreport import subtests, sums, told
from graven.rego import Policy, World
from graven.rego.testing import Runner, TestResult, cases

if TYPE_CHECKING:
    from graven.rego.trace.asking import Trace

__all__ = ["Ended", "report_of", "run_tests"]

_LINE = "-" * 80


@dataclass(frozen=True, slots=True)
class Ended:
    """A test that was run, and how it was evaluated."""

    result: TestResult
    trace: Trace | None = None

    @property
    def lines(self) -> tuple[str, ...]:
        """Tell all events, each on a line."""
        if self.trace is None:
            return ()
        return tuple(line for told in self.trace.lines() for line in told.split("\n") if line)

    @property
    def package(self) -> str:
        """Give its package without ``data``."""
        return self.result.case.package.removeprefix("data.")


def run_tests(policy: Policy, *, world: World, strict: bool = False, traced: Sequence[str] = ()) -> list[Ended]:
    """Run every test, in the order of files and rows; those with one of some outcomes are traced.

    Raises:
        BudgetExhausted: a test has more to tell than may be kept.
    """
    now_ns = time.time_ns()
    trace = _tracing(policy, now_ns, world) if traced else None
    runner = Runner(policy, time.perf_counter_ns, now_ns, world, strict=strict)
    ended = []
    for case in cases(policy):
        result = runner.ask(case)
        ended.append(Ended(result, trace(case.path) if trace is not None and result.outcome in traced else None))
    return ended


def _tracing(policy: Policy, now_ns: int, world: World) -> Callable[[str], Trace]:
    from graven.rego.trace.asking import Tracer

    tracer = Tracer(policy, cases=True, newer=False)
    return lambda path: tracer.trace(path, now_ns=now_ns, world=world)


def report_of(ended: Sequence[Ended], report: str) -> str:
    """Tell tests as ``opa test`` does; ``report`` says how much of a failure: full, notes or fails."""
    from graven.cli.policy.testtraces import failures

    lines: list[str] = []
    last = ""
    for each in ended:
        case = each.result.case
        if last and case.file != last:
            lines.append("")
        last = case.file
        lines += [f"{case.file}:{case.row}:", told(each.result), *subtests(each.result.cases, 1, every=True)]
        if each.result.prints:
            lines += ["", *(f"  {said.text}" for said in each.result.prints), ""]
    kind = "debug" if report == "full" else report
    lines += failures(((each.result, each.trace) for each in ended), kind, quoted=True)
    if ended:
        lines.append(_LINE)
    return "".join(f"{line}\n" for line in (*lines, *sums(each.result for each in ended)))
