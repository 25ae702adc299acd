"""Versions of NuGet packages: Semantic Versioning 2.0.0 with up to four numbers, and words without regard to case."""

from __future__ import annotations

import re

from graven.versions.pieces import MAX_LENGTH, number, word

__all__ = ["nuget_key"]

_VERSION = re.compile(
    r"([0-9]+(?:\.[0-9]+){0,3})(?:-([0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*))?(?:\+[0-9A-Za-z.-]+)?", re.ASCII
)
_END, _NUMERIC, _TEXT, _RELEASE = b"\x01", b"\x02", b"\x03", b"\x7f"


def nuget_key(version: str) -> bytes | None:
    """Give the key of a version, or None where it is none.

    >>> nuget_key("1.0-RC.1") == nuget_key("1.0.0-rc.1") < nuget_key("1.0.0") < nuget_key("1.0.0.1")
    True
    """
    found = _VERSION.fullmatch(version) if len(version) <= MAX_LENGTH else None
    if found is None:
        return None
    numbers = [*found[1].split("."), "0", "0", "0"][:4]
    core = b"".join(map(number, numbers))
    if found[2] is None:
        return core + _RELEASE
    return core + b"".join(map(_identifier, found[2].lower().split("."))) + _END


def _identifier(text: str) -> bytes:
    return _NUMERIC + number(text) if text.isdigit() else _TEXT + word(text)
