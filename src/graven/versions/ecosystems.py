"""Which order an ecosystem's versions have; the names are those of the OSV schema ("Defined ecosystems")."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

from graven.versions.apk import apk_key
from graven.versions.dpkg import dpkg_key
from graven.versions.gem import gem_key
from graven.versions.maven import maven_key
from graven.versions.nuget import nuget_key
from graven.versions.pep440 import pep440_key
from graven.versions.rpm import rpm_key
from graven.versions.semver import semver_key

__all__ = ["ECOSYSTEMS", "key"]

ECOSYSTEMS: Mapping[str, Callable[[str], bytes | None]] = MappingProxyType(
    {
        "npm": semver_key,
        "Go": semver_key,
        "crates.io": semver_key,
        "PyPI": pep440_key,
        "Debian": dpkg_key,
        "Ubuntu": dpkg_key,
        "Maven": maven_key,
        "RubyGems": gem_key,
        "NuGet": nuget_key,
        "Hex": semver_key,
        "Pub": semver_key,
        "Alpine": apk_key,
        "Chainguard": apk_key,
        "Wolfi": apk_key,
        "AlmaLinux": rpm_key,
        "Mageia": rpm_key,
        "Red Hat": rpm_key,
        "Rocky Linux": rpm_key,
        "SUSE": rpm_key,
        "openEuler": rpm_key,
        "openSUSE": rpm_key,
    }
)
"""By the ecosystem's name without its release."""


def key(ecosystem: str, version: str) -> bytes | None:
    """Give a version's key in an ecosystem (``Debian:12`` is ``Debian``), or None where nobody can tell.

    >>> key("npm", "4.17.20") < key("npm", "4.17.21")
    True
    >>> key("Debian:12", "3.0.15-1~deb12u1") is None, key("Haiku", "1") is None
    (False, True)
    """
    order = ECOSYSTEMS.get(ecosystem.partition(":")[0])
    return None if order is None else order(version)
