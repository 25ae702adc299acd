"""What happens to what is stored: repositories, blobs, manifests, tags, files, and what was found in them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from graven.values.digest import Digest

__all__ = [
    "ArtifactPushed",
    "ArtifactRemoved",
    "BlobPushed",
    "BlobRemoved",
    "FilePublished",
    "InventoryRecorded",
    "PushRefused",
    "RepositorySet",
    "TagRemoved",
    "TagSet",
]


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
