"""The order of versions, as bytes: comparing two keys is comparing two versions, exactly, by ecosystem.

A key is made once and stored; a range of versions is then a range of keys. A version that its ecosystem's grammar does
not allow has no key: whoever asks must say "unknown", never "not affected". Nothing is sorted by guess.

What a range of versions means is left to ``graven.evidence.osv``.
"""

from __future__ import annotations

from graven.versions.apk import apk_key
from graven.versions.dpkg import dpkg_key
from graven.versions.ecosystems import ECOSYSTEMS, key
from graven.versions.gem import gem_key
from graven.versions.maven import maven_key
from graven.versions.nuget import nuget_key
from graven.versions.pep440 import pep440_key
from graven.versions.rpm import rpm_key
from graven.versions.semver import semver_key

__all__ = [
    "ECOSYSTEMS",
    "apk_key",
    "dpkg_key",
    "gem_key",
    "key",
    "maven_key",
    "nuget_key",
    "pep440_key",
    "rpm_key",
    "semver_key",
]
