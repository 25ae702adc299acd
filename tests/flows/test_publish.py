"""Files are published once, whole, under names that cannot leave their place; and evidence can attach to them."""

from __future__ import annotations

import pytest

from flows.registry import ADA, MUTABLE, Registry, broken, described, pieces
from graven.catalogue import files, oci
from graven.errors import Conflict, Mismatch, NotFound, TooLarge
from graven.flows.publish import Place
from graven.values import Digest, RepositoryName

TOOLS = RepositoryName("tools")
PLACE = Place(TOOLS, "graver", "1.0", "graver.tar.gz")
DATA = b"contents"


@pytest.fixture
def registry() -> Registry:
    return Registry()


async def test_a_file_is_published_and_read_back(registry: Registry) -> None:
    listed = await registry.publish.file(PLACE, pieces(DATA), caller=ADA)
    assert (listed.digest, listed.size) == (Digest.of(DATA), len(DATA))
    blob = await registry.publish.blob(PLACE)
    assert b"".join([piece async for piece in registry.pull.stream(blob)]) == DATA
    assert registry.told()[-1] == "file.publish"
    registry.check()


async def test_its_manifest_is_there_for_evidence_to_name(registry: Registry) -> None:
    listed = await registry.publish.file(PLACE, pieces(DATA), caller=ADA)
    held = await registry.pull.manifest(TOOLS, str(listed.manifest))
    assert held.data == files.manifest_of(
        listed.digest, len(DATA), name="graver", version="1.0", filename="graver.tar.gz"
    )
    evidence = await registry.image(repository=TOOLS, subject=described(held.data, oci.IMAGE_MANIFEST))
    await registry.put(str(Digest.of(evidence)), evidence, repository=TOOLS)
    page = await registry.pull.referrers(TOOLS, listed.manifest)
    assert [one.digest for one in page.descriptors] == [Digest.of(evidence)]


async def test_the_same_file_again_changes_nothing(registry: Registry) -> None:
    first = await registry.publish.file(PLACE, pieces(DATA), caller=ADA)
    before = len(registry.store.leaves)
    assert await registry.publish.file(PLACE, pieces(DATA), caller=ADA, digest=first.digest) == first
    assert await registry.publish.file(PLACE, pieces(DATA), caller=ADA) == first
    assert len(registry.store.leaves) == before


@pytest.mark.parametrize("announced", [True, False])
async def test_other_bytes_under_a_name_are_refused_and_leave_nothing(registry: Registry, announced: bool) -> None:
    await registry.publish.file(PLACE, pieces(DATA), caller=ADA)
    before = registry.seen()
    digest = Digest.of(b"other") if announced else None
    with pytest.raises(Conflict, match="stays so"):
        await registry.publish.file(PLACE, pieces(b"other"), caller=ADA, digest=digest)
    assert registry.seen() == before
    assert registry.told()[-1] == "push.refuse"
    registry.check()


async def test_a_file_of_another_digest_than_announced_leaves_nothing(registry: Registry) -> None:
    before = registry.seen()
    with pytest.raises(Mismatch):
        await registry.publish.file(PLACE, pieces(DATA), caller=ADA, digest=Digest.of(b"other"))
    assert registry.seen() == before


async def test_a_file_that_breaks_off_leaves_nothing(registry: Registry) -> None:
    before = registry.seen()
    with pytest.raises(ConnectionResetError):
        await registry.publish.file(PLACE, broken(DATA), caller=ADA)
    assert registry.seen() == before


async def test_a_file_larger_than_allowed_leaves_nothing(registry: Registry) -> None:
    before = registry.seen()
    with pytest.raises(TooLarge):
        await registry.publish.file(PLACE, pieces(bytes(1 << 20), b"x"), caller=ADA)
    assert registry.seen() == before


async def test_a_mutable_repository_takes_no_files(registry: Registry) -> None:
    await registry.repositories.set("scratch/*", "mutable", caller=ADA)
    with pytest.raises(Conflict, match="mutable"):
        await registry.publish.file(Place(MUTABLE, "a", "1", "a"), pieces(DATA), caller=ADA)


async def test_files_are_listed_by_name_and_version(registry: Registry) -> None:
    for name, version, filename in (("a", "1", "x"), ("a", "1", "y"), ("a", "2", "x"), ("b", "1", "x")):
        await registry.publish.file(Place(TOOLS, name, version, filename), pieces(DATA), caller=ADA)

    async def keys(*within: str, last: tuple[str, ...] = (), limit: int = 10) -> list[str]:
        found = await registry.publish.listing(TOOLS, *within, last=last, limit=limit)
        return ["/".join(one.place.key[1:]) for one in found]

    assert await keys() == ["a/1/x", "a/1/y", "a/2/x", "b/1/x"]
    assert await keys("a", "1") == ["a/1/x", "a/1/y"]
    assert await keys(last=("a", "1", "y"), limit=1) == ["a/2/x"]
    assert await keys("a", last=("1", "y")) == ["a/2/x"]
    assert await keys("nothing") == []


async def test_a_file_that_is_not_there_is_not_found(registry: Registry) -> None:
    with pytest.raises(NotFound):
        await registry.publish.find(PLACE)
