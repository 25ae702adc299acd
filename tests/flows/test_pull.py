"""A repository shows what it holds, and nothing of what others hold."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flows.registry import ADA, MUTABLE, REPOSITORY, Registry, described, index
from graven.catalogue import oci
from graven.errors import Malformed, NotFound
from graven.flows.shelf import Shelf
from graven.values import Digest


@pytest.fixture
def registry() -> Registry:
    return Registry()


@pytest.mark.parametrize("reference", ["missing", str(Digest.of(b"missing"))])
async def test_what_is_not_there_is_told_apart_from_a_repository_that_is_not(
    registry: Registry, reference: str
) -> None:
    await registry.put("1.0", await registry.image())
    with pytest.raises(NotFound) as caught:
        await registry.pull.manifest(REPOSITORY, reference)
    assert caught.value.detail["kind"] == "manifest"
    with pytest.raises(NotFound) as caught:
        await registry.pull.manifest("nobody/here", reference)
    assert caught.value.detail["kind"] == "repository"


async def test_a_digest_that_is_none_is_malformed(registry: Registry) -> None:
    with pytest.raises(Malformed):
        await registry.pull.manifest(REPOSITORY, "sha256:short")


async def test_a_blob_is_seen_only_in_repositories_that_hold_it(registry: Registry) -> None:
    digest = await registry.push.blob(MUTABLE, b"data", caller=ADA)
    await registry.push.blob(REPOSITORY, b"other", caller=ADA)
    assert (await registry.pull.blob(MUTABLE, digest)).size == 4
    with pytest.raises(NotFound) as caught:
        await registry.pull.blob(REPOSITORY, digest)
    assert caught.value.detail["kind"] == "blob"


async def test_a_manifest_is_seen_only_in_its_repository(registry: Registry) -> None:
    data = await registry.image()
    await registry.put("1.0", data)
    await registry.image(repository=MUTABLE)
    with pytest.raises(NotFound):
        await registry.pull.manifest(MUTABLE, str(Digest.of(data)))


async def test_tags_come_in_ascii_order_page_by_page(registry: Registry) -> None:
    data = await registry.image()
    names = ["b", "A", "a", "_", "1.0", "1.0-rc", "1.0.1", "Z"]
    await registry.push.manifest(REPOSITORY, str(Digest.of(data)), data, "", caller=ADA, tags=names)
    assert await registry.pull.tags(REPOSITORY) == (tuple(sorted(names)), False)
    seen: list[str] = []
    more = True
    while more:
        page, more = await registry.pull.tags(REPOSITORY, last=seen[-1] if seen else "", limit=3)
        seen += page
    assert seen == sorted(names)


async def test_tags_of_an_unknown_repository_are_not_found(registry: Registry) -> None:
    with pytest.raises(NotFound):
        await registry.pull.tags("nobody/here")


async def test_tags_behind_the_last_are_none_and_no_error(registry: Registry) -> None:
    await registry.put("1.0", await registry.image())
    assert await registry.pull.tags(REPOSITORY, last="zzz") == ((), False)


async def test_referrers_come_filtered_page_by_page_and_none_is_no_error(registry: Registry) -> None:
    subject = await registry.image(b"subject")
    await registry.put("1.0", subject)
    wanted = set()
    for number in range(7):
        kind = "application/x" if number % 2 else "application/y"
        data = await registry.image(
            subject=described(subject, oci.IMAGE_MANIFEST), artifactType=kind, annotations={"n": str(number)}
        )
        await registry.put(str(Digest.of(data)), data)
        if number % 2:
            wanted.add(Digest.of(data))
    of = Digest.of(subject)
    whole = await registry.pull.referrers(REPOSITORY, of)
    assert len(whole.descriptors) == 7
    assert {dict(one.annotations)["n"] for one in whole.descriptors} == set("0123456")
    seen, last = [], ""
    while True:
        page = await registry.pull.referrers(REPOSITORY, of, artifact_type="application/x", last=last, limit=2)
        assert len(page.descriptors) <= 2
        seen += [one.digest for one in page.descriptors]
        last = page.next
        if not last:
            break
    assert (set(seen), len(seen)) == (wanted, 3)
    assert (await registry.pull.referrers(REPOSITORY, Digest.of(b"nothing"))).descriptors == ()
    assert (await registry.pull.referrers("nobody/here", of)).descriptors == ()


async def test_a_page_of_referrers_is_no_larger_than_a_manifest_may_be(registry: Registry) -> None:
    subject = described(b"subject", oci.IMAGE_MANIFEST)
    for number in range(3):
        data = await registry.image(subject=subject, annotations={"n": str(number), "long": "x" * (3 << 20)})
        await registry.put(str(Digest.of(data)), data)
    seen: list[str] = []
    last = ""
    for _ in range(3):
        page = await registry.pull.referrers(REPOSITORY, Digest.of(b"subject"), last=last)
        assert len(page.descriptors) == 1
        seen, last = [*seen, dict(page.descriptors[0].annotations)["n"]], page.next
    assert (sorted(seen), last) == (["0", "1", "2"], "")


async def test_an_index_can_be_evidence_and_has_no_type_of_its_own(registry: Registry) -> None:
    subject = await registry.image(b"subject")
    await registry.put("1.0", subject)
    data = index(subject, subject=described(subject, oci.IMAGE_MANIFEST))
    await registry.put("evidence", data)
    (found,) = (await registry.pull.referrers(REPOSITORY, Digest.of(subject))).descriptors
    assert (found.media_type, found.artifact_type, found.size) == (oci.IMAGE_INDEX, "", len(data))
    assert "artifactType" not in oci.describe(found)


async def test_a_manifest_whose_bytes_were_harmed_is_not_given_away(registry: Registry) -> None:
    data = await registry.image()
    await registry.put("1.0", data)
    registry.objects.objects[Digest.of(data)] = b"harmed"
    with pytest.raises(Exception, match="expected"):
        await registry.pull.manifest(REPOSITORY, "1.0")


@given(st.lists(st.binary(max_size=12), max_size=40))
def test_a_shelf_never_holds_more_than_it_may_and_never_gives_other_bytes(items: list[bytes]) -> None:
    shelf = Shelf(capacity=40, largest=10)
    for data in items:
        shelf.put(Digest.of(data), data)
        kept = [one for one in items if shelf.get(Digest.of(one)) is not None]
        assert all(shelf.get(Digest.of(one)) == one for one in kept)
        assert sum(len(one) for one in set(kept)) <= 40
        assert all(len(one) <= 10 for one in kept)


def test_a_shelf_lets_go_of_what_was_longest_unused() -> None:
    shelf = Shelf(capacity=2)
    digests = {data: Digest.of(data) for data in (b"a", b"b", b"c")}
    shelf.put(digests[b"a"], b"a")
    shelf.put(digests[b"b"], b"b")
    shelf.get(digests[b"a"])
    shelf.put(digests[b"c"], b"c")
    assert [shelf.get(digest) for digest in digests.values()] == [b"a", None, b"c"]
