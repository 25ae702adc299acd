"""Sigstore bundles (sigstore/protobuf-specs, bundle v0.3), signed by a key, and the OCI referrer that carries one.

Written exactly as cosign 3 writes them: no keyid (its verifier skips signatures whose keyid it does not expect), the
key's hint, one layer, the empty config, and annotations that tell the content and the predicate type.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from graven.errors import Malformed, Unsupported
from graven.evidence import dsse
from graven.evidence.dsse import Envelope
from graven.evidence.keys import PublicKey
from graven.values import Descriptor, Digest, canonical

__all__ = ["EMPTY", "EMPTY_DIGEST", "MEDIA_TYPE", "Bundle", "encode", "parse", "referrer"]

MEDIA_TYPE = "application/vnd.dev.sigstore.bundle.v0.3+json"
_READ = frozenset({MEDIA_TYPE, *(f"application/vnd.dev.sigstore.bundle+json;version=0.{minor}" for minor in (1, 2, 3))})
_MANIFEST = "application/vnd.oci.image.manifest.v1+json"
_MEMBERS = frozenset({"mediaType", "verificationMaterial", "dsseEnvelope", "messageSignature"})
_MATERIALS = ("publicKey", "certificate", "x509CertificateChain")
_MATERIAL_MEMBERS = frozenset({*_MATERIALS, "tlogEntries", "timestampVerificationData"})
_EMPTY_TYPE = "application/vnd.oci.empty.v1+json"
EMPTY = b"{}"
EMPTY_DIGEST = Digest.of(EMPTY)


@dataclass(frozen=True, slots=True)
class Bundle:
    """What a bundle holds, as far as a verifier by key needs it."""

    envelope: Envelope
    hint: str
    """Names the key; nobody has signed it, and it decides nothing."""
    keyless: bool
    """It is signed by a certificate and not by a known key."""


def encode(envelope: Envelope, public: PublicKey) -> bytes:
    """Write a bundle around an envelope that a key has signed."""
    document = {
        "mediaType": MEDIA_TYPE,
        "verificationMaterial": {"publicKey": {"hint": public.hint}},
        "dsseEnvelope": envelope.value(),
    }
    return json.dumps(document, separators=(",", ":")).encode()


def parse(data: bytes, *, where: str = "Sigstore bundle") -> Bundle:
    """Read a bundle of v0.1 to v0.3 with a DSSE envelope.

    Raises:
        Malformed: it is none.
        Unsupported: of another version, or with a bare message signature, which no verifier takes for an image.
    """
    value = canonical.loads(data, where=where)
    if not isinstance(value, Mapping) or not isinstance(value.get("verificationMaterial"), Mapping):
        raise Malformed("got no bundle with verificationMaterial", where=where)
    if value.get("mediaType") not in _READ:
        raise Unsupported(f"got a bundle of {str(value.get('mediaType'))[:100]!r}, expected up to v0.3", where=where)
    if "dsseEnvelope" not in value or not _MEMBERS.issuperset(value):
        raise Unsupported("got a bundle without a DSSE envelope, or with members that v0.3 has not", where=where)
    envelope = dsse.read(value["dsseEnvelope"], where=where)
    if len(envelope.signatures) != 1:
        raise Malformed(f"got {len(envelope.signatures)} signatures, expected exactly one", where=where)
    kind, material = _material(value["verificationMaterial"], where)
    hint = material.get("hint", "") if isinstance(material, Mapping) else ""
    return Bundle(envelope, hint if isinstance(hint, str) else "", keyless=kind != "publicKey")


def _material(value: Mapping[str, Any], where: str) -> tuple[str, Any]:
    """Give the one kind of material that a bundle has, "oneof content"."""
    found = [kind for kind in _MATERIALS if kind in value]
    if len(found) != 1 or not _MATERIAL_MEMBERS.issuperset(value):
        raise Malformed(f"got {', '.join(found) or 'no key'}, expected one of {', '.join(_MATERIALS)}", where=where)
    public = value.get("publicKey", {})
    if not isinstance(public, Mapping) or not {"hint"}.issuperset(public):
        raise Malformed("got a publicKey with members that v0.3 has not, expected a hint", where=where)
    return found[0], value[found[0]]


def referrer(bundle: Descriptor, subject: Descriptor, *, predicate_type: str, created: str) -> bytes:
    """Write the manifest that carries a bundle and refers to its subject."""
    document: dict[str, Any] = {
        "schemaVersion": 2,
        "mediaType": _MANIFEST,
        "artifactType": MEDIA_TYPE,
        "config": {"mediaType": _EMPTY_TYPE, "digest": str(EMPTY_DIGEST), "size": len(EMPTY)},
        "layers": [{"mediaType": MEDIA_TYPE, "digest": str(bundle.digest), "size": bundle.size}],
        "subject": {"mediaType": subject.media_type, "digest": str(subject.digest), "size": subject.size},
        "annotations": {
            "dev.sigstore.bundle.content": "dsse-envelope",
            "dev.sigstore.bundle.predicateType": predicate_type,
            "org.opencontainers.image.created": created,
        },
    }
    return json.dumps(document, separators=(",", ":")).encode()
