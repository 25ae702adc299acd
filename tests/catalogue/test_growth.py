"""Signature tags grow and never shrink; all other tags stand."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graven.catalogue import oci
from graven.catalogue.growth import follows, grows
from graven.values import Descriptor, Digest

HEX = "0" * 64
SIGNATURES = [f"sha256-{HEX}.sig", f"sha256-{HEX}.att", f"sha256-{HEX}.sbom", f"sha512-{HEX}{HEX}.sig"]
REFERRERS = [f"sha256-{HEX}", f"sha512-{HEX}"]


def layers(*names: str) -> oci.Manifest:
    listed = tuple(Descriptor("application/x", Digest.of(name.encode()), len(name)) for name in names)
    return oci.Manifest(oci.IMAGE_MANIFEST, "application/x", oci.EMPTY, listed, (), None, ())


def manifests(*names: str) -> oci.Manifest:
    listed = tuple(Descriptor(oci.IMAGE_MANIFEST, Digest.of(name.encode()), len(name)) for name in names)
    return oci.Manifest(oci.IMAGE_INDEX, "", None, (), listed, None, ())


@pytest.mark.parametrize("tag", [*SIGNATURES, *REFERRERS])
def test_tags_of_signatures_and_of_referrers_grow(tag: str) -> None:
    assert grows(tag)


@pytest.mark.parametrize(
    "tag", ["1.0", "latest", f"sha256-{HEX}.exe", f"sha256-{HEX[:-1]}", f"x-sha256-{HEX}.sig", f"sha256-{'A' * 64}.sig"]
)
def test_other_tags_stand(tag: str) -> None:
    assert not grows(tag)
    assert "write-once" in follows(tag, layers("a"), layers("a", "b"))


@pytest.mark.parametrize("tag", SIGNATURES)
def test_a_signature_is_added_behind_those_before(tag: str) -> None:
    assert follows(tag, layers("a", "b"), layers("a", "b", "c")) == ""


@pytest.mark.parametrize("tag", REFERRERS)
def test_a_referrer_is_added_behind_those_before(tag: str) -> None:
    assert follows(tag, manifests("a"), manifests("a", "b")) == ""


@pytest.mark.parametrize(
    "after",
    [(), ("b",), ("b", "a"), ("x", "a", "b"), ("a", "x")],
    ids=["none", "lost", "turned", "put before", "swapped"],
)
def test_signatures_that_do_not_begin_with_those_before_do_not_follow(after: tuple[str, ...]) -> None:
    assert follows(SIGNATURES[0], layers("a", "b"), layers(*after))
    assert follows(REFERRERS[0], manifests("a", "b"), manifests(*after))


def test_a_signature_tag_does_not_become_an_index_nor_the_other_way() -> None:
    assert follows(SIGNATURES[0], layers("a"), manifests("a"))
    assert follows(REFERRERS[0], manifests(), layers("a"))


@given(st.lists(st.sampled_from("abcdef")), st.lists(st.sampled_from("abcdef")))
def test_what_follows_holds_all_that_was_there(before: list[str], after: list[str]) -> None:
    allowed = follows(SIGNATURES[0], layers(*before), layers(*after)) == ""
    assert allowed == (after[: len(before)] == before)
