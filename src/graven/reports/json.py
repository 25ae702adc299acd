"""Owns the JSON of results: conftest's, and with ``full`` what graven knows beside."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from graven.checks.results import CheckResult, Place, Result, RuleId, Waived
from graven.reports.jsontext import dumps

__all__ = ["render"]


def render(results: Sequence[CheckResult], *, full: bool = False) -> str:
    """Write all results; ``full`` adds rule, place, path, address, view, waiver and fingerprint to each finding."""
    if not results:
        return "null\n"
    return dumps([_file(result, full=full) for result in results], indent="\t", sort=False) + "\n"


def _file(result: CheckResult, *, full: bool) -> dict[str, Any]:
    name = "" if result.filename == "-" else result.filename
    document: dict[str, Any] = {"filename": name, "namespace": result.namespace, "successes": result.successes}
    kinds = (
        ("skipped", result.skipped),
        ("warnings", result.warnings),
        ("failures", result.failures),
        ("exceptions", result.exceptions),
    )
    return document | {kind: [_finding(one, full=full) for one in found] for kind, found in kinds if found}


def _finding(one: Result, *, full: bool) -> dict[str, Any]:
    document: dict[str, Any] = {"msg": one.message}
    if one.loc is not None:
        document["loc"] = _given({"file": one.loc.file, "line": one.loc.line})
    if one.metadata:
        document["metadata"] = {key: _sorted(value) for key, value in sorted(one.metadata.items())}
    if one.outputs:
        document["outputs"] = list(one.outputs)
    return document | _more(one) if full else document


def _more(one: Result) -> dict[str, Any]:
    return _given(
        {
            "place": _place(one.place),
            "path": list(one.path),
            "address": one.address,
            "view": one.view,
            "rule": _rule(one.rule),
            "waived": _waived(one.waived),
            "fingerprint": one.fingerprint,
        }
    )


def _place(place: Place | None) -> dict[str, Any]:
    return {} if place is None else _given({"file": place.file, "line": place.line, "column": place.column})


def _rule(rule: RuleId | None) -> dict[str, Any]:
    if rule is None:
        return {}
    plain = ("path", "id", "title", "description", "severity", "remediation", "help_uri")
    return _given({**{name: getattr(rule, name) for name in plain}, "place": _place(rule.place)})


def _waived(waived: Waived | None) -> dict[str, Any]:
    if waived is None:
        return {}
    plain = {"owner": waived.owner, "reason": waived.reason, "expires": waived.expires}
    return _given({**plain, "place": _place(waived.place)})


def _given(document: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in document.items() if value not in ("", 0, [], {})}


def _sorted(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _sorted(item) for key, item in sorted(value.items())}
    is_list = isinstance(value, Iterable) and not isinstance(value, str)
    return [_sorted(item) for item in value] if is_list else value
