"""Debian's package database: ``var/lib/dpkg/status`` and ``status.d``, the lists of files, and declared licences.

deb-control(5), dpkg(1), dpkg-divert(1), and the machine-readable copyright format 1.0.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from io import BytesIO

from graven.inventory.control import paragraphs, shown
from graven.inventory.report import Claim, Found, Sighting, marks

__all__ = ["diversions", "licence", "listed", "parse", "summed"]

_KEYS = frozenset({"package", "version", "architecture", "source", "maintainer", "status"})
_ABSENT = frozenset({"not-installed", "config-files"})
_SOURCE = re.compile(r"(\S+)(?:\s+\((.+)\))?")
_DULL = tuple(
    f"/usr/share/{folder}/".encode()
    for folder in ("doc", "man", "locale", "zoneinfo", "icons", "info", "lintian", "bug")
)
"""Folders whose files are neither executables nor packages: their names are not worth a mark."""


def parse(data: bytes, path: str) -> tuple[tuple[Found, ...], int]:
    """Read the packages that are on the disk, and count the blocks that cannot be read.

    A file of ``status.d`` has no ``Status``: its package is there because the file is.
    """
    found: list[Found] = []
    broken = 0
    for block in paragraphs(data.decode("utf-8", "replace"), _KEYS):
        told = {key: values[0] for key, values in block.items()}
        if told.get("status", "installed").split()[-1:] in ([word] for word in _ABSENT):
            continue
        if not told.get("package") or not told.get("version"):
            broken += 1
            continue
        found.append(_package(told, path))
    return tuple(found), broken


def _package(told: dict[str, str], path: str) -> Found:
    name, version = told["package"].lower(), told["version"]
    source = _SOURCE.match(told.get("source", ""))
    source_name, source_version = (source[1], source[2] or "") if source else ("", "")
    return Found(
        "deb",
        path,
        name,
        version,
        told.get("architecture", ""),
        source_name if source_name != name else "",
        source_version if source_version != version else "",
        supplier=told.get("maintainer", ""),
    )


def listed(data: bytes, path: str) -> Claim:
    """Read ``info/NAME[:ARCH].list``: absolute names of files and folders, one a line."""
    lines = (line.rstrip(b"\n") for line in BytesIO(data) if not line.startswith(_DULL))
    names = (line[1:] for line in lines if len(line) > 1)
    return _claim(path, ".list", names)


def summed(data: bytes, path: str) -> Claim:
    """Read ``NAME.md5sums``: a sum, two blanks and a relative name, one a line."""
    names = (line[34:].rstrip(b"\n").removeprefix(b"./") for line in BytesIO(data) if len(line) > 35)
    return _claim(path, ".md5sums", names)


def _claim(path: str, suffix: str, names: Iterator[bytes]) -> Claim:
    root, _, file = path.rpartition("var/lib/dpkg/")
    owner = file.rpartition("/")[2].removesuffix(suffix).partition(":")[0]
    return Claim("deb", path, root, owner, marks(names))


def diversions(data: bytes, path: str) -> Iterator[Sighting]:
    """Read who moved whose file away: three lines each, from, to and the package that did it."""
    lines = [line.removeprefix("/") for line in data.decode("utf-8", "replace").split("\n")]
    root = path.removesuffix("var/lib/dpkg/diversions")
    for origin, target, _ in zip(*(iter(lines),) * 3, strict=False):
        yield Sighting("diversion", root + target, root + origin)


def licence(data: bytes) -> str:
    """Give the short names of the licences that a machine-readable copyright file declares; else nothing."""
    if not data[:200].lstrip().lower().startswith(b"format"):
        return ""
    blocks = paragraphs(data.decode("utf-8", "replace"), frozenset({"license"}))
    names = {name for block in blocks for name in block["license"] if name}
    return shown(" AND ".join(sorted(names)))
