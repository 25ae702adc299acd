"""A bill of materials whatever its format, and what both formats are written from.

Neither is made from the other: each is rendered from the inventory, so that none inherits the other's losses.
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from hashlib import blake2b
from typing import Any, Literal

from graven.errors import GravenError, Malformed
from graven.values import Component, Digest, Distro, Purl

__all__ = ["TOOL", "Format", "Sbom", "found_digest", "found_purl", "is_spdx", "key", "rows", "serial", "text"]

Format = Literal["cyclonedx", "spdx"]

TOOL = "graven"

_NAMESPACE = uuid.uuid5(uuid.NAMESPACE_URL, "urn:graven:sbom")

_COMMON = """0BSD AFL-2.1 AGPL-3.0-only AGPL-3.0-or-later Apache-2.0 Artistic-1.0 Artistic-2.0 BlueOak-1.0.0
    BSD-2-Clause BSD-3-Clause BSD-4-Clause BSL-1.0 CC-BY-3.0 CC-BY-4.0 CC-BY-SA-4.0 CC0-1.0 CDDL-1.0
    CDDL-1.1 EPL-1.0 EPL-2.0 GPL-2.0-only GPL-2.0-or-later GPL-3.0-only GPL-3.0-or-later HPND ISC
    LGPL-2.1-only LGPL-2.1-or-later LGPL-3.0-only LGPL-3.0-or-later MIT MIT-0 MIT-CMU MPL-1.1 MPL-2.0
    OFL-1.1 OpenSSL PSF-2.0 Python-2.0 Ruby Unlicense UPL-1.0 WTFPL X11 Zlib ZPL-2.1"""
"""Identifiers of the SPDX licence list that are common; others are told as declared, by their name."""

_SPDX_IDS = frozenset(_COMMON.split())

_OPERATOR = re.compile(r"\s+(?:AND|OR)\s+")


@dataclass(frozen=True, slots=True)
class Sbom:
    """What a bill of materials says."""

    format: Format
    spec_version: str
    subject: Digest | None
    """What it says it is about; none where it says nothing that is a digest."""
    components: tuple[Component, ...]
    """Those with a package URL, sorted."""
    distro: Distro | None = None
    nameless: int = 0
    """Components without a package URL, which nothing can be matched by."""


def serial(subject: Digest, cataloguer: str, format_: Format) -> str:
    """Give the UUID of a bill: the same for the same subject, cataloguer and format (UUIDv5)."""
    return str(uuid.uuid5(_NAMESPACE, f"{subject} {cataloguer} {format_}"))


def key(component: Component) -> str:
    """Give an identifier of a component within its bill."""
    told = "\0".join((str(component.purl), component.layer, component.path))
    return blake2b(told.encode(), digest_size=10).hexdigest()


def is_spdx(licence: str) -> bool:
    """Tell whether a declared licence is an expression of common SPDX identifiers, without brackets.

    >>> is_spdx("MIT OR Apache-2.0"), is_spdx("The MIT License")
    (True, False)
    """
    return all(name in _SPDX_IDS for name in _OPERATOR.split(licence))


def rows(document: Mapping[str, Any], name: str, where: str) -> list[tuple[dict[str, Any], str]]:
    """Give the objects of a list, each with its place.

    Raises:
        Malformed: it is no list, or holds something that is no object.
    """
    found = document.get(name)
    if found is None:
        return []
    if not isinstance(found, list) or not all(isinstance(row, dict) for row in found):
        raise Malformed(f"got a {name!r} that is no list of objects", where=where or name)
    return [(row, f"{where}.{name}[{at}]".lstrip(".")) for at, row in enumerate(found)]


def text(row: Mapping[str, Any], name: str, where: str) -> str:
    """Give a text, or nothing where there is none.

    Raises:
        Malformed: it is something else.
    """
    value = row.get(name)
    if value is None:
        return ""
    if not isinstance(value, str):
        raise Malformed(f"got {type(value).__name__} for {name!r}, expected text", where=where)
    if not value.isascii() and any("\ud800" <= letter <= "\udfff" for letter in value):
        raise Malformed(f"got half a surrogate pair in {name!r}, expected text", where=where)
    return value


def found_purl(told: str, where: str) -> Purl:
    """Read a package URL.

    Raises:
        Malformed: it is none; says where.
    """
    try:
        return Purl.parse(told)
    except Malformed as e:
        raise Malformed(e.message, where=where) from e


def found_digest(candidates: Iterator[str]) -> Digest | None:
    """Give the first that is a digest."""
    for told in candidates:
        try:
            return Digest.parse(told)
        except GravenError:
            continue
    return None
