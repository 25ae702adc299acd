"""Owns which rules gave nothing because what they read is not known before a run of Terraform, or masked; pure.

A rule that came to its end of itself, at an expression which rests on nothing unknown, is decided. One that ends at an
expression which rests on what is unknown could have refused: that is undecided, and never a pass.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import partial
from typing import Any

from graven.checks.rules import Check
from graven.checks.subjects import Subject
from graven.documents.position import Path
from graven.errors import GravenError
from graven.rego import Policy, RuleInfo, Value
from graven.rego.gaps import gaps_of
from graven.rego.unknown import Unknowns

__all__ = ["undecided"]

_STEP = re.compile(r"\.([^.\[]+)|\[_\]")
_PLAIN = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


def undecided(
    check: Check,
    subject: Subject,
    value: Value,
    definitions: frozenset[int],
    *,
    policy: Policy,
    given: Mapping[str, Any],
) -> Iterator[tuple[RuleInfo, str]]:
    """Give the rules of a check that could have spoken of a subject, each with what it read and nobody knows."""
    infos = [check.definitions[number] for number in sorted(definitions)]
    unknown, hidden = Unknowns(subject.unseen.unknown), Unknowns(subject.unseen.hidden)
    asking = [info for info in infos if info.kind != "default" and _reads(info, unknown, hidden)]
    if not asking:
        return
    look = partial(gaps_of, unknown=unknown, hidden=hidden)
    try:
        found = policy.looked(check.query, value, (given["now_ns"], given["world"], given["limits"]), look)
    except GravenError:
        for info in asking:
            yield info, f"{_reads(info, unknown, hidden)}, which only a run can tell"
        return
    for info in asking:
        paths = [gap.path for gap in found if (gap.file, gap.row) == (info.file, info.row)]
        if paths:
            yield info, _told(paths, subject)


def _told(paths: list[Path], subject: Subject) -> str:
    """Say what was read, and of which resource; the first stands for all."""
    path = paths[0]
    why = "which is masked" if path in subject.unseen.hidden else "which only a run can tell"
    more = f", and {len(paths) - 1} more" if len(paths) > 1 else ""
    address = "" if subject.address else _address(subject.value, path)
    return f"{_text(path)}, {why}{more}{f' [{address}]' if address else ''}"


def _text(path: Path) -> str:
    steps = (f".{step}" if _PLAIN.fullmatch(str(step)) else f"[{step!r}]".replace("'", '"') for step in path)
    return "input" + "".join(steps)


def _address(value: Any, path: Path) -> str:
    """Give the address of the innermost resource on the way to a part."""
    found = ""
    for step in path:
        if isinstance(value, dict) and isinstance(value.get("address"), str):
            found = value["address"]
        try:
            value = value[step]
        except (KeyError, IndexError, TypeError):
            break
    return found


def _reads(info: RuleInfo, *unknowns: Unknowns) -> str:
    """Give the first path that a rule may read which leads to something unknown, through it, or to what holds it."""
    return next((path for path in info.inputs if any(each.meets(_steps(path)) for each in unknowns)), "")


def _steps(path: str) -> list[str | None]:
    return [found[1] for found in _STEP.finditer(path)]
