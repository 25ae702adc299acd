"""What is stored and what is found in it: descriptors and components."""

from __future__ import annotations

from dataclasses import dataclass

from graven.values.digest import Digest
from graven.values.purl import Purl

__all__ = ["Component", "Descriptor", "Distro"]


@dataclass(frozen=True, slots=True)
class Descriptor:
    """Points at content (OCI image-spec, descriptor.md)."""

    media_type: str
    digest: Digest
    size: int
    """Bytes."""
    artifact_type: str = ""
    annotations: tuple[tuple[str, str], ...] = ()
    """Sorted by key."""
    platform: str = ""
    """``os/architecture[/variant]``, for an entry of an index."""


@dataclass(frozen=True, slots=True, order=True)
class Distro:
    """The operating system of a root file system (os-release(5))."""

    id: str
    """``ID``, such as ``debian``."""
    version_id: str
    """``VERSION_ID``, such as ``12``; empty where the file has none."""


@dataclass(frozen=True, slots=True, order=True)
class Component:
    """A package found in an artifact."""

    purl: Purl
    path: str
    """The file that told of it, in the artifact's root, without a leading slash."""
    layer: str
    """Digest of the layer that holds the file."""
    source: str = ""
    """Name of the source package that advisories speak of, where it differs (dpkg ``Source``)."""
    source_version: str = ""
    """Version of the source package, where it differs."""
    licence: str = ""
    """As declared, not judged."""
    supplier: str = ""
    """Maintainer, author or publisher, as declared."""
    owner: str = ""
    """Name of the distribution's package that owns the file, for a package of a language."""
