"""Whether a name that a VEX document uses means this artifact, or that package.

A name that pins a digest must pin one of the artifact's; a name that gives a place must give its repository, with or
without a host. A tag alone says nothing: what it pointed to when the statement was made is not known here.
"""

from __future__ import annotations

from collections.abc import Collection

from graven.errors import Malformed
from graven.values import Digest, Purl

__all__ = ["names_artifact", "names_package"]


def names_artifact(name: str, digests: Collection[Digest], repository: str) -> bool:
    """Tell whether a name means the artifact: its digest, its repository, or both; or a ``pkg:oci`` purl of them.

    >>> names_artifact("pkg:oci/web?repository_url=registry.example/app/web", (), "app/web")
    True
    >>> names_artifact("pkg:oci/web?repository_url=registry.example/other/web", (), "app/web")
    False
    """
    if name.lower().startswith("pkg:"):
        return _purl_names(name, digests, repository)
    place, at, pinned = name.rpartition("@")
    if at:
        return _pins(pinned, digests) and _is_place(place, repository)
    return _pins(name, digests) or _is_place(name, repository)


def names_package(name: str, purl: str) -> bool:
    """Tell whether a purl means a package: without a version any of them, and its qualifiers must all be there.

    >>> names_package("pkg:npm/left", "pkg:npm/left@1.0.0"), names_package("pkg:npm/left@2", "pkg:npm/left@1.0.0")
    (True, False)
    """
    told, package = _purl(name), Purl.parse(purl)
    if told is None or told.without_version != package.without_version:
        return False
    return told.version in ("", package.version) and set(told.qualifiers) <= set(package.qualifiers)


def _purl_names(name: str, digests: Collection[Digest], repository: str) -> bool:
    purl = _purl(name)
    if purl is None or purl.type != "oci":
        return False
    url = purl.qualifier("repository_url")
    fits = _is_place(url, repository) if url else purl.name == repository.rpartition("/")[2]
    if purl.version:
        return fits and _pins(purl.version, digests)
    # without a digest only a whole place says which repository, and a tag would narrow it to what is not known
    return fits and bool(url or purl.name == repository) and not purl.qualifier("tag")


def _purl(name: str) -> Purl | None:
    try:
        return Purl.parse(name)
    except Malformed:
        return None


def _pins(text: str, digests: Collection[Digest]) -> bool:
    return any(text in (str(digest), digest.hex) for digest in digests)


def _is_place(text: str, repository: str) -> bool:
    """Compare with or without a host, which has a dot or a colon, or is ``localhost``."""
    place = text.removeprefix("https://").removeprefix("oci://").rstrip("/")
    host, slash, rest = place.partition("/")
    has_host = slash and ("." in host or ":" in host or host == "localhost")
    return repository in (place, rest if has_host else place)
