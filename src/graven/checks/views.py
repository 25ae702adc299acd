"""Owns which rules see which views: those that read a path of the input that the view has, pure.

    resource   input.type, input.values, input.address    one resource of Terraform; input.referrers are those that
                                                           speak of it; data sources where input.mode is read
    values     input.values                                the merged values of a chart
    image      input.values.image                          one container image of a manifest

Metadata ``custom.view`` of a rule, or ``--view``, chooses one view, or ``document`` for the whole and nothing else.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache

from graven.checks.rules import Check
from graven.checks.subjects import Subject
from graven.record import Record
from graven.rego import RuleInfo
from graven.rego.values import RegoObject

__all__ = [
    "DOCUMENT",
    "IMAGE",
    "RESOURCE",
    "VALUES",
    "VIEWS",
    "Reading",
    "Seeing",
    "forced_view",
    "sees",
    "views_of",
    "wanted",
]

DOCUMENT, RESOURCE, VALUES, IMAGE = "document", "resource", "values", "image"
VIEWS = (DOCUMENT, RESOURCE, VALUES, IMAGE)

_STEPS = re.compile(r"input\.([A-Za-z0-9_]+)(.*)", re.DOTALL)
_OF_RESOURCES = ("type", "values", "address", "referrers")
_OF_IMAGES = (".image.", ".image[")


class Reading(Record):
    """How views are given to rules."""

    forced: str = ""
    """The view that every rule sees, and nothing else; empty: each what it reads."""


class Seeing(Record):
    """Which definitions of a check see a subject."""

    definitions: frozenset[int] = frozenset()
    counted: int = 0
    """How many of them count as tested here; what sees a view counts there and not at the whole."""

    @property
    def asked(self) -> bool:
        """Say whether there is anything to ask."""
        return bool(self.definitions)


@lru_cache(maxsize=4096)
def _views(inputs: tuple[str, ...]) -> frozenset[str]:
    return frozenset(view for path in inputs for view in _views_at(*_steps(path)))


def _steps(path: str) -> tuple[str, str]:
    """Give the first step of a path below the input, and the rest."""
    found = _STEPS.fullmatch(path)
    return (found[1], found[2]) if found else ("", "")


def _views_at(first: str, rest: str) -> Iterator[str]:
    if first in _OF_RESOURCES:
        yield RESOURCE
    if first == "values":
        yield VALUES
        if not rest or rest.startswith("[_]") or _is_image(rest):
            yield IMAGE


def _is_image(rest: str) -> bool:
    return rest == ".image" or rest.startswith(_OF_IMAGES)


def views_of(info: RuleInfo) -> frozenset[str]:
    """Name the views that a rule sees beside the whole."""
    return _views(info.inputs)


@lru_cache(maxsize=4096)
def _only_images(inputs: tuple[str, ...]) -> bool:
    """Say whether all that a rule reads of values is an image."""
    return all(_is_image(rest) for first, rest in map(_steps, inputs) if first == "values")


def forced_view(info: RuleInfo) -> str:
    """Give the view that a rule's metadata names; empty: none."""
    for labels in (info.annotations, info.document, info.package_annotations):
        custom = labels.get("custom")
        told = custom.get("view") if custom.__class__ is RegoObject else None
        if told.__class__ is str:
            return str(told)
    return ""


def wanted(infos: Iterable[RuleInfo], reading: Reading) -> frozenset[str]:
    """Name the views that some rules see, so that no other is made."""
    if reading.forced:
        return frozenset((reading.forced,))
    found: set[str] = set()
    for info in infos:
        forced = forced_view(info)
        found |= {forced} if forced else views_of(info)
    return frozenset(found)


def _passes_over(info: RuleInfo, subject: Subject) -> bool:
    """Say whether a subject is what a configuration only looks up, and a rule does not ask which resources are such."""
    if subject.view != RESOURCE or subject.value.get("mode") != "data":
        return False
    return not any(path in ("input", "input.mode") for path in info.inputs)


def sees(check: Check, subject: Subject, views: Iterable[Subject], reading: Reading) -> Seeing:
    """Tell which definitions of a check see a subject, and how many of them count there."""
    there = frozenset(view.view for view in views)
    view = subject.view or DOCUMENT
    seeing, counted = set(), 0
    for number, info in enumerate(check.definitions):
        forced = reading.forced or forced_view(info)
        own = views_of(info) & there
        if not forced and ((subject.images_elsewhere and _only_images(info.inputs)) or _passes_over(info, subject)):
            continue
        if (forced == view) if forced else (view == DOCUMENT or view in own):
            seeing.add(number)
            counted += bool(forced or view != DOCUMENT or not own)
    return Seeing(frozenset(seeing), counted)
