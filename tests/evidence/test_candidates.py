from __future__ import annotations

import contextlib
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evidence.signed import DSSE, SIMPLE, SUBJECT, key, legacy, legacy_signature, referrer, signature, signed, simple
from graven.errors import GravenError, Malformed, NotFound
from graven.evidence.candidates import MAX_LAYERS, Candidate, Fault, blobs_of, candidates
from graven.values import Digest


def test_each_form_gives_its_candidate() -> None:
    envelope = signed(key(), kind="https://example.org/review/v1")
    assert referrer(envelope, key()).only().envelope == envelope
    assert legacy((DSSE, envelope.encode(), b"")).only().envelope == envelope
    found = legacy_signature(key()).only()
    assert (found.envelope, found.signed) == (None, simple(SUBJECT))


def test_one_layer_that_cannot_be_read_is_a_fault_beside_the_others() -> None:
    payload = simple(SUBJECT)
    good = (SIMPLE, payload, signature(key(), payload))
    found = legacy((DSSE, b"{}", b""), good).candidates()
    assert [type(one) for one in found] == [Fault, Candidate]


def test_two_signatures_over_the_same_payload_are_two_candidates() -> None:
    payload = simple(SUBJECT)
    found = legacy(*((SIMPLE, payload, signature(key(number), payload)) for number in (1, 2))).candidates()
    assert len(set(found)) == 2


def test_a_blob_that_is_missing_or_another_is_a_fault() -> None:
    carried = referrer(signed(key()), key())

    def missing(digest: Digest) -> bytes:
        raise NotFound(f"there is no object {digest}")

    (found,) = candidates(carried.manifest, missing)
    assert isinstance(found, Fault)
    assert "there is no object" in found.reason
    (found,) = candidates(carried.manifest, lambda _: b"{}")
    assert isinstance(found, Fault)


def test_a_signature_without_its_annotation_is_a_fault() -> None:
    carried = legacy_signature(key())
    manifest = json.loads(carried.manifest)
    del manifest["layers"][0]["annotations"]
    (found,) = candidates(json.dumps(manifest).encode(), carried.blobs.__getitem__)
    assert isinstance(found, Fault)


def test_layers_beyond_the_cap_are_not_looked_at_and_that_is_told() -> None:
    payload = simple(SUBJECT)
    carried = legacy(*[(SIMPLE, payload, signature(key(), payload))] * (MAX_LAYERS + 1))
    found = carried.candidates()
    assert len(found) == MAX_LAYERS + 1
    assert isinstance(found[0], Fault)
    assert f"{MAX_LAYERS} are looked at" in found[0].reason
    assert len(blobs_of(carried.manifest)) == MAX_LAYERS


def test_what_holds_no_evidence_gives_none() -> None:
    plain = {"layers": [{"mediaType": "application/octet-stream", "digest": str(SUBJECT), "size": 1}]}
    assert candidates(json.dumps(plain).encode(), lambda _: b"") == ()
    assert candidates(b'{"manifests":[]}', lambda _: b"") == ()


@pytest.mark.parametrize("layer", [7, {}, {"digest": 7}, {"mediaType": SIMPLE, "digest": "sha256:00"}])
def test_a_layer_without_a_digest_is_malformed(layer: Any) -> None:
    with pytest.raises(Malformed):
        candidates(json.dumps({"layers": [layer]}).encode(), lambda _: b"")


@given(st.binary(max_size=200), st.sampled_from([SIMPLE, DSSE, "application/vnd.dev.sigstore.bundle.v0.3+json"]))
def test_any_bytes_in_a_layer_are_a_fault_and_never_break(data: bytes, media_type: str) -> None:
    if media_type != SIMPLE:
        (found,) = legacy((media_type, data, b"")).candidates()
        assert isinstance(found, Fault)


@given(st.binary(max_size=200))
def test_any_bytes_as_a_manifest_never_break(data: bytes) -> None:
    with contextlib.suppress(GravenError):
        assert candidates(data, lambda _: b"") == ()
