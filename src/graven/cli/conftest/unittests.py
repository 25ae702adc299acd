"""Owns the running of ``test_`` rules for ``conftest verify``, and their report in the manner of ``opa test``."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from graven.checks.tracing import Tracing
from graven.cli.policy.testreport import subtests, sums, told
from graven.rego import Builtin, Policy, Value, World
from graven.rego.builtins import declaration
from graven.rego.notation import quoted
from graven.rego.testing import Runner, TestResult, cases
from graven.rego.values import TRUE, UNDEFINED

__all__ = ["Ended", "Notes", "report_of", "run_tests"]

_LINE = "-" * 80


@dataclass(frozen=True, slots=True)
class Ended:
    """A test that was run, what it said by ``trace``, and how it was evaluated."""

    result: TestResult
    notes: tuple[str, ...] = ()
    steps: tuple[str, ...] = ()

    @property
    def package(self) -> str:
        """Give its package without ``data``."""
        return self.result.case.package.removeprefix("data.")


@dataclass(slots=True)
class Notes:
    """What rules say by ``trace``."""

    said: list[str] = field(default_factory=list)

    def builtins(self) -> tuple[Builtin, ...]:
        """Give the builtin that keeps what it is told."""
        found = declaration("trace")
        return () if found is None else (Builtin(found, self._keep),)

    def _keep(self, text: Value) -> Value:
        self.said.append(text)
        return TRUE


def run_tests(
    policy: Policy,
    modules: Mapping[str, str],
    notes: Notes,
    *,
    world: World,
    strict: bool = False,
    detailed: bool = False,
) -> list[Ended]:
    """Run every test, in the order of files and rows."""
    now_ns = time.time_ns()
    tracing = Tracing(policy, modules, world, now_ns)
    runner = Runner(policy, time.perf_counter_ns, now_ns, world, strict=strict)
    ended = []
    for case in cases(policy):
        notes.said.clear()
        result = runner.ask(case)
        said = tuple(notes.said)
        steps = tracing.steps(case.path, UNDEFINED) if detailed and not case.skipped else ()
        ended.append(Ended(result, said, steps))
    return ended


def report_of(ended: Sequence[Ended], report: str) -> str:
    """Tell tests as ``opa test`` does; ``report`` says how much of a failure: full, notes or fails."""
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
    failures = [each for each in ended if each.result.outcome == "fail"]
    if failures:
        lines += [_LINE, "FAILURES", _LINE]
        for each in failures:
            lines += [told(each.result), "", *(f"  {step}" for step in _steps(each, report)), ""]
    if ended:
        lines.append(_LINE)
    return "".join(f"{line}\n" for line in (*lines, *sums(each.result for each in ended)))


def _steps(one: Ended, report: str) -> Iterator[str]:
    notes = [f"| Note {quoted(text)}" for text in one.notes]
    if report == "full":
        yield from (*one.steps[:1], *notes, *one.steps[1:])
    elif report == "notes":
        yield from (*one.steps[:1], *notes)
    else:
        yield from (step for step in (*one.steps[:1], *one.steps[1:]) if not step.startswith("| Note"))
