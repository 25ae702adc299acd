"""Under which ecosystem and name advisories speak of a component (OSV schema, "affected[].package")."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from graven.evidence.osv import package_name
from graven.values import Component, Distro

__all__ = ["Wanted", "wanted"]

_LANGUAGES: Mapping[str, tuple[str, str]] = {
    "npm": ("npm", "/"),
    "pypi": ("PyPI", "/"),
    "golang": ("Go", "/"),
    "cargo": ("crates.io", "/"),
    "maven": ("Maven", ":"),
    "gem": ("RubyGems", "/"),
    "nuget": ("NuGet", "/"),
    "composer": ("Packagist", "/"),
    "hackage": ("Hackage", "/"),
    "hex": ("Hex", "/"),
    "pub": ("Pub", "/"),
}
"""purl type -> ecosystem, and what parts namespace and name there."""

_SYSTEMS = ("deb", "apk", "rpm")


@dataclass(frozen=True, slots=True)
class Wanted:
    """What to look for in the advisories."""

    ecosystems: tuple[str, ...]
    """Empty where nobody can tell; then ``reason`` says why."""
    name: str
    version: str
    reason: str = ""
    cause: Literal["distro", "ecosystem"] = "ecosystem"
    """What is missing, where ``reason`` says that something is."""

    @property
    def packages(self) -> tuple[tuple[str, str], ...]:
        """Ecosystem and name, for a look-up."""
        return tuple((ecosystem, self.name) for ecosystem in self.ecosystems)


def wanted(component: Component, distro: Distro | None) -> Wanted:
    """Say what to look for; a package of an operating system goes by its source package."""
    purl = component.purl
    if purl.type in _SYSTEMS:
        name, version = component.source or purl.name, component.source_version or purl.version
        found = distro or _told_by(purl.qualifier("distro"))
        if found is None:
            return Wanted((), name, version, "its operating system is not known", "distro")
        ecosystems = _releases(found)
        if not ecosystems:
            told = f"{found.id} {found.version_id}".strip()
            return Wanted(
                (), name, version, f"no advisories are known by name for the operating system {told!r}", "distro"
            )
        return Wanted(ecosystems, name, version)
    ecosystem, parting = _LANGUAGES.get(purl.type, ("", ""))
    name = f"{purl.namespace}{parting}{purl.name}" if purl.namespace else purl.name
    if not ecosystem:
        return Wanted((), name, purl.version, f"no ecosystem of advisories is known for packages of type {purl.type!r}")
    return Wanted((ecosystem,), package_name(ecosystem, name), purl.version)


def _told_by(qualifier: str) -> Distro | None:
    """Read the purl qualifier ``distro=debian-12``."""
    name, hyphen, version = qualifier.rpartition("-")
    return Distro(name, version) if hyphen and name else None


def _releases(distro: Distro) -> tuple[str, ...]:
    """Name the ecosystems of a release; none where the release is not told (Debian sid has no VERSION_ID)."""
    version = distro.version_id
    major, _, rest = version.partition(".")
    if distro.id in ("wolfi", "chainguard"):
        return ({"wolfi": "Wolfi", "chainguard": "Chainguard"}[distro.id],)
    if not version:
        return ()
    return {
        "debian": (f"Debian:{major}",),
        "ubuntu": (f"Ubuntu:{version}", f"Ubuntu:{version}:LTS", f"Ubuntu:Pro:{version}:LTS"),
        "alpine": (f"Alpine:v{major}.{rest.partition('.')[0]}",),
        "almalinux": (f"AlmaLinux:{major}",),
        "rocky": (f"Rocky Linux:{major}",),
    }.get(distro.id, ())
