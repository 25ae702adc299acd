"""Mutable repositories let go, immutable ones do not, and what was promoted stays."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import pytest

from flows.registry import ADA, MUTABLE, REPOSITORY, Registry, described
from graven.catalogue import oci
from graven.errors import Conflict, Malformed, NotFound, Unsupported
from graven.values import Digest
from graven.values.events import Event, Promoted


@pytest.fixture
async def registry() -> Registry:
    made = Registry()
    await made.repositories.set("scratch/*", "mutable", caller=ADA)
    return made


async def test_a_tag_goes_and_its_manifest_stays(registry: Registry) -> None:
    data = await registry.image(repository=MUTABLE)
    await registry.put("1.0", data, repository=MUTABLE)
    await registry.remove.manifest(MUTABLE, "1.0", caller=ADA)
    with pytest.raises(NotFound):
        await registry.pull.manifest(MUTABLE, "1.0")
    assert (await registry.pull.manifest(MUTABLE, str(Digest.of(data)))).data == data
    registry.check()


async def test_a_manifest_goes_with_all_its_tags_in_one_append(registry: Registry) -> None:
    data = await registry.image(repository=MUTABLE)
    target = str(Digest.of(data))
    await registry.push.manifest(MUTABLE, target, data, "", caller=ADA, tags=["a", "b"])
    await registry.remove.manifest(MUTABLE, target, caller=ADA)
    assert await registry.pull.tags(MUTABLE) == ((), False)
    with pytest.raises(NotFound):
        await registry.pull.manifest(MUTABLE, target)
    assert registry.told()[-3:] == ["tag.remove", "tag.remove", "artifact.remove"]
    registry.check()


async def test_evidence_that_goes_is_no_referrer_any_more(registry: Registry) -> None:
    subject = Digest.of(b"subject")
    data = await registry.image(repository=MUTABLE, subject=described(b"subject", oci.IMAGE_MANIFEST))
    await registry.put("e", data, repository=MUTABLE)
    await registry.remove.manifest(MUTABLE, str(Digest.of(data)), caller=ADA)
    assert (await registry.pull.referrers(MUTABLE, subject)).descriptors == ()


async def test_a_blob_goes_from_this_repository_and_stays_in_others(registry: Registry) -> None:
    for repository in (MUTABLE, REPOSITORY):
        digest = await registry.push.blob(repository, b"data", caller=ADA)
    await registry.remove.blob(MUTABLE, digest, caller=ADA)
    with pytest.raises(NotFound):
        await registry.pull.blob(MUTABLE, digest)
    assert (await registry.pull.blob(REPOSITORY, digest)).size == 4
    registry.check()


async def test_an_immutable_repository_lets_nothing_go(registry: Registry) -> None:
    data = await registry.image()
    await registry.put("1.0", data)
    before = registry.seen()
    attempts: list[Callable[[], Awaitable[None]]] = [
        lambda: registry.remove.manifest(REPOSITORY, "1.0", caller=ADA),
        lambda: registry.remove.manifest(REPOSITORY, str(Digest.of(data)), caller=ADA),
        lambda: registry.remove.blob(REPOSITORY, Digest.of(b"{}"), caller=ADA),
    ]
    for attempt in attempts:
        with pytest.raises(Unsupported, match="immutable"):
            await attempt()
    assert registry.seen() == before


async def test_what_was_promoted_stays_also_in_a_mutable_repository(registry: Registry) -> None:
    data = await registry.image(repository=MUTABLE)
    await registry.put("1.0", data, repository=MUTABLE)
    digest = Digest.of(data)
    decision, summary = Digest.of(b"decision"), Digest.of(b"summary")
    body = Promoted(MUTABLE, digest, "test", decision, summary, "2027-01-01T00:00:00.000000Z")
    await registry.store.append(Event(body, "ada"))
    with pytest.raises(Conflict, match="promoted"):
        await registry.remove.manifest(MUTABLE, str(digest), caller=ADA)
    assert (await registry.pull.manifest(MUTABLE, "1.0")).data == data


@pytest.mark.parametrize("reference", ["missing", str(Digest.of(b"missing"))])
async def test_what_is_not_there_cannot_go(registry: Registry, reference: str) -> None:
    await registry.push.blob(MUTABLE, b"data", caller=ADA)
    with pytest.raises(NotFound):
        await registry.remove.manifest(MUTABLE, reference, caller=ADA)
    with pytest.raises(NotFound) as caught:
        await registry.remove.manifest(REPOSITORY, reference, caller=ADA)
    assert caught.value.detail["kind"] == "repository"
    with pytest.raises(NotFound):
        await registry.remove.blob(MUTABLE, Digest.of(b"missing"), caller=ADA)


async def test_a_reference_that_is_none_is_malformed(registry: Registry) -> None:
    for reference in ("../x", "sha256:x"):
        with pytest.raises(Malformed):
            await registry.remove.manifest(MUTABLE, reference, caller=ADA)
