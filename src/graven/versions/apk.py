"""Versions of Alpine packages (apk-tools, apk-package(5)): ``1.2.3a_rc1_p2-r4``.

Numbers after the first that begin with a zero are compared as text; a letter is older than a further number; the
suffixes _alpha, _beta, _pre and _rc are older than none, and _cvs, _svn, _git, _hg and _p newer.
"""

from __future__ import annotations

import re

from graven.versions.pieces import MAX_LENGTH, number, word

__all__ = ["apk_key"]

_BEFORE = ("alpha", "beta", "pre", "rc")
_AFTER = ("cvs", "svn", "git", "hg", "p")
_VERSION = re.compile(
    rf"([0-9]+)((?:\.[0-9]+)*)([a-z]?)((?:_(?:{'|'.join((*_BEFORE, *_AFTER))})[0-9]*)*)(?:~[0-9a-f]+)?(?:-r([0-9]+))?",
    re.ASCII,
)
_SUFFIX = re.compile(r"_([a-z]+)([0-9]*)", re.ASCII)
_END, _REVISION, _LATER, _LETTER, _NUMBER = b"\x10", b"\x11", b"\x12", b"\x13", b"\x14"


def apk_key(version: str) -> bytes | None:
    """Give the key of a version, or None where it is none.

    >>> apk_key("1.2_rc1-r0") < apk_key("1.2-r0") < apk_key("1.2_p1-r0") < apk_key("1.2a-r0") < apk_key("1.2.1-r0")
    True
    """
    found = _VERSION.fullmatch(version) if len(version) <= MAX_LENGTH else None
    if found is None:
        return None
    first, more, letter, suffixes, revision = found.groups()
    numbers = b"".join(_NUMBER + _further(text) for text in more.split(".")[1:])
    told = b"".join(_suffix(name, digits) for name, digits in _SUFFIX.findall(suffixes))
    end = _REVISION + number(revision) if revision else b""
    return number(first) + numbers + (_LETTER + letter.encode() if letter else b"") + told + end + _END


def _further(digits: str) -> bytes:
    return b"\x01" + word(digits) if digits[0] == "0" else b"\x02" + number(digits)


def _suffix(name: str, digits: str) -> bytes:
    if name in _BEFORE:
        return bytes((1 + _BEFORE.index(name),)) + number(digits)
    return _LATER + bytes((_AFTER.index(name),)) + number(digits)
