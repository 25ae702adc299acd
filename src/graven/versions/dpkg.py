"""deb-version(7): versions of Debian packages, ``[epoch:]upstream-version[-debian-revision]``.

"First the initial part of each string consisting entirely of non-digit characters is determined [...] compared
lexically [...] so that all the letters sort earlier than all the non-letters and so that a tilde sorts before
anything, even the end of a part." Then a run of digits, by its number; and so on.
"""

from __future__ import annotations

import re

from graven.versions.pieces import MAX_LENGTH, number

__all__ = ["dpkg_key"]

_EPOCH = re.compile(r"[0-9]+", re.ASCII)
_UPSTREAM = re.compile(r"[A-Za-z0-9.+~:-]+", re.ASCII)
_REVISION = re.compile(r"[A-Za-z0-9.+~]+", re.ASCII)
_RUNS = re.compile(r"([^0-9]*)([0-9]*)", re.ASCII)
_MAX_EPOCH = 2_147_483_647
"""dpkg keeps it in an int."""
_END = b"\x02"
"""The end of a run or of a part: above a tilde, below letters, and those below all other characters."""


def _rank(character: int) -> int:
    if character == ord("~"):
        return 1
    return character - 0x3D if chr(character).isalpha() else 0x80 | character


_RANKS = bytes(_rank(character) if character < 0x80 else 0xFF for character in range(256))


def dpkg_key(version: str) -> bytes | None:
    """Give the key of a version, or None where it is none.

    >>> dpkg_key("1.0~rc1-1") < dpkg_key("1.0") == dpkg_key("0:1.0-0") < dpkg_key("1.0+b1") < dpkg_key("1:0")
    True
    """
    if len(version) > MAX_LENGTH:
        return None
    before, colon, after = version.strip().partition(":")
    epoch, rest = (before, after) if colon else ("0", before)
    upstream, hyphen, revision = rest.rpartition("-")
    if not hyphen:
        upstream, revision = rest, "0"
    if not (_EPOCH.fullmatch(epoch) and _UPSTREAM.fullmatch(upstream) and _REVISION.fullmatch(revision)):
        return None
    return number(epoch) + _part(upstream) + _part(revision) if int(epoch) <= _MAX_EPOCH else None


def _part(text: str) -> bytes:
    """Encode alternating runs; an absent number is zero, and the runs end where nothing more follows."""
    runs = [run for run in _RUNS.findall(text) if run != ("", "")]
    return b"".join(other.encode().translate(_RANKS) + _END + number(digits) for other, digits in runs) + _END
