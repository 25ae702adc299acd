"""PEP 440, "Summary of permitted suffixes and relative ordering": versions of Python packages."""

from __future__ import annotations

import re

from graven.versions.pieces import MAX_LENGTH, number, word

__all__ = ["pep440_key"]

_VERSION = re.compile(
    r"""v? (?:(?P<epoch>[0-9]+)!)? (?P<release>[0-9]+(?:\.[0-9]+)*)
    (?:[-_.]?(?P<phase>alpha|a|beta|b|preview|pre|c|rc)[-_.]?(?P<phase_number>[0-9]*))?
    (?P<post>-(?P<bare_post>[0-9]+)|[-_.]?(?:post|rev|r)[-_.]?(?P<post_number>[0-9]*))?
    (?P<dev>[-_.]?dev[-_.]?(?P<dev_number>[0-9]*))?
    (?:\+(?P<local>[a-z0-9]+(?:[-_.][a-z0-9]+)*))?""",
    re.VERBOSE | re.ASCII,
)
_DEVELOPMENT, _FINAL, _MORE = b"\x01", b"\x05", b"\x09"
"""After the release's numbers: a development release alone, the phases between, final, a further number."""
_PHASES = {"a": b"\x02", "b": b"\x03", "c": b"\x04", "r": b"\x04", "p": b"\x04"}


def pep440_key(version: str) -> bytes | None:
    """Give the key of a version, or None where it is none; PEP 440's normal forms share one key.

    >>> pep440_key("1.0.dev1") < pep440_key("1.0a1") < pep440_key("1.0") == pep440_key("v1.0.0") < pep440_key("1.0-1")
    True
    """
    match = _VERSION.fullmatch(version.strip().lower()) if len(version) <= MAX_LENGTH else None
    if match is None:
        return None
    release = match["release"].split(".")
    while release and not release[-1].strip("0"):
        release.pop()
    numbers = b"".join(_MORE + number(part) for part in release)
    return number(match["epoch"] or "0") + numbers + _phase(match) + _post(match) + _dev(match) + _local(match["local"])


def _phase(match: re.Match[str]) -> bytes:
    if match["phase"]:
        return _PHASES[match["phase"][0]] + number(match["phase_number"])
    return _DEVELOPMENT if match["dev"] and not match["post"] else _FINAL


def _post(match: re.Match[str]) -> bytes:
    return b"\x02" + number(match["bare_post"] or match["post_number"] or "") if match["post"] else b"\x01"


def _dev(match: re.Match[str]) -> bytes:
    return b"\x01" + number(match["dev_number"]) if match["dev"] else b"\x02"


def _local(text: str | None) -> bytes:
    if text is None:
        return b"\x01"
    parts = re.split(r"[-_.]", text)
    return b"\x02" + b"".join(b"\x03" + number(p) if p.isdigit() else b"\x02" + word(p) for p in parts) + b"\x01"
