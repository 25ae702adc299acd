"""Components and advisories -> findings, and what could not be matched; pure, and exact by byte keys.

A component is affected by a record where one of its entries names the package and lists the version, or has it in a
range. Records that name one bug by aliases are one finding; what a distribution's record rests on (``upstream``) is no
alias. A withdrawn record says nothing. Records of malicious code (``MAL-``) are critical findings of their own kind.

What cannot be told is never "not affected": an operating system that is not known, an ecosystem of which the snapshot
has no advisories, a version or a range outside the grammar. Each is listed in ``unknown``, with its reason.

Adding an advisory never takes a finding away; it can join two into one, which then names the records of both.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from graven.evidence.cvss import Level
from graven.evidence.osv import Advisory, Affected
from graven.evidence.packages import Wanted, wanted
from graven.values import Component, Distro
from graven.versions import ECOSYSTEMS, key

__all__ = ["MATCHER_VERSION", "SEVERITIES", "Finding", "Matches", "Unmatched", "match"]

MATCHER_VERSION = "1"
"""Changes when the same input may give another output."""

SEVERITIES: tuple[Level, ...] = ("unknown", "none", "low", "medium", "high", "critical")
"""From the lowest up; where records of one bug differ, the higher counts."""


@dataclass(frozen=True, slots=True)
class Vex:
    """What a trusted party says about a finding in this artifact."""

    status: Literal["not_affected", "affected", "fixed", "under_investigation"]
    justification: str
    by: str
    """The identity that signed it."""


@dataclass(frozen=True, slots=True)
class Finding:
    """A bug that a component has."""

    id: str
    """The CVE where there is one, then GHSA, then the first of the records' ids."""
    aliases: tuple[str, ...]
    """The bug's other names."""
    upstream: tuple[str, ...]
    """What a distribution's record rests on."""
    kind: Literal["vulnerability", "malware"]
    purl: str
    version: str
    """The version that was compared: for a package of an operating system, that of its source package."""
    paths: tuple[str, ...]
    """Where the component was found."""
    severity: Level
    score: float | None
    fixed: tuple[str, ...]
    """The versions that end the ranges which hold this version, lowest first."""
    kev: bool
    """Whether CISA knows that it is exploited."""
    published: str
    """The earliest of the records."""
    advisories: tuple[str, ...]
    """Ids of the records that say so."""
    vex: Vex | None = None


@dataclass(frozen=True, slots=True, order=True)
class Unmatched:
    """A component of which something could not be told."""

    purl: str
    cause: Literal["distro", "ecosystem", "version", "range"]
    reason: str
    """One clause for a person."""


@dataclass(frozen=True, slots=True)
class Matches:
    """All findings, the worst first, and all that is not known."""

    findings: tuple[Finding, ...]
    unknown: tuple[Unmatched, ...]


@dataclass(frozen=True, slots=True)
class _Hit:
    advisory: Advisory
    entry: Affected
    fixed: tuple[str, ...]


def match(
    components: Iterable[Component],
    distro: Distro | None,
    advisories: Iterable[Advisory],
    *,
    covered: Collection[str],
    kev: Collection[str] = frozenset(),
) -> Matches:
    """Match components against advisories.

    ``covered`` names the ecosystems of which the snapshot has any advisory at all: silence about the others says
    nothing. ``kev`` holds the CVEs that are known to be exploited.
    """
    index: defaultdict[tuple[str, str], list[tuple[Advisory, Affected]]] = defaultdict(list)
    for advisory in sorted({advisory.id: advisory for advisory in advisories}.values(), key=lambda a: a.id):
        for entry in () if advisory.withdrawn else advisory.affected:
            index[entry.ecosystem, entry.name].append((advisory, entry))
    findings: list[Finding] = []
    unknown: set[Unmatched] = set()
    for (purl, sought), paths in _distinct(components, distro).items():
        hits, unmatched = _look_up(purl, sought, index, covered)
        findings += (_finding(purl, sought, paths, group, kev) for group in _groups(hits))
        unknown |= unmatched
    return Matches(tuple(sorted(findings, key=_rank)), tuple(sorted(unknown)))


def _rank(finding: Finding) -> tuple[int, bool, str, str, str]:
    return (-SEVERITIES.index(finding.severity), not finding.kev, finding.id, finding.purl, finding.version)


def _distinct(components: Iterable[Component], distro: Distro | None) -> Mapping[tuple[str, Wanted], tuple[str, ...]]:
    paths: defaultdict[tuple[str, Wanted], set[str]] = defaultdict(set)
    for component in components:
        paths[str(component.purl), wanted(component, distro)].add(component.path)
    return {package: tuple(sorted(found)) for package, found in sorted(paths.items(), key=lambda item: item[0][0])}


def _look_up(
    purl: str,
    sought: Wanted,
    index: Mapping[tuple[str, str], Sequence[tuple[Advisory, Affected]]],
    covered: Collection[str],
) -> tuple[list[_Hit], set[Unmatched]]:
    if not sought.ecosystems:
        return [], {Unmatched(purl, sought.cause, sought.reason)}
    unmatched: set[Unmatched] = set()
    if not any(ecosystem in covered for ecosystem in sought.ecosystems):
        unmatched.add(Unmatched(purl, "ecosystem", f"the snapshot has no advisories for {sought.ecosystems[0]}"))
    hits: list[_Hit] = []
    for package in sought.packages:
        version = key(package[0], sought.version)
        for advisory, entry in index.get(package, ()):
            hit = _affects(advisory, entry, sought.version, version)
            if hit is not None:
                hits.append(hit)
            else:
                unmatched |= set(_doubts(purl, sought, advisory, entry, version))
    return hits, unmatched


def _affects(advisory: Advisory, entry: Affected, text: str, version: bytes | None) -> _Hit | None:
    inside = [interval for interval in entry.intervals if version is not None and version in interval]
    if not inside and not _listed(entry, text, version):
        return None
    return _Hit(advisory, entry, tuple(interval.fixed for interval in inside if interval.fixed))


def _listed(entry: Affected, text: str, version: bytes | None) -> bool:
    """Tell whether the list of versions has it, as written or by another spelling of the same version."""
    if text in entry.versions:
        return True
    return version is not None and any(key(entry.ecosystem, listed) == version for listed in entry.versions)


def _doubts(
    purl: str, sought: Wanted, advisory: Advisory, entry: Affected, version: bytes | None
) -> Iterator[Unmatched]:
    for reason in entry.unread:
        yield Unmatched(purl, "range", f"{advisory.id} names the package, but {reason}")
    if version is None and (entry.intervals or entry.versions):
        order = entry.ecosystem.partition(":")[0]
        why = "cannot be read as a version of" if order in ECOSYSTEMS else "has no known order in"
        yield Unmatched(purl, "version", f"{advisory.id} names the package, but {sought.version!r} {why} {order}")


def _groups(hits: Sequence[_Hit]) -> list[list[_Hit]]:
    """Put the hits together that share a name, by union-find over ids and aliases."""
    parent: dict[str, str] = {}

    def root(name: str) -> str:
        while parent.setdefault(name, name) != name:
            parent[name] = name = parent[parent[name]]
        return name

    for hit in hits:
        for alias in hit.advisory.aliases:
            parent[root(alias)] = root(hit.advisory.id)
    groups: defaultdict[str, list[_Hit]] = defaultdict(list)
    for hit in hits:
        groups[root(hit.advisory.id)].append(hit)
    return list(groups.values())


def _finding(purl: str, sought: Wanted, paths: tuple[str, ...], group: Sequence[_Hit], kev: Collection[str]) -> Finding:
    records = sorted({hit.advisory.id for hit in group})
    names = sorted({*records, *(alias for hit in group for alias in hit.advisory.aliases)}, key=_preference)
    upstream = sorted({name for hit in group for name in hit.advisory.upstream} - set(names))
    malicious = any(name.startswith("MAL-") for name in names)
    worst = max((hit.entry.severity for hit in group), key=lambda s: (SEVERITIES.index(s.level), s.score or 0.0))
    published = [hit.advisory.published for hit in group if hit.advisory.published]
    return Finding(
        id=names[0],
        aliases=tuple(names[1:]),
        upstream=tuple(upstream),
        kind="malware" if malicious else "vulnerability",
        purl=purl,
        version=sought.version,
        paths=paths,
        severity="critical" if malicious else worst.level,
        score=worst.score,
        fixed=_fixes(group),
        kev=any(name in kev for name in (*names, *upstream)),
        published=min(published, default=""),
        advisories=tuple(records),
    )


def _preference(name: str) -> tuple[int, str]:
    order = ("MAL-", "CVE-", "GHSA-")
    return next((rank for rank, prefix in enumerate(order) if name.startswith(prefix)), len(order)), name


def _fixes(group: Sequence[_Hit]) -> tuple[str, ...]:
    found = {text: key(hit.entry.ecosystem, text) or b"" for hit in group for text in hit.fixed}
    return tuple(sorted(found, key=lambda text: (found[text], text)))
