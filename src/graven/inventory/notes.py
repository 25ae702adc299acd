"""What is gathered while one layer is read, bounded; becomes its report."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from typing import TypeVar

from graven.inventory.report import MARK, Claim, Found, LayerReport, Sighting, mark
from graven.values import Digest

__all__ = ["Notes"]

_Fact = TypeVar("_Fact", Found, Claim, Sighting)

_OVERHEAD = 200
"""Bytes that a small object costs besides its text."""

_HELD_BY_NAME = ("executable", "archive", "database", "release", "licence", "unread")
"""Sightings that a hard link to the same file repeats under its own name."""


class Notes:
    """Facts of one layer, in the order of its members, within a budget of bytes."""

    def __init__(self, room: int) -> None:
        self._room = self._whole = room
        self._packages: list[Found] = []
        self._claims: list[Claim] = []
        self._sightings: dict[Sighting, None] = {}
        self._links: list[tuple[str, str, str]] = []
        self._left_out: Counter[str] = Counter()
        self._limits: dict[str, None] = {}
        self._read: set[str] = set()
        self._files = bytearray()
        self._covers = bytearray()

    def cover(self, kind: bytes, name: bytes) -> None:
        """Note that something stands here, over the layers below."""
        self._covers += mark(kind + name)

    def cover_file(self, name: bytes) -> None:
        """Note that a file stands here, over the layers below."""
        self._files += mark(b"f" + name)

    def limit(self, why: str) -> None:
        """Note something that was not seen, at no path in particular."""
        self._limits[why] = None

    def sight(self, kind: str, path: str, text: str = "") -> None:
        """Note a sighting, once."""
        sighting = Sighting(kind, path, text)
        if sighting not in self._sightings and self._afford(kind, len(path) + len(text)):
            self._sightings[sighting] = None

    def package(self, found: Found) -> None:
        """Note a package."""
        if self._afford("package", len(found.path) + len(found.licence) + len(found.supplier) + 4 * len(found.name)):
            self._packages.append(found)

    def claim(self, claim: Claim) -> None:
        """Note the files of a package."""
        if claim.marks and self._afford("list of files", len(claim.marks) + 2 * len(claim.path)):
            self._claims.append(claim)

    def read(self, path: str) -> None:
        """Note that a file that tells of packages was read."""
        if self._afford("file that tells of packages", len(path)):
            self._read.add(path)

    def claimed(self, path: str) -> bool:
        """Tell whether the list of this name was the last one read (names come in order, most often)."""
        return bool(self._claims) and self._claims[-1].path == path

    def link(self, path: str, target: str, kind: str) -> None:
        """Note a hard link; it is resolved when all is read, since nothing says that its target comes first."""
        if self._afford("hard link", len(path) + len(target)):
            self._links.append((path, target, kind))

    def _afford(self, what: str, size: int) -> bool:
        """Take from the budget what a fact costs, with what Python adds to it; tell whether it was enough."""
        if self._room < size + _OVERHEAD:
            self._left_out[what] += 1
            return False
        self._room -= size + _OVERHEAD
        return True

    def report(self, layer: Digest, entries: int) -> LayerReport:
        """Resolve the hard links, sort, and give the report."""
        files = _pieces(self._files)
        self._resolve(files)
        if len(files) < len(self._files) // MARK:
            self.limit("names stand more than once in the archive, so that it is not certain which file is meant")
        for what, count in self._left_out.items():
            self.limit(f"{count} of the kind {what!r} were left out: the limit facts is {self._whole} bytes")
        covers = sorted(files | _pieces(self._covers))
        return LayerReport(
            layer,
            tuple(sorted(set(self._packages))),
            tuple(sorted(set(self._claims))),
            tuple(sorted(self._sightings)),
            b"".join(covers),
            tuple(sorted(self._limits)),
            entries,
        )

    def _resolve(self, files: set[bytes]) -> None:
        packages, claims = _by_path(self._packages), _by_path(self._claims)
        sightings = _by_path(s for s in self._sightings if s.kind in _HELD_BY_NAME)
        for path, target, kind in self._links:
            sightings[path] = [replace(sighting, path=path) for sighting in sightings.get(target, ())]
            for sighting in sightings[path]:
                self.sight(sighting.kind, path, sighting.text)
            if kind.startswith("database:"):
                self.sight("database", path, kind.removeprefix("database:"))
            elif mark(b"f" + target.encode()) not in files:
                self.sight("unread", path, "it is a hard link to a file of another layer")
            elif kind and kind != "archive" and target not in self._read:
                self.sight("unread", path, "it is a hard link to a file that was not kept")
            elif kind:
                packages[path] = [replace(found, path=path) for found in packages.get(target, ())]
                claims[path] = [_moved(claim, path) for claim in claims.get(target, ())]
                for found in packages[path]:
                    self.package(found)
                for claim in claims[path]:
                    self.claim(claim)
                self.read(path)


def _pieces(marks: bytearray) -> set[bytes]:
    return {bytes(marks[at : at + MARK]) for at in range(0, len(marks), MARK)}


def _by_path(facts: Iterable[_Fact]) -> dict[str, list[_Fact]]:
    found: dict[str, list[_Fact]] = {}
    for fact in facts:
        found.setdefault(fact.path, []).append(fact)
    return found


def _moved(claim: Claim, path: str) -> Claim:
    """Give a claim as the list of files makes it at another place."""
    if claim.type == "deb":
        root, _, file = path.rpartition("var/lib/dpkg/")
        owner = file.rpartition("/")[2].rpartition(".")[0].partition(":")[0]
        return replace(claim, path=path, base=root, owner=owner)
    depth = claim.path.count("/") - claim.owner.count("/")
    metadata = path.rsplit("/", depth)[0] if depth else path
    folder = metadata.rpartition("/")[0]
    return replace(claim, path=path, owner=metadata, base=f"{folder}/" if folder else "")
