"""``graven policy test``: runs the tests of rules and tells the results as ``opa test`` does."""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from graven.cli.policy.arguments import add_capabilities, add_ignore, add_version, policy_of, split
from graven.errors import GravenError

if TYPE_CHECKING:
    from graven.cli.policy.cases import Case, Result
    from graven.rego import Policy

__all__ = ["HELP", "configure", "run"]

HELP = """Run the tests of rules: the rules whose names begin with test_, each by itself.

A test passes if it is true. Names that begin with todo_test_ are skipped. Exit codes: 0 all passed, 1 one failed, or
was skipped without -z, 3 one could not be decided, or nothing could be loaded.

examples:
  graven policy test -v policies
  graven policy test --run 'allow' --output junit policies
"""


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the arguments."""
    parser.add_argument("paths", nargs="+", metavar="PATH", help="rules, tests and data")
    parser.add_argument("-b", "--bundle", action="store_true", help="the paths are bundles or their folders")
    parser.add_argument("-v", "--verbose", action="store_true", help="tell of the tests that passed too")
    parser.add_argument("-r", "--run", default="", metavar="REGEXP", help="only tests whose full names match")
    parser.add_argument("-f", "--format", "-o", "--output", choices=("pretty", "json", "junit"), default="pretty")
    parser.add_argument("--count", type=int, default=1, metavar="N", help="ask each test so many times")
    parser.add_argument("--bench", action="store_true", help="tell how long a test takes")
    parser.add_argument("-z", "--exit-zero-on-skipped", action="store_true", help="a skipped test is no failure")
    parser.add_argument("--fail-on-empty", action="store_true", help="no test at all is a failure")
    parser.add_argument("-m", "--max-errors", type=int, default=10, metavar="N", help="tell of at most so many errors")
    add_version(parser)
    add_capabilities(parser)
    add_ignore(parser)


def run(args: argparse.Namespace) -> int:
    """Load, ask, tell."""
    from graven.cli.policy.cases import ask, cases
    from graven.engines.policyfiles import load

    try:
        ignore = split(args.ignore)
        loaded = load((), args.paths, ignore=ignore) if args.bundle else load(args.paths, ignore=ignore)
        policy = policy_of(loaded, args)
        found = cases(policy, args.run)
    except GravenError as error:
        sys.stderr.write(f"{error.message}\n")
        return 3
    if args.bench:
        return _bench(policy, found)
    now = time.time_ns()
    results: list[Result] = []
    for _ in range(max(args.count, 1)):
        results = [ask(policy, case, time.perf_counter_ns, now) for case in found]
        tell = {"pretty": _pretty, "json": _json, "junit": _junit}[args.format]
        sys.stdout.write(tell(results, args))
    return _code(results, args)


def _code(results: Sequence[Result], args: argparse.Namespace) -> int:
    outcomes = {result.outcome for result in results}
    if "error" in outcomes:
        return 3
    if "fail" in outcomes or (args.fail_on_empty and not results):
        return 1
    return int("skip" in outcomes and not args.exit_zero_on_skipped)


_WORDS = {"pass": "PASS", "fail": "FAIL", "error": "ERROR", "skip": "SKIPPED"}
_LINE = "-" * 80


def _pretty(results: Sequence[Result], args: argparse.Namespace) -> str:
    lines: list[str] = []
    last = ""
    for result in results:
        if not args.verbose and result.outcome == "pass":
            continue
        case = result.case
        lines += [""] if last and last != case.file else []
        last = case.file
        lines += [f"{case.file}:{case.row}:", _told(result)]
        lines += [f"  {result.error}"] if result.error else []
    lines += [_LINE] if lines else []
    total = len(results)
    for outcome, word in _WORDS.items():
        count = sum(result.outcome == outcome for result in results)
        lines += [f"{word}: {count}/{total}"] if count else []
    return "".join(f"{line}\n" for line in lines)


def _told(result: Result) -> str:
    if result.outcome == "skip":
        return f"{result.case.path}: SKIPPED"
    return f"{result.case.path}: {_WORDS[result.outcome]} ({duration(result.nanoseconds)})"


def duration(nanoseconds: int) -> str:
    """Write a time as Go does.

    >>> duration(120_500), duration(2_000_000), duration(1_500_000_000)
    ('120.5µs', '2ms', '1.5s')
    """
    for size, unit in ((1_000_000_000, "s"), (1_000_000, "ms"), (1_000, "µs")):
        if nanoseconds >= size:
            return f"{nanoseconds / size:.9f}".rstrip("0").rstrip(".") + unit
    return f"{nanoseconds}ns" if nanoseconds else "0s"


def _json(results: Sequence[Result], _args: argparse.Namespace) -> str:
    from graven.cli.policy.golang import document

    return document([_object(result) for result in results], ordered=True)


def _object(result: Result) -> dict[str, Any]:
    case = result.case
    found: dict[str, Any] = {
        "location": {"file": case.file, "row": case.row, "col": case.col},
        "package": case.package,
        "name": case.name,
    }
    if result.outcome in ("fail", "skip"):
        found[result.outcome] = True
    elif result.outcome == "error":
        found["error"] = {"message": result.error}
    return found | {"duration": result.nanoseconds}


def _junit(results: Sequence[Result], _args: argparse.Namespace) -> str:
    from xml.sax.saxutils import quoteattr

    failed, skipped, broken = (sum(r.outcome == outcome for r in results) for outcome in ("fail", "skip", "error"))
    lines = [
        '<?xml version="1.0" encoding="UTF-8"?>',
        f'<testsuite name="policies" tests="{len(results)}" failures="{failed}" errors="{broken}" skipped="{skipped}">',
    ]
    inside = {"pass": "", "skip": "<skipped/>", "fail": '<failure message="the test is not true"/>'}
    for result in results:
        case, error = result.case, f"<error message={quoteattr(result.error)}/>"
        place = f"name={quoteattr(case.name)} classname={quoteattr(case.package)} file={quoteattr(case.file)}"
        seconds = f'line="{case.row}" time="{result.nanoseconds / 1e9:.6f}"'
        lines.append(f"  <testcase {place} {seconds}>{inside.get(result.outcome, error)}</testcase>")
    return "\n".join([*lines, "</testsuite>", ""])


def _bench(policy: Policy, found: Sequence[Case]) -> int:
    """Ask each test for about half a second."""
    from graven.cli.policy.cases import ask

    code = 0
    for case in found:
        now, begun, times = time.time_ns(), time.perf_counter_ns(), 0
        result = ask(policy, case, time.perf_counter_ns, now)
        while result.outcome == "pass" and (taken := time.perf_counter_ns() - begun) < 500_000_000:
            result, times = ask(policy, case, time.perf_counter_ns, now), times + 1
        if result.outcome == "pass":
            sys.stdout.write(f"{case.path}\t{times:8}\t{taken // max(times, 1):10} ns/op\n")
        else:
            sys.stdout.write(f"{_told(result)}\n")
            code = max(code, {"error": 3, "fail": 1}.get(result.outcome, 0))
    return code
