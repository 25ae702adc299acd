"""Owns what a question is built from: facts of the store, verified evidence, contents, findings, history, request."""

from __future__ import annotations

from dataclasses import dataclass

from graven.evidence.matching import Matches
from graven.evidence.trust import Verified
from graven.inventory import Inventory
from graven.values import Digest

__all__ = ["Artifact", "Contents", "Inputs", "Request", "Snapshot", "Stay", "Target"]


@dataclass(frozen=True, slots=True)
class Artifact:
    """What the store knows of the artifact itself."""

    repository: str
    digest: Digest
    media_type: str
    kind: str
    """``image``, ``index``, ``chart``, ``file``, …"""
    size: int
    pushed: str
    """When the repository came to hold it."""
    tags: tuple[str, ...] = ()
    children: tuple[Digest, ...] = ()
    """Manifests that an index lists."""


@dataclass(frozen=True, slots=True)
class Contents:
    """What is inside, as catalogued."""

    inventory: Inventory
    digest: Digest
    """The stored inventory."""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The advisories that the contents were matched against."""

    digest: Digest
    moment: str
    """When it was imported."""


@dataclass(frozen=True, slots=True, order=True)
class Stay:
    """The artifact stood in a stage."""

    stage: str
    since: str
    current: bool
    """The stage's pointer is there now."""
    revoked: bool


@dataclass(frozen=True, slots=True)
class Target:
    """Where the artifact is to go, and where it has been."""

    stage: str
    before: str
    """The stage before it; empty for the first."""
    history: tuple[Stay, ...] = ()
    previous: Digest | None = None
    """What stands in the stage now."""


@dataclass(frozen=True, slots=True)
class Request:
    """Who asks, and why."""

    actor: str
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Inputs:
    """All that a question is built from; nothing unverified but its number."""

    artifact: Artifact
    target: Target
    request: Request
    now: str
    verified: tuple[Verified, ...] = ()
    rejected: tuple[str, ...] = ()
    """Why each piece of evidence that was looked at does not count, one sentence each."""
    overflow: str = ""
    """Why evidence was not looked at, if it was not."""
    contents: Contents | None = None
    fault: str = ""
    """Why the contents could not be catalogued, if they could not."""
    matches: Matches | None = None
    """Findings as VEX left them."""
    snapshot: Snapshot | None = None
