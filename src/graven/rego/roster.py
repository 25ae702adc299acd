"""Owns what is told of one rule of a policy."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from graven.record import Record
from graven.rego.values import Value

__all__ = ["RuleInfo"]

_NONE: Mapping[str, Value] = MappingProxyType({})


class RuleInfo(Record):
    """One rule of a policy."""

    path: str
    """``data.package.name``, with the steps of the head that are fixed."""
    package: str
    name: str
    kind: str
    """complete, set, object, function or default."""
    file: str
    row: int
    end_row: int
    annotations: Mapping[str, Value] = _NONE
    """Its METADATA, Rego values by key."""
    document: Mapping[str, Value] = _NONE
    """The METADATA with scope ``document`` of its path."""
    package_annotations: Mapping[str, Value] = _NONE
    inputs: tuple[str, ...] = ()
    """The paths of the input that it reads, itself or through other rules: ``input.components[_].name``."""
