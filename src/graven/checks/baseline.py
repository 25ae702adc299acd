"""Owns baselines: the findings that were there when rules came, by fingerprint, so that only new ones refuse; pure.

{"version": 1, "findings": [{"fingerprint": …, "rule": …, "file": …, "message": …}]}
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from graven.checks.results import CheckResult, Place, Result, Waived
from graven.errors import Malformed

__all__ = ["apply", "parse", "render"]


def parse(data: bytes, file: str) -> dict[str, Mapping[str, Any]]:
    """Read a baseline: what it says of each fingerprint.

    Raises:
        Malformed: it is none.
    """
    try:
        found = json.loads(data)
        if found["version"] != 1:
            raise Malformed(f"got version {found['version']!r}, expected 1", where=file)
        return {str(each["fingerprint"]): each for each in found["findings"]}
    except (ValueError, KeyError, TypeError) as e:
        raise Malformed(f"no baseline: {e}", where=file, hint="write one with --write-baseline") from e


def render(results: Sequence[CheckResult]) -> str:
    """Write the baseline of all that rules refuse or warn of."""
    findings = [
        {
            "fingerprint": one.fingerprint,
            "rule": one.rule.id if one.rule is not None else result.namespace,
            "file": result.filename,
            "message": one.message,
        }
        for result in results
        for one in (*result.failures, *result.warnings)
    ]
    ordered = sorted(findings, key=lambda each: (each["file"], each["rule"], each["message"], each["fingerprint"]))
    return json.dumps({"version": 1, "findings": ordered}, indent=2, ensure_ascii=False) + "\n"


def apply(
    results: Sequence[CheckResult], known: Mapping[str, Mapping[str, Any]], file: str
) -> tuple[tuple[CheckResult, ...], tuple[str, ...]]:
    """Let pass what a baseline knows; tell what it knows and is no more."""
    left = dict(known)
    waived = Waived("baseline", "it was there before", "", Place(file))

    def split(found: Sequence[Result]) -> tuple[tuple[Result, ...], tuple[Result, ...]]:
        old = tuple(one._replace(waived=waived) for one in found if left.pop(one.fingerprint, None) is not None)
        new = tuple(one for one in found if one.fingerprint not in known)
        return old, new

    passed = []
    for result in results:
        (old, failures), (older, warnings) = split(result.failures), split(result.warnings)
        exceptions = (*result.exceptions, *old, *older)
        passed.append(result._replace(failures=failures, warnings=warnings, exceptions=exceptions))
    notes = (f"{file}: {len(left)} findings of the baseline are gone: write it anew",) if left else ()
    return tuple(passed), notes
