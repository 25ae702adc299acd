"""Owns which rules gave nothing because what they read is not known before a run of Terraform; pure.

A rule that came to its end of itself, at an expression for which nothing unknown had been read, is decided. One whose
last expression, or one before it, reads what is unknown could have refused: that is undecided, and never a pass.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from graven.checks.rules import Check
from graven.checks.subjects import Subject
from graven.documents.position import Path
from graven.errors import GravenError
from graven.rego import Policy, RuleInfo, RuleReport, Value

__all__ = ["undecided"]

_STEP = re.compile(r"\.([^.\[]+)|\[_\]")


def undecided(
    check: Check,
    subject: Subject,
    value: Value,
    definitions: frozenset[int],
    *,
    policy: Policy,
    given: Mapping[str, Any],
) -> Iterator[tuple[RuleInfo, str]]:
    """Give the rules of a check that could have spoken of a subject, each with the unknown path that it reads."""
    infos = [check.definitions[number] for number in sorted(definitions)]
    asking = [info for info in infos if info.kind != "default" and _met(info.inputs, subject.unknown)]
    if not asking:
        return
    try:
        reports = {(one.file, one.row): one for one in policy.explain(check.query, value, **given).rules}
    except GravenError:
        reports = {}
    for info in asking:
        report = reports.get((info.file, info.row))
        if report is None or not report.fired:
            met = _met(_read(info, report, policy), subject.unknown)
            if met:
                yield info, met


def _read(info: RuleInfo, report: RuleReport | None, policy: Policy) -> tuple[str, ...]:
    """Give what a rule had read when it failed; all that it reads where nobody can tell."""
    if report is None or report.failure is None or report.error:
        return info.inputs
    from graven.rego.inventory import reads_until

    return reads_until(policy.traced, info.file, info.row, (report.failure.row, report.failure.col))


def _met(inputs: tuple[str, ...], unknown: frozenset[Path]) -> str:
    """Give the first of some paths that leads to something unknown, through it, or to what holds it."""
    return next((path for path in inputs if any(_meets(path, other) for other in unknown)), "")


def _meets(path: str, unknown: Path) -> bool:
    steps = [found[1] for found in _STEP.finditer(path)]
    return all(step is None or step == str(other) for step, other in zip(steps, unknown, strict=False))
