"""Evidence in any registry: signs and attaches it, and reads what is attached, as a client of that registry.

Written is the Sigstore bundle as an OCI referrer, as cosign 3 does. Read is every form in use, from the referrers and
from the tags ``sha256-<hex>.sig`` and ``.att``; what is verified, ``evidence.trust`` says.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

from graven.catalogue import oci
from graven.engines.registry import Registry
from graven.errors import GravenError, Malformed, Mismatch, NotFound
from graven.evidence import bundle, dsse, statement
from graven.evidence.candidates import Candidate, Fault, blobs_of, candidates
from graven.evidence.dsse import Envelope, Signature
from graven.evidence.keys import PrivateKey
from graven.values import Descriptor, Digest

__all__ = ["MOST", "Attached", "Attachments", "Found"]

MOST = 256
"""So many referrers of one artifact are looked at."""


class Attached(NamedTuple):
    """Where a statement is now."""

    manifest: Digest
    evidence: Digest
    """The bundle."""


class Found(NamedTuple):
    """A piece of evidence, and the manifest that carries it."""

    manifest: Digest
    one: Candidate | Fault


@dataclass(frozen=True)
class Attachments:
    """The evidence of one repository of a registry."""

    registry: Registry
    repository: str

    def subject(self, reference: str) -> Descriptor:
        """Fetch what a tag or digest points to.

        Raises:
            NotFound: the registry has none such.
        """
        found = self.registry.manifest(self.repository, reference)
        return Descriptor(found.media_type, found.digest, len(found.data))

    def attach(
        self, subject: Descriptor, predicate_type: str, predicate: Any, *, key: PrivateKey, created: str
    ) -> Attached:
        """Sign a statement about a subject and attach it."""
        payload = statement.make(subject.digest, predicate_type, predicate)
        signature = Signature(key.sign(dsse.pae(dsse.IN_TOTO, payload)))
        data = bundle.encode(Envelope(dsse.IN_TOTO, payload, (signature,)), key.public)
        carried = Descriptor(bundle.MEDIA_TYPE, Digest.of(data), len(data))
        manifest = bundle.referrer(carried, subject, predicate_type=predicate_type, created=created)
        for blob in (bundle.EMPTY, data):
            self.registry.put_blob(self.repository, Digest.of(blob), io.BytesIO(blob), len(blob))
        name = Digest.of(manifest)
        self.registry.put_manifest(self.repository, str(name), manifest, oci.IMAGE_MANIFEST)
        return Attached(name, carried.digest)

    def found(self, subject: Digest) -> Iterator[Found]:
        """Give all evidence about a subject, each piece once; what cannot be read comes as a fault.

        Raises:
            Unavailable: the registry does not answer, so that nobody knows what there is.
        """
        seen: set[Candidate | Fault] = set()
        for name, manifest in self._manifests(subject):
            for one in self._read(name, manifest):
                if one not in seen:
                    seen.add(one)
                    yield Found(name, one)

    def _read(self, name: Digest, manifest: bytes) -> tuple[Candidate | Fault, ...]:
        try:
            wanted = blobs_of(manifest)
        except Malformed as e:
            return (Fault(name, e.message),)
        held = {digest: self._blob(digest) for digest in wanted}

        def fetch(digest: Digest) -> bytes:
            found = held[digest]
            if isinstance(found, GravenError):
                raise found
            return found

        return candidates(manifest, fetch)

    def _blob(self, digest: Digest) -> bytes | GravenError:
        try:
            return self.registry.read_blob(self.repository, digest, limit=dsse.MAX_ENVELOPE)
        except (NotFound, Mismatch) as e:
            return e

    def _manifests(self, subject: Digest) -> Iterator[tuple[Digest, bytes]]:
        names = [str(one.digest) for one in self.registry.referrers(self.repository, subject)[:MOST]]
        tag = f"{subject.algorithm}-{subject.hex}"
        for name in (*names, f"{tag}.sig", f"{tag}.att"):
            try:
                found = self.registry.manifest(self.repository, name)
            except NotFound:
                continue
            yield found.digest, found.data
