"""rpm-version(7): versions of RPM packages, ``[epoch:]version[-release]``, in the order of ``rpmvercmp``.

Runs of digits and runs of letters are compared one after the other, what separates them is not looked at; a number is
newer than letters, more is newer than less, "~" sorts before the end and "^" after it but before anything else.
"""

from __future__ import annotations

import re

from graven.versions.pieces import MAX_LENGTH, number, word

__all__ = ["rpm_key"]

_EVR = re.compile(r"(?:([0-9]+):)?([A-Za-z0-9._+~^]+)(?:-([A-Za-z0-9._+~^]+))?", re.ASCII)
_RUNS = re.compile(r"[0-9]+|[A-Za-z]+|[~^]", re.ASCII)
_TILDE, _END, _CARET, _LETTERS, _DIGITS = b"\x01", b"\x02", b"\x03", b"\x04", b"\x05"


def rpm_key(version: str) -> bytes | None:
    """Give the key of a version, or None where it is none.

    >>> rpm_key("1.0~rc1-1") < rpm_key("1.0-1") < rpm_key("1.0^git1-1") < rpm_key("1.0.1-1") < rpm_key("1:0-1")
    True
    """
    found = _EVR.fullmatch(version) if len(version) <= MAX_LENGTH else None
    if found is None:
        return None
    epoch, upstream, release = found.groups()
    return number(epoch or "0") + _part(upstream) + _part(release or "")


def _part(text: str) -> bytes:
    return b"".join(map(_run, _RUNS.findall(text))) + _END


def _run(text: str) -> bytes:
    if text == "~":
        return _TILDE
    if text == "^":
        return _CARET
    return _DIGITS + number(text) if text[0].isdigit() else _LETTERS + word(text)
