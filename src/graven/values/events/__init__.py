"""The closed union of events: all that can happen, each a leaf of the ledger.

An event's body says what happened, in strings and digests only; the envelope says who, from where, with which
outcome and why. ``Entry`` is a stamped event, and its canonical JSON is the leaf. Adding a type means adding a class
here and a case in ``graven.projection``; a test holds the two and the documentation against each other.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from graven.values.digest import Digest
from graven.values.events.rulings import (
    AdmissionAnswered,
    AdvisoriesImported,
    ClusterRegistered,
    DecisionMade,
    DocumentApplied,
    Promoted,
    Revoked,
    WaiverGranted,
    WaiverWithdrawn,
)
from graven.values.events.standing import (
    AccessDenied,
    AuditRead,
    KeyCreated,
    KeyRetired,
    LogStarted,
    LogStopped,
    NameErased,
    PrincipalCreated,
    StrangersRefused,
    TokenCreated,
    TokenRevoked,
)
from graven.values.events.storage import (
    ArtifactPushed,
    ArtifactRemoved,
    BlobPushed,
    BlobRemoved,
    FilePublished,
    InventoryRecorded,
    PushRefused,
    RepositorySet,
    TagRemoved,
    TagSet,
)

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
