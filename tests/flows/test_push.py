"""What a push does, what it refuses, and that a refusal leaves nothing behind."""

from __future__ import annotations

import pytest

from flows.registry import ADA, MUTABLE, REPOSITORY, Registry, described, encoded, index, manifest
from graven.catalogue import oci
from graven.errors import Conflict, GravenError, Malformed, Mismatch, TooLarge
from graven.values import Digest


@pytest.fixture
def registry() -> Registry:
    return Registry()


async def test_a_manifest_is_kept_byte_for_byte_and_its_tag_points_to_it(registry: Registry) -> None:
    data = await registry.image(b"layer") + b"\n"
    pushed = await registry.put("1.0", data)
    assert pushed.digest == Digest.of(data)
    held = await registry.pull.manifest(REPOSITORY, "1.0")
    assert (held.data, held.media_type, held.digest) == (data, oci.IMAGE_MANIFEST, pushed.digest)
    registry.check()


async def test_the_first_push_makes_an_immutable_repository(registry: Registry) -> None:
    await registry.put("1.0", await registry.image())
    assert (await registry.repositories.get(REPOSITORY))["mode"] == "immutable"
    assert registry.told() == ["repository.set", "blob.push", "artifact.push", "tag.set"]


async def test_the_same_push_again_changes_nothing_and_succeeds(registry: Registry) -> None:
    data = await registry.image(b"layer")
    await registry.put("1.0", data)
    before = len(registry.store.leaves)
    assert (await registry.put("1.0", data)).digest == Digest.of(data)
    await registry.image(b"layer")
    assert len(registry.store.leaves) == before


async def test_one_push_sets_several_tags_at_once(registry: Registry) -> None:
    data = await registry.image()
    target = str(Digest.of(data))
    pushed = await registry.push.manifest(REPOSITORY, target, data, "", caller=ADA, tags=["a", "b", "a"])
    assert pushed.tags == ("a", "b")
    assert (await registry.pull.tags(REPOSITORY)) == (("a", "b"), False)


async def test_a_push_by_digest_alone_sets_no_tag(registry: Registry) -> None:
    data = await registry.image()
    await registry.put(str(Digest.of(data)), data)
    assert (await registry.pull.tags(REPOSITORY)) == ((), False)
    assert (await registry.pull.manifest(REPOSITORY, str(Digest.of(data)))).data == data


async def test_a_manifest_is_kept_under_sha512_where_that_was_asked_for(registry: Registry) -> None:
    data = await registry.image()
    digest = Digest.of(data, "sha512")
    assert (await registry.put(str(digest), data)).digest == digest
    assert (await registry.pull.manifest(REPOSITORY, str(digest))).data == data


async def test_a_tag_of_an_immutable_repository_does_not_move_and_the_try_is_journalled(registry: Registry) -> None:
    await registry.put("1.0", await registry.image(b"one"))
    other = await registry.image(b"two")
    before = registry.seen()
    with pytest.raises(Conflict, match="immutable") as caught:
        await registry.put("1.0", other)
    assert caught.value.hint
    assert registry.seen() == before
    assert registry.told()[-1] == "push.refuse"
    registry.check()


async def test_of_several_tags_none_is_set_if_one_may_not_be(registry: Registry) -> None:
    await registry.put("taken", await registry.image(b"one"))
    other = await registry.image(b"two")
    with pytest.raises(Conflict):
        await registry.push.manifest(REPOSITORY, str(Digest.of(other)), other, "", caller=ADA, tags=["free", "taken"])
    assert (await registry.pull.tags(REPOSITORY)) == (("taken",), False)


async def test_a_tag_of_a_mutable_repository_moves(registry: Registry) -> None:
    await registry.repositories.set("scratch/*", "mutable", caller=ADA)
    await registry.put("1.0", await registry.image(b"one", repository=MUTABLE), repository=MUTABLE)
    other = await registry.image(b"two", repository=MUTABLE)
    await registry.put("1.0", other, repository=MUTABLE)
    assert await registry.pull.resolve(MUTABLE, "1.0") == Digest.of(other)
    registry.check()


SIGNATURES = f"sha256-{'0' * 64}.sig"


async def test_a_signature_tag_grows_in_an_immutable_repository(registry: Registry) -> None:
    await registry.put(SIGNATURES, await registry.image(b"first"))
    grown = await registry.image(b"first", b"second")
    await registry.put(SIGNATURES, grown)
    assert await registry.pull.resolve(REPOSITORY, SIGNATURES) == Digest.of(grown)
    registry.check()


async def test_a_signature_tag_does_not_lose_a_signature(registry: Registry) -> None:
    await registry.put(SIGNATURES, await registry.image(b"first", b"second"))
    with pytest.raises(Conflict, match="only grows"):
        await registry.put(SIGNATURES, await registry.image(b"second"))


async def test_a_referrers_tag_grows_in_an_immutable_repository(registry: Registry) -> None:
    tag = f"sha256-{'0' * 64}"
    children = [await registry.image(data) for data in (b"one", b"two")]
    for child in children:
        await registry.put(str(Digest.of(child)), child)
    await registry.put(tag, index(children[0]))
    await registry.put(tag, index(*children))
    with pytest.raises(Conflict, match="only grows"):
        await registry.put(tag, index(children[1]))


async def test_evidence_names_its_subject_which_need_not_be_there(registry: Registry) -> None:
    missing = described(b"not here", oci.IMAGE_MANIFEST)
    pushed = await registry.put("e", await registry.image(subject=missing, artifactType="application/x"))
    assert pushed.subject == Digest.of(b"not here")
    page = await registry.pull.referrers(REPOSITORY, Digest.of(b"not here"))
    assert [one.artifact_type for one in page.descriptors] == ["application/x"]


async def test_an_index_lists_what_is_there(registry: Registry) -> None:
    child = await registry.image(b"layer")
    await registry.put(str(Digest.of(child)), child)
    await registry.put("multi", index(child))
    registry.check()


async def test_layers_that_may_not_be_distributed_need_not_be_there(registry: Registry) -> None:
    await registry.image()
    foreign = described(b"foreign", "application/vnd.oci.image.layer.nondistributable.v1.tar+gzip")
    await registry.put("1.0", manifest(layers=[foreign]))


async def sabotaged(registry: Registry, reference: str, data: bytes, family: type[GravenError], kind: str = "") -> None:
    before, told = registry.seen(), len(registry.store.leaves)
    with pytest.raises(family) as caught:
        await registry.put(reference, data)
    assert caught.value.detail.get("kind", "") == kind
    assert registry.seen() == before
    assert len(registry.store.leaves) == told
    registry.check()


async def test_a_missing_layer_is_named_and_nothing_is_left(registry: Registry) -> None:
    await registry.image()
    await sabotaged(registry, "1.0", manifest(b"missing"), Malformed, "missing")


async def test_a_missing_config_is_named_and_nothing_is_left(registry: Registry) -> None:
    await sabotaged(registry, "1.0", manifest(), Malformed, "missing")


async def test_a_missing_child_is_named_and_nothing_is_left(registry: Registry) -> None:
    await sabotaged(registry, "1.0", index(b"missing"), Malformed, "missing")


async def test_a_blob_of_another_repository_does_not_count(registry: Registry) -> None:
    data = await registry.image(b"layer", repository=MUTABLE)
    await sabotaged(registry, "1.0", data, Malformed, "missing")


async def test_a_size_that_is_not_the_blobs_is_malformed(registry: Registry) -> None:
    await registry.image()
    await sabotaged(registry, "1.0", manifest(config=described(b"{}") | {"size": 3}), Malformed)


async def test_a_manifest_under_the_digest_of_other_bytes_is_a_mismatch(registry: Registry) -> None:
    await sabotaged(registry, str(Digest.of(b"other")), await registry.image(), Mismatch)


async def test_a_manifest_of_more_than_four_mebibytes_is_too_large(registry: Registry) -> None:
    data = await registry.image()
    await sabotaged(registry, "1.0", data + b" " * oci.MAX_MANIFEST, TooLarge)


@pytest.mark.parametrize("reference", ["../up", "-", ".x", "a" * 129, "sha256:short", "md5:" + "0" * 32, "", "a b"])
async def test_an_invalid_reference_is_malformed(registry: Registry, reference: str) -> None:
    await sabotaged(registry, reference, await registry.image(), Malformed)


@pytest.mark.parametrize(
    "data",
    [b"", b"null", b"{}", encoded({"schemaVersion": 1}), encoded({"schemaVersion": 2, "mediaType": "text/plain"})],
    ids=["empty", "null", "an empty object", "schema version 1", "another media type"],
)
async def test_what_is_no_manifest_is_malformed(registry: Registry, data: bytes) -> None:
    await sabotaged(registry, "1.0", data, Malformed)
