"""Which package owns a file: by the lists that package managers keep, and by the folder that a package is.

A distribution may have moved a root folder behind a link (``lib -> usr/lib``) while its lists still name the old
place, so both names of a file are looked up.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from graven.inventory.report import MARK, Claim, Found, mark

__all__ = ["Owners"]


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
        self._lists = {"deb": _lists(_installed(packages, claims)), "pypi": _lists(_with_metadata(packages, claims))}
        self._links = tuple((name, target) for name, target in links if target and ".." not in target)
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
        return self.distribution(path) or self._listed("pypi", path) or self._module(path)

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
        for name, target in self._links:
            if path.startswith(f"{target}/"):
                yield name + path[len(target) :]
            elif path.startswith(f"{name}/"):
                yield target + path[len(name) :]

    def _listed(self, kind: str, path: str) -> str:
        for base, owners in self._lists[kind].items():
            for name in _relative(path, base):
                if owner := owners.get(mark(name.encode())):
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
    known = {
        folder for found in packages if found.type == "pypi" for folder in (found.path, found.path.rpartition("/")[0])
    }
    return (claim for claim in claims if claim.type == "pypi" and claim.owner in known)


def _lists(claims: Iterator[Claim]) -> dict[str, dict[bytes, str]]:
    found: dict[str, dict[bytes, str]] = {}
    for claim in claims:
        owners = found.setdefault(claim.base, {})
        owners.update(
            dict.fromkeys((claim.marks[at : at + MARK] for at in range(0, len(claim.marks), MARK)), claim.owner)
        )
    return found


def _relative(path: str, base: str) -> Iterator[str]:
    """Give the names that a list in a folder could know a path by: its own, its top folder's, and ``*`` for all."""
    if path.startswith(base):
        name = path[len(base) :]
        yield name
        yield f"{name.partition('/')[0]}/*"
        yield "*"
        return
    here, there = path.split("/"), base.rstrip("/").split("/")
    same = next((at for at, (a, b) in enumerate(zip(here, there, strict=False)) if a != b), min(len(here), len(there)))
    # Installers name scripts and data of a wheel from its site-packages upwards: ../../../bin/flask.
    if same:
        yield "../" * (len(there) - same) + "/".join(here[same:])
