"""Semantic Versioning 2.0.0, section 11: npm, Go modules and Rust crates.

A leading "v" or "=" is no part of the version (Go and npm write it), and absent minor and patch numbers are zero, as
Go's x/mod/semver has it ("vMAJOR[.MINOR[.PATCH[-PRERELEASE][+BUILD]]]"). A fourth number is outside the grammar.
"""

from __future__ import annotations

import re

from graven.versions.pieces import MAX_LENGTH, number, word

__all__ = ["semver_key"]

_NUMBER = r"(0|[1-9][0-9]*)"
_VERSION = re.compile(
    rf"[v=]?{_NUMBER}(?:\.{_NUMBER}(?:\.{_NUMBER}(?:-([0-9A-Za-z.-]+))?)?)?(?:\+[0-9A-Za-z.-]+)?", re.ASCII
)
_END, _NUMERIC, _TEXT, _RELEASE = b"\x01", b"\x02", b"\x03", b"\x7f"
"""Within a pre-release "more" sorts above "nothing more", text above numbers; and a release above them all."""


def semver_key(version: str) -> bytes | None:
    """Give the key of a version, or None where it is none.

    >>> semver_key("1.0.0-rc.1") < semver_key("v1.0.0") == semver_key("1.0.0+build")
    True
    """
    match = _VERSION.fullmatch(version) if len(version) <= MAX_LENGTH else None
    if match is None:
        return None
    major, minor, patch, prerelease = match.groups()
    core = number(major) + number(minor or "0") + number(patch or "0")
    if prerelease is None:
        return core + _RELEASE
    pieces = [_identifier(text) for text in prerelease.split(".")]
    return None if None in pieces else core + b"".join(piece for piece in pieces if piece) + _END


def _identifier(text: str) -> bytes | None:
    if not text.isdigit():
        return _TEXT + word(text) if text else None
    # "Numeric identifiers MUST NOT include leading zeros."
    return None if text != "0" and text[0] == "0" else _NUMERIC + number(text)
