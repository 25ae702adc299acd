"""Owns the form in which policies lie in a registry: one OCI manifest that conftest and OPA both understand.

    config   application/vnd.unknown.config.v1+json                              {}
    layers   application/vnd.cncf.openpolicyagent.policy.layer.v1+rego           one for each module   (conftest)
             application/vnd.cncf.openpolicyagent.data.layer.v1+json             one for each data file (conftest)
             application/vnd.oci.image.layer.v1.tar+gzip                         all of it as a bundle (OPA)

conftest takes the layers that have a title, and writes each under it; OPA takes the first of the last type. So both
forms stand in one manifest, which has one digest that can be signed and pinned. Either form alone is read too.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from graven.catalogue import oci
from graven.errors import Malformed, TooLarge
from graven.values import Descriptor, Digest, canonical

__all__ = ["BUNDLE", "CONFIG", "DATA", "MAX_BYTES", "POLICY", "Contents", "PolicyImage", "make", "read"]

CONFIG = "application/vnd.unknown.config.v1+json"
POLICY = "application/vnd.cncf.openpolicyagent.policy.layer.v1+rego"
DATA = "application/vnd.cncf.openpolicyagent.data.layer.v1+json"
BUNDLE = "application/vnd.oci.image.layer.v1.tar+gzip"

MAX_FILES = 10_000
MAX_BYTES = 64 << 20
"""Of all layers together."""

_TITLE = "org.opencontainers.image.title"
_REVISION = "org.opencontainers.image.revision"
_CREATED = "org.opencontainers.image.created"
_FILE = re.compile(r"[^/\\\x00-\x1f]+(/[^/\\\x00-\x1f]+)*\.(rego|json|ya?ml)")


@dataclass(frozen=True, slots=True)
class PolicyImage:
    """A manifest to be sent, after its blobs."""

    manifest: bytes
    blobs: tuple[bytes, ...]
    """The config and the layers."""

    @property
    def digest(self) -> Digest:
        """What is signed and pinned."""
        return Digest.of(self.manifest)


@dataclass(frozen=True, slots=True)
class Contents:
    """What a manifest says there is."""

    files: tuple[tuple[str, Descriptor], ...]
    """By path, sorted."""
    bundle: Descriptor | None
    revision: str = ""


def make(
    files: Mapping[str, bytes], bundle: bytes | None, *, created: str = "", annotations: Mapping[str, str] | None = None
) -> PolicyImage:
    """Make the manifest of files by path, of a bundle, or of both; the same parts give the same bytes.

    Raises:
        Malformed: a path that may not be written, or nothing at all.
        TooLarge: more than the limits.
    """
    config = oci.EMPTY_JSON
    layers = [(_layer(path, data), data) for path, data in sorted(files.items())]
    if bundle is not None:
        layers.append((Descriptor(BUNDLE, Digest.of(bundle), len(bundle)), bundle))
    _bounded([layer for layer, _ in layers])
    told = dict(annotations or {}) | ({_CREATED: created} if created else {})
    document = {
        "schemaVersion": 2,
        "mediaType": oci.IMAGE_MANIFEST,
        "config": oci.describe(Descriptor(CONFIG, Digest.of(config), len(config))),
        "layers": [oci.describe(layer) for layer, _ in layers],
        **({"annotations": told} if told else {}),
    }
    return PolicyImage(canonical.dumps(document), (config, *(data for _, data in layers)))


def read(manifest: bytes, media_type: str = "") -> Contents:
    """Read a manifest.

    Raises:
        Malformed: it holds no policies, a path that may not be written, or one path twice.
        TooLarge: more than the limits.
    """
    found = oci.parse(manifest, media_type)
    files = {}
    for layer in found.layers:
        title = dict(layer.annotations).get(_TITLE)
        if layer.media_type in (POLICY, DATA) and title is not None:
            if _path(title) in files:
                raise Malformed(f"the path {title[:200]!r} stands twice", where="manifest.layers")
            files[title] = layer
    bundle = next((layer for layer in found.layers if layer.media_type == BUNDLE), None)
    _bounded([*files.values(), *([bundle] if bundle else [])])
    return Contents(tuple(sorted(files.items())), bundle, dict(found.annotations).get(_REVISION, ""))


def _layer(path: str, data: bytes) -> Descriptor:
    kind = POLICY if path.endswith(".rego") else DATA
    return Descriptor(kind, Digest.of(data), len(data), annotations=((_TITLE, _path(path)),))


def _path(path: str) -> str:
    """Let a path through that stays below the folder it is written into."""
    if len(path) > 1024 or not _FILE.fullmatch(path) or any(part in (".", "..") for part in path.split("/")):
        raise Malformed(
            f"got the path {path[:200]!r}, expected a relative one without '..' that ends in .rego, .json or .yaml",
            where="manifest.layers",
        )
    return path


def _bounded(layers: Iterable[Descriptor]) -> None:
    sizes = [layer.size for layer in layers]
    if not sizes:
        raise Malformed(
            "no policies: neither modules nor a bundle", where="manifest.layers", hint="is this an image of policies?"
        )
    if len(sizes) > MAX_FILES or sum(sizes) > MAX_BYTES:
        raise TooLarge(f"got {len(sizes)} files of {sum(sizes)} bytes, at most {MAX_FILES} of {MAX_BYTES}")
