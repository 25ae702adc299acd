"""Policies in a registry: one manifest in both forms, and no path that leaves its folder."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graven.decide import policyimage
from graven.errors import Malformed, TooLarge
from graven.values import Digest, canonical

FILES = {"main.rego": b"package main\n", "lib/a.rego": b"package lib.a\n", "data/x.json": b"{}"}


def test_both_forms_stand_in_one_manifest() -> None:
    image = policyimage.make(FILES, b"tar", created="2026-01-02T03:04:05Z")
    layers = json.loads(image.manifest)["layers"]
    assert [(layer["mediaType"], layer.get("annotations")) for layer in layers] == [
        (policyimage.DATA, {"org.opencontainers.image.title": "data/x.json"}),
        (policyimage.POLICY, {"org.opencontainers.image.title": "lib/a.rego"}),
        (policyimage.POLICY, {"org.opencontainers.image.title": "main.rego"}),
        (policyimage.BUNDLE, None),
    ]
    found = policyimage.read(image.manifest)
    assert {path: layer.digest for path, layer in found.files} == {p: Digest.of(d) for p, d in FILES.items()}
    assert found.bundle is not None
    assert found.bundle.digest == Digest.of(b"tar")


@given(st.permutations(sorted(FILES.items())))
def test_the_same_files_have_the_same_digest_in_whatever_order(files: list[tuple[str, bytes]]) -> None:
    assert policyimage.make(dict(files), None).digest == policyimage.make(FILES, None).digest


@pytest.mark.parametrize("form", [(FILES, None), ({}, b"tar")])
def test_either_form_alone_is_read(form: tuple[dict[str, bytes], bytes | None]) -> None:
    found = policyimage.read(policyimage.make(*form).manifest)
    assert (len(found.files), found.bundle is not None) == (len(form[0]), form[1] is not None)


@pytest.mark.parametrize(
    "path",
    [
        "../x.rego",
        "a/../../x.rego",
        "/etc/x.rego",
        "a//x.rego",
        "./x.rego",
        "x\\y.rego",
        "x\0.rego",
        "x.sh",
        ".rego/",
        "",
    ],
)
def test_a_path_that_could_leave_the_folder_is_refused_on_both_ways(path: str) -> None:
    with pytest.raises(Malformed, match="expected a relative one"):
        policyimage.make({path: b""}, None)
    document = json.loads(policyimage.make({"x.rego": b""}, None).manifest)
    document["layers"][0]["annotations"]["org.opencontainers.image.title"] = path
    with pytest.raises(Malformed, match="expected a relative one"):
        policyimage.read(canonical.dumps(document))


def test_one_path_twice_is_refused() -> None:
    document = json.loads(policyimage.make({"x.rego": b""}, None).manifest)
    document["layers"] *= 2
    with pytest.raises(Malformed, match="stands twice"):
        policyimage.read(canonical.dumps(document))


def test_an_image_of_something_else_is_no_image_of_policies() -> None:
    document = json.loads(policyimage.make({"x.rego": b""}, None).manifest)
    document["layers"][0]["mediaType"] = "application/vnd.oci.image.layer.v1.tar"
    with pytest.raises(Malformed, match="no policies"):
        policyimage.read(canonical.dumps(document))
    with pytest.raises(Malformed, match="no policies"):
        policyimage.make({}, None)


def test_more_than_the_limit_is_refused_before_it_is_fetched() -> None:
    document = json.loads(policyimage.make({"x.rego": b""}, None).manifest)
    document["layers"][0]["size"] = policyimage.MAX_BYTES + 1
    with pytest.raises(TooLarge):
        policyimage.read(canonical.dumps(document))
