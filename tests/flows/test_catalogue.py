"""What an artifact is found to hold, how often it is read, and what is journalled."""

from __future__ import annotations

import gzip
import json
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from typing import Any

import anyio
import anyio.lowlevel
import pytest

from archives import DEBIAN, END, JAR, file, header, metadata, pack, stanza
from flows.registry import ADA, REPOSITORY, Registry
from graven.catalogue import oci
from graven.errors import Conflict, Malformed, NotFound, TooLarge
from graven.evidence import bundle, cyclonedx, dsse, keys, spdx
from graven.evidence.dsse import Envelope, Signature
from graven.flows.attach import Evidence
from graven.flows.bills import Bills
from graven.flows.catalogue import Catalogue
from graven.flows.layers import Layers
from graven.inventory import VERSION, Limits
from graven.ports import Receipt
from graven.projection import Expectation
from graven.stores.memory import MemoryCache, MemoryObjects
from graven.values import Descriptor, Digest, Distro
from graven.values.entry import Entry
from graven.values.events import ArtifactRemoved, Event, InventoryRecorded

TAR = "application/vnd.oci.image.layer.v1.tar+gzip"
CONFIG = json.dumps({"created": "2026-01-02T03:04:05Z", "architecture": "amd64", "os": "linux"}).encode()
BASE = gzip.compress(pack(DEBIAN, file("var/lib/dpkg/status", stanza("libc6", "2.36"))), mtime=0)
SITE = "usr/lib/python3/site-packages"
TOP = gzip.compress(
    pack(file(f"{SITE}/flask-3.dist-info/METADATA", metadata("flask", "3.0.0", License="BSD-3-Clause")))
)


class Counting(MemoryObjects):
    """Objects in memory that note which of them were streamed, and can be given a file or no end."""

    def __init__(self) -> None:
        super().__init__(Random(9).randbytes)  # noqa: S311 - the same each time
        self.streamed: list[Digest] = []
        self.closed: list[Digest] = []
        self.files: dict[Digest, str] = {}
        self.endless = False

    def path(self, digest: Digest) -> str | None:
        return self.files.get(digest)

    async def stream(self, digest: Digest, *, start: int = 0, end: int | None = None) -> AsyncIterator[bytes]:
        self.streamed.append(digest)
        try:
            while self.endless:
                await anyio.sleep(0.001)
                yield header(b"a")
            for at in range(0, len(self.objects[digest]), 100):
                await anyio.lowlevel.checkpoint()
                yield self.objects[digest][at : at + 100]
        finally:
            self.closed.append(digest)


class World(Registry):
    def __init__(self) -> None:
        super().__init__()
        self.counting = Counting()
        self.objects = self.counting
        self.push = replace(self.push, objects=self.objects, writer=self.objects)
        self.pull = replace(self.pull, objects=self.objects)
        self.cache = MemoryCache()
        self.catalogue = self.made()

    def made(self, **limits: int) -> Catalogue:
        layers = Layers(objects=self.objects, cache=self.cache, limits=Limits(**limits))
        doors: dict[str, Any] = {"objects": self.objects, "writer": self.objects}
        return Catalogue(pull=self.pull, layers=layers, journal=self.store, tables=self.store, **doors)

    async def blob(self, data: bytes, media_type: str = TAR) -> Descriptor:
        return Descriptor(media_type, await self.push.blob(REPOSITORY, data, caller=ADA), len(data))

    async def pushed(self, *layers: Descriptor, config: bytes = CONFIG) -> Digest:
        about = await self.blob(config, "application/vnd.oci.image.config.v1+json")
        document = {
            "schemaVersion": 2,
            "mediaType": oci.IMAGE_MANIFEST,
            "config": oci.describe(about),
            "layers": [oci.describe(layer) for layer in layers],
        }
        return await self.put_json(document)

    async def index(self, *children: Descriptor) -> Digest:
        rows = [oci.describe(child) for child in children]
        return await self.put_json({"schemaVersion": 2, "mediaType": oci.IMAGE_INDEX, "manifests": rows})

    async def put_json(self, document: dict[str, Any]) -> Digest:
        data = json.dumps(document).encode()
        return (await self.put(str(Digest.of(data)), data)).digest

    def recorded(self) -> list[InventoryRecorded]:
        bodies = [Entry.decode(leaf).event.body for leaf in self.store.leaves]
        return [each for each in bodies if isinstance(each, InventoryRecorded)]


@pytest.fixture
def world() -> World:
    return World()


async def image(world: World) -> Digest:
    return await world.pushed(await world.blob(BASE), await world.blob(TOP))


async def test_an_image_holds_what_its_layers_hold(world: World) -> None:
    digest = await image(world)
    found = await world.catalogue.inventory(REPOSITORY, digest)
    assert found.inventory.distro == Distro("debian", "12")
    assert [str(c.purl) for c in found.inventory.components] == [
        "pkg:deb/debian/libc6@2.36?arch=amd64&distro=debian-12",
        "pkg:pypi/flask@3.0.0",
    ]
    assert found.inventory.coverage.complete
    assert world.objects.objects[found.digest] == found.inventory.encode()
    assert world.recorded() == [InventoryRecorded(REPOSITORY, digest, found.digest, VERSION)]


async def test_an_image_is_read_once(world: World) -> None:
    digest = await image(world)
    first = await world.catalogue.inventory(REPOSITORY, digest)
    read = list(world.counting.streamed)
    assert await world.catalogue.inventory(REPOSITORY, digest) == first
    assert world.counting.streamed == read
    assert len(world.recorded()) == 1


async def test_those_who_ask_at_the_same_time_find_it_read_once(world: World) -> None:
    digest = await image(world)
    found = []

    async def ask() -> None:
        found.append(await world.catalogue.inventory(REPOSITORY, digest))

    async with anyio.create_task_group() as group:
        for _ in range(8):
            group.start_soon(ask)
    assert len({each.digest for each in found}) == 1
    assert len(world.counting.streamed) == 2
    assert len(world.recorded()) == 1


async def test_a_layer_of_two_images_is_read_once(world: World) -> None:
    one = await world.pushed(await world.blob(BASE))
    both = await image(world)
    await world.catalogue.inventory(REPOSITORY, one)
    await world.catalogue.inventory(REPOSITORY, both)
    assert world.counting.streamed.count(Digest.of(BASE)) == 1


async def test_a_cached_report_that_was_harmed_is_made_again(world: World) -> None:
    one = await world.pushed(await world.blob(BASE))
    await world.cache.put(f"layer/{VERSION}/{Digest.of(BASE)}", b"{harmed")
    assert len((await world.catalogue.inventory(REPOSITORY, one)).inventory.components) == 1


async def test_a_result_of_an_older_cataloguer_is_made_again(world: World) -> None:
    digest = await image(world)
    first = await world.catalogue.inventory(REPOSITORY, digest)
    row = dict(world.store.book["inventories"][str(digest),])
    world.store.book["inventories"][str(digest),] = {**row, "cataloguer": "graven-0"}
    assert (await world.catalogue.inventory(REPOSITORY, digest)).digest == first.digest
    assert len(world.recorded()) == 2


async def test_what_another_repository_holds_is_not_told(world: World) -> None:
    digest = await image(world)
    await world.catalogue.inventory(REPOSITORY, digest)
    with pytest.raises(NotFound):
        await world.catalogue.inventory("other/name", digest)
    with pytest.raises(NotFound):
        await world.catalogue.sbom("other/name", digest, "spdx")


async def test_a_layer_in_a_file_is_read_as_well(world: World, tmp_path: Path) -> None:
    path = tmp_path / "layer"
    path.write_bytes(BASE)
    digest = await world.pushed(await world.blob(BASE))
    world.counting.files[Digest.of(BASE)] = str(path)
    assert len((await world.catalogue.inventory(REPOSITORY, digest)).inventory.components) == 1
    assert world.counting.streamed == []


async def test_a_file_that_is_gone_is_unavailable_and_nothing_is_recorded(world: World, tmp_path: Path) -> None:
    digest = await world.pushed(await world.blob(BASE))
    world.counting.files[Digest.of(BASE)] = str(tmp_path / "gone")
    with pytest.raises(Exception, match="cannot be opened"):
        await world.catalogue.inventory(REPOSITORY, digest)
    assert world.recorded() == []


@pytest.mark.parametrize(
    ("data", "error", "told"),
    [
        (gzip.compress(bytes(100 << 20)), TooLarge, "limit ratio"),
        (BASE[:-20], Malformed, "gzip"),
        (gzip.compress(header(b"../../etc/passwd") + END), Malformed, "leave the root"),
        (gzip.compress(header(b"a", b"\xff" * 12) + END), Malformed, "negative"),
    ],
    ids=["bomb", "truncated", "traversal", "negative-size"],
)
async def test_a_sabotaged_layer_is_refused_and_leaves_nothing(
    world: World, data: bytes, error: type[Exception], told: str
) -> None:
    digest = await world.pushed(await world.blob(BASE), await world.blob(data))
    before = world.seen()
    with pytest.raises(error, match=told):
        await world.catalogue.inventory(REPOSITORY, digest)
    assert world.seen() == before
    assert world.recorded() == []


async def test_a_layer_larger_than_the_limit_is_refused(world: World) -> None:
    digest = await image(world)
    with pytest.raises(TooLarge, match="limit total"):
        await world.made(total=5000).inventory(REPOSITORY, digest)


async def test_a_reading_that_nobody_waits_for_any_more_ends(world: World) -> None:
    digest = await world.pushed(await world.blob(BASE))
    world.counting.endless = True
    with anyio.move_on_after(0.2) as scope:
        await world.catalogue.inventory(REPOSITORY, digest)
    assert scope.cancelled_caught
    assert world.counting.closed == [Digest.of(BASE)]
    world.counting.endless = False
    assert len((await world.catalogue.inventory(REPOSITORY, digest)).inventory.components) == 1


async def test_what_is_no_image_is_not_unpacked_and_says_so(world: World) -> None:
    jar = await world.blob(JAR, "application/java-archive")
    digest = await world.pushed(replace(jar, annotations=(("org.opencontainers.image.title", "app.jar"),)))
    found = (await world.catalogue.inventory(REPOSITORY, digest)).inventory
    assert found.components == ()
    assert found.coverage.limits == ("app.jar is not unpacked: its type is application/java-archive",)


async def test_an_empty_artifact_is_seen_completely(world: World) -> None:
    digest = await world.pushed(await world.blob(b"{}", oci.EMPTY.media_type))
    assert (await world.catalogue.inventory(REPOSITORY, digest)).inventory.coverage.complete


async def test_a_layer_that_stands_elsewhere_is_told_as_not_seen(world: World) -> None:
    absent = Descriptor("application/vnd.oci.image.layer.nondistributable.v1.tar+gzip", Digest.of(b"far"), 3)
    digest = await world.pushed(absent, await world.blob(TOP))
    found = (await world.catalogue.inventory(REPOSITORY, digest)).inventory
    assert len(found.components) == 1
    assert found.coverage.limits == (f"layer {absent.digest} is not here",)


async def child(world: World, digest: Digest, platform: str, **told: str) -> Descriptor:
    held = await world.pull.manifest(REPOSITORY, str(digest))
    return Descriptor(held.media_type, digest, len(held.data), annotations=tuple(told.items()), platform=platform)


async def test_an_index_holds_what_its_platforms_hold_and_each_is_recorded(world: World) -> None:
    one, two = await world.pushed(await world.blob(BASE)), await image(world)
    index = await world.index(await child(world, one, "linux/amd64"), await child(world, two, "linux/arm64"))
    found = (await world.catalogue.inventory(REPOSITORY, index)).inventory
    assert {c.purl.name for c in found.components} == {"libc6", "flask"}
    assert found.distro == Distro("debian", "12")
    assert {each.digest for each in world.recorded()} == {one, two, index}


async def test_statements_that_buildkit_lists_as_a_platform_are_none(world: World) -> None:
    statement = await world.pushed(await world.blob(b"{}", "application/vnd.in-toto+json"))
    mark = {"vnd.docker.reference.type": "attestation-manifest"}
    index = await world.index(
        await child(world, await image(world), "linux/amd64"),
        await child(world, statement, "unknown/unknown", **mark),
    )
    assert (await world.catalogue.inventory(REPOSITORY, index)).inventory.coverage.complete


async def test_a_bill_is_the_same_each_time_and_says_what_was_found(world: World) -> None:
    digest = await image(world)
    components = (await world.catalogue.inventory(REPOSITORY, digest)).inventory.components
    for name, reader in (("cyclonedx", cyclonedx), ("spdx", spdx)):
        written = await world.catalogue.sbom(REPOSITORY, digest, name)  # type: ignore[arg-type]
        assert written == await world.made().sbom(REPOSITORY, digest, name)  # type: ignore[arg-type]
        told = reader.parse(written)
        assert told.components == components
        assert told.subject == digest
        assert b"2026-01-02T03:04:05" in written


async def test_a_bill_of_an_artifact_without_a_date_has_the_date_of_its_inventory(world: World) -> None:
    digest = await world.pushed(await world.blob(BASE), config=b"{}")
    assert b"2026-06-01T00:00:00" in await world.catalogue.sbom(REPOSITORY, digest, "cyclonedx")


class Key:
    def __init__(self, seed: int) -> None:
        self.key = keys.generate(Random(seed).randbytes)  # noqa: S311 - the same each time

    @property
    def public_pem(self) -> bytes:
        return self.key.public.pem

    async def sign(self, message: bytes) -> bytes:
        return self.key.sign(message)


def bills(world: World, seed: int = 1) -> Bills:
    moment = datetime(2026, 6, 1, tzinfo=UTC)
    evidence = Evidence(tables=world.store, objects=world.objects, push=world.push, clock=lambda: moment)
    return Bills(catalogue=world.catalogue, evidence=evidence, objects=world.objects, signer=lambda: Key(seed))


async def test_both_bills_are_attached_once(world: World) -> None:
    digest = await image(world)
    first = await bills(world).attach(REPOSITORY, digest, caller=ADA)
    assert [(each.format, each.made) for each in first] == [("cyclonedx", True), ("spdx", True)]
    page = await world.pull.referrers(REPOSITORY, digest)
    assert {each.digest for each in page.descriptors} == {each.digest for each in first}
    before = len(world.store.leaves)
    again = await bills(world).attach(REPOSITORY, digest, caller=ADA)
    assert [(each.digest, each.made) for each in again] == [(each.digest, False) for each in first]
    assert len(world.store.leaves) == before


async def test_the_bill_that_somebody_else_signed_does_not_stand_for_ones_own(world: World) -> None:
    digest = await image(world)
    await bills(world, seed=2).attach(REPOSITORY, digest, caller=ADA)
    assert all(each.made for each in await bills(world).attach(REPOSITORY, digest, caller=ADA))


class Racing:
    """A journal to which somebody else always writes the same just before."""

    def __init__(self, world: World) -> None:
        self.world = world

    async def append(self, *events: Event, expects: Sequence[Expectation] = ()) -> Receipt:
        await self.world.store.append(*events, expects=expects)
        return await self.world.store.append(*events, expects=expects)


async def test_what_somebody_else_recorded_meanwhile_is_taken(world: World) -> None:
    digest = await image(world)
    found = await replace(world.catalogue, journal=Racing(world)).inventory(REPOSITORY, digest)
    assert found == await world.catalogue.inventory(REPOSITORY, digest)
    assert len(world.recorded()) == 1


async def test_a_conflict_that_recorded_nothing_is_told(world: World) -> None:
    class Refusing(Racing):
        async def append(self, *events: Event, expects: Sequence[Expectation] = ()) -> Receipt:
            raise Conflict("no", detail={"events": len(events), "expects": len(expects)})

    digest = await image(world)
    with pytest.raises(Conflict):
        await replace(world.catalogue, journal=Refusing(world)).inventory(REPOSITORY, digest)


async def test_indexes_too_deep_in_one_another_are_told_as_not_seen(world: World) -> None:
    digest = await image(world)
    for _ in range(6):
        digest = await world.index(await child(world, digest, "linux/amd64"))
    found = (await world.catalogue.inventory(REPOSITORY, digest)).inventory
    assert found.components == ()
    assert "one another" in found.coverage.limits[0]


async def test_a_platform_that_is_gone_is_told_as_not_seen(world: World) -> None:
    one, two = await world.pushed(await world.blob(BASE)), await image(world)
    index = await world.index(await child(world, one, "linux/amd64"), await child(world, two, "linux/arm64"))
    await world.store.append(Event(ArtifactRemoved(REPOSITORY, two), actor="test"))
    found = (await world.catalogue.inventory(REPOSITORY, index)).inventory
    assert [c.purl.name for c in found.components] == ["libc6"]
    assert found.coverage.limits == (f"platform linux/arm64: its manifest {two} is not here",)


@pytest.mark.parametrize("config", [b"[]", b"{", b'{"created": 7}', b'{"created": "today"}'])
async def test_a_date_that_is_none_is_not_believed(world: World, config: bytes) -> None:
    digest = await world.pushed(await world.blob(BASE), config=config)
    assert b"2026-06-01T00:00:00" in await world.catalogue.sbom(REPOSITORY, digest, "cyclonedx")


async def test_the_bill_of_an_index_has_the_date_of_its_inventory(world: World) -> None:
    index = await world.index(await child(world, await image(world), "linux/amd64"))
    assert b"2026-06-01T00:00:00" in await world.catalogue.sbom(REPOSITORY, index, "spdx")


async def test_evidence_of_other_kinds_does_not_stand_for_a_bill(world: World) -> None:
    digest = await image(world)
    about = await world.pull.manifest(REPOSITORY, str(digest))
    subject = oci.describe(Descriptor(about.media_type, digest, len(about.data)))
    for payload_type, payload in ((dsse.IN_TOTO, b"no statement"), ("text/plain", b"{}")):
        envelope = Envelope(payload_type, payload, (Signature(await Key(1).sign(dsse.pae(payload_type, payload))),))
        blob = await world.blob(bundle.encode(envelope, Key(1).key.public), bundle.MEDIA_TYPE)
        config = await world.blob(oci.EMPTY_JSON, oci.EMPTY.media_type)
        document = {"schemaVersion": 2, "mediaType": oci.IMAGE_MANIFEST, "config": oci.describe(config)}
        await world.put_json({**document, "layers": [oci.describe(blob)], "subject": subject})
    broken = await world.blob(b"no bundle", bundle.MEDIA_TYPE)
    await world.put_json({**document, "layers": [oci.describe(broken)], "subject": subject})
    assert all(each.made for each in await bills(world).attach(REPOSITORY, digest, caller=ADA))


async def test_the_bill_of_an_index_does_not_stand_for_that_of_its_platform(world: World) -> None:
    digest = await image(world)
    index = await world.index(await child(world, digest, "linux/amd64"))
    await bills(world).attach(REPOSITORY, index, caller=ADA)
    assert all(each.made for each in await bills(world).attach(REPOSITORY, digest, caller=ADA))
