"""Owns how the results of tests of rules are told: in ``opa test``'s text and JSON, and as JUnit."""

from __future__ import annotations

import argparse
import re
from base64 import b64encode
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from graven.rego.testing import SubResult, TestResult

__all__ = ["benchmark", "document", "duration", "junit", "pretty", "subtests", "sums", "told"]

_WORDS = {"pass": "PASS", "fail": "FAIL", "skip": "SKIPPED", "error": "ERROR"}
_LINE = "-" * 80


def pretty(results: Sequence[TestResult], args: argparse.Namespace, failures: Iterable[str] = ()) -> str:
    """Tell them for people; those that passed only where that is asked for, and the lines of what led to failures."""
    lines: list[str] = []
    last = ""
    for result in results:
        if not args.verbose and result.outcome == "pass":
            continue
        case = result.case
        lines += [""] if last and last != case.file else []
        last = case.file
        lines += [f"{case.file}:{case.row}:", told(result), *subtests(result.cases, 1, every=args.verbose)]
        lines += [f"  {result.error}"] if result.error else []
        lines += (f"  {failure}" for failure in result.failures if args.var_values)
        lines += ["", *(f"  {said.text}" for said in result.prints), ""] if result.prints else []
    lines += failures
    lines += [_LINE] if lines else []
    lines += sums(results)
    return "".join(f"{line}\n" for line in lines)


def sums(results: Iterable[TestResult]) -> Iterator[str]:
    """Count the outcomes of tests, and of their cases where they have any."""
    outcomes = [outcome for result in results for outcome in _outcomes(result)]
    for outcome, word in _WORDS.items():
        count = outcomes.count(outcome)
        if count:
            yield f"{word}: {count}/{len(outcomes)}"


def told(result: TestResult) -> str:
    """Tell one in a line."""
    if result.outcome == "skip":
        return f"{result.case.path}: SKIPPED"
    return f"{result.case.path}: {_WORDS[result.outcome]} ({duration(result.nanoseconds)})"


def subtests(cases: Sequence[SubResult], depth: int, *, every: bool) -> Iterator[str]:
    """Tell the cases of a test, those that passed only if all are wanted."""
    for case in cases:
        if every or not case.passed:
            yield f"{'  ' * depth}{case.name}: {'PASS' if case.passed else 'FAIL'}"
            yield from subtests(case.below, depth + 1, every=every)


def _outcomes(result: TestResult) -> Iterator[str]:
    """Give the outcomes that are counted: those of the cases at the ends, or that of the test."""
    waiting = list(result.cases)
    if not waiting:
        yield result.outcome
    while waiting:
        case = waiting.pop()
        if case.below:
            waiting += case.below
        else:
            yield "pass" if case.passed else "fail"


def duration(nanoseconds: int) -> str:
    """Write a time as Go does.

    >>> duration(120_500), duration(2_000_000), duration(1_500_000_000)
    ('120.5µs', '2ms', '1.5s')
    """
    for size, unit in ((1_000_000_000, "s"), (1_000_000, "ms"), (1_000, "µs")):
        if nanoseconds >= size:
            return f"{nanoseconds / size:.9f}".rstrip("0").rstrip(".") + unit
    return f"{nanoseconds}ns" if nanoseconds else "0s"


def benchmark(result: TestResult, times: int, taken: int, form: str) -> str:
    """Tell how long a test that passed takes, a line as Go's benchmarks write it."""
    path = result.case.path
    name = path if form == "pretty" else "Benchmark" + "".join(_capital(word) for word in re.split(r"[._]", path))
    return f"{name}\t{times:8}\t{taken // max(times, 1):10} ns/op\n"


def _capital(word: str) -> str:
    return word[:1].upper() + word[1:]


def document(results: Sequence[TestResult], _args: argparse.Namespace) -> str:
    """Tell them as OPA's JSON."""
    from graven.cli.policy.golang import document as written

    return written([_object(result) for result in results], ordered=True)


def _object(result: TestResult) -> dict[str, Any]:
    case = result.case
    found: dict[str, Any] = {
        "location": {"file": case.file, "row": case.row, "col": case.col},
        "package": case.package,
        "name": case.name,
    }
    if result.outcome in ("fail", "skip"):
        found[result.outcome] = True
    elif result.outcome == "error":
        found["error"] = _error(result)
    found["duration"] = result.nanoseconds
    if result.prints:
        found["output"] = b64encode("".join(f"{said.text}\n" for said in result.prints).encode()).decode()
    return found | _sub_results(result.cases)


def _error(result: TestResult) -> dict[str, Any]:
    """Give what ended a test, with its code and its place where it has one."""
    from graven.rego import EvaluationError

    error = result.fault
    if not isinstance(error, EvaluationError):
        return {"message": result.error}
    place = {"file": error.file, "row": error.row, "col": error.col}
    return {"code": error.code, "message": error.reason, "location": place}


def _sub_results(cases: Sequence[SubResult]) -> dict[str, Any]:
    if not cases:
        return {}
    told_: dict[str, Any] = {
        case.name: {"name": case.name} | ({} if case.passed else {"fail": True}) | _sub_results(case.below)
        for case in cases
    }
    return {"sub_results": told_}


def junit(results: Sequence[TestResult], _args: argparse.Namespace) -> str:
    """Tell them as JUnit's XML."""
    from xml.sax.saxutils import quoteattr

    failed, skipped, broken = (sum(r.outcome == outcome for r in results) for outcome in ("fail", "skip", "error"))
    lines = [
        '<?xml version="1.0" encoding="UTF-8"?>',
        f'<testsuite name="policies" tests="{len(results)}" failures="{failed}" errors="{broken}" skipped="{skipped}">',
    ]
    for result in results:
        case = result.case
        cases = ", ".join(line.strip().removesuffix(": FAIL") for line in subtests(result.cases, 0, every=False))
        reason = result.error or (f"not true for {cases}" if cases else "the test is not true")
        inside = {
            "pass": "",
            "skip": "<skipped/>",
            "fail": f"<failure message={quoteattr(reason)}/>",
            "error": f"<error message={quoteattr(result.error)}/>",
        }
        place = f"name={quoteattr(case.name)} classname={quoteattr(case.package)} file={quoteattr(case.file)}"
        seconds = f'line="{case.row}" time="{result.nanoseconds / 1e9:.6f}"'
        lines.append(f"  <testcase {place} {seconds}>{inside[result.outcome]}</testcase>")
    return "\n".join([*lines, "</testsuite>", ""])
