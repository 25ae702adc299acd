"""What of an artifact is read for its inventory: the layers of an image, the platforms of an index; and what is not.

A layer that is no archive of a root file system is not unpacked, whether it is a jar, a wheel or a chart; it is named
among what was not seen.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from graven.catalogue import oci
from graven.errors import GravenError, Malformed
from graven.inventory import unpacks
from graven.values import Descriptor, canonical, format_moment, parse_moment

__all__ = ["DEEPEST", "Contents", "contents", "created"]

DEEPEST: Final = 4
"""Indexes in one another; more is nobody's honest artifact."""

_ATTESTATION = ("vnd.docker.reference.type", "attestation-manifest")
"""BuildKit lists its statements in the index, as if for a platform of their own; they never run."""
_TITLE = "org.opencontainers.image.title"
_CREATED = "org.opencontainers.image.created"


@dataclass(frozen=True, slots=True)
class Contents:
    """What is read, and what is not."""

    layers: tuple[Descriptor, ...]
    """To be unpacked, the lowest first."""
    platforms: tuple[Descriptor, ...]
    """Manifests of an index, each to be read for itself."""
    limits: tuple[str, ...]
    """What is not unpacked, and why."""


def contents(manifest: oci.Manifest) -> Contents:
    """Say what is read of a manifest or an index."""
    layers = tuple(layer for layer in manifest.layers if unpacks(layer.media_type))
    others = (layer for layer in manifest.layers if layer not in layers and layer.media_type != oci.EMPTY.media_type)
    platforms = tuple(child for child in manifest.manifests if _ATTESTATION not in child.annotations)
    return Contents(layers, platforms, tuple(map(_not_unpacked, others)))


def created(manifest: oci.Manifest, config: bytes) -> str:
    """Give the artifact's own date: its annotation, or else that of its config; nothing where there is none."""
    return _date(dict(manifest.annotations).get(_CREATED)) or _date(_config_date(config))


def _config_date(config: bytes) -> object:
    try:
        document = canonical.loads(config)
    except GravenError:
        return None
    return document.get("created") if isinstance(document, dict) else None


def _date(told: object) -> str:
    try:
        return format_moment(parse_moment(told)) if isinstance(told, str) else ""
    except Malformed:
        return ""


def _not_unpacked(layer: Descriptor) -> str:
    name = dict(layer.annotations).get(_TITLE, str(layer.digest))
    return f"{name} is not unpacked: its type is {layer.media_type}"
