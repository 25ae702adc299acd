"""Owns the running of ``test_`` rules for ``conftest verify``, and their report in the manner of ``opa test``."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from graven.checks.tracing import Tracing
from graven.cli.policy.testreport import subtests, sums, told
from graven.rego import Builtin, Policy, Reached, Value, World
from graven.rego.builtins import declaration
from graven.rego.notation import quoted
from graven.rego.testing import Runner, TestResult, cases
from graven.rego.values import TRUE, UNDEFINED

__all__ = ["Ended", "Notes", "report_of", "run_tests"]

_LINE = "-" * 80
_QUERY = "query:1"


class Step(NamedTuple):
    """A step of a traced test, and where it was."""

    place: str
    text: str


@dataclass(frozen=True, slots=True)
class Ended:
    """A test that was run, and how it was evaluated."""

    result: TestResult
    steps: tuple[Step, ...] = ()
    last: Step | None = None
    """The last expression of a test that failed to which it came."""

    @property
    def trace(self) -> tuple[str, ...]:
        """Tell all steps, each on a line."""
        return tuple(step.text for step in self.steps)

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
        notes.said.clear()
        ended.append(_followed(result, tracing, notes) if detailed and not case.skipped else Ended(result))
    return ended


def _followed(result: TestResult, tracing: Tracing, notes: Notes) -> Ended:
    """Evaluate a test again and keep each step."""
    case = result.case
    steps = [Step(_QUERY, f"Enter {case.path} = _"), Step(f"{case.file}:{case.row}", f"| Enter {case.path}")]
    rows = [info.row for info in tracing.policy.rules() if info.file == case.file and info.row > case.row]
    end = min(rows, default=sys.maxsize)
    last: Step | None = None

    def told(point: Reached, text: str) -> None:
        nonlocal last
        place = f"{point.file}:{point.row}"
        steps.extend(Step(steps[-1].place, f"| | Note {quoted(each)}") for each in notes.said)
        notes.said.clear()
        steps.append(Step(place, f"| | Eval {text}"))
        if point.file == case.file and case.row <= point.row < end:
            last = Step(place, tracing.modules[point.file].splitlines()[point.row - 1])

    fault = tracing.follow(case.path, UNDEFINED, told)
    steps += [Step(steps[-1].place, f"| | Note {quoted(each)}") for each in notes.said]
    if fault is None:
        return Ended(result, (*steps, Step(_QUERY, f"| Exit {case.path} = _")))
    failed = [Step(last.place, f"| | Fail {last.text.strip()}")] if last is not None else []
    return Ended(result, (*steps, *failed, Step(_QUERY, f"| Fail {fault or f'{case.path} = _'}")), last)


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
            lines += [
                told(each.result),
                "",
                *_steps(each, report),
                "",
                *(_failing(each) if report != "notes" else ()),
                "",
            ]
    if ended:
        lines.append(_LINE)
    return "".join(f"{line}\n" for line in (*lines, *sums(each.result for each in ended)))


def _steps(one: Ended, report: str) -> Iterator[str]:
    """Give the steps that a report has: all, or those of one word and what they are in."""
    steps = one.steps
    if report != "full":
        word = "Note" if report == "notes" else "Fail"
        kept = [step for step in steps if step.text.lstrip("| ").startswith(word)]
        steps = (*steps[:2], *kept) if kept else ()
    width = max((len(step.place) for step in steps), default=0) + 7
    for step in steps:
        yield f"  {step.place:<{width}}{step.text}  "


def _failing(one: Ended) -> Iterator[str]:
    """Quote the expression that failed."""
    if one.last is not None:
        yield f"  {one.last.place}:"
        yield f"    {one.last.text}"
        yield ""
