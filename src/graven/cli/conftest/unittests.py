"""Owns the running of ``test_`` rules for ``conftest verify``, and their report in the manner of ``opa test``."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from graven.cli.conftest.tracing import Tracing
from graven.errors import GravenError
from graven.rego import Builtin, Policy, RuleInfo, Value, World
from graven.rego.builtins import declaration
from graven.rego.notation import quoted
from graven.rego.values import TRUE, UNDEFINED

__all__ = ["Ended", "Notes", "run_tests", "told"]

_LINE = "-" * 80


@dataclass(frozen=True, slots=True)
class Ended:
    """A test that was run."""

    file: str
    row: int
    package: str
    name: str
    outcome: str
    """pass, fail, skip or error."""
    reason: str = ""
    """Of an error."""
    seconds: float = 0.0
    prints: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    steps: tuple[str, ...] = ()


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
    seen: set[str] = set()
    ended = []
    for info in policy.rules():
        if not info.name.startswith(("test_", "todo_test_")) or info.path in seen or info.kind == "function":
            continue
        seen.add(info.path)
        ended.append(_run(info, tracing, notes, strict=strict, detailed=detailed))
    return ended


def _run(info: RuleInfo, tracing: Tracing, notes: Notes, *, strict: bool, detailed: bool) -> Ended:
    package, name = f"data.{info.package}", info.name
    if name.startswith("todo_"):
        return Ended(info.file, info.row, package, name, "skip")
    notes.said.clear()
    begun = time.perf_counter()
    try:
        answer = tracing.policy.evaluate(
            info.path, UNDEFINED, now_ns=tracing.now_ns, world=tracing.world, strict_builtin_errors=strict
        )
    except GravenError as e:
        return Ended(info.file, info.row, package, name, "error", e.message)
    passed = answer.value is TRUE or (answer.value is not UNDEFINED and bool(answer.value))
    took = time.perf_counter() - begun
    said = tuple(notes.said)
    steps = tracing.steps(info.path, UNDEFINED) if detailed else ()
    prints = tuple(each.text for each in getattr(answer, "prints", ()))
    outcome = "pass" if passed else "fail"
    return Ended(info.file, info.row, package, name, outcome, "", took, prints, said, steps)


def told(ended: Sequence[Ended], report: str) -> str:
    """Tell tests as ``opa test`` does; ``report`` says how much of a failure: full, notes or fails."""
    lines: list[str] = []
    last = ""
    for each in ended:
        if last and each.file != last:
            lines.append("")
        last = each.file
        lines += [f"{each.file}:{each.row}:", _line(each)]
        if each.prints:
            lines += ["", *(f"  {text}" for text in each.prints), ""]
    failures = [each for each in ended if each.outcome == "fail"]
    if failures:
        lines += [_LINE, "FAILURES", _LINE]
        for each in failures:
            lines += [_line(each), "", *(f"  {step}" for step in _steps(each, report)), ""]
    if ended:
        lines.append(_LINE)
    return "".join(f"{line}\n" for line in (*lines, *_sums(ended)))


def _steps(one: Ended, report: str) -> Iterator[str]:
    notes = [f"| Note {quoted(text)}" for text in one.notes]
    if report == "full":
        yield from (*one.steps[:1], *notes, *one.steps[1:])
    elif report == "notes":
        yield from (*one.steps[:1], *notes)
    else:
        yield from (step for step in (*one.steps[:1], *one.steps[1:]) if not step.startswith("| Note"))


def _sums(ended: Sequence[Ended]) -> Iterator[str]:
    for outcome, word in (("pass", "PASS"), ("fail", "FAIL"), ("skip", "SKIPPED")):
        number = sum(each.outcome == outcome for each in ended)
        if number:
            yield f"{word}: {number}/{len(ended)}"


def _line(one: Ended) -> str:
    word = {"pass": "PASS", "fail": "FAIL", "skip": "SKIPPED"}[one.outcome]
    took = "" if one.outcome == "skip" else f" ({_duration(one.seconds)})"
    return f"{one.package}.{one.name}: {word}{took}"


def _duration(seconds: float) -> str:
    """Write a duration as Go does."""
    if seconds < 1e-3:
        return f"{seconds * 1e6:.6g}µs"
    return f"{seconds * 1e3:.6g}ms" if seconds < 1 else f"{seconds:.6g}s"
