"""Layers laid over one another: which facts of each are still to be seen from the top, and what they come to.

OCI image-spec, layer.md: a whiteout hides what the layers below hold at its path and under it, an opaque whiteout what
they hold under its folder; and whatever is no folder hides what it is laid over.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol, TypeVar

from graven.inventory.coverage import Coverage, Unread
from graven.inventory.inventory import Inventory
from graven.inventory.ownership import Owners
from graven.inventory.report import MARK, Claim, Found, LayerReport, Sighting, mark
from graven.values import Component, Distro, Purl

__all__ = ["squash"]


class _Placed(Protocol):
    @property
    def path(self) -> str: ...


_Fact = TypeVar("_Fact", bound=_Placed)


@dataclass(frozen=True, slots=True)
class _View:
    """What is to be seen from the top."""

    packages: tuple[tuple[Found, str], ...]
    """Each with the digest of its layer."""
    claims: tuple[Claim, ...]
    sightings: tuple[Sighting, ...]
    limits: tuple[str, ...]

    def sighted(self, kind: str) -> list[Sighting]:
        return [sighting for sighting in self.sightings if sighting.kind == kind]


def squash(reports: Sequence[LayerReport]) -> Inventory:
    """Lay reports over one another, the lowest first, and give the inventory of the whole."""
    view = _view(reports)
    distro = _distro(view)
    owners = Owners(
        tuple(found for found, _ in view.packages),
        view.claims,
        links=tuple((link.path, link.text) for link in view.sighted("link")),
        diversions=tuple((moved.path, moved.text) for moved in view.sighted("diversion")),
    )
    licences = {sighting.path: sighting.text for sighting in view.sighted("licence")}
    components = (_component(found, layer, distro, licences, owners) for found, layer in view.packages)
    return Inventory(distro, tuple(sorted(components)), _coverage(view, owners))


def _view(reports: Sequence[LayerReport]) -> _View:
    packages: list[tuple[Found, str]] = []
    claims: list[Claim] = []
    sightings: list[Sighting] = []
    above: set[bytes] = set()
    for report in reversed(reports):
        hidden = _Hidden(above)
        packages.extend((found, str(report.layer)) for found in hidden.leaves(report.packages))
        claims.extend(hidden.leaves(report.claims))
        sightings.extend(hidden.leaves(report.sightings))
        above.update(report.covers[at : at + MARK] for at in range(0, len(report.covers), MARK))
    limits = tuple(f"layer {report.layer}: {limit}" for report in reports for limit in report.limits)
    return _View(tuple(packages), tuple(claims), tuple(sightings), limits)


class _Hidden:
    """Tells what the layers above one hide of it."""

    def __init__(self, above: set[bytes]) -> None:
        self._above = above
        self._folders: dict[str, bool] = {"": mark(b"o") in above}

    def leaves(self, facts: Sequence[_Fact]) -> Sequence[_Fact]:
        return [fact for fact in facts if not self._over(fact.path)] if self._above else facts

    def _over(self, path: str) -> bool:
        name = path.encode()
        above = self._above
        return mark(b"f" + name) in above or mark(b"d" + name) in above or self._under(path.rpartition("/")[0])

    def _under(self, folder: str) -> bool:
        """Tell whether what is under a folder is hidden: by the folder itself, or by one that it is in."""
        known = self._folders.get(folder)
        if known is None:
            name = folder.encode()
            here = mark(b"f" + name) in self._above or mark(b"o" + name) in self._above
            known = self._folders[folder] = here or self._under(folder.rpartition("/")[0])
        return known


def _distro(view: _View) -> Distro | None:
    """Give the distribution; the file in ``etc`` wins over that in ``usr/lib`` (os-release(5))."""
    told = {sighting.path: sighting.text for sighting in view.sighted("release")}
    unreadable = {sighting.path for sighting in view.sighted("unread")}
    text = told.get("etc/os-release") or ("" if "etc/os-release" in unreadable else told.get("usr/lib/os-release", ""))
    identifier, _, version = text.partition(" ")
    return Distro(identifier, version) if identifier else None


def _component(found: Found, layer: str, distro: Distro | None, licences: dict[str, str], owners: Owners) -> Component:
    licence = found.licence
    if found.type == "deb":
        root = found.path.rpartition("var/lib/dpkg/")[0]
        licence = licences.get(f"{root}usr/share/doc/{found.name}/copyright", "")
    return Component(
        _purl(found, distro),
        found.path,
        layer,
        found.source,
        found.source_version,
        licence,
        found.supplier,
        owner="" if found.type == "deb" else owners.distribution(found.path),
    )


def _purl(found: Found, distro: Distro | None) -> Purl:
    if found.type == "deb":
        space = distro.id if distro else ""
        release = f"{distro.id}-{distro.version_id}" if distro and distro.version_id else space
        return Purl.make("deb", found.name, found.version, namespace=space, arch=found.architecture, distro=release)
    space, _, name = found.name.rpartition("/")
    return Purl.make(found.type, name or found.name, found.version, namespace=space)


def _coverage(view: _View, owners: Owners) -> Coverage:
    databases = [each for each in view.sighted("database") if not owners.owner(each.path)]
    programs = [each for each in view.sighted("executable") if not owners.owner(each.path)]
    return Coverage.of(
        unread_databases=(
            *(Unread(each.text, _collapsed(each)) for each in databases),
            *(Unread("go", each.path) for each in programs if each.text == "go"),
        ),
        unowned_executables=(each.path for each in programs if each.text != "go"),
        unowned_archives=(each.path for each in view.sighted("archive") if not owners.owner(each.path)),
        bare_folders=(each.path for each in view.sighted("folder") if not owners.folder(each.path, each.text)),
        limits=(
            *view.limits,
            *(f"{each.path}: {each.text}" for each in view.sighted("unread")),
            *([f"scripts of {owners.beyond} further Python environments"] if owners.beyond else []),
        ),
    )


_FILE_FOR_EACH = {"pacman": 2, "portage": 3, "gem": 1, "conda": 1, "r": 2, "homebrew": 3, "luarocks": 3}
"""Databases with a file for each package, and how many steps above it the database itself stands."""


def _collapsed(database: Sighting) -> str:
    """Give the place of the database that a file is part of."""
    if database.text == "nix" and database.path.startswith("nix/store/"):
        return "nix/store"
    steps = _FILE_FOR_EACH.get(database.text, 0)
    return database.path.rsplit("/", steps)[0] if steps else database.path
