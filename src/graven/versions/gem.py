"""Versions of Ruby gems (the documentation of Gem::Version): ``1.2.0.rc1``.

Parts are numbers or letters; letters are older than any number, so that a version with letters is a pre-release; a
hyphen reads as ".pre."; zeros at the end of the numbers, and of all, do not count.
"""

from __future__ import annotations

import re
from itertools import takewhile

from graven.versions.pieces import MAX_LENGTH, number, word

__all__ = ["gem_key"]

_VERSION = re.compile(r"[0-9]+(\.[0-9A-Za-z]+)*(-[0-9A-Za-z-]+(\.[0-9A-Za-z-]+)*)?", re.ASCII)
_PARTS = re.compile(r"[0-9]+|[A-Za-z]+", re.ASCII)
_LETTERS, _ZERO_BEFORE_LETTERS, _END, _ZERO, _NUMBER = b"\x01", b"\x02", b"\x03", b"\x04", b"\x05"
"""A part that is not there is zero: a zero sorts by what comes after it."""


def gem_key(version: str) -> bytes | None:
    """Give the key of a version, or None where it is none.

    >>> gem_key("1.0.rc1") < gem_key("1") == gem_key("1.0.0") < gem_key("1.0.1.pre") < gem_key("1.0.1")
    True
    """
    text = version.strip()
    if len(text) > MAX_LENGTH or not _VERSION.fullmatch(text):
        return None
    parts = _PARTS.findall(text.replace("-", ".pre."))
    numbers = list(takewhile(str.isdigit, parts))
    kept = [*_trimmed(numbers), *_trimmed(parts[len(numbers) :])]
    return b"".join(_part(kept, at) for at in range(len(kept))) + _END


def _trimmed(parts: list[str]) -> list[str]:
    end = len(parts)
    while end and parts[end - 1].isdigit() and int(parts[end - 1]) == 0:
        end -= 1
    return parts[:end]


def _part(parts: list[str], at: int) -> bytes:
    text = parts[at]
    if not text.isdigit():
        return _LETTERS + word(text)
    if int(text):
        return _NUMBER + number(text)
    after = next((part for part in parts[at:] if not part.isdigit() or int(part)), "")
    return _ZERO if after.isdigit() else _ZERO_BEFORE_LETTERS
