"""The closed union of events: all that can happen, each a leaf of the ledger.

An event's body says what happened, in strings and digests only; the envelope says who, from where, with which
outcome and why. ``Entry`` is a stamped event, and its canonical JSON is the leaf. Adding a type means adding a class
here and a case in ``graven.projection``; a test holds the two and the documentation against each other.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from graven.values.digest import Digest

__all__ = [
    "BODIES",
    "AccessDenied",
    "AdmissionAnswered",
    "AdvisoriesImported",
    "ArtifactPushed",
    "ArtifactRemoved",
    "AuditRead",
    "BlobPushed",
    "BlobRemoved",
    "Body",
    "ClusterRegistered",
    "DecisionMade",
    "DocumentApplied",
    "Event",
    "FilePublished",
    "InventoryRecorded",
    "KeyCreated",
    "KeyRetired",
    "LogStarted",
    "LogStopped",
    "NameErased",
    "Outcome",
    "PrincipalCreated",
    "Promoted",
    "PushRefused",
    "RepositorySet",
    "Revoked",
    "StrangersRefused",
    "Subject",
    "TagRemoved",
    "TagSet",
    "TokenCreated",
    "TokenRevoked",
    "WaiverGranted",
    "WaiverWithdrawn",
]

Outcome = Literal["success", "failure", "denied", "error"]


@dataclass(frozen=True, slots=True)
class Subject:
    """What an event is about."""

    kind: str
    """``repository``, ``artifact``, ``blob``, ``tag``, ``file``, ``stage``, ``document``, ``principal``, ``key``, …"""
    uri: str
    """Its name, such as ``app/web:1.0``."""
    digest: Digest | None = None


@dataclass(frozen=True, slots=True)
class RepositorySet:
    """A repository was made, or its mode changed."""

    repository: str
    mode: Literal["immutable", "mutable"]


@dataclass(frozen=True, slots=True)
class BlobPushed:
    """A repository holds a blob from now on."""

    repository: str
    digest: Digest
    size: int
    mounted_from: str = ""
    """The repository that it was mounted from, if it was."""


@dataclass(frozen=True, slots=True)
class BlobRemoved:
    """A repository holds a blob no longer."""

    repository: str
    digest: Digest


@dataclass(frozen=True, slots=True)
class ArtifactPushed:
    """A repository holds a manifest or index from now on."""

    repository: str
    digest: Digest
    size: int
    media_type: str
    artifact_type: str = ""
    """As the referrers API shows it: ``artifactType``, or else the media type of the config."""
    subject: Digest | None = None
    """The manifest that it refers to: it is evidence about that."""
    children: tuple[str, ...] = ()
    """Digests that an index lists; its evidence vouches for them (of very many, the first)."""


@dataclass(frozen=True, slots=True)
class ArtifactRemoved:
    """A repository holds a manifest no longer."""

    repository: str
    digest: Digest
    subject: Digest | None = None


@dataclass(frozen=True, slots=True)
class TagSet:
    """A tag points to a digest from now on."""

    repository: str
    tag: str
    digest: Digest
    previous: Digest | None = None


@dataclass(frozen=True, slots=True)
class TagRemoved:
    """A tag points to nothing any more."""

    repository: str
    tag: str
    previous: Digest


@dataclass(frozen=True, slots=True)
class FilePublished:
    """A file has a name and a version from now on, and an OCI manifest that evidence can attach to."""

    repository: str
    name: str
    version: str
    filename: str
    digest: Digest
    size: int
    manifest: Digest


@dataclass(frozen=True, slots=True)
class PushRefused:
    """Somebody known tried to publish what may not be published."""

    repository: str
    target: str
    """Tag, digest or file name."""
    code: str
    """The error's family."""


@dataclass(frozen=True, slots=True)
class InventoryRecorded:
    """The contents of an artifact were catalogued."""

    repository: str
    digest: Digest
    inventory: Digest
    """The stored result."""
    cataloguer: str
    """Version of the cataloguer."""


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


@dataclass(frozen=True, slots=True)
class PrincipalCreated:
    """Somebody or something can hold tokens from now on; its name is kept beside the journal."""

    principal: str
    kind: Literal["person", "service"]


@dataclass(frozen=True, slots=True)
class NameErased:
    """The name of a principal, which stood beside the journal, is known no longer."""

    principal: str


@dataclass(frozen=True, slots=True)
class TokenCreated:
    """A token works from now on."""

    token: str
    """Public id of the token."""
    principal: str
    secret_hash: str
    """SHA-256 of 256 random bits: it lets the token be recognised and not be made."""
    scopes: tuple[str, ...]
    """``ACTION:PATTERN`` each."""
    expires: str
    """Empty: never."""


@dataclass(frozen=True, slots=True)
class TokenRevoked:
    """A token works no longer."""

    token: str
    secret_hash: str


@dataclass(frozen=True, slots=True)
class AccessDenied:
    """Somebody known asked for what they may not do."""

    action: str
    resource: str


@dataclass(frozen=True, slots=True)
class StrangersRefused:
    """Callers without credentials were refused; counted, so that a stranger cannot fill the disk."""

    count: int
    window: str
    """The start of the minute."""


@dataclass(frozen=True, slots=True)
class KeyCreated:
    """A key of graven's own signs from now on."""

    purpose: Literal["log", "vsa", "tls"]
    fingerprint: str
    public: str
    """PEM, or a vkey."""


@dataclass(frozen=True, slots=True)
class KeyRetired:
    """A key of graven's own signs no longer; what it signed stands."""

    purpose: Literal["log", "vsa", "tls"]
    fingerprint: str


@dataclass(frozen=True, slots=True)
class AuditRead:
    """Somebody read entries of the log."""

    first: int
    last: int


@dataclass(frozen=True, slots=True)
class LogStarted:
    """A server took the log over."""

    version: str


@dataclass(frozen=True, slots=True)
class LogStopped:
    """A server let the log go in good order."""

    version: str


Body = (
    RepositorySet
    | BlobPushed
    | BlobRemoved
    | ArtifactPushed
    | ArtifactRemoved
    | TagSet
    | TagRemoved
    | FilePublished
    | PushRefused
    | InventoryRecorded
    | AdvisoriesImported
    | DecisionMade
    | Promoted
    | Revoked
    | WaiverGranted
    | WaiverWithdrawn
    | DocumentApplied
    | ClusterRegistered
    | AdmissionAnswered
    | PrincipalCreated
    | NameErased
    | TokenCreated
    | TokenRevoked
    | AccessDenied
    | StrangersRefused
    | KeyCreated
    | KeyRetired
    | AuditRead
    | LogStarted
    | LogStopped
)

BODIES: dict[str, type[Body]] = {
    "repository.set": RepositorySet,
    "blob.push": BlobPushed,
    "blob.remove": BlobRemoved,
    "artifact.push": ArtifactPushed,
    "artifact.remove": ArtifactRemoved,
    "tag.set": TagSet,
    "tag.remove": TagRemoved,
    "file.publish": FilePublished,
    "push.refuse": PushRefused,
    "inventory.record": InventoryRecorded,
    "advisories.import": AdvisoriesImported,
    "policy.eval": DecisionMade,
    "promotion.execute": Promoted,
    "revocation.add": Revoked,
    "waiver.grant": WaiverGranted,
    "waiver.withdraw": WaiverWithdrawn,
    "config.change": DocumentApplied,
    "cluster.register": ClusterRegistered,
    "admission.answer": AdmissionAnswered,
    "principal.create": PrincipalCreated,
    "principal.erase": NameErased,
    "token.create": TokenCreated,
    "token.revoke": TokenRevoked,
    "authz.denied": AccessDenied,
    "authn.refused": StrangersRefused,
    "key.create": KeyCreated,
    "key.retire": KeyRetired,
    "audit.read": AuditRead,
    "log.start": LogStarted,
    "log.stop": LogStopped,
}
"""The name of each type in the journal."""


@dataclass(frozen=True, slots=True)
class Event:
    """What a flow hands to ``journal.append``; the journal stamps it with id, time and salt."""

    body: Body
    actor: str
    """Opaque principal id, or ``system``."""
    origin: str = ""
    """Keyed hash of the address that asked."""
    outcome: Outcome = "success"
    reason: str = ""
    """Required for overrides: rollback, revocation, waiver."""
    policy: Digest | None = None
    question: Digest | None = None
    retention: str = "standard"
