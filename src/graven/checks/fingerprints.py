"""Owns the fingerprints of findings: the same as long as rule, file, place in the document and message are; pure.

Lines are not in it, nor indexes of lists: both move when something else is added above. Findings that are alike in all
that counts are told apart by their number.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from hashlib import sha256

from graven.checks.results import CheckResult, Result

__all__ = ["fingerprinted"]


def fingerprinted(results: Sequence[CheckResult]) -> tuple[CheckResult, ...]:
    """Give each finding its fingerprint."""
    seen: Counter[str] = Counter()
    return tuple(
        result._replace(
            warnings=_marked(result, result.warnings, seen),
            failures=_marked(result, result.failures, seen),
            exceptions=_marked(result, result.exceptions, seen),
        )
        for result in results
    )


def _marked(result: CheckResult, found: Iterable[Result], seen: Counter[str]) -> tuple[Result, ...]:
    marked = []
    for one in found:
        own = _text(result, one)
        seen[own] += 1
        text = own if seen[own] == 1 else f"{own}\0{seen[own]}"
        marked.append(one._replace(fingerprint=sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:32]))
    return tuple(marked)


def _text(result: CheckResult, one: Result) -> str:
    rule = one.rule.id if one.rule is not None else str(one.metadata.get("query", result.namespace))
    at = one.address or ".".join(step for step in one.path if isinstance(step, str))
    return f"{rule}\0{result.filename}\0{at}\0{one.message}"
