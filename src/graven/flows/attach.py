"""Attach: find the evidence about an artifact, verify it, and add graven's own.

Evidence belongs to a repository and a subject's digest. It is looked for among the referrers, under cosign's tags
(``sha256-<hex>.sig``, ``.att``), and about every index of the repository that lists the artifact: a signed index
vouches for its children, and the evidence says that it is about the index.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Any

from anyio import to_thread

from graven.decide.materials import Source
from graven.errors import GravenError, NotFound, TooLarge
from graven.evidence import bundle, dsse, statement
from graven.evidence.candidates import Fault, blobs_of, candidates
from graven.evidence.dsse import Envelope, Signature
from graven.evidence.keys import PublicKey
from graven.evidence.trust import Check, Rejected, TrustRoot, Verified, verify
from graven.flows.push import Push
from graven.ports import Clock, ObjectReader, Signer, Tables
from graven.values import Caller, Descriptor, Digest, RepositoryName, format_moment

__all__ = ["Evidence", "Gathered", "judged"]

_MANIFEST = "application/vnd.oci.image.manifest.v1+json"
_MOST = 1000
"""So many manifests may refer to one subject, and so many indexes list it. Nothing is judged by a part of them: what
is left out could be the statement that takes another back."""
_MOST_BYTES = 64 << 20
"""So much evidence may there be about one artifact."""


@dataclass(frozen=True, slots=True)
class Gathered:
    """The evidence about an artifact, verified or not, and where it was found."""

    verified: tuple[Verified, ...]
    rejected: tuple[Rejected, ...]
    sources: tuple[Source, ...]


@dataclass(frozen=True, kw_only=True)
class Evidence:
    """Finds, verifies and adds evidence."""

    tables: Tables
    objects: ObjectReader
    push: Push
    clock: Clock

    async def sources(self, repository: str, digest: Digest) -> tuple[Source, ...]:
        """Find where evidence about an artifact lies, and when it was received; sorted.

        Raises:
            TooLarge: it is more than is looked at.
        """
        found: set[Source] = set()
        for subject in (digest, *await self._parents(repository, digest)):
            for manifest, received in await self._manifests(repository, subject):
                found.add(Source(manifest, subject, received, await self._blobs(manifest)))
            if len(found) > _MOST:
                raise _too_much(repository, digest, f"more than {_MOST} manifests are attached to it")
        await self._weigh(repository, digest, found)
        return tuple(sorted(found))

    async def gather(
        self, repository: str, digest: Digest, *, root: TrustRoot, revoked: Collection[tuple[str, str]] = ()
    ) -> Gathered:
        """Find and verify the evidence about an artifact."""
        sources = await self.sources(repository, digest)
        objects = {one: await self._bytes(one) for source in sources for one in (source.manifest, *source.blobs)}
        found = await to_thread.run_sync(
            lambda: [one for source in sources for one in judged(source, objects, root, repository, revoked)]
        )
        verified = tuple(one for one in found if isinstance(one, Verified))
        return Gathered(verified, tuple(one for one in found if isinstance(one, Rejected)), sources)

    async def attest(
        self,
        repository: str,
        subject: Digest,
        *,
        predicate_type: str,
        predicate: Any,
        signer: Signer,
        caller: Caller,
    ) -> Digest:
        """Sign a statement about an artifact and attach it as a referrer; give the referrer's digest.

        Raises:
            NotFound: the repository does not hold the artifact.
        """
        about = await self._descriptor(repository, subject)
        payload = statement.make(subject, predicate_type, predicate)
        signature = Signature(await signer.sign(dsse.pae(dsse.IN_TOTO, payload)))
        data = bundle.encode(Envelope(dsse.IN_TOTO, payload, (signature,)), PublicKey.parse(signer.public_pem))
        name = RepositoryName(repository)
        await self.push.blob(name, bundle.EMPTY, caller=caller)
        blob = await self.push.blob(name, data, caller=caller)
        carried = Descriptor(bundle.MEDIA_TYPE, blob, len(data))
        created = format_moment(self.clock())
        manifest = bundle.referrer(carried, about, predicate_type=predicate_type, created=created)
        pushed = await self.push.manifest(name, str(Digest.of(manifest)), manifest, _MANIFEST, caller=caller)
        return pushed.digest

    async def _descriptor(self, repository: str, digest: Digest) -> Descriptor:
        row = await self.tables.get("manifests", (repository, str(digest)))
        if row is None:
            raise NotFound(f"{repository} holds no {digest}", hint="graven ls shows what it holds")
        return Descriptor(str(row["media_type"]), digest, int(row["size"] or 0))

    async def _parents(self, repository: str, digest: Digest) -> list[Digest]:
        rows = await self.tables.scan("parents", (repository, str(digest)), limit=_MOST + 1)
        if len(rows) > _MOST:
            raise _too_much(repository, digest, f"more than {_MOST} indexes list it")
        held = [await self.tables.get("manifests", (repository, str(key[2]))) for key, _ in rows]
        return [Digest.parse(str(key[2])) for (key, _), row in zip(rows, held, strict=True) if row is not None]

    async def _manifests(self, repository: str, subject: Digest) -> list[tuple[Digest, str]]:
        rows = await self.tables.scan("referrers", (repository, str(subject)), limit=_MOST + 1)
        found = [(Digest.parse(str(key[2])), str(row["time"])) for key, row in rows]
        for suffix in ("sig", "att"):
            row = await self.tables.get("tags", (repository, f"{subject.algorithm}-{subject.hex}.{suffix}"))
            if row is not None:
                found.append((Digest.parse(str(row["digest"])), str(row["time"])))
        return found

    async def _blobs(self, manifest: Digest) -> tuple[Digest, ...]:
        try:
            return blobs_of(await self.objects.get(manifest))
        except GravenError:
            return ()  # the manifest is found to be a fault when it is judged

    async def _weigh(self, repository: str, digest: Digest, sources: Collection[Source]) -> None:
        """Refuse before anything is loaded what would fill the memory."""
        blobs = {blob for source in sources for blob in source.blobs}
        total = sum([await self.objects.size(blob) or 0 for blob in blobs])
        if total > _MOST_BYTES:
            raise _too_much(repository, digest, f"{total} bytes are attached to it, at most {_MOST_BYTES} are read")

    async def _bytes(self, digest: Digest) -> bytes | GravenError:
        try:
            return await self.objects.get(digest, limit=dsse.MAX_ENVELOPE)
        except GravenError as e:
            return e


def _too_much(repository: str, digest: Digest, what: str) -> TooLarge:
    return TooLarge(
        f"the evidence cannot be judged as a whole: {what}",
        where=f"{repository}@{digest}",
        hint="delete what nobody needs; graven ls and the referrers API list it",
    )


def judged(
    source: Source,
    objects: dict[Digest, bytes | GravenError],
    root: TrustRoot,
    repository: str,
    revoked: Collection[tuple[str, str]],
) -> Iterable[Verified | Rejected]:
    """Verify each candidate of a source; what cannot be read is rejected with its reason."""

    def fetch(digest: Digest) -> bytes:
        found = objects.get(digest, NotFound(f"there is no object {digest}"))
        if isinstance(found, GravenError):
            raise found
        return found

    try:
        found = candidates(fetch(source.manifest), fetch)
    except GravenError as e:
        found = (Fault(source.manifest, e.message),)
    for one in found:
        if isinstance(one, Fault):
            yield Rejected(one.evidence, (Check("form", passed=False, reason=one.reason),))
        else:
            yield verify(
                one,
                root=root,
                subject=source.subject,
                repository=repository,
                received_at=source.received,
                revoked=revoked,
            )
