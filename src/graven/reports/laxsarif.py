"""Owns SARIF as conftest writes it: five rules for each namespace, whatever the rule was called.

``sarif`` is graven's own, which names each rule.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from graven.checks.results import CheckResult, Place, Result
from graven.reports.jsontext import dumps

__all__ = ["render"]

_SCHEMA = "https://raw.githubusercontent.com/oasis-tcs/sarif-spec/main/sarif-2.1/schema/sarif-schema-2.1.0.json"
_HOME = "https://github.com/open-policy-agent/conftest"
_SAFE = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.~/$&+,:;=@")
_SAYS = {
    "deny": ("error", "Policy violation"),
    "warn": ("warning", "Policy warning"),
    "allow": ("note", "Policy exception"),
    "success": ("none", "Policy was satisfied successfully"),
    "skip": ("none", "Policy check was skipped"),
}
"""The level and the description of each kind of rule."""


def render(results: Sequence[CheckResult], *, version: str) -> str:
    """Write one run, without a line's end."""
    rules: dict[str, dict[str, Any]] = {}
    found: list[dict[str, Any]] = []
    for result in results:
        for kind, one in _told(result):
            name = f"{result.namespace}/{kind}"
            rules.setdefault(name, _rule(name, kind, one))
            index = list(rules).index(name)
            found.append(_result(name, index, _SAYS[kind][0], one, result.filename))
    driver: dict[str, Any] = {"informationUri": _HOME, "name": "conftest"}
    if rules:
        driver["rules"] = list(rules.values())
    run = {"tool": {"driver": driver | {"version": version}}, "invocations": [_invocation(results)], "results": found}
    return dumps({"version": "2.1.0", "$schema": _SCHEMA, "runs": [run]}, sort=False)


def _told(result: CheckResult) -> Iterator[tuple[str, Result]]:
    yield from (("deny", one) for one in result.failures)
    yield from (("warn", one) for one in result.warnings)
    yield from (("allow", one) for one in result.exceptions)
    if not result.failures and not result.warnings:
        kind = "success" if result.successes or result.exceptions else "skip"
        says = _SAYS[kind][1]
        yield kind, Result(says, {"description": says})


def _rule(name: str, kind: str, one: Result) -> dict[str, Any]:
    rule: dict[str, Any] = {"id": name, "shortDescription": {"text": _SAYS[kind][1]}}
    return rule | ({"properties": dict(sorted(one.metadata.items()))} if one.metadata else {})


def _result(name: str, index: int, level: str, one: Result, filename: str) -> dict[str, Any]:
    at = {"artifactLocation": {"uri": _uri(one.loc.file if one.loc else filename)}, **_region(one.loc)}
    return {
        "ruleId": name,
        "ruleIndex": index,
        "level": level,
        "message": {"text": one.message},
        "locations": [{"physicalLocation": at}],
    }


def _region(loc: Place | None) -> dict[str, Any]:
    return {} if loc is None else {"region": {"startLine": loc.line, "endLine": loc.line}}


def _invocation(results: Sequence[CheckResult]) -> dict[str, Any]:
    refused = any(result.failures for result in results)
    warned = any(result.warnings for result in results)
    text = "Policy violations found" if refused else "Policy warnings found" if warned else "No policy violations found"
    return {"executionSuccessful": True, "exitCode": int(refused), "exitCodeDescription": text}


def _uri(path: str) -> str:
    return "".join(chr(byte) if chr(byte) in _SAFE else f"%{byte:02X}" for byte in path.encode(errors="replace"))
