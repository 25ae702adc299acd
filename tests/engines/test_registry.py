"""The outgoing client against a registry of another make: tokens, redirects, fallback tags, and harmed bytes."""

from __future__ import annotations

import io
import json
import tarfile
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from engines.elsewhere import Elsewhere, elsewhere
from flows.registry import described, manifest
from graven.catalogue import oci
from graven.engines.challenges import Challenge, Challenges
from graven.engines.layout import LayoutWriter, open_layout
from graven.engines.registry import Credentials, Registry, fallback_tag
from graven.engines.transfer import fetch, send, weight
from graven.errors import Forbidden, Malformed, Mismatch, NotFound, Unauthenticated, Unavailable
from graven.values import Descriptor, Digest, canonical

DATA = b"layer" * 1000
DIGEST = Digest.of(DATA)


@pytest.fixture
def world() -> Iterator[Elsewhere]:
    with elsewhere() as found:
        yield found


@pytest.fixture
def registry(world: Elsewhere) -> Iterator[Registry]:
    with Registry(world.url, credentials=Credentials("user", "secret")) as found:
        yield found


def push(registry: Registry, *layers: bytes, tag: str = "1.0", **more: object) -> bytes:
    for data in (b"{}", *layers):
        registry.put_blob("team/web", Digest.of(data), io.BytesIO(data), len(data))
    document = manifest(*layers, **more)
    registry.put_manifest("team/web", tag, document, oci.IMAGE_MANIFEST)
    return document


@pytest.mark.parametrize("scheme", ["bearer", "basic"])
def test_what_was_pushed_is_pulled(world: Elsewhere, registry: Registry, scheme: str) -> None:
    world.scheme = scheme
    document = push(registry, DATA)
    found = registry.manifest("team/web", "1.0")
    assert (found.data, found.media_type, found.digest) == (document, oci.IMAGE_MANIFEST, Digest.of(document))
    told: list[int] = []
    assert b"".join(registry.blob("team/web", DIGEST, progress=told.append)) == DATA
    assert sum(told) == len(DATA)
    assert registry.read_blob("team/web", DIGEST) == DATA


def test_a_token_is_asked_for_once(world: Elsewhere, registry: Registry) -> None:
    push(registry, DATA)
    registry.manifest("team/web", "1.0")
    assert [path for path in world.asked if "/token" in path] == ["GET /token"]


def test_the_secret_does_not_follow_a_redirect_to_another_host(world: Elsewhere, registry: Registry) -> None:
    push(registry, DATA)
    registry.read_blob("team/web", DIGEST)
    assert {secret for place, secret in world.secrets_seen if place == "store"} == {None}


def test_a_blob_that_is_there_is_not_sent_again(world: Elsewhere, registry: Registry) -> None:
    push(registry, DATA)
    before = sum("PUT" in path for path in world.asked)
    told: list[int] = []
    assert not registry.put_blob("team/web", DIGEST, io.BytesIO(DATA), len(DATA), progress=told.append)
    assert sum("PUT" in path for path in world.asked) == before
    assert sum(told) == len(DATA)


def test_tags_are_listed_over_all_pages(registry: Registry) -> None:
    push(registry, tag="a")
    push(registry, tag="b")
    push(registry, tag="c")
    assert registry.tags("team/web") == ("a", "b", "c")


def test_referrers_are_kept_under_the_fallback_tag(world: Elsewhere, registry: Registry) -> None:
    subject = push(registry)
    of = Digest.of(subject)
    assert registry.referrers("team/web", of) == ()
    told = described(subject, oci.IMAGE_MANIFEST)
    first = push(registry, tag="e1", subject=told, artifactType="application/x")
    second = push(registry, tag="e2", subject=told, artifactType="application/y")
    push(registry, tag="e1", subject=told, artifactType="application/x")
    assert fallback_tag(of) in world.manifests
    found = registry.referrers("team/web", of)
    assert [one.digest for one in found] == [Digest.of(first), Digest.of(second)]
    assert [one.digest for one in registry.referrers("team/web", of, artifact_type="application/y")] == [
        Digest.of(second)
    ]


def test_wrong_credentials_are_unauthenticated(world: Elsewhere) -> None:
    for credentials in (Credentials("user", "wrong"), None):
        with Registry(world.url, credentials=credentials) as registry, pytest.raises(Unauthenticated):
            registry.tags("team/web")
    world.scheme = "basic"
    with Registry(world.url, credentials=Credentials("user", "wrong")) as registry, pytest.raises(Unauthenticated):
        registry.tags("team/web")


def test_what_is_not_there_is_not_found(registry: Registry) -> None:
    with pytest.raises(NotFound, match="MANIFEST_UNKNOWN"):
        registry.manifest("team/web", "nothing")
    with pytest.raises(NotFound):
        registry.read_blob("team/web", DIGEST)
    assert not registry.has_blob("team/web", DIGEST)


def test_harmed_bytes_are_a_mismatch(world: Elsewhere, registry: Registry) -> None:
    document = push(registry, DATA)
    world.harm = True
    with pytest.raises(Mismatch):
        registry.manifest("team/web", str(Digest.of(document)))
    with pytest.raises(Mismatch):
        registry.read_blob("team/web", DIGEST)


def test_a_blob_that_is_larger_than_expected_is_refused(registry: Registry) -> None:
    push(registry, DATA)
    with pytest.raises(Mismatch, match="more than"):
        registry.read_blob("team/web", DIGEST, limit=10)


def test_a_registry_that_is_not_there_is_unavailable() -> None:
    with Registry("http://127.0.0.1:1") as registry, pytest.raises(Unavailable, match="no answer"):
        registry.tags("team/web")


def layout(folder: Path) -> Descriptor:
    writer = LayoutWriter(folder)
    document = manifest(DATA)
    for data in (b"{}", DATA, document):
        writer.put(Digest.of(data), [data])
    root = Descriptor(oci.IMAGE_MANIFEST, Digest.of(document), len(document))
    writer.finish(root, "1.0")
    return root


def test_a_layout_goes_to_a_registry_and_comes_back(registry: Registry, tmp_path: Path) -> None:
    root = layout(tmp_path / "there")
    with open_layout(tmp_path / "there") as source:
        assert weight(source, source.root()) == len(DATA) + 2
        sent = send(source, source.root("1.0"), registry, "team/web", "1.0", progress=lambda _: None)
    assert (sent.root.digest, sent.manifests, sent.blobs) == (root.digest, 1, 2)
    back = LayoutWriter(tmp_path / "back")
    fetch(registry, "team/web", "1.0", back, progress=lambda _: None)
    for path in sorted((tmp_path / "there" / "blobs").rglob("*")):
        if path.is_file():
            assert (tmp_path / "back" / path.relative_to(tmp_path / "there")).read_bytes() == path.read_bytes()
    with open_layout(tmp_path / "back") as found:
        assert found.root("1.0").digest == root.digest


def indexed(folder: Path, depth: int = 1) -> Descriptor:
    """Write a layout whose root is an index, or an index of one, and so on."""
    child = layout(folder)
    writer = LayoutWriter(folder)
    for _ in range(depth):
        document = canonical.dumps(
            {"schemaVersion": 2, "mediaType": oci.IMAGE_INDEX, "manifests": [oci.describe(child)]}
        )
        child = Descriptor(oci.IMAGE_INDEX, Digest.of(document), len(document))
        writer.put(child.digest, [document])
    writer.finish(child, "1.0")
    return child


def test_an_index_goes_with_its_children_from_a_tar(registry: Registry, tmp_path: Path) -> None:
    root = indexed(tmp_path / "there")
    with tarfile.open(tmp_path / "image.tar", "w") as archive:
        archive.add(tmp_path / "there", ".")
    with open_layout(tmp_path / "image.tar") as source:
        sent = send(source, source.root(), registry, "team/web", "1.0", progress=lambda _: None)
    assert (sent.manifests, sent.blobs) == (2, 2)
    got = fetch(registry, "team/web", "1.0", LayoutWriter(tmp_path / "back"), progress=lambda _: None)
    assert (got.root.digest, got.manifests, got.blobs) == (root.digest, 2, 2)


def test_indexes_in_indexes_end_somewhere(registry: Registry, tmp_path: Path) -> None:
    indexed(tmp_path, depth=9)
    with open_layout(tmp_path) as source, pytest.raises(Malformed, match="deeper"):
        send(source, source.root(), registry, "team/web", "1.0", progress=lambda _: None)


def test_a_blob_of_other_bytes_is_not_written(tmp_path: Path) -> None:
    with pytest.raises(Mismatch):
        LayoutWriter(tmp_path).put(DIGEST, [b"other"])
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


def test_the_secret_is_not_sent_in_the_clear_to_another_host(world: Elsewhere) -> None:
    challenge = Challenge("bearer", "http://token.example/token", "elsewhere", "repository:a:pull")
    answering = Challenges(Credentials("user", "secret"))
    flow = answering.auth_flow(httpx.Request("GET", f"{world.url}/v2/a/manifests/1"))
    next(flow)
    told = {"www-authenticate": f'Bearer realm="{challenge.realm}",service="{challenge.service}"'}
    with pytest.raises(Forbidden, match="in the clear"):
        flow.send(httpx.Response(401, headers=told))


def test_what_is_in_a_layout_is_not_fetched_again(world: Elsewhere, registry: Registry, tmp_path: Path) -> None:
    push(registry, DATA)
    fetch(registry, "team/web", "1.0", LayoutWriter(tmp_path), progress=lambda _: None)
    before = sum(place == "store" for place, _ in world.secrets_seen)
    fetch(registry, "team/web", "1.0", LayoutWriter(tmp_path), progress=lambda _: None)
    assert sum(place == "store" for place, _ in world.secrets_seen) == before


def test_harmed_bytes_do_not_reach_a_layout(world: Elsewhere, registry: Registry, tmp_path: Path) -> None:
    push(registry, DATA)
    world.harm = True
    with pytest.raises(Mismatch):
        fetch(registry, "team/web", "1.0", LayoutWriter(tmp_path), progress=lambda _: None)
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


@pytest.mark.parametrize("name", ["nothing", "a file", "an empty folder"])
def test_what_is_no_layout_is_told(tmp_path: Path, name: str) -> None:
    path = tmp_path / "place"
    if name == "a file":
        path.write_text("no tar")
    elif name == "an empty folder":
        path.mkdir()
    with pytest.raises((NotFound, Malformed)), open_layout(path) as found:
        found.root()


def test_a_manifest_of_a_layout_is_held_against_its_digest(tmp_path: Path) -> None:
    root = layout(tmp_path)
    (tmp_path / "blobs" / "sha256" / root.digest.hex).write_bytes(b"{}")
    with open_layout(tmp_path) as found, pytest.raises(Mismatch):
        found.manifest(found.root())


def test_of_several_manifests_one_must_be_named(tmp_path: Path) -> None:
    layout(tmp_path)
    writer = LayoutWriter(tmp_path)
    other = manifest()
    writer.put(Digest.of(other), [other])
    writer.finish(Descriptor(oci.IMAGE_MANIFEST, Digest.of(other), len(other)), "2.0")
    listed = json.loads((tmp_path / "index.json").read_bytes())["manifests"]
    assert len(listed) == 2
    with open_layout(tmp_path) as found:
        with pytest.raises(Malformed, match="expected one") as caught:
            found.root()
        assert "1.0" in caught.value.hint
        assert found.root("2.0").digest == Digest.of(other)
        with pytest.raises(NotFound):
            found.root("3.0")
