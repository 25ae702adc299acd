"""Which package owns a file: by the lists that package managers keep, and by the folder that a package is.

A distribution may have moved a root folder behind a link (``lib -> usr/lib``) while its lists still name the old
place, so both names of a file are looked up.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from graven.inventory.report import MARK, Claim, Found, mark

__all__ = ["Owners"]

_LINKS = 16
"""So many links of the root to one folder are followed back."""
_ENVIRONMENTS = 256
"""So many Python environments may own scripts outside of them."""


class Owners:
    """Answers who owns a path. Lists of packages that are not installed do not count."""

    def __init__(
        self,
        packages: Sequence[Found],
        claims: Sequence[Claim],
        *,
        links: Sequence[tuple[str, str]] = (),
        diversions: Sequence[tuple[str, str]] = (),
    ) -> None:
        python = tuple(_with_metadata(packages, claims))
        self._lists = {
            "deb": _lists(_installed(packages, claims)),
            "pypi": _lists(claim for claim in python if claim.type == "pypi"),
        }
        above = _lists(claim for claim in python if claim.type == "pypi-above")
        self._above = dict(sorted(above.items())[:_ENVIRONMENTS])
        self.beyond = max(0, len(above) - _ENVIRONMENTS)
        """Python environments whose scripts were not looked at."""
        self._links = {name: target for name, target in links if target and ".." not in target}
        self._linked: dict[str, list[str]] = {}
        for name, target in sorted(self._links.items()):
            self._linked.setdefault(target, []).append(name)
        self._diverted = dict(diversions)
        self._node = {found.path.removesuffix("/package.json") for found in packages if found.type == "npm"}

    def distribution(self, path: str) -> str:
        """Name the package of the distribution that owns a path, or give the empty string."""
        names = [path, self._diverted[path]] if path in self._diverted else [path]
        for name in names:
            for variant in self._variants(name):
                if owner := self._listed("deb", variant):
                    return owner
        return ""

    def owner(self, path: str) -> str:
        """Name the package that owns a path, or give the empty string."""
        return self.distribution(path) or self._listed("pypi", path) or self._reached(path) or self._module(path)

    def folder(self, path: str, language: str) -> str:
        """Name the package that a language's folder is, or is part of, or give the empty string."""
        if language == "node" and (path in self._node or self._shipped(path)):
            return path
        return self.distribution(path) or (self._listed("pypi", path) if language == "python" else "")

    def _shipped(self, path: str) -> bool:
        """Tell whether a folder of node_modules came inside a package: an installer puts them right below one only."""
        parent = path[: path.rfind("node_modules/")].rstrip("/")
        return parent not in self._node and bool(self._module(parent))

    def _variants(self, path: str) -> Iterator[str]:
        yield path
        first, slash, rest = path.partition("/")
        if slash and first in self._links:
            yield f"{self._links[first]}/{rest}"
        for folder in _folders(path):
            for name in self._linked.get(folder, ())[:_LINKS]:
                yield name + path[len(folder) :]

    def _listed(self, kind: str, path: str) -> str:
        """Look into the lists of each folder that the path is in; a list may say ``*`` for all, or ``x/*``."""
        lists = self._lists[kind]
        for folder in (*_folders(path), ""):
            base = f"{folder}/" if folder else ""
            owners = lists.get(base)
            if owners is None:
                continue
            name = path[len(base) :]
            for each in (name, f"{name.partition('/')[0]}/*", "*"):
                if owner := owners.get(mark(each.encode())):
                    return owner
        return ""

    def _reached(self, path: str) -> str:
        """Look into the lists whose names lead out of their folder, as those of scripts do."""
        for base, owners in self._above.items():
            if owner := owners.get(mark(_from(base, path).encode())):
                return owner
        return ""

    def _module(self, path: str) -> str:
        """Walk up through ``node_modules`` to a folder that is a package."""
        end = len(path)
        while (at := path.rfind("node_modules/", 0, end)) >= 0:
            parts = path[at + 13 :].split("/", 2)
            folder = path[: at + 13] + "/".join(parts[: 2 if parts[0].startswith("@") else 1])
            if folder in self._node:
                return folder
            end = at
        return ""


def _installed(packages: Sequence[Found], claims: Sequence[Claim]) -> Iterator[Claim]:
    known = {(found.path.rpartition("var/lib/dpkg/")[0], found.name) for found in packages if found.type == "deb"}
    files = {found.path for found in packages if found.type == "deb"}
    for claim in claims:
        in_file = claim.path.removesuffix(".md5sums") in files
        if claim.type == "deb" and ((claim.base, claim.owner) in known or in_file):
            yield claim


def _with_metadata(packages: Sequence[Found], claims: Sequence[Claim]) -> Iterator[Claim]:
    found = [each.path for each in packages if each.type == "pypi"]
    known = {folder for path in found for folder in (path, path.rpartition("/")[0])}
    return (claim for claim in claims if claim.type != "deb" and claim.owner in known)


def _lists(claims: Iterable[Claim]) -> dict[str, dict[bytes, str]]:
    found: dict[str, dict[bytes, str]] = {}
    for claim in claims:
        marks = (claim.marks[at : at + MARK] for at in range(0, len(claim.marks), MARK))
        found.setdefault(claim.base, {}).update(dict.fromkeys(marks, claim.owner))
    return found


def _folders(path: str) -> Iterator[str]:
    """Give the folders that a path is in, the innermost first, without the root."""
    while path := path.rpartition("/")[0]:
        yield path


def _from(base: str, path: str) -> str:
    """Name a path as seen from a folder.

    >>> _from("venv/lib/site-packages/", "venv/bin/flask")
    '../../bin/flask'
    """
    here, there = path.split("/"), base.split("/")[:-1]
    same = next((at for at, (a, b) in enumerate(zip(here, there, strict=False)) if a != b), min(len(here), len(there)))
    return "../" * (len(there) - same) + "/".join(here[same:])
