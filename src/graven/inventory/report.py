"""What one layer tells, whatever stands below or above it: what the cache keeps, by layer and ``VERSION``.

Facts about other files are kept as marks, the first eight bytes of their BLAKE2b, so that a layer of a million files
costs eight megabytes. ``covers`` marks all that the layer puts over the layers below: ``f`` and a path for what is
no folder (and for whiteouts, which hide just as much), ``d`` for folders, ``o`` for opaque ones.
"""

from __future__ import annotations

from base64 import b64decode, b64encode
from collections.abc import Iterable
from dataclasses import dataclass, fields
from hashlib import blake2b
from typing import Any, Final

import orjson

from graven.errors import Malformed
from graven.values import Digest

__all__ = ["MARK", "VERSION", "Claim", "Found", "LayerReport", "Sighting", "mark", "marks"]

VERSION: Final = "graven-1"
"""Version of the cataloguer: changes with whatever changes a result."""

MARK: Final = 8
"""Bytes of a mark."""


def mark(text: bytes) -> bytes:
    """Give the mark of a path."""
    return blake2b(text, digest_size=MARK).digest()


def marks(texts: Iterable[bytes]) -> bytes:
    """Give the marks of paths, one behind the other."""
    found = bytearray()
    for text in texts:
        found += mark(text)
    return bytes(found)


@dataclass(frozen=True, slots=True, order=True)
class Found:
    """A package, as a file of its package manager tells of it."""

    type: str
    """Type of its package URL: ``deb``, ``pypi``, ``npm``."""
    path: str
    name: str
    version: str
    architecture: str = ""
    source: str = ""
    source_version: str = ""
    licence: str = ""
    supplier: str = ""


@dataclass(frozen=True, slots=True, order=True)
class Claim:
    """A list of the files that a package owns."""

    type: str
    """``deb``; ``pypi`` for what is below the base; ``pypi-above`` for names that lead out of it (``../../bin/x``)."""
    path: str
    """The file that holds the list."""
    base: str
    """The folder that the names are relative to."""
    owner: str
    """Name of the package (dpkg), or its metadata folder (Python)."""
    marks: bytes
    """Of each name."""


@dataclass(frozen=True, slots=True, order=True)
class Sighting:
    """Something at a path that matters without being a package.

    ``release`` (text: ID and VERSION_ID), ``licence`` (text: as declared), ``executable`` (text: elf, go or pe),
    ``archive``, ``folder`` (text: python or node), ``database`` (text: its kind), ``link`` (text: target),
    ``diversion`` (text: the path it was diverted from), ``unread`` (text: why).
    """

    kind: str
    path: str
    text: str = ""


@dataclass(frozen=True, slots=True)
class LayerReport:
    """All that matters of one layer."""

    layer: Digest
    packages: tuple[Found, ...]
    claims: tuple[Claim, ...]
    sightings: tuple[Sighting, ...]
    covers: bytes
    """Sorted marks."""
    limits: tuple[str, ...]
    """What was not read and why, about no path in particular."""
    entries: int

    def encode(self) -> bytes:
        """Write it as canonical JSON (RFC 8785; all keys are ASCII, all numbers small)."""
        document = {
            "cataloguer": VERSION,
            "claims": [{**_row(claim), "marks": b64encode(claim.marks).decode()} for claim in self.claims],
            "covers": b64encode(self.covers).decode(),
            "entries": self.entries,
            "layer": str(self.layer),
            "limits": self.limits,
            "packages": [_row(found) for found in self.packages],
            "sightings": [_row(sighting) for sighting in self.sightings],
        }
        return orjson.dumps(document, option=orjson.OPT_SORT_KEYS)

    @classmethod
    def decode(cls, data: bytes) -> LayerReport:
        """Read what ``encode`` wrote.

        Raises:
            Malformed: it is something else, or of another version.
        """
        try:
            document = orjson.loads(data)
            if document["cataloguer"] != VERSION:
                raise Malformed(f"got a report of cataloguer {document['cataloguer']!r}, expected {VERSION!r}")
            return cls(
                Digest.parse(document["layer"]),
                tuple(Found(**row) for row in document["packages"]),
                tuple(Claim(**{**row, "marks": b64decode(row["marks"])}) for row in document["claims"]),
                tuple(Sighting(**row) for row in document["sightings"]),
                b64decode(document["covers"]),
                tuple(document["limits"]),
                document["entries"],
            )
        except (ValueError, KeyError, TypeError) as e:
            raise Malformed(f"no report of a layer: {e}", where="cache") from e


_COLUMNS = {kind: tuple((field.name, field.default) for field in fields(kind)) for kind in (Found, Claim, Sighting)}


def _row(item: Found | Claim | Sighting) -> dict[str, Any]:
    """Give the columns that are not as they are by default."""
    return {name: value for name, usual in _COLUMNS[type(item)] if (value := getattr(item, name)) != usual}
