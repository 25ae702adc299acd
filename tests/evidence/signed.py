"""Makers of keys and of signed evidence, the same bytes each time."""

from __future__ import annotations

import json
from base64 import b64encode
from dataclasses import dataclass
from random import Random
from typing import Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

from graven.evidence import bundle, dsse, keys, statement
from graven.evidence.candidates import Candidate, Fault, candidates
from graven.evidence.dsse import Envelope, Signature
from graven.evidence.keys import PrivateKey
from graven.evidence.trust import SIGN, TrustedKey, TrustRoot
from graven.values import Descriptor, Digest

SUBJECT = Digest.of(b"the artifact")
OTHER = Digest.of(b"another artifact")
REPOSITORY = "team/web"
RECEIVED = "2026-06-01T12:00:00.000000Z"
CREATED = "2026-06-01T12:00:00Z"
MANIFEST = "application/vnd.oci.image.manifest.v1+json"
SIMPLE = "application/vnd.dev.cosign.simplesigning.v1+json"
DSSE = "application/vnd.dsse.envelope.v1+json"


def key(number: int = 1) -> PrivateKey:
    return keys.generate(Random(number).randbytes)  # noqa: S311 - the same each time


def signature(private: PrivateKey, message: bytes) -> bytes:
    """Sign as RFC 6979 does, so that vectors stay as they are."""
    return private.key.sign(message, ec.ECDSA(hashes.SHA256(), deterministic_signing=True))


def enveloped(private: PrivateKey, payload: bytes, payload_type: str = dsse.IN_TOTO) -> Envelope:
    return Envelope(payload_type, payload, (Signature(signature(private, dsse.pae(payload_type, payload))),))


def signed(private: PrivateKey, subject: Digest = SUBJECT, kind: str = SIGN, predicate: Any = None) -> Envelope:
    return enveloped(private, statement.make(subject, kind, {} if predicate is None else predicate))


def simple(subject: Digest) -> bytes:
    """A payload in the order of cosign's members."""
    critical = {
        "identity": {"docker-reference": f"registry.example/{REPOSITORY}"},
        "image": {"docker-manifest-digest": str(subject)},
        "type": "cosign container image signature",
    }
    return json.dumps({"critical": critical, "optional": None}, separators=(",", ":")).encode()


@dataclass(frozen=True)
class Carried:
    """A manifest that carries evidence, and its blobs."""

    manifest: bytes
    blobs: dict[Digest, bytes]

    def candidates(self) -> tuple[Candidate | Fault, ...]:
        return candidates(self.manifest, self.blobs.__getitem__)

    def only(self) -> Candidate:
        (found,) = self.candidates()
        assert isinstance(found, Candidate), found.reason
        return found


def referrer(envelope: Envelope, private: PrivateKey, subject: Digest = SUBJECT) -> Carried:
    return referrer_of(bundle.encode(envelope, private.public), subject)


def referrer_of(data: bytes, subject: Digest = SUBJECT, kind: str = SIGN) -> Carried:
    about = Descriptor(MANIFEST, subject, 7)
    carried = Descriptor(bundle.MEDIA_TYPE, Digest.of(data), len(data))
    manifest = bundle.referrer(carried, about, predicate_type=kind, created=CREATED)
    return Carried(manifest, {Digest.of(data): data})


def legacy(*layers: tuple[str, bytes, bytes]) -> Carried:
    """A manifest as under the tags .sig and .att: media type, blob and signature of each layer."""
    listed = [
        {
            "mediaType": media_type,
            "digest": str(Digest.of(data)),
            "size": len(data),
            "annotations": {"dev.cosignproject.cosign/signature": b64encode(sig).decode()},
        }
        for media_type, data, sig in layers
    ]
    document = {"schemaVersion": 2, "mediaType": MANIFEST, "config": {}, "layers": listed}
    return Carried(json.dumps(document).encode(), {Digest.of(data): data for _, data, _ in layers})


def legacy_signature(private: PrivateKey, subject: Digest = SUBJECT) -> Carried:
    payload = simple(subject)
    return legacy((SIMPLE, payload, signature(private, payload)))


def trusted(private: PrivateKey, identity: str = "release@example.org", **more: Any) -> TrustedKey:
    return TrustedKey(identity, private.public, **more)


def root(*trusted_keys: TrustedKey) -> TrustRoot:
    return TrustRoot(trusted_keys)
