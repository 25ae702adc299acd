"""Owns the form of a result: what a rule said of a file, and where.

They are tuples with names and not dataclasses, which a run on one small file would spend its time on.

The first fields of each class are conftest's (its JSON is made of them alone); the others are what graven adds.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType

from graven.record import TYPE_CHECKING, Record

if TYPE_CHECKING:
    from typing import Any

__all__ = ["CheckResult", "Place", "Result", "RuleId", "Waived", "told_once"]


class Place(Record):
    """Where something stands; lines and columns count from one, zero is not known."""

    file: str
    line: int = 0
    column: int = 0


class RuleId(Record):
    """Which rule spoke, and what its metadata says of it."""

    path: str
    """``data.terraform.aws.deny``: the document that the rule adds to."""
    id: str = ""
    """Stable over lines that move: ``custom.id`` of its metadata, ``id``, or the path with the rule's place in it."""
    title: str = ""
    description: str = ""
    severity: str = ""
    remediation: str = ""
    help_uri: str = ""
    place: Place = Place("")
    """Where the rule is written."""


class Waived(Record):
    """Who let a finding pass, why, and until when."""

    owner: str
    reason: str
    expires: str
    place: Place = Place("")


class Result(Record):
    """One thing that a rule said."""

    message: str
    metadata: Mapping[str, Any] = MappingProxyType({})
    """Everything else that the rule said, and ``query``."""
    loc: Place | None = None
    """What the rule itself said as ``_loc``."""
    outputs: tuple[str, ...] = ()
    """What ``print`` said: ``file:line: text``."""

    rule: RuleId | None = None
    place: Place | None = None
    """The place of the value of the input that made the rule speak."""
    path: tuple[str | int, ...] = ()
    """Where that value stands in its document."""
    address: str = ""
    """The resource, container or component that it belongs to: ``aws_s3_bucket.logs``."""
    view: str = ""
    """The view of the document that the rule was shown; empty: all of it."""
    waived: Waived | None = None
    fingerprint: str = ""
    """The same as long as the finding is the same, though lines move."""


class CheckResult(Record):
    """What the rules of one namespace said of one file."""

    filename: str
    namespace: str
    successes: int = 0
    skipped: tuple[Result, ...] = ()
    warnings: tuple[Result, ...] = ()
    failures: tuple[Result, ...] = ()
    exceptions: tuple[Result, ...] = ()
    queries: tuple[tuple[str, tuple[Result, ...], tuple[str, ...]], ...] = ()
    """For a trace: each query with its results and the lines of its trace."""
    prints: tuple[str, ...] = ()
    """What ``print`` said, in its order: ``file:line: text``."""


def told_once(results: Sequence[CheckResult]) -> tuple[CheckResult, ...]:
    """Leave out of a plan what its configuration says too, which is tested beside it: that stands at the same place."""
    told = {key for each in results for key in _keys(each) if key[-1].file == each.filename}
    return tuple(
        each._replace(
            warnings=tuple(one for one in each.warnings if not _elsewhere(each, one, told)),
            failures=tuple(one for one in each.failures if not _elsewhere(each, one, told)),
        )
        for each in results
    )


_Key = tuple[str, str, str, Place]


def _key(result: CheckResult, one: Result) -> _Key:
    return result.namespace, one.message, one.address, one.place or Place("")


def _keys(result: CheckResult) -> list[_Key]:
    return [_key(result, one) for one in (*result.warnings, *result.failures) if one.address and one.place]


def _elsewhere(result: CheckResult, one: Result, told: set[_Key]) -> bool:
    key = _key(result, one)
    return bool(one.address) and key[-1].file != result.filename and key in told
