"""Which places of a root file system tell of packages: from a file's name to what reads it.

A name is looked up by its last part first, which rules out nearly all files at the cost of one look-up each.
"""

from __future__ import annotations

import re

__all__ = ["ARCHIVES", "DATABASES", "language_folder", "place"]

_AT = r"(?:^|/)"

_EXACT: dict[bytes, tuple[tuple[re.Pattern[bytes] | None, str], ...]] = {
    b"os-release": ((re.compile(rb"^(?:etc|usr/lib)/os-release$"), "os-release"),),
    b"package.json": ((None, "node"),),
    b"METADATA": ((re.compile(rb"(?i:dist-info)/METADATA$"), "python"),),
    b"PKG-INFO": ((re.compile(rb"(?i:egg-info)/PKG-INFO$"), "python"),),
    b"RECORD": ((re.compile(rb"\.dist-info/RECORD$"), "python-record"),),
    b"top_level.txt": ((re.compile(rb"\.egg-info/top_level\.txt$"), "python-top-level"),),
    b"status": (
        (re.compile(rb"(?:^|/)var/lib/dpkg/status$"), "dpkg"),
        (re.compile(rb"(?:^|/)(?:usr|var)/lib/opkg/status$"), "database:opkg"),
    ),
    b"diversions": ((re.compile(rb"(?:^|/)var/lib/dpkg/diversions$"), "dpkg-diversions"),),
    b"copyright": ((re.compile(rb"(?:^|/)usr/share/doc/[^/]+/copyright$"), "dpkg-licence"),),
}

DATABASES: tuple[tuple[str, bytes, str], ...] = (
    ("apk", b"installed", r"lib/apk/db/installed"),
    ("rpm", b"Packages", r"(?:lib/rpm|lib/sysimage/rpm|share/rpm)/Packages"),
    ("rpm", b"Packages.db", r"(?:lib/rpm|lib/sysimage/rpm|share/rpm)/Packages\.db"),
    ("rpm", b"rpmdb.sqlite", r"(?:lib/rpm|lib/sysimage/rpm|share/rpm)/rpmdb\.sqlite"),
    ("rpm", b"container-manifest-1", r"lib/rpmmanifest/container-manifest-1"),
    ("rpm", b"container-manifest-2", r"lib/rpmmanifest/container-manifest-2"),
    ("pacman", b"desc", r"lib/pacman/local/[^/]+/desc"),
    ("portage", b"CONTENTS", r"var/db/pkg/[^/]+/[^/]+/CONTENTS"),
    ("composer", b"installed.json", r"vendor/composer/installed\.json"),
    ("cargo", b".crates.toml", r"\.crates\.toml"),
    ("cargo", b".crates2.json", r"\.crates2\.json"),
    ("homebrew", b"INSTALL_RECEIPT.json", r"Cellar/[^/]+/[^/]+/INSTALL_RECEIPT\.json"),
    ("snap", b"snap.yaml", r"meta/snap\.yaml"),
    ("r", b"DESCRIPTION", r"(?:site-library|R/library)/[^/]+/DESCRIPTION"),
    ("luarocks", b"rock_manifest", r"lib/luarocks/rocks[^/]*/[^/]+/[^/]+/rock_manifest"),
    ("nix", b"db.sqlite", r"nix/var/nix/db/db\.sqlite"),
    ("flatpak", b"deploy", r"lib/flatpak/(?:app|runtime)/.+/deploy"),
    ("opam", b"switch-state", r"\.opam-switch/switch-state"),
    ("swift", b"Package.resolved", r"\.build/Package\.resolved"),
)
"""Databases that no cataloguer reads: kind, last part of the name, and the end of the path."""

for _kind, _last, _end in DATABASES:
    _EXACT[_last] = (*_EXACT.get(_last, ()), (re.compile(f"{_AT}{_end}$".encode()), f"database:{_kind}"))

ARCHIVES = frozenset(
    (b".jar", b".war", b".ear", b".aar", b".jpi", b".hpi", b".whl", b".egg", b".nupkg", b".phar", b".pyz", b".pex")
)
"""Endings of archives that hold packages."""

_SUFFIXES: dict[bytes, tuple[tuple[re.Pattern[bytes] | None, str], ...]] = {
    b".list": ((re.compile(rb"(?:^|/)var/lib/dpkg/info/[^/]+$"), "dpkg-list"),),
    b".md5sums": ((re.compile(rb"(?:^|/)var/lib/dpkg/(?:info|status\.d)/[^/]+$"), "dpkg-md5sums"),),
    b".egg-info": ((None, "python"),),
    b".gemspec": ((re.compile(rb"(?:^|/)specifications/(?:default/)?[^/]+$"), "database:gem"),),
    b".json": (
        (re.compile(rb"(?:^|/)conda-meta/[^/]+$"), "database:conda"),
        (re.compile(rb"\.deps\.json$"), "database:dotnet"),
        (re.compile(rb"(?:^|/)opt/bitnami/.+/\.spdx-[^/]+$"), "database:bitnami"),
    ),
    **dict.fromkeys(ARCHIVES, ((None, "archive"),)),
}

_STATUS_D = re.compile(rb"(?:^|/)var/lib/dpkg/status\.d/[^/]+$")
_NIX_STORE = b"nix/store/"
_PYTHON = re.compile(rb"(?:^|/)(?:site|dist)-packages/([^/]+)(?:/.*)?(?<=\.py)$")
_NODE = re.compile(rb"(?:.*/|^)node_modules/((?:@[^/]+/)?[^/]+)/")
_NO_PYTHON_FOLDER = (b".dist-info", b".egg-info", b".egg", b".data")
_NO_PACKAGES = (b"__pycache__", b"bin")
"""``pip install --target`` puts its scripts beside the packages."""


def place(name: bytes, base: bytes) -> str:
    """Tell what reads the file of this name, or give the empty string; ``base`` is the last part of the name.

    >>> place(b"usr/lib/python3/dist-packages/six-1.16.0.egg-info", b"six-1.16.0.egg-info")
    'python'
    """
    choices = _EXACT.get(base) or _SUFFIXES.get(base[base.rfind(b".") :] if b"." in base else b"", ())
    for pattern, kind in choices:
        if pattern is None or pattern.search(name):
            return kind
    if b"status.d/" in name and _STATUS_D.search(name):
        return "dpkg"
    return "database:nix" if name.startswith(_NIX_STORE) else ""


def language_folder(name: bytes) -> tuple[str, bytes]:
    """Tell which Python or Node folder a file makes a package's: kind and folder, or two empty strings.

    >>> language_folder(b"app/node_modules/@a/b/index.js")
    ('node', b'app/node_modules/@a/b')
    >>> language_folder(b"usr/lib/python3/dist-packages/six.py")
    ('python', b'usr/lib/python3/dist-packages/six.py')
    """
    if b"node_modules/" in name:
        node = _NODE.match(name)
        if node and not node[1].startswith(b"."):
            return "node", name[: node.end(1)]
    elif b"-packages/" in name and name.endswith(b".py"):
        python = _PYTHON.search(name)
        if python and python[1] not in _NO_PACKAGES and not python[1].endswith(_NO_PYTHON_FOLDER):
            return "python", name[: python.end(1)]
    return "", b""
