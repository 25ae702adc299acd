"""Owns the options and the printing that several of conftest's commands have in common."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from graven.checks.results import CheckResult, Result
from graven.cli.conftest.flags import Flag
from graven.cli.conftest.options import Options

__all__ = ["OUTPUTS", "PARSERS", "REGO_VERSION", "TLS", "flagged", "tell"]

OUTPUTS = "[stdout json tap table junit github azuredevops sarif]"
PARSERS = (
    "[codeowners cue cyclonedx dockerfile edn groovy hcl1 hcl2 hocon ignore ini json jsonnet nginx properties spdx "
    "textproto toml vcl xml yaml dotenv]"
)
REGO_VERSION = Flag("rego-version", "string", "version of Rego that policies are in: v0, v1", default="v1")
TLS = Flag("tls", "bool", "speak TLS with the registry", default=True)
_GO = "go1.26.8"
"""What the program that this answers for was built with; JUnit's properties tell it."""

_SHARED = {
    "capabilities": Flag("capabilities", "string", "file of OPA's capabilities that policies are held to"),
    "data": Flag("data", "strings", "files and folders of data for the rules", "d", ()),
    "github-hide-passed": Flag("github-hide-passed", "bool", "leave files out of github's form that only passed"),
    "junit-hide-message": Flag("junit-hide-message", "bool", "name JUnit's tests without their messages"),
    "no-color": Flag("no-color", "bool", "print without colours"),
    "output": Flag("output", "string", f"form of the results: {OUTPUTS}", "o", "stdout"),
    "policy": Flag("policy", "strings", "files and folders of policies", "p", ("policy",)),
    "proto-file-dirs": Flag("proto-file-dirs", "strings", "folders with .proto files", default=()),
    "quiet": Flag("quiet", "bool", "print nothing if all is well"),
    "rego-version": REGO_VERSION,
    "show-builtin-errors": Flag("show-builtin-errors", "bool", "fail for a builtin that failed"),
    "strict": Flag("strict", "bool", "refuse policies with unused variables and imports"),
    "trace": Flag("trace", "bool", "tell on stderr how each query was evaluated"),
}


def flagged(*names: str) -> tuple[Flag, ...]:
    """Give some of the common options."""
    return tuple(_SHARED[name] for name in names)


def tell(
    results: Sequence[CheckResult], form: str, options: Options | None = None, *, show_skipped: bool = False
) -> None:
    """Print results in a form; one that there is not is the first. A trace stands in the place of the first's."""
    color = options is None or not options.flag("no-color")
    if options is not None and options.flag("trace"):
        from graven.reports.stdout import trace

        told = trace(results, color=color)
        sys.stderr.write(told)
        if form == "stdout":
            sys.stdout.write(told)
            return
    sys.stdout.write(_rendered(results, form, options, color=color, show_skipped=show_skipped))


def _float64(result: CheckResult) -> CheckResult:
    """Write the floats of metadata as OPA keeps those of a file."""
    return result._replace(
        warnings=_each(result.warnings), failures=_each(result.failures), exceptions=_each(result.exceptions)
    )


def _each(found: Sequence[Result]) -> tuple[Result, ...]:
    return tuple(one._replace(metadata=_kept(one.metadata)) for one in found)


def _kept(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _kept(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_kept(item) for item in value]
    from graven.reports.jsontext import Float64

    return Float64(value) if value.__class__ is float else value


def _rendered(
    results: Sequence[CheckResult], form: str, options: Options | None, *, color: bool, show_skipped: bool
) -> str:
    from importlib import import_module

    if form == "json":
        from graven.reports.json import render as json

        return json([_float64(result) for result in results])
    if form in ("tap", "table", "azuredevops"):
        return str(import_module(f"graven.reports.{form}").render(results))
    if form == "junit":
        from graven.reports.junit import render as junit

        hide = options is not None and options.flag("junit-hide-message")
        return junit(results, hide_message=hide, runtime=_GO)
    if form == "github":
        from graven.reports.github import render as github

        hide = options is not None and options.flag("github-hide-passed")
        return github(results, hide_passed=hide, folder=str(Path.cwd()))
    if form == "sarif":
        from graven.reports.laxsarif import render as sarif

        return sarif(results, version="0.71.1")
    from graven.reports.stdout import render

    suppress = options is not None and not show_skipped and options.flag("suppress-exceptions")
    known = form == "stdout" and options is not None
    return render(
        results, color=color or not known, suppress_exceptions=suppress and known, show_skipped=show_skipped and known
    )
