"""What is read of a layout without a server: single images, indexes, and what is missing from them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from archives import DEBIAN, file, layout, pack, stanza
from graven.app.offline import bill, inventory
from graven.engines.layout import open_layout
from graven.errors import NotFound
from graven.evidence import spdx
from graven.inventory import Inventory
from graven.values import Digest, Distro

INDEX = "application/vnd.oci.image.index.v1+json"
LAYER = pack(DEBIAN, file("var/lib/dpkg/status", stanza("libc6", "2.36")))


def read(path: Path) -> Inventory:
    with open_layout(path) as found:
        return inventory(found, found.root())


def put(path: Path, document: dict[str, Any]) -> dict[str, Any]:
    data = json.dumps(document).encode()
    digest = Digest.of(data)
    (path / "blobs" / "sha256" / digest.hex).write_bytes(data)
    return {"mediaType": str(document["mediaType"]), "digest": str(digest), "size": len(data)}


def indexed(path: Path, *children: dict[str, Any]) -> dict[str, Any]:
    row = put(path, {"schemaVersion": 2, "mediaType": INDEX, "manifests": list(children)})
    (path / "index.json").write_text(json.dumps({"schemaVersion": 2, "manifests": [row]}))
    return row


@pytest.fixture
def image(tmp_path: Path) -> Path:
    layout(tmp_path / "image", LAYER)
    return tmp_path / "image"


def child(path: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((path / "index.json").read_bytes())["manifests"][0]
    return found


def test_an_index_is_all_its_platforms_and_says_which_are_missing(image: Path) -> None:
    there = child(image) | {"platform": {"os": "linux", "architecture": "amd64"}}
    gone = {**there, "digest": str(Digest.of(b"gone")), "platform": {"os": "linux", "architecture": "arm64"}}
    indexed(image, there, gone)
    found = read(image)
    assert found.distro == Distro("debian", "12")
    assert len(found.components) == 1
    assert found.coverage.limits == (f"platform linux/arm64: not all of {gone['digest']} is here",)


def test_indexes_too_deep_in_one_another_are_told_as_not_seen(image: Path) -> None:
    row = child(image)
    for _ in range(6):
        row = indexed(image, row)
    assert "one another" in read(image).coverage.limits[0]


def test_a_layer_that_is_missing_is_not_found(image: Path) -> None:
    for path in (image / "blobs" / "sha256").iterdir():
        if path.read_bytes().startswith(b"\x1f\x8b"):
            path.unlink()
    with pytest.raises(NotFound):
        read(image)


def test_the_bill_of_an_index_without_a_date_has_the_first_of_all(image: Path) -> None:
    indexed(image, child(image))
    with open_layout(image) as found:
        root = found.root()
        written = bill(inventory(found, root), found, root, "spdx")
    assert spdx.parse(written).subject == root.digest
    assert b"1970-01-01T00:00:00Z" in written
