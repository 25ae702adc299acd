from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evidence.signed import RECEIVED, REPOSITORY, SUBJECT, key, referrer, referrer_of, root, signed, trusted
from graven.errors import GravenError, Malformed, Unsupported
from graven.evidence import bundle
from graven.evidence.candidates import Candidate, Fault
from graven.evidence.trust import SIGN, Verified, verify
from graven.values import Digest

ENVELOPE = signed(key())
DATA = bundle.encode(ENVELOPE, key().public)


def changed(**members: Any) -> bytes:
    document = json.loads(DATA)
    return json.dumps({name: value for name, value in {**document, **members}.items() if value is not None}).encode()


def test_a_bundle_is_written_as_cosign_writes_it() -> None:
    value = json.loads(DATA)
    assert list(value) == ["mediaType", "verificationMaterial", "dsseEnvelope"]
    assert value["mediaType"] == "application/vnd.dev.sigstore.bundle.v0.3+json"
    assert value["verificationMaterial"] == {"publicKey": {"hint": key().public.hint}}
    assert [set(one) for one in value["dsseEnvelope"]["signatures"]] == [{"sig"}]


def test_the_referrer_is_written_as_cosign_writes_it() -> None:
    value = json.loads(referrer(ENVELOPE, key()).manifest)
    assert value["artifactType"] == value["layers"][0]["mediaType"] == bundle.MEDIA_TYPE
    assert value["config"]["digest"] == str(Digest.of(b"{}"))
    assert value["subject"]["digest"] == str(SUBJECT)
    assert value["annotations"]["dev.sigstore.bundle.content"] == "dsse-envelope"
    assert value["annotations"]["dev.sigstore.bundle.predicateType"] == SIGN


@pytest.mark.parametrize("minor", [1, 2, 3])
def test_older_bundles_are_read(minor: int) -> None:
    older = f"application/vnd.dev.sigstore.bundle+json;version=0.{minor}"
    assert bundle.parse(changed(mediaType=older)).envelope == ENVELOPE


@pytest.mark.parametrize(
    ("members", "family"),
    [
        ({"mediaType": "application/vnd.dev.sigstore.bundle.v0.4+json"}, Unsupported),
        ({"mediaType": 3}, Unsupported),
        ({"dsseEnvelope": None, "messageSignature": {}}, Unsupported),
        ({"more": {}}, Unsupported),
        ({"verificationMaterial": None}, Malformed),
        ({"verificationMaterial": {}}, Malformed),
        ({"verificationMaterial": {"publicKey": "x"}}, Malformed),
        ({"verificationMaterial": {"publicKey": {}, "certificate": {}}}, Malformed),
        ({"dsseEnvelope": {**ENVELOPE.value(), "signatures": ENVELOPE.value()["signatures"] * 2}}, Malformed),
        ({"dsseEnvelope": {**ENVELOPE.value(), "signatures": []}}, Malformed),
    ],
)
def test_what_is_no_bundle_is_refused(members: dict[str, Any], family: type[GravenError]) -> None:
    with pytest.raises(family):
        bundle.parse(changed(**members))


def test_a_bundle_with_a_certificate_is_keyless_and_no_key_of_ours_made_it() -> None:
    data = changed(verificationMaterial={"certificate": {"rawBytes": "AA=="}}, dsseEnvelope=signed(key(2)).value())
    found = referrer_of(data).only()
    assert found.keyless
    rejected = verify(found, root=root(trusted(key())), subject=SUBJECT, repository=REPOSITORY, received_at=RECEIVED)
    assert not isinstance(rejected, Verified)
    assert "by a certificate" in rejected.reason


@given(st.binary(max_size=100))
def test_bytes_that_are_no_bundle_never_break(data: bytes) -> None:
    with pytest.raises(GravenError):
        bundle.parse(data)


def _verified(found: Candidate | Fault) -> bool:
    if isinstance(found, Fault):
        return False
    result = verify(found, root=root(trusted(key())), subject=SUBJECT, repository=REPOSITORY, received_at=RECEIVED)
    return isinstance(result, Verified)


def test_every_flipped_bit_of_a_bundle_fails_even_if_the_manifest_is_made_for_it() -> None:
    """All but the key's hint is signed, or must be what it is."""
    assert _verified(referrer_of(DATA).only())
    hint = DATA.index(key().public.hint.encode())
    unsigned = range(hint, hint + len(key().public.hint))
    for at in range(len(DATA)):
        for bit in range(8):
            flipped = bytearray(DATA)
            flipped[at] ^= 1 << bit
            (found,) = referrer_of(bytes(flipped)).candidates()
            assert at in unsigned or not _verified(found), (at, bit)


def test_every_flipped_bit_of_a_bundle_fails_under_the_manifest_that_it_had() -> None:
    carried = referrer_of(DATA)
    for at in range(len(DATA)):
        flipped = bytearray(DATA)
        flipped[at] ^= 1
        carried.blobs[Digest.of(DATA)] = bytes(flipped)
        (found,) = carried.candidates()
        assert isinstance(found, Fault)
        assert "expected" in found.reason
