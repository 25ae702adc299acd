"""Owns graven's SARIF 2.1.0: a rule for each rule, with help and severity; results with regions and fingerprints.

A waived finding and an exception are results that are suppressed, with the justification; what could not be decided
is a notification of the tool, and then the run was no success. ``laxsarif`` is conftest's.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from urllib.parse import quote

from graven.checks.outcome import Problem
from graven.checks.results import CheckResult, Place, Result, RuleId
from graven.reports.jsontext import dumps

__all__ = ["render"]

_SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
_SCORES = {"critical": "9.5", "high": "8.0", "medium": "5.5", "low": "3.0"}
"""What GitHub's code scanning sorts findings by."""

_FINGERPRINT = "gravenFinding/v1"


def render(
    results: Sequence[CheckResult], *, problems: Sequence[Problem] = (), version: str = "", exit_code: int = 0
) -> str:
    """Write one run."""
    rules: dict[str, dict[str, Any]] = {}
    found = [
        _result(result, one, level, rules, suppressed=suppressed)
        for result in results
        for one, level, suppressed in _told(result)
    ]
    driver = _given({"name": "graven", "version": version, "rules": list(rules.values())})
    run = {
        "tool": {"driver": driver},
        "columnKind": "unicodeCodePoints",
        "invocations": [_invocation(problems, exit_code)],
        "results": found,
    }
    return dumps({"version": "2.1.0", "$schema": _SCHEMA, "runs": [run]}, indent="  ", sort=False) + "\n"


def _told(result: CheckResult) -> Iterator[tuple[Result, str, bool]]:
    for level, found in (("error", result.failures), ("warning", result.warnings)):
        yield from ((one, level, one.waived is not None) for one in found)
    yield from ((one, "error" if one.waived else "note", True) for one in result.exceptions)


def _result(
    result: CheckResult, one: Result, level: str, rules: dict[str, dict[str, Any]], *, suppressed: bool
) -> dict[str, Any]:
    name = _name(result, one)
    rules.setdefault(name, _rule(name, one.rule, level))
    return _given(
        {
            "ruleId": name,
            "ruleIndex": list(rules).index(name),
            "level": level,
            "message": {"text": one.message or name},
            "locations": [_location(result, one)],
            "relatedLocations": _related(one.rule),
            "partialFingerprints": {_FINGERPRINT: one.fingerprint} if one.fingerprint else {},
            "suppressions": [_suppression(one)] if suppressed else [],
            "properties": _properties(result, one),
        }
    )


def _name(result: CheckResult, one: Result) -> str:
    if one.rule is not None:
        return one.rule.id or one.rule.path
    return str(one.metadata.get("query") or f"data.{result.namespace}.exception")


def _rule(name: str, rule: RuleId | None, level: str) -> dict[str, Any]:
    if rule is None:
        return {"id": name, "defaultConfiguration": {"level": level}}
    title = rule.title or rule.path
    properties = {"precision": "very-high", "tags": ["policy"], "severity": rule.severity}
    return _given(
        {
            "id": name,
            "name": rule.path,
            "shortDescription": {"text": title},
            "fullDescription": {"text": rule.description or title},
            "help": {"text": rule.remediation or rule.description or title},
            "helpUri": rule.help_uri,
            "defaultConfiguration": {"level": level},
            "properties": _given(properties | {"security-severity": _SCORES.get(rule.severity.lower(), "")}),
        }
    )


def _location(result: CheckResult, one: Result) -> dict[str, Any]:
    place = one.loc if one.loc is not None and one.loc.file else one.place
    where = _physical(place or Place(result.filename), result.filename)
    logical = {"fullyQualifiedName": one.address or ".".join(map(str, one.path))}
    return {"physicalLocation": where} | ({"logicalLocations": [logical]} if logical["fullyQualifiedName"] else {})


def _physical(place: Place, filename: str) -> dict[str, Any]:
    region = _given({"startLine": place.line, "startColumn": place.column if place.line else 0})
    return _given({"artifactLocation": {"uri": _uri(place.file or filename)}, "region": region})


def _uri(path: str) -> str:
    if path == "-":
        return "stdin"
    quoted = quote(path.replace("\\", "/"), errors="replace")
    return f"file://{quoted}" if quoted.startswith("/") else quoted


def _related(rule: RuleId | None) -> list[dict[str, Any]]:
    if rule is None or not rule.place.file:
        return []
    where = _physical(rule.place, rule.place.file)
    return [{"id": 1, "message": {"text": "the rule"}, "physicalLocation": where}]


def _suppression(one: Result) -> dict[str, Any]:
    if one.waived is None:
        return {"kind": "external", "justification": one.message}
    until = f" until {one.waived.expires}" if one.waived.expires else ""
    return {"kind": "external", "justification": f"{one.waived.reason} ({one.waived.owner}{until})"}


def _properties(result: CheckResult, one: Result) -> dict[str, Any]:
    told = {key: value for key, value in sorted(one.metadata.items()) if key != "query"}
    return _given({"namespace": result.namespace, "view": one.view, "path": list(one.path), "metadata": told})


def _invocation(problems: Sequence[Problem], exit_code: int) -> dict[str, Any]:
    told = [_notification(problem) for problem in problems]
    document = {"executionSuccessful": not problems, "exitCode": exit_code}
    return document | ({"toolExecutionNotifications": told} if told else {})


def _notification(problem: Problem) -> dict[str, Any]:
    text = f"{problem.message}: {problem.hint}" if problem.hint else problem.message
    place = problem.place or (Place(problem.file) if problem.file else None)
    where = [{"physicalLocation": _physical(place, problem.file)}] if place is not None and place.file else []
    return _given({"level": "error", "descriptor": {"id": problem.kind}, "message": {"text": text}, "locations": where})


def _given(document: Mapping[str, Any]) -> dict[str, Any]:
    keep = {"ruleIndex"}
    return {key: value for key, value in document.items() if key in keep or value not in ("", 0, [], {})}
