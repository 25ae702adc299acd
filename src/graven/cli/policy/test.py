"""``graven policy test``: runs the tests of rules and tells the results as ``opa test`` does; coverage and mutants."""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Sequence
from typing import TYPE_CHECKING

from graven.cli.policy.arguments import add_capabilities, add_ignore, add_version, policy_of, split
from graven.cli.policy.flags import add_refused, add_runs, add_target, add_unneeded, runs
from graven.cli.policy.schemas import add_schema, hold
from graven.errors import GravenError

if TYPE_CHECKING:
    from graven.rego import Policy
    from graven.rego.testing import Case, Coverage, TestResult

__all__ = ["HELP", "configure", "run"]

HELP = """Run the tests of rules: the rules whose names begin with test_, each by itself.

A test passes if it is true; one with cases (test_x[name] if …) if there are any and each passes. Names that begin
with todo_test_ are skipped. --coverage tells instead which lines and branches the tests reached. --mutate changes the
rules one small thing at a time and tells which changes no test notices. Exit codes: 0 all passed, 1 one failed, was
skipped without -z, or a mutant survived, 3 one could not be decided, or nothing could be loaded.

examples:
  graven policy test -v policies
  graven policy test --run 'allow' --output junit policies
  graven policy test --coverage --threshold 90 policies
  graven policy test --mutate policies
"""


_FORMATS = ("pretty", "json", "junit", "gobench")


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the arguments."""
    parser.add_argument("paths", nargs="+", metavar="PATH", help="rules, tests and data")
    parser.add_argument("-b", "--bundle", action="store_true", help="the paths are bundles or their folders")
    parser.add_argument("-v", "--verbose", action="store_true", help="tell of the tests that passed too")
    parser.add_argument("-r", "--run", default="", metavar="REGEXP", help="only tests whose full names match")
    parser.add_argument("-f", "--format", "-o", "--output", choices=_FORMATS, default="pretty")
    parser.add_argument("--count", type=int, default=1, metavar="N", help="ask each test so many times")
    parser.add_argument("--bench", action="store_true", help="tell how long a test takes")
    parser.add_argument("-z", "--exit-zero-on-skipped", action="store_true", help="a skipped test is no failure")
    parser.add_argument("--fail-on-empty", action="store_true", help="no test at all is a failure")
    parser.add_argument("-m", "--max-errors", type=int, default=10, metavar="N", help="tell of at most so many errors")
    parser.add_argument("--var-values", action="store_true", help="tell at which expression a test failed, on what")
    parser.add_argument("-c", "--coverage", action="store_true", help="tell what the tests reached, as JSON")
    parser.add_argument("--threshold", type=float, default=0, metavar="PERCENT", help="less coverage is a failure")
    parser.add_argument("--mutate", action="store_true", help="tell which changes of the rules no test notices")
    parser.add_argument("--equivalent", default="", metavar="FILE", help="mutants that mean the same: ID  # reason")
    parser.add_argument("--sort", choices=("none", "duration"), default="none", help="the order of the JSON")
    parser.add_argument("--timeout", default="", metavar="DURATION", help="give up a test after this time: 10s, 500ms")
    add_runs(parser)
    add_unneeded(parser, "--benchmem")
    add_unneeded(parser, "-p", "--parallel", value="N")
    add_target(parser)
    add_schema(parser)
    explained = "with -v: which steps of a test that failed are told, its notes and fails by default; implies -v"
    parser.add_argument("--explain", choices=("full", "notes", "fails", "debug"), default="", help=explained)
    add_refused(parser, "-w", "--watch", why="run it again when files change")
    add_version(parser)
    add_capabilities(parser)
    add_ignore(parser)


def run(args: argparse.Namespace) -> int:
    """Load, ask, tell."""
    if (args.format == "gobench") > args.bench or (args.bench and args.format in ("json", "junit")):
        wanted = "pretty or gobench" if args.bench else "pretty, json or junit, or --bench with it"
        sys.stderr.write(f"graven policy test: got the format {args.format!r}, expected {wanted}\n")
        return 2
    args.verbose = args.verbose or bool(args.explain)
    from graven.engines.policyfiles import load
    from graven.rego.testing import Coverage, Runner, cases
    from graven.rego.unnesting import unnested

    try:
        ignore = split(args.ignore)
        loaded = load((), args.paths, ignore=ignore) if args.bundle else load(args.paths, ignore=ignore)
        if args.mutate:
            from graven.cli.policy.mutants import survey_of

            return survey_of(loaded, args)
        policy = policy_of(loaded, args, prints=True)
        hold(policy, loaded.modules, args.schema)
        found = cases(policy, args.run)
    except GravenError as error:
        sys.stderr.write(f"{error}\n")
        return 3
    if args.bench:
        return _bench(policy, found, args)
    patience = _patience(args.timeout)
    coverage = Coverage(unnested(policy.traced)) if args.coverage or args.threshold else None
    runner = Runner(policy, time.perf_counter_ns, time.time_ns(), coverage=coverage, patience=patience)
    results: list[TestResult] = []
    for _ in range(max(args.count, 1)):
        results = [runner.ask(case) for case in found]
        if coverage is None:
            _tell(results, args, _failures(policy, results, args))
    code = _code(results, args)
    return code if coverage is None else _covered(coverage, results, code, args)


def _patience(duration: str) -> int:
    """Give the nanoseconds after which a test is given up; 0: never."""
    if not duration:
        return 0
    from graven.cli.policy.eval import seconds

    return int(seconds(duration) * 1e9)


def _failures(policy: Policy, results: Sequence[TestResult], args: argparse.Namespace) -> list[str]:
    """Trace the tests that failed, where that is told."""
    if not args.verbose or args.format != "pretty":
        return []
    from graven.cli.policy.testtraces import failures
    from graven.rego.trace.asking import Tracer

    tracer, now_ns = Tracer(policy, cases=True), time.time_ns()
    failed = [result for result in results if result.outcome == "fail"]
    traced = ((result, tracer.trace(result.case.path, now_ns=now_ns)) for result in failed)
    return list(failures(traced, args.explain or "both", quoted=False))


def _tell(results: Sequence[TestResult], args: argparse.Namespace, failures: Sequence[str]) -> None:
    from graven.cli.policy import testreport

    if args.sort == "duration":
        results = sorted(results, key=lambda result: -result.nanoseconds)
    if args.format == "pretty":
        sys.stdout.write(testreport.pretty(results, args, failures))
    else:
        sys.stdout.write({"json": testreport.document, "junit": testreport.junit}[args.format](results, args))


def _covered(coverage: Coverage, results: Sequence[TestResult], code: int, args: argparse.Namespace) -> int:
    """Tell the coverage where the tests passed and it is enough, and else what is wrong."""
    from graven.cli.policy.golang import document
    from graven.cli.policy.testreport import pretty

    if code:
        sys.stderr.write(pretty(results, args))
        return code
    report = coverage.json(kinds=runs(args))
    if report["coverage"] < args.threshold:
        got, wanted = report["coverage"], args.threshold
        sys.stderr.write(f"Code coverage threshold not met: got {got:.2f} instead of {wanted:.2f}\n")
        return 1
    sys.stdout.write(document(report))
    return 0


def _code(results: Sequence[TestResult], args: argparse.Namespace) -> int:
    outcomes = {result.outcome for result in results}
    if "error" in outcomes:
        return 3
    if args.fail_on_empty and not results:
        sys.stderr.write("no tests were run\n")
        return 1
    if "fail" in outcomes:
        return 1
    return int("skip" in outcomes and not args.exit_zero_on_skipped)


def _bench(policy: Policy, found: Sequence[Case], args: argparse.Namespace) -> int:
    """Ask each test for about half a second."""
    from graven.cli.policy.testreport import benchmark, sums, told
    from graven.rego.testing import Runner

    results = []
    for case in found:
        runner = Runner(policy, time.perf_counter_ns, time.time_ns())
        begun, times, taken = time.perf_counter_ns(), 0, 0
        result = runner.ask(case)
        while result.outcome == "pass" and (taken := time.perf_counter_ns() - begun) < 500_000_000:
            result, times = runner.ask(case), times + 1
        if result.outcome == "pass":
            sys.stdout.write(benchmark(result, times, taken, args.format))
        else:
            sys.stdout.write(f"{told(result)}\n")
        results.append(result)
    sys.stdout.write("".join(f"{line}\n" for line in ["-" * 80, *sums(results)]))
    return _code(results, args)
