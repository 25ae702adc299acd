"""Owns the paths of the input that rules read: which of them a value has, and which of them nothing has; pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence

from graven.checks.rules import Check
from graven.checks.subjects import Item
from graven.checks.views import Reading, sees
from graven.record import TYPE_CHECKING
from graven.rego import RuleInfo

if TYPE_CHECKING:
    from typing import Any

__all__ = ["has", "lacking", "unread"]

_STEP = re.compile(r"\.([^.\[]+)|(\[_\])")
_MANY = 10
_SHIPPED = "graven://"


def has(value: Any, path: str) -> bool:
    """Say whether a value has a path as ``RuleInfo.inputs`` writes it.

    >>> has({"a": [{"b": 1}, {"c": 2}]}, "input.a[_].c"), has({"a": []}, "input.a[_].c")
    (True, False)
    """
    return _has(value, [found[1] for found in _STEP.finditer(path)])


def _has(value: Any, steps: Sequence[str | None]) -> bool:
    for at, step in enumerate(steps):
        if step is None:
            rest = steps[at + 1 :]
            inner = value.values() if isinstance(value, Mapping) else value if isinstance(value, list) else ()
            return any(_has(item, rest) for item in inner)
        if isinstance(value, Mapping) and step in value:
            value = value[step]
        elif isinstance(value, list) and step.isdigit() and int(step) < len(value):
            value = value[int(step)]
        else:
            return False
    return True


def lacking(infos: Iterable[RuleInfo], value: Any) -> bool:
    """Say whether any of some rules reads what a value does not have."""
    return any(not has(value, path) for info in infos for path in info.inputs)


def unread(checks: Sequence[Check], items: Sequence[Item], reading: Reading) -> tuple[str, ...]:
    """Name the paths that a rule reads and nothing has that it was shown."""
    found = list(_unread(checks, items, reading))
    more = (f"and {len(found) - _MANY} more paths that no file has",) if len(found) > _MANY else ()
    return (*found[:_MANY], *more)


def _unread(checks: Sequence[Check], items: Sequence[Item], reading: Reading) -> Iterator[str]:
    for check in checks:
        missing = {number: set(info.inputs) for number, info in enumerate(check.definitions) if info.inputs}
        for item in items:
            for subject in (*item.subjects, *item.views):
                if any(missing.values()):
                    for number in sees(check, subject, item.views, reading).definitions & missing.keys():
                        missing[number] = {path for path in missing[number] if not has(subject.value, path)}
        for number, paths in missing.items():
            info = check.definitions[number]
            if info.file.startswith(_SHIPPED):
                continue  # they are for many kinds of file, of which a run seldom has all
            for path in sorted(paths):
                yield f"{info.file}:{info.row}: {check.query} reads {path}, which no file has"
