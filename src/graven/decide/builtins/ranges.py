"""Versions and ranges of them for rules: the order is that of ``graven.versions``, the ranges are VERS.

A range is written ``vers:<scheme>/<constraint>|<constraint>…`` (package-url/vers-spec, "Using version range
specifiers"); the scheme is an ecosystem's name or its package URL type.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from itertools import pairwise
from typing import Any, NamedTuple
from urllib.parse import unquote

from graven.rego import BuiltinError, Value
from graven.versions import ECOSYSTEMS, key

__all__ = ["BUILTINS", "CALLS", "ecosystem"]

BUILTINS = (
    "graven.versions.compare: string, string, string -> number",
    "graven.versions.is_valid: string, any -> boolean",
    "graven.versions.contains: string, string -> boolean",
)

_TYPES = {
    "pypi": "PyPI",
    "npm": "npm",
    "golang": "Go",
    "cargo": "crates.io",
    "deb": "Debian",
    "maven": "Maven",
    "rpm": "Red Hat",
    "apk": "Alpine",
    "gem": "RubyGems",
    "nuget": "NuGet",
    "hex": "Hex",
    "pub": "Pub",
}
"""Ecosystems by the type of a package URL."""

_RANGE = re.compile(r"vers:([A-Za-z0-9.+-]+)/(.+)")
_CONSTRAINT = re.compile(r"(>=|<=|!=|>|<|=)?(.+)")


class _Constraint(NamedTuple):
    key: bytes
    comparator: str


def ecosystem(name: str) -> str:
    """Give an ecosystem's name as advisories write it, from that or from a package URL's type.

    >>> ecosystem("pypi"), ecosystem("Debian:12")
    ('PyPI', 'Debian:12')

    Raises:
        BuiltinError: its order of versions is not known.
    """
    found = _TYPES.get(name.lower(), name)
    if found.partition(":")[0] not in ECOSYSTEMS:
        known = ", ".join(sorted({*ECOSYSTEMS, *(kind for kind, own in _TYPES.items() if own in ECOSYSTEMS)}))
        raise BuiltinError(f"no order of versions is known for {name!r}, there are {known}")
    return found


def _key(name: str, version: str) -> bytes:
    found = key(name, version)
    if found is None:
        raise BuiltinError(f"{version!r} cannot be read as a version of {name}")
    return found


def _compare(name: str, one: str, other: str) -> int:
    order = ecosystem(name)
    left, right = _key(order, one), _key(order, other)
    return (left > right) - (left < right)


def _is_valid(name: str, version: Any) -> bool:
    return isinstance(version, str) and key(ecosystem(name), version) is not None


def _contains(text: str, version: str) -> bool:
    """Follow vers-spec, "Checking if a version is contained within a range", on keys."""
    matched = _RANGE.fullmatch("".join(text.split()))
    if matched is None:
        raise BuiltinError(f"got the range {text!r}, expected vers:SCHEME/CONSTRAINT|CONSTRAINT, as vers:npm/>=1.2|<2")
    order = ecosystem(matched[1])
    wanted = _key(order, version)
    if matched[2] == "*":
        return True
    constraints = _constraints(order, matched[2])
    if any(each.key == wanted and each.comparator == "!=" for each in constraints):
        return False
    if any(each.key == wanted and each.comparator in ("=", "<=", ">=") for each in constraints):
        return True
    return _between([each for each in constraints if each.comparator not in ("=", "!=")], wanted)


def _constraints(order: str, text: str) -> list[_Constraint]:
    found = []
    for part in filter(None, text.split("|")):
        matched = _CONSTRAINT.fullmatch(part)
        assert matched is not None  # noqa: S101 - any text that is not empty matches
        found.append(_Constraint(_key(order, unquote(matched[2])), matched[1] or "="))
    if len({each.key for each in found}) != len(found):
        raise BuiltinError(f"got the range {text!r}, in which a version stands twice")
    return sorted(found)


def _between(bounds: list[_Constraint], wanted: bytes) -> bool:
    """Say whether a version that is no bound itself lies within one of the intervals of sorted bounds."""
    if not bounds:
        return False
    if bounds[0].comparator[0] == "<" and wanted < bounds[0].key:
        return True
    if bounds[-1].comparator[0] == ">" and wanted > bounds[-1].key:
        return True
    pairs = pairwise(bounds)
    return any(
        low.comparator[0] == ">" and high.comparator[0] == "<" and low.key < wanted < high.key for low, high in pairs
    )


CALLS: dict[str, Callable[..., Value]] = {
    "graven.versions.compare": _compare,
    "graven.versions.is_valid": _is_valid,
    "graven.versions.contains": _contains,
}
