"""OCI manifests and indexes (image-spec, manifest.md and image-index.md), and Docker's older twins of the two.

Reads bytes into a value and says all that is wrong with them; what exists in a repository is asked by ``flows``.
The bytes themselves are what is stored and served; the value stands beside them.
"""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass
from typing import Any

from graven.errors import Malformed, TooLarge
from graven.values import Descriptor, Digest, canonical

__all__ = [
    "DOCKER_LIST",
    "DOCKER_MANIFEST",
    "EMPTY",
    "EMPTY_JSON",
    "IMAGE_INDEX",
    "IMAGE_MANIFEST",
    "MANIFEST_TYPES",
    "MAX_MANIFEST",
    "Manifest",
    "describe",
    "descriptor",
    "parse",
]

IMAGE_MANIFEST = "application/vnd.oci.image.manifest.v1+json"
IMAGE_INDEX = "application/vnd.oci.image.index.v1+json"
DOCKER_MANIFEST = "application/vnd.docker.distribution.manifest.v2+json"
DOCKER_LIST = "application/vnd.docker.distribution.manifest.list.v2+json"
MANIFEST_TYPES = (IMAGE_MANIFEST, IMAGE_INDEX, DOCKER_MANIFEST, DOCKER_LIST)

EMPTY_JSON = b"{}"
"""The empty descriptor's bytes (image-spec, "Guidance for an Empty Descriptor")."""
EMPTY = Descriptor("application/vnd.oci.empty.v1+json", Digest.of(EMPTY_JSON), len(EMPTY_JSON))

MAX_MANIFEST = 4 << 20
"""distribution-spec: "Registries SHOULD enforce some limit […] at least 4 megabytes"."""

_INDEXES = (IMAGE_INDEX, DOCKER_LIST)
_ELSEWHERE = (
    "application/vnd.oci.image.layer.nondistributable.v1.tar",
    "application/vnd.docker.image.rootfs.foreign.diff.tar",
)


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a manifest or an index points at."""

    media_type: str
    artifact_type: str
    """As the referrers API shows it: ``artifactType``, or else the media type of the config; empty for an index."""
    config: Descriptor | None
    layers: tuple[Descriptor, ...]
    manifests: tuple[Descriptor, ...]
    """The children of an index."""
    subject: Descriptor | None
    annotations: tuple[tuple[str, str], ...]
    """Sorted by key."""

    @property
    def is_index(self) -> bool:
        """Tell whether this lists manifests instead of layers."""
        return self.media_type in _INDEXES

    @property
    def required(self) -> tuple[Descriptor, ...]:
        """What must be in the repository before this: not a subject, and not what may not be distributed."""
        config = () if self.config is None else (self.config,)
        return (*config, *(layer for layer in self.layers if not layer.media_type.startswith(_ELSEWHERE)))


def parse(data: bytes, media_type: str = "") -> Manifest:
    """Read a manifest or an index, of the type that its sender announced (parameters of it are ignored).

    Raises:
        TooLarge: more than 4 MiB.
        Malformed: not JSON, of an unknown or another type than announced, or with a descriptor that is none.
    """
    if len(data) > MAX_MANIFEST:
        raise TooLarge(f"got a manifest of {len(data)} bytes, at most {MAX_MANIFEST}", where="manifest")
    document = canonical.loads(data, where="manifest")
    if not isinstance(document, dict):
        raise Malformed(f"got {type(document).__name__}, expected a JSON object", where="manifest")
    found = _media_type(document, media_type.partition(";")[0].strip())
    if document.get("schemaVersion") != 2:
        raise Malformed(f"got schemaVersion {document.get('schemaVersion')!r}, expected 2", where="manifest")
    return _index(document, found) if found in _INDEXES else _image(document, found)


def _media_type(document: dict[str, Any], announced: str) -> str:
    written = document.get("mediaType")
    found = written or announced or (IMAGE_INDEX if "manifests" in document else IMAGE_MANIFEST)
    if found not in MANIFEST_TYPES:
        raise Malformed(
            f"got the media type {str(found)[:120]!r}, expected one of {', '.join(MANIFEST_TYPES)}",
            where="manifest.mediaType",
        )
    if announced and announced != found:
        raise Malformed(
            f"got the Content-Type {announced[:120]!r} and the mediaType {found!r}, expected the same in both",
            where="manifest.mediaType",
            hint="send the manifest with its own mediaType as Content-Type",
        )
    return str(found)


def _image(document: dict[str, Any], media_type: str) -> Manifest:
    if "manifests" in document:
        raise Malformed("got 'manifests' in an image manifest, expected it in an index only", where="manifest")
    config = descriptor(document.get("config"), where="manifest.config")
    return Manifest(
        media_type,
        _text(document, "artifactType") or config.media_type,
        config,
        _descriptors(document, "layers"),
        (),
        _subject(document),
        _annotations(document, "manifest"),
    )


def _index(document: dict[str, Any], media_type: str) -> Manifest:
    if "layers" in document or "config" in document:
        raise Malformed("got 'layers' or 'config' in an index, expected them in an image manifest", where="manifest")
    return Manifest(
        media_type,
        _text(document, "artifactType"),
        None,
        (),
        _descriptors(document, "manifests"),
        _subject(document),
        _annotations(document, "manifest"),
    )


def _descriptors(document: dict[str, Any], field: str) -> tuple[Descriptor, ...]:
    found = document.get(field)
    if not isinstance(found, list):
        raise Malformed(f"got {type(found).__name__}, expected a list of descriptors", where=f"manifest.{field}")
    return tuple(descriptor(value, where=f"manifest.{field}[{i}]") for i, value in enumerate(found))


def _subject(document: dict[str, Any]) -> Descriptor | None:
    found = document.get("subject")
    return None if found is None else descriptor(found, where="manifest.subject")


def descriptor(value: Any, *, where: str = "descriptor") -> Descriptor:
    """Read a descriptor.

    Raises:
        Malformed: a required field is missing or of the wrong kind, or ``data`` is not what the digest names.
    """
    if not isinstance(value, dict):
        raise Malformed(f"got {type(value).__name__}, expected a descriptor (an object)", where=where)
    media_type, size = value.get("mediaType"), value.get("size")
    if not isinstance(media_type, str) or "/" not in media_type:
        raise Malformed(f"got {media_type!r:.120}, expected a media type", where=f"{where}.mediaType")
    if not isinstance(size, int) or isinstance(size, bool) or not 0 <= size < 2**63:
        raise Malformed(f"got {size!r:.120}, expected a number of bytes", where=f"{where}.size")
    digest = Digest.parse(str(value.get("digest")))
    if value.get("data") is not None:
        _embedded(value["data"], digest, size, where)
    return Descriptor(
        media_type,
        digest,
        size,
        _text(value, "artifactType"),
        _annotations(value, where),
        _platform(value.get("platform")),
    )


def _embedded(data: Any, digest: Digest, size: int, where: str) -> None:
    try:
        decoded = base64.b64decode(data, validate=True)
    except (TypeError, ValueError, binascii.Error) as e:
        raise Malformed("got data that is not base64", where=f"{where}.data") from e
    if len(decoded) != size or Digest.of(decoded, digest.algorithm) != digest:
        raise Malformed(f"got embedded data that is not what {digest} names", where=f"{where}.data")


def _annotations(document: dict[str, Any], where: str) -> tuple[tuple[str, str], ...]:
    found = document.get("annotations") or {}
    if not isinstance(found, dict) or not all(isinstance(value, str) for value in found.values()):
        raise Malformed("got annotations that are no map of strings", where=f"{where}.annotations")
    return tuple(sorted(found.items()))


def _platform(value: Any) -> str:
    if not isinstance(value, dict):
        return ""
    parts = (value.get("os"), value.get("architecture"), value.get("variant"))
    return "/".join(part for part in parts if isinstance(part, str) and part)


def _text(document: dict[str, Any], field: str) -> str:
    found = document.get(field)
    if found is not None and not isinstance(found, str):
        raise Malformed(f"got {type(found).__name__}, expected text", where=f"manifest.{field}")
    return found or ""


def describe(value: Descriptor) -> dict[str, Any]:
    """Write a descriptor as a JSON document.

    >>> describe(EMPTY)["size"]
    2
    """
    found: dict[str, Any] = {"mediaType": value.media_type, "digest": str(value.digest), "size": value.size}
    if value.artifact_type:
        found["artifactType"] = value.artifact_type
    if value.annotations:
        found["annotations"] = dict(value.annotations)
    if value.platform:
        found["platform"] = dict(zip(("os", "architecture", "variant"), value.platform.split("/"), strict=False))
    return found
