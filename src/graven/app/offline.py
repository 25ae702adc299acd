"""The core without a server: what is in an OCI layout on this machine, read as the server reads it."""

from __future__ import annotations

from typing import BinaryIO

from graven.catalogue import oci
from graven.catalogue.contents import DEEPEST, contents, created
from graven.engines.layout import Layout
from graven.errors import Mismatch, NotFound
from graven.evidence import cyclonedx, spdx
from graven.evidence.bill import Format
from graven.inventory import Inventory, LayerReport, catalogue_layer, squash
from graven.values import Descriptor, Digest

__all__ = ["bill", "inventory"]

_BEGINNING = "1970-01-01T00:00:00.000000Z"
_NAME = "org.opencontainers.image.ref.name"
_MAX_CONFIG = 4 << 20


def inventory(layout: Layout, root: Descriptor, depth: int = 0) -> Inventory:
    """Tell what is in a manifest or index of a layout.

    Raises:
        NotFound: the layout lacks a layer.
        Malformed: a layer cannot be read.
        Mismatch: a blob is not what its digest names.
        TooLarge: a layer passes a limit.
    """
    manifest = oci.parse(layout.manifest(root), root.media_type)
    told = contents(manifest)
    if not manifest.is_index:
        return squash([_report(layout, layer) for layer in told.layers]).without(*told.limits)
    if depth == DEEPEST:
        return Inventory.together(()).without(f"indexes stand in one another more than {DEEPEST} deep")
    found, limits = [], []
    for platform in told.platforms:
        try:
            found.append(inventory(layout, platform, depth + 1))
        except NotFound:
            limits.append(f"platform {platform.platform or '?'}: not all of {platform.digest} is here")
    return Inventory.together(found).without(*limits)


def bill(found: Inventory, layout: Layout, root: Descriptor, format_: Format) -> bytes:
    """Write the bill of materials of what was found."""
    manifest = oci.parse(layout.manifest(root), root.media_type)
    moment = created(manifest, _config(layout, manifest.config)) or _BEGINNING
    render = cyclonedx.render if format_ == "cyclonedx" else spdx.render
    return render(found, subject=root.digest, name=dict(root.annotations).get(_NAME, "image"), moment=moment)


def _config(layout: Layout, config: Descriptor | None) -> bytes:
    if config is None:
        return b""
    with layout.blob(config.digest) as file:
        return file.read(_MAX_CONFIG)


def _report(layout: Layout, layer: Descriptor) -> LayerReport:
    with layout.blob(layer.digest) as file:
        hashed = _Hashed(file, layer.digest)
        report = catalogue_layer(hashed, media_type=layer.media_type, layer=layer.digest)
        hashed.check()
        return report


class _Hashed:
    """Reads a blob and holds it against its digest at the end."""

    def __init__(self, file: BinaryIO, digest: Digest) -> None:
        self._file, self._digest = file, digest
        self._hasher = Digest.hasher(digest.algorithm)

    def read(self, size: int, /) -> bytes:
        piece = self._file.read(size)
        self._hasher.update(piece)
        return piece

    def check(self) -> None:
        """Read what is left and compare.

        Raises:
            Mismatch: the bytes are not those of the digest.
        """
        while self.read(1 << 20):
            pass
        if self._hasher.hexdigest() != self._digest.hex:
            raise Mismatch(f"got a layer that is not {self._digest}", where="layer", hint="fetch the layout again")
