"""Policies in any registry: sent with a signature, fetched by digest, verified before a byte of them is used."""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

from graven.catalogue import oci
from graven.decide import policyimage
from graven.decide.policyimage import PolicyImage
from graven.engines.attachments import Attachments
from graven.engines.registry import Registry
from graven.errors import NotFound, Refused
from graven.evidence.candidates import Candidate, Fault
from graven.evidence.keys import PrivateKey
from graven.evidence.trust import SIGN, TrustRoot, Verified, verify
from graven.values import Descriptor, Digest

__all__ = ["Fetched", "PolicyRegistry"]

_ANY_MOMENT = "1970-01-01T00:00:00Z"
"""A signature without a timestamp has no time; the keys handed in here have no end."""


class Fetched(NamedTuple):
    """Policies as they were found."""

    digest: Digest
    files: dict[str, bytes]
    """By path; empty where the image holds only a bundle."""
    bundle: bytes | None
    """Only where there are no files."""
    revision: str
    key: str
    """The fingerprint of the key whose signature counted; empty: none was asked for."""


@dataclass(frozen=True)
class PolicyRegistry:
    """The policies of one repository."""

    registry: Registry
    repository: str

    def push(self, image: PolicyImage, reference: str, *, key: PrivateKey | None = None, created: str = "") -> Digest:
        """Send an image of policies and sign its digest; the tag comes last: it never names what is not signed."""
        for blob in dict.fromkeys(image.blobs):
            self.registry.put_blob(self.repository, Digest.of(blob), io.BytesIO(blob), len(blob))
        digest = image.digest
        self.registry.put_manifest(self.repository, str(digest), image.manifest, oci.IMAGE_MANIFEST)
        if key is not None:
            subject = Descriptor(oci.IMAGE_MANIFEST, digest, len(image.manifest))
            Attachments(self.registry, self.repository).attach(subject, SIGN, {}, key=key, created=created)
        if ":" not in reference:
            self.registry.put_manifest(self.repository, reference, image.manifest, oci.IMAGE_MANIFEST)
        return digest

    def fetch(self, reference: str, *, root: TrustRoot | None) -> Fetched:
        """Fetch policies by tag or digest, after a signature by one of the root's keys was found; None asks for none.

        Raises:
            NotFound: there are none.
            Refused: no signature counts.
            Malformed: it is no image of policies.
            Mismatch: bytes are not those of their digest.
        """
        found = self.registry.manifest(self.repository, reference)
        key = "" if root is None else self._signed(found.digest, root)
        contents = policyimage.read(found.data, found.media_type)
        files = {path: self._blob(layer) for path, layer in contents.files}
        bundle = self._blob(contents.bundle) if contents.bundle is not None and not files else None
        return Fetched(found.digest, files, bundle, contents.revision, key)

    def _signed(self, digest: Digest, root: TrustRoot) -> str:
        reasons = []
        for one in self._evidence(digest):
            result = None if isinstance(one, Fault) else self._verify(one, digest, root)
            if isinstance(result, Verified) and result.predicate_type == SIGN:
                return result.key
            reasons.append(one.reason if isinstance(one, Fault) else getattr(result, "reason", "no signature"))
        raise Refused(
            f"no signature of these policies counts: {'; '.join(dict.fromkeys(reasons)) or 'nothing is attached'}",
            where=f"{self.repository}@{digest}",
            hint="name the key of whoever signed them, or pin a digest that you have looked at",
        )

    def _evidence(self, digest: Digest) -> Iterator[Candidate | Fault]:
        attachments = Attachments(self.registry, self.repository)
        try:
            yield from (found.one for found in attachments.found(digest))
        except NotFound:
            return

    def _verify(self, one: Candidate, digest: Digest, root: TrustRoot) -> object:
        return verify(one, root=root, subject=digest, repository=self.repository, received_at=_ANY_MOMENT)

    def _blob(self, layer: Descriptor) -> bytes:
        return self.registry.read_blob(self.repository, layer.digest, limit=policyimage.MAX_BYTES)
