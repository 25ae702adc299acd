"""What is decided, and by what: advisories, decisions, promotions, revocations, waivers, documents, admissions."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from graven.values.digest import Digest

__all__ = [
    "AdmissionAnswered",
    "AdvisoriesImported",
    "ClusterRegistered",
    "DecisionMade",
    "DocumentApplied",
    "Promoted",
    "Revoked",
    "WaiverGranted",
    "WaiverWithdrawn",
]


@dataclass(frozen=True, slots=True)
class AdvisoriesImported:
    """A snapshot of advisories is the newest from now on."""

    snapshot: Digest
    source: str
    records: int
    previous: Digest | None = None


@dataclass(frozen=True, slots=True)
class DecisionMade:
    """The rules answered a question."""

    repository: str
    digest: Digest
    stage: str
    decision: Digest
    """The stored decision record, from which all else can be found."""
    verdict: Literal["allow", "deny", "undecidable"]


@dataclass(frozen=True, slots=True)
class Promoted:
    """A stage's pointer moved to a digest."""

    repository: str
    digest: Digest
    stage: str
    decision: Digest
    vsa: Digest
    """Manifest of the verification summary that was attached to the digest."""
    valid_until: str
    from_stage: str = ""
    previous: Digest | None = None
    rollback: bool = False
    children: tuple[str, ...] = ()
    """Digests that the index lists; they are admitted with it."""
    child_vsas: tuple[str, ...] = ()
    """Manifests of the children's verification summaries, in the same order."""
    previous_children: tuple[str, ...] = ()
    """Digests that were admitted with the previous one; their time ends, but for the grace."""


@dataclass(frozen=True, slots=True)
class Revoked:
    """The standing of a promotion, an identity or a key ended at once."""

    kind: Literal["promotion", "identity", "key"]
    target: str
    """``STAGE/REPOSITORY@DIGEST``, an identity, or a key's fingerprint."""


@dataclass(frozen=True, slots=True)
class WaiverGranted:
    """An exception holds until it expires."""

    waiver: str
    document: Digest
    expires: str


@dataclass(frozen=True, slots=True)
class WaiverWithdrawn:
    """An exception holds no longer."""

    waiver: str


@dataclass(frozen=True, slots=True)
class DocumentApplied:
    """A document that decides (trust root, policy set, stages) takes effect."""

    kind: Literal["trust", "policy", "stages"]
    document: Digest
    previous: Digest | None = None


@dataclass(frozen=True, slots=True)
class ClusterRegistered:
    """A cluster's API server may ask for admission on behalf of a stage."""

    cluster: str
    stage: str
    secret_hash: str
    """SHA-256 of the secret in its path; the secret itself is shown once and kept nowhere."""


@dataclass(frozen=True, slots=True)
class AdmissionAnswered:
    """A cluster asked whether a workload may run."""

    cluster: str
    stage: str
    workload: str
    """``KIND NAMESPACE/NAME``."""
    allowed: bool
    images: tuple[str, ...] = ()
