"""Owns semantic versions: whether a text is one, and which of two comes first."""

from __future__ import annotations

import re

from graven.rego.builtins.protocol import Builtin, BuiltinError, builtin
from graven.rego.values import Value, boolean

__all__ = ["BUILTINS"]

_VERSION = re.compile(
    r"(0|[1-9][0-9]*)\.(0|[1-9][0-9]*)\.(0|[1-9][0-9]*)"
    r"(?:-([0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*))?(?:\+([0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*))?\Z"
)
Key = tuple[tuple[int, int, int], bool, tuple[tuple[bool, int, str], ...]]


def _key(text: str) -> Key | None:
    """Give what orders a version: a pre-release comes first, numbers before words, build data does not count."""
    match = _VERSION.match(text)
    if match is None:
        return None
    major, minor, patch = (int(part) for part in match.groups()[:3])
    parts = match.group(4).split(".") if match.group(4) else []
    if any(part.isdigit() and len(part) > 1 and part[0] == "0" for part in parts):
        return None
    words = tuple((not part.isdigit(), int(part) if part.isdigit() else 0, part) for part in parts)
    return (major, minor, patch), not parts, words


def _compare(left: str, right: str) -> Value:
    keys = []
    for position, text in enumerate((left, right), 1):
        key = _key(text)
        if key is None:
            raise BuiltinError(f'operand {position}: string "{text}" is not a valid SemVer')
        keys.append(key)
    return (keys[0] > keys[1]) - (keys[0] < keys[1])


def _is_valid(text: Value) -> Value:
    return boolean(text.__class__ is str and _key(text) is not None)


BUILTINS: tuple[Builtin, ...] = (builtin("semver.compare", _compare), builtin("semver.is_valid", _is_valid))
