"""``conftest verify``: runs the tests of policies."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from fnmatch import fnmatchcase
from typing import Any

from graven.checks.lax import LaxFault, namespaces
from graven.checks.results import CheckResult, Result
from graven.cli.conftest import rules, shared
from graven.cli.conftest.flags import Flag
from graven.cli.conftest.options import Options
from graven.cli.conftest.tree import Command
from graven.cli.conftest.unittests import Ended, run_tests
from graven.errors import GravenError
from graven.rego import Policy

__all__ = ["COMMAND", "run"]

_LONG = """
Runs the tests of policies: each rule test_... has to hold.

Policies lie in the folder policy unless another is named; data for them is named as for test:

	$ conftest verify --policy <folder> --data <folder>

--report tells each test in the manner of opa test, with what led to a failure:
	'full' tells every step
	'notes' tells what the rules said by 'trace(msg)'
	'fails' tells the steps that failed
"""

COMMAND = Command(
    "conftest verify",
    "<path> [path [...]]",
    "run the tests of policies",
    _LONG,
    (
        *shared.flagged("capabilities", "data", "github-hide-passed", "junit-hide-message", "no-color", "output"),
        *shared.flagged("policy", "proto-file-dirs", "quiet", "rego-version", "show-builtin-errors", "strict", "trace"),
        Flag("namespace", "strings", "namespaces that are told; *, ? and [...] match; all by default", "n", ()),
        Flag("report", "string", "tell each test: {full|notes|fails}"),
        Flag("var-values", "bool", "tell the values of variables in an expression that failed"),
    ),
)
_REPORTS = ("full", "notes", "fails")


def run(options: Options) -> int:
    """Run the tests, tell, and give the exit code.

    Raises:
        LaxFault: there is no answer.
    """
    options.check()
    report = options.text("report")
    if options.flag("var-values") and report not in _REPORTS:
        report = "fails"
    traced = ("pass", "fail") if options.flag("trace") else ("fail",) if report in _REPORTS else ()
    ended = _ended(options, traced)
    code = int(any(each.result.outcome == "fail" for each in ended))
    if options.flag("quiet") and not code:
        return code
    if report not in _REPORTS:
        shared.tell([_result(each) for each in ended], options.text("output"), options, show_skipped=True)
        return code
    if options.text("output") != "stdout":
        raise LaxFault("report flag is supported with stdout only")
    from graven.cli.conftest.unittests import report_of

    sys.stdout.write(report_of(ended, report))
    return code


def _ended(options: Options, traced: Sequence[str]) -> list[Ended]:
    try:
        found = _found(options, traced)
    except LaxFault as e:
        raise LaxFault(f"running verification: {e.message}") from None
    raised = next((each.result for each in found if each.result.outcome == "error"), None)
    if raised is not None:
        raise LaxFault(f"running verification: run test: {raised.error}")
    return found


def _found(options: Options, traced: Sequence[str]) -> list[Ended]:
    capabilities = rules.capabilities_of(options.text("capabilities"))
    policy = _policy(options, capabilities)
    wanted = _wanted(options.list("namespace"), namespaces(info.package for info in policy.rules()))
    strict = options.flag("show-builtin-errors")
    try:
        ended = run_tests(policy, world=rules.world(), strict=strict, traced=traced)
    except GravenError as e:
        raise LaxFault(f"tracing tests: {e.message}") from None
    return [each for each in ended if wanted is None or each.package in wanted]


def _policy(options: Options, capabilities: object) -> Policy:
    try:
        try:
            version = rules.version_of(options.text("rego-version"))
            modules = rules.load_modules(options.list("policy"))
        except LaxFault as e:
            raise LaxFault(f"loading policies: {e.message}") from None
        how: dict[str, Any] = {"version": version, "strict": options.flag("strict"), "capabilities": capabilities}
        return rules.load(modules, options.list("data"), **how)
    except LaxFault as e:
        raise LaxFault(f"load: {e.message}") from None


def _wanted(patterns: Sequence[str], available: Sequence[str]) -> set[str] | None:
    if not patterns:
        return None
    return {name for name in available if any(fnmatchcase(name, pattern) for pattern in patterns)}


def _result(one: Ended) -> CheckResult:
    outcome, case = one.result.outcome, one.result.case
    finding = Result(case.path if outcome in ("fail", "skip") else "")
    return CheckResult(
        case.file,
        "",
        int(outcome == "pass"),
        failures=(finding,) if outcome == "fail" else (),
        skipped=(finding,) if outcome == "skip" else (),
        queries=((case.name, (finding,), one.lines),),
    )
