"""os-release(5): which distribution a root file system is."""

from __future__ import annotations

import re

from graven.values import Distro

__all__ = ["parse"]

_LINE = re.compile(r"^(ID|VERSION_ID)=(.*)$", re.MULTILINE)
_VALUE = re.compile(r"[A-Za-z0-9._+~-]{0,64}")


def parse(data: bytes) -> Distro | None:
    r"""Read ``ID`` and ``VERSION_ID``; none where there is no ``ID`` or a value that no identifier can be.

    >>> parse(b'NAME="Debian"\nID=debian\nVERSION_ID="12"\n')
    Distro(id='debian', version_id='12')
    """
    told = {key: _unquoted(value) for key, value in _LINE.findall(data.decode("utf-8", "replace"))}
    identifier = told.get("ID", "")
    if not identifier or not all(_VALUE.fullmatch(value) for value in told.values()):
        return None
    return Distro(identifier.lower(), told.get("VERSION_ID", ""))


def _unquoted(value: str) -> str:
    value = value.strip()
    return value[1:-1] if len(value) > 1 and value[0] == value[-1] and value[0] in "\"'" else value
