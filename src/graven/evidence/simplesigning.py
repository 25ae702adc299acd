"""Simple signing (containers/image, signature.md), as cosign writes it into the tag ``sha256-<hex>.sig``.

The signed bytes are the layer's blob; the signature stands in the layer's annotation. The payload names the manifest's
digest, and a verifier that does not compare it accepts a signature that was moved.
"""

from __future__ import annotations

from collections.abc import Mapping

from graven.errors import Malformed
from graven.evidence import armour
from graven.values import Digest, canonical

__all__ = ["ANNOTATION", "MEDIA_TYPE", "signature_of", "subject_of"]

MEDIA_TYPE = "application/vnd.dev.cosign.simplesigning.v1+json"
ANNOTATION = "dev.cosignproject.cosign/signature"
_TYPE = "cosign container image signature"


def subject_of(payload: bytes, *, where: str = "simple signing payload") -> Digest:
    """Read which manifest a payload is about.

    Raises:
        Malformed: it is no such payload.
    """
    value = canonical.loads(payload, where=where)
    critical = value.get("critical") if isinstance(value, Mapping) else None
    image = critical.get("image") if isinstance(critical, Mapping) else None
    if not isinstance(critical, Mapping) or not isinstance(image, Mapping) or critical.get("type") != _TYPE:
        raise Malformed("got no payload of cosign's simple signing", where=where)
    digest = image.get("docker-manifest-digest")
    if not isinstance(digest, str):
        raise Malformed("expected critical.image.docker-manifest-digest", where=where)
    return Digest.parse(digest)


def signature_of(annotations: Mapping[str, object]) -> bytes:
    """Read the signature of a layer.

    Raises:
        Malformed: there is none.
    """
    return armour.decode(annotations.get(ANNOTATION), where=ANNOTATION)
