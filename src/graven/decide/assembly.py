"""Owns the way from materials to inputs: verify, read, match, apply VEX. A decision and its replay both take it.

1. Each piece of evidence is read from its bytes and verified against the trust root, less what was revoked.
2. The components of the inventory are matched against the advisory records that were kept.
3. VEX statements move findings, where a party that is trusted for the product signed them.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase

from graven.decide.inputs import Contents, Inputs
from graven.decide.materials import Fetch, Materials, Source, decode_records
from graven.decide.steps import Means
from graven.errors import GravenError
from graven.evidence import chain, cyclonedx, osv, vex
from graven.evidence.candidates import Fault, candidates
from graven.evidence.matching import Matches, match
from graven.evidence.snapshot import Snapshot, exploited
from graven.evidence.trust import SIGN, Rejected, TrustedKey, TrustRoot, Verified, verify
from graven.inventory import Inventory
from graven.values import parse_moment

__all__ = ["assemble", "means", "trust_root"]

_VEX = "https://openvex.dev/ns"
_PROVENANCE = "https://slsa.dev/provenance/v1"


@dataclass(frozen=True, slots=True)
class _Seen:
    verified: tuple[Verified, ...]
    rejected: tuple[str, ...]


def assemble(materials: Materials, fetch: Fetch) -> Inputs:
    """Give the inputs of a question; every object is fetched by digest.

    Raises:
        Malformed: a stored object cannot be read.
    """
    seen = _verified(materials, trust_root(materials, fetch), fetch)
    contents = None
    if materials.inventory is not None:
        contents = Contents(Inventory.decode(fetch(materials.inventory)), materials.inventory)
    spoken, unread = _spoken(seen.verified)
    matches = None if contents is None else _matches(materials, contents, spoken, fetch)
    return Inputs(
        artifact=materials.artifact,
        target=materials.target,
        request=materials.request,
        now=materials.now,
        verified=seen.verified,
        rejected=tuple(sorted((*seen.rejected, *unread))),
        overflow=materials.overflow,
        contents=contents,
        fault=materials.fault,
        matches=matches,
        snapshot=materials.snapshot,
    )


def means(materials: Materials, fetch: Fetch) -> Means:
    """Say who could speak for the artifact now, by the trust root."""
    usable = [key for key in trust_root(materials, fetch).keys if _counts(key, materials)]

    def able(predicate_type: str) -> tuple[str, ...]:
        found = (k for k in usable if any(fnmatchcase(predicate_type, pattern) for pattern in k.predicate_types))
        return tuple(dict.fromkeys(key.identity for key in found))

    repository = materials.artifact.repository
    experts = (k for k in usable if any(fnmatchcase(repository, p) or p.startswith("pkg:") for p in k.products))
    speaking = set(able(vex.PREDICATE_TYPE))
    named = dict.fromkeys(key.identity for key in experts if key.identity in speaking)
    return Means(able(SIGN), able(cyclonedx.PREDICATE_TYPE), able(_PROVENANCE), tuple(named))


def trust_root(materials: Materials, fetch: Fetch) -> TrustRoot:
    """Read the trust root that was in force.

    Raises:
        Malformed: the document is none.
    """
    return TrustRoot.read(chain.parse(fetch(materials.trust), kind="trust").body)


def _counts(key: TrustedKey, materials: Materials) -> bool:
    now = parse_moment(materials.now)
    begun = not key.valid_from or now >= parse_moment(key.valid_from)
    lasting = not key.valid_until or now < parse_moment(key.valid_until)
    named = {("key", key.public.fingerprint), ("identity", key.identity)}
    here = any(fnmatchcase(materials.artifact.repository, pattern) for pattern in key.repositories)
    return begun and lasting and here and named.isdisjoint(materials.revoked)


def _verified(materials: Materials, root: TrustRoot, fetch: Fetch) -> _Seen:
    verified: dict[tuple[str, str, str], Verified] = {}
    rejected: list[str] = []
    for source in sorted(materials.evidence):
        for found in _read(source, materials, root, fetch):
            if isinstance(found, str):
                rejected.append(found)
            else:
                # one payload can carry the signatures of several keys, as cosign's .sig tags do
                verified.setdefault((str(found.evidence), str(found.subject), found.key), found)
    return _Seen(tuple(verified.values()), tuple(rejected))


def _read(source: Source, materials: Materials, root: TrustRoot, fetch: Fetch) -> Iterator[Verified | str]:
    revoked = frozenset(materials.revoked)
    try:
        found = candidates(fetch(source.manifest), fetch)
    except GravenError as e:
        yield e.message
        return
    for candidate in found:
        if isinstance(candidate, Fault):
            yield candidate.reason
            continue
        result = verify(
            candidate,
            root=root,
            subject=source.subject,
            repository=materials.artifact.repository,
            received_at=source.received,
            revoked=revoked,
        )
        yield result.reason if isinstance(result, Rejected) else result


def _spoken(verified: tuple[Verified, ...]) -> tuple[list[vex.Spoken], list[str]]:
    """Read the VEX statements of verified attestations; one that cannot be read says nothing, and is counted."""
    spoken: list[vex.Spoken] = []
    unread: list[str] = []
    for one in verified:
        if one.kind == "attestation" and one.predicate_type.startswith(_VEX):
            try:
                statements = vex.read(one.predicate, where=str(one.evidence), subject=one.subject)
            except GravenError as e:
                unread.append(f"a VEX document of {one.identity} cannot be read: {e.message}")
                continue
            spoken += [vex.Spoken(statement, one.identity, one.products) for statement in statements]
    return spoken, unread


def _matches(materials: Materials, contents: Contents, spoken: list[vex.Spoken], fetch: Fetch) -> Matches | None:
    if materials.snapshot is None or materials.advisories is None:
        return None
    snapshot = Snapshot.decode(fetch(materials.snapshot.digest))
    known = frozenset[str]() if materials.kev is None else exploited(fetch(materials.kev)) or frozenset()
    advisories = [osv.parse(record) for record in decode_records(fetch(materials.advisories))]
    inventory = contents.inventory
    found = match(inventory.components, inventory.distro, advisories, covered=snapshot.covered, kev=known)
    digests = {materials.artifact.digest, *(source.subject for source in materials.evidence)}
    told = vex.apply(found.findings, spoken, digests=digests, repository=materials.artifact.repository)
    return replace(found, findings=told)
