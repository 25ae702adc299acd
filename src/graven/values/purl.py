"""Package URLs (ECMA-427): ``pkg:type/namespace/name@version?qualifiers#subpath``."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from urllib.parse import quote, unquote

from graven.errors import Malformed

__all__ = ["Purl"]

_TYPE = re.compile(r"[a-z][a-z0-9.-]*")
_KEY = re.compile(r"[a-z][a-z0-9.\-_]*")
_LOWER_NAMES = {"github", "bitbucket", "composer", "gitlab"}
_LOWER_SPACES = {"github", "bitbucket", "composer", "deb", "rpm", "apk", "alpm", "gitlab"}
_LOWER_NAME_ONLY = {"deb", "apk", "alpm"}


@dataclass(frozen=True, slots=True, order=True)
class Purl:
    """A package URL in its canonical form; ``parse`` after ``str`` is the identity.

    >>> str(Purl.parse("pkg:PyPI/Flask_SQLAlchemy@2.5?b=2&a=1"))
    'pkg:pypi/flask-sqlalchemy@2.5?a=1&b=2'
    """

    type: str
    namespace: str
    name: str
    version: str = ""
    qualifiers: tuple[tuple[str, str], ...] = ()
    subpath: str = ""

    @classmethod
    def make(cls, type_: str, name: str, version: str = "", *, namespace: str = "", **qualifiers: str) -> Purl:
        """Make one from parts that are not percent-encoded; empty qualifiers are dropped.

        Raises:
            Malformed: the type, the name or a qualifier's key is not allowed.
        """
        kind = type_.lower()
        if not _TYPE.fullmatch(kind) or not name:
            raise Malformed(f"got type {type_!r} and name {name!r}, expected a package URL's type and a name")
        bad = next((key for key in qualifiers if not _KEY.fullmatch(key.lower())), None)
        if bad is not None:
            raise Malformed(f"got the qualifier {bad!r}, expected letters, digits, '.', '-', '_'")
        pairs = tuple(sorted((key.lower(), value) for key, value in qualifiers.items() if value))
        return cls(kind, _space(kind, namespace), _name(kind, name), version, pairs)

    @classmethod
    def parse(cls, text: str) -> Purl:
        """Read a package URL.

        Raises:
            Malformed: it has no scheme ``pkg``, no type or no name.
        """
        scheme, colon, rest = text.partition(":")
        if scheme.lower() != "pkg" or not colon:
            raise Malformed(f"got {text[:200]!r}, expected a package URL such as pkg:pypi/flask@3.0.0")
        rest, _, subpath = rest.partition("#")
        rest, _, query = rest.partition("?")
        rest = rest.strip("/")
        kind, _, path = rest.partition("/")
        path, version = _split_version(path)
        parts = [unquote(part) for part in path.split("/") if part]
        if not parts:
            raise Malformed(f"got {text[:200]!r}, expected a name after the type")
        pairs = (pair.partition("=") for pair in query.split("&") if pair)
        qualifiers = {key.lower(): unquote(value) for key, _, value in pairs}
        made = cls.make(kind, parts[-1], unquote(version), namespace="/".join(parts[:-1]), **qualifiers)
        clean = "/".join(unquote(part) for part in subpath.split("/") if part not in ("", ".", ".."))
        return replace(made, subpath=clean)

    def qualifier(self, key: str) -> str:
        """Give one qualifier, or the empty string."""
        return dict(self.qualifiers).get(key, "")

    @property
    def without_version(self) -> Purl:
        """The package itself: neither version nor qualifiers nor subpath."""
        return Purl(self.type, self.namespace, self.name)

    def __str__(self) -> str:
        space = "".join(f"{_encode(part)}/" for part in self.namespace.split("/") if part)
        version = f"@{_encode(self.version)}" if self.version else ""
        query = "&".join(f"{key}={_encode(value, also='/')}" for key, value in self.qualifiers)
        sub = "/".join(_encode(part) for part in self.subpath.split("/") if part)
        return (
            f"pkg:{self.type}/{space}{_encode(self.name)}{version}"
            f"{'?' + query if query else ''}{'#' + sub if sub else ''}"
        )


def _split_version(path: str) -> tuple[str, str]:
    at = path.rfind("@")
    slash = path.rfind("/")
    return (path[:at], path[at + 1 :]) if at > max(slash, 0) else (path, "")


def _encode(part: str, *, also: str = "") -> str:
    return quote(part, safe=f"-._~:{also}")


def _name(kind: str, name: str) -> str:
    if kind == "pypi":
        return re.sub(r"[-_.]+", "-", name).lower()
    return name.lower() if kind in _LOWER_NAMES | _LOWER_NAME_ONLY else name


def _space(kind: str, namespace: str) -> str:
    clean = "/".join(part for part in namespace.split("/") if part)
    return clean.lower() if kind in _LOWER_SPACES else clean
