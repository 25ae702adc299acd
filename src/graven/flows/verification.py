"""Verification: what is wrong with the summary that a promotion left, as admission asks it for each image.

A summary counts if a key of graven's own made it while that key signed for summaries, and if it is what
``evidence.vsa.fault`` demands. What was verified is kept by the digest of its manifest, since neither can change; keys
that were retired or revoked in the meantime are looked at anew each time.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache

from graven.decide.materials import Source
from graven.errors import GravenError, Malformed
from graven.evidence import dsse, vsa
from graven.evidence.candidates import blobs_of
from graven.evidence.keys import PublicKey
from graven.evidence.trust import Rejected, TrustedKey, TrustRoot, Verified
from graven.flows.attach import judged
from graven.ports import Clock, ObjectReader, Tables
from graven.values import Digest

__all__ = ["Verification"]

_MOST_KEPT = 4096
_Asked = tuple[Digest, Digest, str]


@dataclass(frozen=True, kw_only=True)
class Verification:
    """Looks at verification summaries."""

    tables: Tables
    objects: ObjectReader
    clock: Clock
    kept: dict[tuple[_Asked, TrustRoot], Verified] = field(default_factory=dict)

    async def fault(self, summary: Digest, subject: Digest, repository: str, stage: str) -> str:
        """Say what is wrong with a summary (by the digest of its manifest) as the token of a subject for a stage."""
        row = await self.tables.get("manifests", (repository, str(summary)))
        if row is None:
            return "it is not in the repository any more"
        found = await self._verified((summary, subject, repository), received=str(row["time"]))
        if isinstance(found, Rejected):
            return found.reason
        return vsa.fault(found, subject=subject, repository=repository, stage=stage, now=self.clock())

    async def _verified(self, asked: _Asked, *, received: str) -> Verified | Rejected:
        root = await self._root()
        kept = self.kept.get((asked, root))
        if kept is not None:
            return kept
        found = await self._judged(*asked, root, received)
        if isinstance(found, Verified):
            if len(self.kept) >= _MOST_KEPT:
                self.kept.clear()
            self.kept[asked, root] = found
        return found

    async def _root(self) -> TrustRoot:
        """Trust the keys of graven's own that sign summaries, each for its time."""
        keys = []
        for key, row in await self.tables.scan("keys", ("vsa",)):
            if await self.tables.get("revocations", ("key", str(key[1]))) is None:
                keys.append(_key(str(row["public"]), str(row["since"]), str(row["until"] or "")))
        return TrustRoot(tuple(keys))

    async def _judged(
        self, summary: Digest, subject: Digest, repository: str, root: TrustRoot, received: str
    ) -> Verified | Rejected:
        objects = {summary: await self._bytes(summary)}
        manifest = objects[summary]
        try:
            blobs = blobs_of(manifest) if isinstance(manifest, bytes) else ()
        except Malformed:
            blobs = ()  # it is found to be a fault when it is judged
        for blob in blobs:
            objects[blob] = await self._bytes(blob)
        found = list(judged(Source(summary, subject, received, blobs), objects, root, repository, ()))
        verified = next((one for one in found if isinstance(one, Verified)), None)
        return verified or (found[0] if found else Rejected(summary, ()))

    async def _bytes(self, digest: Digest) -> bytes | GravenError:
        try:
            return await self.objects.get(digest, limit=dsse.MAX_ENVELOPE)
        except GravenError as e:
            return e


@lru_cache(maxsize=64)
def _key(public: str, since: str, until: str) -> TrustedKey:
    return TrustedKey("graven", PublicKey.parse(public.encode()), since, until, predicate_types=(vsa.PREDICATE_TYPE,))
