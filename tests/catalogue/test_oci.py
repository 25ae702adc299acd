"""What is a manifest, and what is none; each sabotage of a good one is named."""

from __future__ import annotations

import base64
import contextlib
import copy
import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graven.catalogue import oci
from graven.errors import GravenError, Malformed, TooLarge
from graven.values import Digest

CONFIG = "application/vnd.oci.image.config.v1+json"
LAYER = "application/vnd.oci.image.layer.v1.tar+gzip"


def descriptor(data: bytes, media_type: str) -> dict[str, Any]:
    return {"mediaType": media_type, "digest": str(Digest.of(data)), "size": len(data)}


def image() -> dict[str, Any]:
    return {
        "schemaVersion": 2,
        "mediaType": oci.IMAGE_MANIFEST,
        "config": descriptor(b"{}", CONFIG),
        "layers": [descriptor(b"one", LAYER), descriptor(b"two", LAYER)],
        "annotations": {"b": "2", "a": "1"},
    }


def index() -> dict[str, Any]:
    child = descriptor(b"child", oci.IMAGE_MANIFEST) | {"platform": {"os": "linux", "architecture": "arm64"}}
    return {"schemaVersion": 2, "mediaType": oci.IMAGE_INDEX, "manifests": [child]}


def encoded(document: Any) -> bytes:
    return json.dumps(document).encode()


def test_an_image_manifest_tells_what_it_points_at() -> None:
    found = oci.parse(encoded(image()), oci.IMAGE_MANIFEST)
    assert [layer.digest for layer in found.layers] == [Digest.of(b"one"), Digest.of(b"two")]
    assert found.config is not None
    assert found.artifact_type == CONFIG
    assert found.annotations == (("a", "1"), ("b", "2"))
    assert [one.digest for one in found.required] == [Digest.of(b"{}"), Digest.of(b"one"), Digest.of(b"two")]
    assert not found.is_index


def test_an_index_tells_its_children_with_their_platforms() -> None:
    found = oci.parse(encoded(index()), oci.IMAGE_INDEX)
    assert found.is_index
    assert found.artifact_type == ""
    assert [child.platform for child in found.manifests] == ["linux/arm64"]
    assert found.required == ()


def test_a_described_descriptor_reads_as_itself() -> None:
    child = oci.parse(encoded(index())).manifests[0]
    assert oci.descriptor(oci.describe(child)) == child


def test_an_artifact_type_goes_before_the_type_of_the_config() -> None:
    assert oci.parse(encoded(image() | {"artifactType": "application/x"})).artifact_type == "application/x"


def test_parameters_of_the_content_type_are_ignored() -> None:
    assert oci.parse(encoded(image()), f"{oci.IMAGE_MANIFEST}; charset=utf-8").media_type == oci.IMAGE_MANIFEST


def test_a_manifest_without_a_type_takes_the_announced_one() -> None:
    bare = {name: value for name, value in image().items() if name != "mediaType"}
    assert oci.parse(encoded(bare), oci.DOCKER_MANIFEST).media_type == oci.DOCKER_MANIFEST
    assert oci.parse(encoded(bare)).media_type == oci.IMAGE_MANIFEST


def test_layers_that_may_not_be_distributed_are_not_required() -> None:
    document = image()
    document["layers"].append(descriptor(b"foreign", "application/vnd.oci.image.layer.nondistributable.v1.tar+gzip"))
    found = oci.parse(encoded(document))
    assert Digest.of(b"foreign") in [layer.digest for layer in found.layers]
    assert Digest.of(b"foreign") not in [one.digest for one in found.required]


def test_a_subject_is_not_required() -> None:
    found = oci.parse(encoded(image() | {"subject": descriptor(b"missing", oci.IMAGE_MANIFEST)}))
    assert found.subject is not None
    assert found.subject.digest not in [one.digest for one in found.required]


def test_embedded_data_is_held_against_its_digest() -> None:
    document = image()
    document["config"]["data"] = base64.b64encode(b"{}").decode()
    oci.parse(encoded(document))
    document["config"]["data"] = base64.b64encode(b"[]").decode()
    with pytest.raises(Malformed, match="embedded data"):
        oci.parse(encoded(document))


def test_four_mebibytes_are_taken_and_not_one_byte_more() -> None:
    data = encoded(image())
    oci.parse(data + b" " * (oci.MAX_MANIFEST - len(data)))
    with pytest.raises(TooLarge):
        oci.parse(data + b" " * (oci.MAX_MANIFEST - len(data) + 1))


SABOTAGE: dict[str, Callable[[dict[str, Any]], object]] = {
    "another schema version": lambda d: d.update(schemaVersion=1),
    "schema version as text": lambda d: d.update(schemaVersion="2"),
    "an unknown media type": lambda d: d.update(mediaType="application/vnd.example.manifest.v9+json"),
    "a media type that is no text": lambda d: d.update(mediaType=["x"]),
    "no config": lambda d: d.pop("config"),
    "no layers": lambda d: d.pop("layers"),
    "layers as an object": lambda d: d.update(layers={}),
    "a layer that is a string": lambda d: d["layers"].append("sha256:x"),
    "a digest of an unknown algorithm": lambda d: d["config"].update(digest="md5:d41d8cd98f00b204e9800998ecf8427e"),
    "a digest in capitals": lambda d: d["config"].update(digest=str(Digest.of(b"{}")).upper()),
    "a digest that walks up a path": lambda d: d["config"].update(digest="sha256:../../../etc/passwd"),
    "no size": lambda d: d["config"].pop("size"),
    "a negative size": lambda d: d["config"].update(size=-1),
    "a size beyond 63 bits": lambda d: d["config"].update(size=2**63),
    "a size that is true": lambda d: d["config"].update(size=True),
    "a size with a fraction": lambda d: d["config"].update(size=1.5),
    "a descriptor without a media type": lambda d: d["config"].pop("mediaType"),
    "annotations that are no strings": lambda d: d.update(annotations={"a": 1}),
    "annotations as a list": lambda d: d.update(annotations=["a"]),
    "an artifact type that is a number": lambda d: d.update(artifactType=7),
    "a subject without a digest": lambda d: d.update(subject={"mediaType": oci.IMAGE_MANIFEST, "size": 2}),
    "children in an image": lambda d: d.update(manifests=[]),
    "data that is not base64": lambda d: d["config"].update(data="%%%"),
    "data that is a number": lambda d: d["config"].update(data=1),
}


@pytest.mark.parametrize("name", SABOTAGE)
def test_a_sabotaged_manifest_is_malformed(name: str) -> None:
    document = copy.deepcopy(image())
    SABOTAGE[name](document)
    with pytest.raises(Malformed):
        oci.parse(encoded(document), oci.IMAGE_MANIFEST)


@pytest.mark.parametrize(
    "data",
    [b"", b"[]", b"null", b"{", b"\xff\xfe", b'{"schemaVersion":2,"schemaVersion":2}', b"[" * 100_000],
    ids=["empty", "a list", "null", "cut off", "not UTF-8", "a key twice", "nested deep"],
)
def test_what_is_no_object_of_json_is_malformed(data: bytes) -> None:
    with pytest.raises(Malformed):
        oci.parse(data, oci.IMAGE_MANIFEST)


def test_layers_in_an_index_are_malformed() -> None:
    with pytest.raises(Malformed):
        oci.parse(encoded(index() | {"layers": []}))


def test_a_manifest_that_says_another_type_than_its_sender_is_malformed() -> None:
    with pytest.raises(Malformed, match="Content-Type"):
        oci.parse(encoded(image()), oci.IMAGE_INDEX)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)


@given(
    st.sampled_from(["schemaVersion", "mediaType", "config", "layers", "subject", "annotations", "artifactType"]),
    json_values,
)
def test_whatever_stands_in_a_field_it_is_read_or_one_of_the_families(field: str, value: Any) -> None:
    with contextlib.suppress(GravenError):
        oci.parse(json.dumps(image() | {field: value}).encode())
