"""Advisories in OSV format (ossf.github.io/osv-schema, 1.7): one record -> what it says of which versions.

A record is read strictly where a fault could hide a vulnerability (its id, its moment, the shape of its events), and
leniently where it could not. A range that cannot be ordered is kept as *unread*, with the reason, so that a match can
say "unknown". ``aliases`` name the same bug; ``upstream`` names what a distribution's record rests on, and is no alias.

Which component is meant, and what follows, is left to ``graven.evidence.matching``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from graven.errors import Malformed
from graven.evidence.cvss import Level, base_score, level_of
from graven.evidence.intervals import Interval, intervals
from graven.values import canonical, format_moment, parse_moment
from graven.versions import ECOSYSTEMS

__all__ = ["Advisory", "Affected", "Severity", "package_name", "parse"]

_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:@+/-]{1,199}")
_WORDS: Mapping[str, Level] = {
    "critical": "critical",
    "important": "high",
    "high": "high",
    "moderate": "medium",
    "medium": "medium",
    "low": "low",
    "negligible": "low",
    "none": "none",
}
_KINDS = ("CVSS_V3", "CVSS_V2")
"""Kinds of vectors with a score here, the better one first."""


@dataclass(frozen=True, slots=True)
class Severity:
    """How bad it is, as the record says."""

    level: Level = "unknown"
    score: float | None = None
    vector: str = ""


@dataclass(frozen=True, slots=True)
class Affected:
    """What a record says about one package."""

    ecosystem: str
    """With the distribution's release: ``Debian:12``."""
    name: str
    """As ``package_name`` writes it."""
    intervals: tuple[Interval, ...]
    versions: frozenset[str]
    """"The versions list is authoritative in addition to the ranges": exact, as written."""
    unread: tuple[str, ...]
    """Why a range, or the whole entry, says nothing that can be ordered."""
    severity: Severity


@dataclass(frozen=True, slots=True)
class Advisory:
    """A record."""

    id: str
    modified: str
    published: str
    """Empty where it is not told."""
    withdrawn: str
    aliases: tuple[str, ...]
    upstream: tuple[str, ...]
    summary: str
    affected: tuple[Affected, ...]

    @property
    def packages(self) -> tuple[tuple[str, str], ...]:
        """Ecosystem and name of each package that the record speaks of, sorted."""
        return tuple(sorted({(entry.ecosystem, entry.name) for entry in self.affected}))


def package_name(ecosystem: str, name: str) -> str:
    """Write a name so that equal packages have equal names (PyPI: PEP 503; elsewhere as it is).

    >>> package_name("PyPI", "Flask_SQLAlchemy"), package_name("npm", "JSONStream")
    ('flask-sqlalchemy', 'JSONStream')
    """
    return re.sub(r"[-_.]+", "-", name).lower() if ecosystem == "PyPI" else name


def parse(data: bytes, *, where: str = "") -> Advisory:
    """Read a record.

    Raises:
        Malformed: it is no OSV record, or one whose affected versions cannot be told; names the record.
    """
    document = canonical.loads(data, where=where)
    if not isinstance(document, dict):
        raise Malformed("got JSON that is no object, expected an OSV record", where=where)
    name = document.get("id")
    if not isinstance(name, str) or not _ID.fullmatch(name):
        raise Malformed(f"got the id {str(name)[:80]!r}, expected an OSV record with an id", where=where)
    return _Record(document, where=f"{where}: {name}" if where else name).read()


class _Record:
    """One record while it is read; carries where it stands, for the messages."""

    def __init__(self, document: dict[str, Any], *, where: str) -> None:
        self.document = document
        self.where = where

    def read(self) -> Advisory:
        document = self.document
        return Advisory(
            id=document["id"],
            modified=self.moment("modified", required=True),
            published=self.moment("published"),
            withdrawn=self.moment("withdrawn"),
            aliases=self.names("aliases"),
            upstream=self.names("upstream"),
            summary=str(document.get("summary") or "")[:500],
            affected=tuple(self.affected()),
        )

    def fault(self, message: str) -> Malformed:
        return Malformed(message, where=self.where, hint="mend or leave out this record")

    def moment(self, field: str, *, required: bool = False) -> str:
        value = self.document.get(field)
        if value is None and not required:
            return ""
        if not isinstance(value, str):
            got = "nothing" if value is None else f"{str(value)[:60]!r}"
            raise self.fault(f"got {got} for {field!r}, expected a moment (RFC 3339)")
        try:
            return format_moment(parse_moment(value))
        except Malformed as e:
            raise self.fault(f"{field}: {e.message}") from e

    def names(self, field: str) -> tuple[str, ...]:
        return tuple(dict.fromkeys(_strings(self.items(self.document, field))))

    def items(self, holder: Mapping[str, Any], field: str) -> Sequence[Any]:
        value = holder.get(field)
        if value is None:
            return ()
        if not isinstance(value, list):
            raise self.fault(f"got {type(value).__name__} for {field!r}, expected a list")
        return value

    def affected(self) -> Iterator[Affected]:
        whole = _severity(self.document, _object(self.document.get("database_specific")))
        for entry in self.items(self.document, "affected"):
            if not isinstance(entry, dict):
                raise self.fault("got an entry of 'affected' that is no object")
            package = entry.get("package")
            if package is None:
                continue  # a record about a repository's commits alone; no package is named
            yield self.entry(entry, _object(package), whole)

    def entry(self, entry: Mapping[str, Any], package: Mapping[str, Any], whole: Severity) -> Affected:
        ecosystem, name = package.get("ecosystem"), package.get("name")
        if not (isinstance(ecosystem, str) and ecosystem and isinstance(name, str) and name):
            raise self.fault("got a package without ecosystem and name, expected both")
        found, unread = self.ranges(ecosystem, entry)
        versions = frozenset(_strings(self.items(entry, "versions")))
        ordered = any(_object(spread).get("type") != "GIT" for spread in self.items(entry, "ranges"))
        if not (ordered or versions):
            unread = ["it names neither versions nor a range that can be ordered"]
        own = _severity(entry, _object(entry.get("ecosystem_specific")), _object(entry.get("database_specific")))
        return Affected(
            ecosystem=ecosystem,
            name=package_name(ecosystem, name),
            intervals=tuple(found),
            versions=versions,
            unread=tuple(unread),
            severity=whole if own.level == "unknown" else own,
        )

    def ranges(self, ecosystem: str, entry: Mapping[str, Any]) -> tuple[list[Interval], list[str]]:
        found: list[Interval] = []
        unread: list[str] = []
        for spread in self.items(entry, "ranges"):
            kind = _object(spread).get("type")
            if kind == "GIT":
                continue  # commits order no released version
            if kind not in ("SEMVER", "ECOSYSTEM"):
                raise self.fault(f"got a range of type {str(kind)[:40]!r}, expected SEMVER, ECOSYSTEM or GIT")
            events = self.events(spread)
            if ecosystem.partition(":")[0] not in ECOSYSTEMS:
                unread.append(f"no order is known for versions of {ecosystem}")
                continue
            try:
                found += intervals(ecosystem, events)
            except Malformed as e:
                unread.append(e.message)
        return found, unread

    def events(self, spread: Mapping[str, Any]) -> list[tuple[str, str]]:
        found = [
            (kind, event[kind])
            for event in map(_object, self.items(spread, "events"))
            for kind in ("introduced", "fixed", "last_affected", "limit")
            if kind in event
        ]
        if not any(kind == "introduced" for kind, _ in found) or not all(isinstance(text, str) for _, text in found):
            raise self.fault("got a range that introduces nothing, expected an 'introduced' event")
        return found


def _object(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _strings(values: Sequence[object]) -> Iterator[str]:
    return (value for value in values if isinstance(value, str))


def _severity(holder: Mapping[str, Any], *specific: Mapping[str, Any]) -> Severity:
    """Prefer a vector with a score (the highest of its kind), then a word."""
    listed = holder.get("severity")
    entries = map(_object, listed if isinstance(listed, list) else ())
    told = [entry for entry in entries if isinstance(entry.get("score"), str)]
    for kind in _KINDS:
        scores = [(base_score(kind, entry["score"]), entry["score"]) for entry in told if entry.get("type") == kind]
        known = [(score, vector) for score, vector in scores if score is not None]
        if known:
            score, vector = max(known)
            return Severity(level_of(score), score, vector)
    words = [entry["score"] for entry in told] + [str(where.get("severity") or "") for where in specific]
    return Severity(next((_WORDS[word.lower()] for word in words if word.lower() in _WORDS), "unknown"))
