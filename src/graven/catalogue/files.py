"""Generic files: names, versions, and the OCI manifest that stands for a file so that evidence can attach to it.

The generator is versioned and deterministic: same file, same name, same bytes of the manifest, on any machine. A
change of what it writes is a new version, and the old one stays.
"""

from __future__ import annotations

import re

from graven.catalogue.oci import EMPTY, IMAGE_MANIFEST, describe
from graven.errors import Malformed
from graven.values import Descriptor, Digest, canonical

__all__ = ["ARTIFACT_TYPE", "LAYER_TYPE", "file_part", "manifest_of"]

ARTIFACT_TYPE = "application/vnd.graven.file.v1"
"""Version 1 of the generator."""
LAYER_TYPE = "application/octet-stream"

_PART = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._+~@-]{0,127}")


def file_part(text: str, what: str) -> str:
    """Read a file's name, version or filename: one segment of a path, with nothing that a shell or browser reads.

    >>> file_part("graven-1.0.tar.gz", "filename")
    'graven-1.0.tar.gz'

    Raises:
        Malformed: another character, or longer than 128.
    """
    if not _PART.fullmatch(text):
        raise Malformed(
            f"got {text[:160]!r}, expected a {what} of up to 128 of letters, digits, '.', '_', '+', '~', '@', '-', "
            "the first a letter, a digit or '_'",
            where=what,
        )
    return text


def manifest_of(digest: Digest, size: int, *, name: str, version: str, filename: str) -> bytes:
    """Write the manifest of a file; canonical JSON without a time in it."""
    titled = {"org.opencontainers.image.title": filename}
    layer = describe(Descriptor(LAYER_TYPE, digest, size, annotations=tuple(titled.items())))
    return canonical.dumps(
        {
            "schemaVersion": 2,
            "mediaType": IMAGE_MANIFEST,
            "artifactType": ARTIFACT_TYPE,
            "config": describe(EMPTY),
            "layers": [layer],
            "annotations": {**titled, "vnd.graven.file.name": name, "vnd.graven.file.version": version},
        }
    )
