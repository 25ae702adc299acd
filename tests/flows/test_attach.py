"""Evidence in a repository: where it is found, for what it counts, and what an attacker who may push can do."""

from __future__ import annotations

import json
from base64 import b64encode
from datetime import UTC, datetime
from random import Random
from typing import Any

import pytest

from flows.judging import Key
from flows.registry import ADA, MUTABLE, REPOSITORY, Registry, described, encoded, index
from graven.catalogue import oci
from graven.errors import NotFound, TooLarge
from graven.evidence import bundle, dsse, keys, statement
from graven.evidence.dsse import Envelope, Signature
from graven.evidence.trust import SIGN, TrustedKey, TrustRoot, Verified
from graven.flows import attach
from graven.flows.attach import Evidence, Gathered
from graven.values import Digest, RepositoryName

NOW = datetime(2026, 6, 1, tzinfo=UTC)
REVIEW = "https://example.org/review/v1"
SIMPLE = "application/vnd.dev.cosign.simplesigning.v1+json"
DSSE = "application/vnd.dsse.envelope.v1+json"


class World:
    """A registry in memory with the flow over it, and two keys of which one is trusted."""

    def __init__(self) -> None:
        self.registry = Registry()
        self.evidence = Evidence(
            tables=self.registry.store,
            objects=self.registry.objects,
            push=self.registry.push,
            clock=lambda: NOW,
        )
        self.release, self.stranger = (Key(keys.generate(Random(n).randbytes)) for n in (1, 2))  # noqa: S311 - the same each time
        self.root = TrustRoot((TrustedKey("release", self.release.key.public),))

    async def image(self, text: bytes = b"layer", repository: RepositoryName = REPOSITORY) -> Digest:
        data = await self.registry.image(text, repository=repository)
        return (await self.registry.put(str(Digest.of(data)), data, repository=repository)).digest

    async def sign(self, digest: Digest, kind: str = SIGN, key: Key | None = None, **more: Any) -> Digest:
        return await self.evidence.attest(
            more.get("repository", REPOSITORY),
            digest,
            predicate_type=kind,
            predicate=more.get("predicate", {}),
            signer=key or self.release,
            caller=ADA,
        )

    async def gather(self, digest: Digest, repository: str = REPOSITORY, **more: Any) -> Gathered:
        return await self.evidence.gather(repository, digest, root=self.root, **more)

    async def legacy(self, digest: Digest, suffix: str, layer: bytes, media_type: str, **annotations: str) -> Digest:
        """Push evidence under a tag, as older clients do."""
        await self.registry.push.blob(REPOSITORY, b"{}", caller=ADA)
        await self.registry.push.blob(REPOSITORY, layer, caller=ADA)
        told = {name.replace("_", "/"): text for name, text in annotations.items()}
        document = {
            "schemaVersion": 2,
            "mediaType": oci.IMAGE_MANIFEST,
            "config": described(b"{}", "application/vnd.oci.image.config.v1+json"),
            "layers": [described(layer, media_type) | {"annotations": told}],
        }
        return (await self.registry.put(f"{digest.algorithm}-{digest.hex}.{suffix}", encoded(document))).digest


@pytest.fixture
def world() -> World:
    return World()


def kinds(found: Gathered) -> list[tuple[str, str]]:
    return [(one.kind, one.predicate_type) for one in found.verified]


async def test_what_is_attached_is_found_and_verified_as_of_its_receipt(world: World) -> None:
    digest = await world.image()
    manifest = await world.sign(digest)
    found = await world.gather(digest)
    assert kinds(found) == [("signature", SIGN)]
    (one,) = found.verified
    assert (one.subject, one.identity, one.key) == (digest, "release", world.release.key.public.fingerprint)
    row = await world.registry.store.get("manifests", (REPOSITORY, str(manifest)))
    assert row is not None
    assert one.received_at == row["time"]
    assert [(source.manifest, source.blobs) for source in found.sources] == [(manifest, (one.evidence,))]
    assert not found.rejected


async def test_a_referrer_of_ours_has_the_shape_of_cosigns(world: World) -> None:
    digest = await world.image()
    manifest = json.loads(await world.registry.objects.get(await world.sign(digest, REVIEW)))
    assert manifest["artifactType"] == manifest["layers"][0]["mediaType"] == bundle.MEDIA_TYPE
    assert manifest["subject"]["digest"] == str(digest)
    assert manifest["annotations"]["dev.sigstore.bundle.predicateType"] == REVIEW


async def test_a_statement_by_a_stranger_is_rejected_beside_one_that_counts(world: World) -> None:
    digest = await world.image()
    await world.sign(digest, key=world.stranger)
    await world.sign(digest, REVIEW)
    found = await world.gather(digest)
    assert kinds(found) == [("attestation", REVIEW)]
    assert ["none of the trusted keys" in one.reason for one in found.rejected] == [True]


async def test_the_tags_of_older_clients_are_read(world: World) -> None:
    digest = await world.image()
    critical = {
        "identity": {"docker-reference": ""},
        "image": {"docker-manifest-digest": str(digest)},
        "type": "cosign container image signature",
    }
    payload = encoded({"critical": critical, "optional": None})
    signature = b64encode(await world.release.sign(payload)).decode()
    await world.legacy(digest, "sig", payload, SIMPLE, **{"dev.cosignproject.cosign_signature": signature})
    body = statement.make(digest, REVIEW, {"ok": True})
    envelope = Envelope(dsse.IN_TOTO, body, (Signature(await world.release.sign(dsse.pae(dsse.IN_TOTO, body))),))
    await world.legacy(digest, "att", envelope.encode(), DSSE)
    assert sorted(kinds(await world.gather(digest))) == [("attestation", REVIEW), ("signature", SIGN)]


async def test_a_signed_index_vouches_for_the_images_that_it_lists_and_for_no_other(world: World) -> None:
    first, second = await world.image(b"one"), await world.image(b"two")
    listing = index(await world.registry.objects.get(first))
    parent = (await world.registry.put("all", listing)).digest
    await world.sign(parent)
    (one,) = (await world.gather(first)).verified
    assert one.subject == parent
    assert not (await world.gather(second)).verified


async def test_an_index_that_was_removed_vouches_no_more(world: World) -> None:
    digest = await world.image()
    await world.registry.repositories.set(REPOSITORY, "mutable", caller=ADA)
    parent = (await world.registry.put("all", index(await world.registry.objects.get(digest)))).digest
    await world.sign(parent)
    assert (await world.gather(digest)).verified
    await world.registry.remove.manifest(REPOSITORY, str(parent), caller=ADA)
    assert not (await world.gather(digest)).verified


async def test_evidence_in_another_repository_does_not_count_here(world: World) -> None:
    digest = await world.image()
    assert await world.image(repository=MUTABLE) == digest
    await world.sign(digest, repository=MUTABLE)
    found = await world.gather(digest)
    assert (found.verified, found.rejected, found.sources) == ((), (), ())
    assert (await world.gather(digest, MUTABLE)).verified


async def test_evidence_that_is_copied_to_a_repository_of_which_its_key_may_not_speak_is_rejected(world: World) -> None:
    world.root = TrustRoot((TrustedKey("release", world.release.key.public, repositories=("team/*",)),))
    digest = await world.image(repository=MUTABLE)
    await world.sign(digest, repository=MUTABLE)
    found = await world.gather(digest, MUTABLE)
    assert not found.verified
    assert "not about scratch/web" in found.rejected[0].reason


async def test_a_bundle_that_is_attached_to_another_artifact_is_rejected(world: World) -> None:
    digest, other = await world.image(b"one"), await world.image(b"two")
    manifest = json.loads(await world.registry.objects.get(await world.sign(digest)))
    manifest["subject"]["digest"] = str(other)
    moved = encoded(manifest)
    await world.registry.put(str(Digest.of(moved)), moved)
    found = await world.gather(other)
    assert not found.verified
    assert found.rejected[0].reason == f"it is about {digest}, not about {other}"


async def test_what_was_revoked_counts_no_more_at_once(world: World) -> None:
    digest = await world.image()
    await world.sign(digest)
    assert (await world.gather(digest)).verified
    for revoked in (("identity", "release"), ("key", world.release.key.public.fingerprint)):
        found = await world.gather(digest, revoked={revoked})
        assert not found.verified
        assert "was revoked" in found.rejected[0].reason


async def test_evidence_that_is_not_there_or_was_changed_on_disk_is_rejected(world: World) -> None:
    digest = await world.image()
    await world.sign(digest)
    (one,) = (await world.gather(digest)).verified
    kept = world.registry.objects.objects.pop(one.evidence)
    assert "there is no object" in (await world.gather(digest)).rejected[0].reason
    world.registry.objects.objects[one.evidence] = kept.replace(b"payload", b"Payload")
    assert not (await world.gather(digest)).verified


async def test_nothing_is_attached_to_what_the_repository_does_not_hold(world: World) -> None:
    before = world.registry.seen()
    with pytest.raises(NotFound, match="holds no"):
        await world.sign(Digest.of(b"nothing"))
    assert world.registry.seen() == before


async def test_a_blob_that_is_too_large_for_evidence_is_not_loaded(world: World) -> None:
    digest = await world.image()
    await world.sign(digest)
    big = b" " * (dsse.MAX_ENVELOPE + 1)
    await world.legacy(digest, "att", big, DSSE)
    found = await world.gather(digest)
    assert kinds(found) == [("signature", SIGN)]
    assert [one.reason for one in found.rejected] == ["it has 16777217 bytes, at most 16777216 are looked at"]
    assert Digest.of(big) not in {blob for source in found.sources for blob in source.blobs}


async def _crowd(world: World, digest: Digest, number: int) -> None:
    for n in range(number):
        data = await world.registry.image(subject=described(b"", oci.IMAGE_MANIFEST) | {"digest": str(digest)}, n=n)
        await world.registry.put(str(Digest.of(data)), data)


async def test_no_statement_is_crowded_out_by_worthless_ones(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(attach, "_MOST", 20)
    digest = await world.image()
    await world.sign(digest)
    await _crowd(world, digest, 19)
    assert isinstance((await world.gather(digest)).verified[0], Verified)
    await _crowd(world, digest, 20)
    with pytest.raises(TooLarge, match="more than 20 manifests"):
        await world.gather(digest)


async def test_no_index_is_crowded_out_by_worthless_ones(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(attach, "_MOST", 3)
    digest = await world.image()
    child = await world.registry.objects.get(digest)
    for number in range(4):
        await world.registry.put(f"all-{number}", index(child, annotations={"n": str(number)}))
    with pytest.raises(TooLarge, match="more than 3 indexes"):
        await world.gather(digest)


async def test_more_evidence_than_memory_is_refused_before_it_is_read(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    digest = await world.image()
    await world.sign(digest)
    monkeypatch.setattr(attach, "_MOST_BYTES", 100)
    with pytest.raises(TooLarge, match="at most 100 are read") as caught:
        await world.evidence.sources(REPOSITORY, digest)
    assert str(digest) in caught.value.where
