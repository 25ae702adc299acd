"""Moves an artifact between a layout and a registry, with all that it is made of; the root comes last.

Until the root is there nothing points at the rest, so that what broke off is done again from where it was.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from graven.catalogue import oci
from graven.engines.layout import Layout, LayoutWriter
from graven.engines.registry import Progress, Registry
from graven.errors import Malformed
from graven.values import Descriptor, Digest

__all__ = ["Moved", "fetch", "send", "weight"]

_DEPTH = 8
"""Indexes in indexes, at most."""


class Moved(NamedTuple):
    """What was moved."""

    root: Descriptor
    manifests: int
    blobs: int
    size: int
    """Bytes of all that it is made of."""


class _Part(NamedTuple):
    descriptor: Descriptor
    data: bytes
    manifest: oci.Manifest


def send(
    layout: Layout, root: Descriptor, registry: Registry, repository: str, reference: str, *, progress: Progress
) -> Moved:
    """Send what a layout holds; children come before those that list them."""
    parts = list(_parts(layout, root, _DEPTH))
    blobs = _blobs(parts)
    for blob in blobs:
        with layout.blob(blob.digest) as source:
            registry.put_blob(repository, blob.digest, source, blob.size, progress=progress)
    for part in parts:
        target = reference if part.descriptor.digest == root.digest else str(part.descriptor.digest)
        registry.put_manifest(repository, target, part.data, part.manifest.media_type)
    return Moved(root, len(parts), len(blobs), _sum(parts, blobs))


def weight(layout: Layout, root: Descriptor) -> int:
    """Count the bytes of all blobs that ``send`` would look at."""
    return sum(blob.size for blob in _blobs(list(_parts(layout, root, _DEPTH))))


def _parts(layout: Layout, one: Descriptor, depth: int) -> Iterator[_Part]:
    data = layout.manifest(one)
    manifest = oci.parse(data, one.media_type if one.media_type in oci.MANIFEST_TYPES else "")
    _not_too_deep(manifest, depth)
    for child in manifest.manifests:
        yield from _parts(layout, child, depth - 1)
    yield _Part(one, data, manifest)


def fetch(
    registry: Registry,
    repository: str,
    reference: str,
    writer: LayoutWriter,
    *,
    progress: Progress,
    expect: Progress | None = None,
) -> Moved:
    """Fetch an artifact into a layout; what is there already is not fetched again.

    ``expect`` is told how many bytes of blobs it has, before the first of them comes.
    """
    found = registry.manifest(repository, reference)
    root = Descriptor(found.media_type, found.digest, len(found.data))
    parts = list(_fetched(registry, repository, root, found.data, _DEPTH))
    blobs = _blobs(parts)
    if expect:
        expect(sum(blob.size for blob in blobs))
    for blob in blobs:
        if writer.has(blob):
            progress(blob.size)
        else:
            writer.put(blob.digest, registry.blob(repository, blob.digest, progress=progress))
    for part in parts:
        writer.put(part.descriptor.digest, [part.data])
    writer.finish(root, "" if ":" in reference else reference)
    return Moved(root, len(parts), len(blobs), _sum(parts, blobs))


def _fetched(registry: Registry, repository: str, one: Descriptor, data: bytes, depth: int) -> Iterator[_Part]:
    manifest = oci.parse(data, one.media_type)
    _not_too_deep(manifest, depth)
    for child in manifest.manifests:
        below = registry.manifest(repository, str(child.digest))
        yield from _fetched(registry, repository, child, below.data, depth - 1)
    yield _Part(one, data, manifest)


def _not_too_deep(manifest: oci.Manifest, depth: int) -> None:
    if manifest.manifests and depth == 0:
        raise Malformed(f"got indexes in indexes deeper than {_DEPTH}", where="index")


def _blobs(parts: list[_Part]) -> list[Descriptor]:
    found = {blob.digest: blob for part in parts for blob in part.manifest.required}
    return list(found.values())


def _sum(parts: list[_Part], blobs: list[Descriptor]) -> int:
    manifests: dict[Digest, int] = {part.descriptor.digest: len(part.data) for part in parts}
    return sum(manifests.values()) + sum(blob.size for blob in blobs)
