"""Each numbered step of the verifier: what passes it, and what fails there and nowhere before."""

from __future__ import annotations

import copy
import dataclasses
import json
import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evidence.signed import (
    DSSE,
    OTHER,
    RECEIVED,
    REPOSITORY,
    SIMPLE,
    SUBJECT,
    enveloped,
    key,
    legacy,
    legacy_signature,
    referrer,
    root,
    signature,
    signed,
    simple,
    trusted,
)
from graven.errors import Malformed
from graven.evidence import simplesigning, statement
from graven.evidence.candidates import Candidate
from graven.evidence.dsse import Signature
from graven.evidence.trust import SIGN, Rejected, TrustedKey, TrustRoot, Verified, verify
from graven.values import Digest

REVIEW = "https://example.org/review/v1"
VSA = "https://slsa.dev/verification_summary/v1"


def judge(candidate: Candidate, *keys: TrustedKey, subject: Digest = SUBJECT, **more: Any) -> Verified | Rejected:
    asked = {"repository": REPOSITORY, "received_at": RECEIVED, **more}
    return verify(candidate, root=root(*(keys or (trusted(key()),))), subject=subject, **asked)


def failing(found: Verified | Rejected) -> tuple[str, str]:
    """Give the step that failed and why; every step before it passed, and none came after."""
    assert isinstance(found, Rejected)
    assert [check.passed for check in found.checks] == [True] * (len(found.checks) - 1) + [False]
    return found.checks[-1].name, found.reason


BUNDLE = referrer(signed(key()), key()).only()
REVIEWED = referrer(signed(key(), kind=REVIEW, predicate={"ok": True}), key()).only()
LEGACY = legacy_signature(key()).only()
OLD_REVIEW = legacy((DSSE, signed(key(), kind=REVIEW, predicate={"ok": True}).encode(), b"")).only()


@pytest.mark.parametrize("candidate", [BUNDLE, LEGACY])
def test_a_signature_of_either_form_is_verified(candidate: Candidate) -> None:
    found = judge(candidate)
    assert isinstance(found, Verified)
    assert (found.kind, found.predicate_type, found.predicate) == ("signature", SIGN, None)
    assert (found.identity, found.key) == ("release@example.org", key().public.fingerprint)
    assert (found.subject, found.received_at) == (SUBJECT, RECEIVED)


@pytest.mark.parametrize("candidate", [REVIEWED, OLD_REVIEW])
def test_an_attestation_of_either_form_is_verified_and_is_no_signature(candidate: Candidate) -> None:
    found = judge(candidate)
    assert isinstance(found, Verified)
    assert (found.kind, found.predicate_type, found.predicate) == ("attestation", REVIEW, {"ok": True})


# Step 1


def test_step_1_a_key_that_nobody_trusts() -> None:
    assert failing(judge(BUNDLE, trusted(key(2)))) == (
        "signature",
        "none of the trusted keys signed it (1 tried), or it was changed since",
    )


def test_step_1_an_empty_trust_root_trusts_nobody() -> None:
    found = verify(BUNDLE, root=TrustRoot(), subject=SUBJECT, repository=REPOSITORY, received_at=RECEIVED)
    assert failing(found) == ("signature", "no key is trusted")


@given(at=st.integers(0, 10**6), bit=st.integers(0, 7))
def test_step_1_every_flipped_bit_of_what_is_signed_and_of_its_signature_fails(at: int, bit: int) -> None:
    for candidate in (BUNDLE, LEGACY, OLD_REVIEW):
        assert failing(judge(dataclasses.replace(candidate, signed=flip(candidate.signed, at, bit))))[0] == "signature"
        broken = (Signature(flip(candidate.signatures[0].sig, at, bit)),)
        assert failing(judge(dataclasses.replace(candidate, signatures=broken)))[0] == "signature"


def flip(data: bytes, at: int, bit: int) -> bytes:
    found = bytearray(data)
    found[at % len(found)] ^= 1 << bit
    return bytes(found)


def test_step_1_a_keyid_decides_nothing() -> None:
    lying = tuple(dataclasses.replace(one, keyid="another key") for one in BUNDLE.signatures)
    assert isinstance(judge(dataclasses.replace(BUNDLE, signatures=lying)), Verified)
    assert failing(judge(dataclasses.replace(BUNDLE, signatures=lying), trusted(key(2))))[0] == "signature"


def test_step_1_a_signature_over_the_payload_without_its_encoding_fails() -> None:
    envelope = signed(key())
    bare = dataclasses.replace(BUNDLE, signatures=(Signature(signature(key(), envelope.payload)),))
    assert failing(judge(bare))[0] == "signature"


def test_step_1_no_signature_is_no_proof() -> None:
    assert failing(judge(dataclasses.replace(BUNDLE, signatures=())))[0] == "signature"


# Step 2


@pytest.mark.parametrize("revoked", [("key", key().public.fingerprint), ("identity", "release@example.org")])
def test_step_2_a_revoked_key_or_identity(revoked: tuple[str, str]) -> None:
    name, reason = failing(judge(BUNDLE, revoked={revoked}))
    assert (name, "was revoked" in reason) == ("revocation", True)


def test_step_2_what_else_was_revoked_changes_nothing() -> None:
    others = {
        ("identity", key().public.fingerprint),
        ("key", "release@example.org"),
        ("key", key(2).public.fingerprint),
    }
    assert isinstance(judge(BUNDLE, revoked=others), Verified)


# Step 3


@pytest.mark.parametrize(
    ("window", "words"),
    [
        ({"valid_from": "2026-06-01T12:00:01Z"}, "valid from"),
        ({"valid_until": "2026-06-01T12:00:00Z"}, "expired at"),
        ({"valid_until": "2026-06-01T13:59:59+02:00"}, "expired at"),
    ],
)
def test_step_3_a_key_that_was_not_valid_at_receipt(window: dict[str, str], words: str) -> None:
    name, reason = failing(judge(BUNDLE, trusted(key(), **window)))
    assert (name, words in reason) == ("validity", True)


def test_step_3_a_key_counts_from_its_first_moment_to_before_its_last() -> None:
    window = trusted(key(), valid_from="2026-06-01T12:00:00Z", valid_until="2026-06-01T12:00:00.000001Z")
    assert isinstance(judge(BUNDLE, window), Verified)


# Step 4


def test_step_4_a_key_that_may_not_speak_about_the_repository() -> None:
    for patterns in (("other/*",), ("team",), ("web",), ()):
        name, reason = failing(judge(BUNDLE, trusted(key(), repositories=patterns)))
        assert (name, "not about team/web" in reason) == ("repository", True)
    assert isinstance(judge(BUNDLE, trusted(key(), repositories=("other/*", "team/*"))), Verified)


# Step 5


@pytest.mark.parametrize("candidate", [BUNDLE, LEGACY, REVIEWED])
def test_step_5_a_signature_that_was_moved_to_another_digest(candidate: Candidate) -> None:
    name, reason = failing(judge(candidate, subject=OTHER))
    assert name == "subject"
    assert reason == f"it is about {SUBJECT}, not about {OTHER}"


def test_step_5_the_digest_in_simple_signing_is_what_counts_and_not_its_reference() -> None:
    payload = json.loads(simple(OTHER))
    payload["critical"]["identity"]["docker-reference"] = f"registry.example/{REPOSITORY}@{SUBJECT}"
    data = json.dumps(payload).encode()
    found = judge(legacy((SIMPLE, data, signature(key(), data))).only())
    assert failing(found)[0] == "subject"


@pytest.mark.parametrize(
    "change", [{"type": "another type"}, {"image": {}}, {"image": {"docker-manifest-digest": 7}}, {"image": "x"}]
)
def test_step_5_a_simple_signing_payload_that_cannot_be_read(change: dict[str, Any]) -> None:
    payload = json.loads(simple(SUBJECT))
    payload["critical"] |= change
    data = json.dumps(payload).encode()
    with pytest.raises(Malformed):
        simplesigning.subject_of(data)
    assert failing(judge(legacy((SIMPLE, data, signature(key(), data))).only()))[0] == "subject"


def test_step_5_a_payload_of_another_type_is_no_statement() -> None:
    payload = statement.make(SUBJECT, SIGN, {})
    envelope = enveloped(key(), payload, "application/json")
    name, reason = failing(judge(referrer(envelope, key()).only()))
    assert (name, "'application/json'" in reason) == ("subject", True)


def test_step_5_a_signed_payload_that_is_no_statement() -> None:
    for payload in (b"", b"[]", b"\xff", b'{"_type":"https://in-toto.io/Statement/v1"}'):
        assert failing(judge(referrer(enveloped(key(), payload), key()).only()))[0] == "subject"


# Step 6


def test_step_6_a_key_that_may_not_make_this_statement() -> None:
    reviewer = trusted(key(), predicate_types=("https://example.org/*",))
    assert isinstance(judge(REVIEWED, reviewer), Verified)
    for candidate in (BUNDLE, LEGACY):
        name, reason = failing(judge(candidate, reviewer))
        assert (name, SIGN in reason) == ("predicate type", True)


def test_step_6_a_summary_that_failed_or_any_other_statement_is_never_a_signature() -> None:
    for kind in (VSA, "https://cyclonedx.org/bom", SIGN + "/", SIGN.upper(), "https://sigstore.dev/cosign/sign/v2"):
        summary = signed(key(), kind=kind, predicate={"verificationResult": "FAILED"})
        found = judge(referrer(summary, key()).only())
        assert isinstance(found, Verified)
        assert found.kind == "attestation"


# Several keys


def test_of_several_keys_that_signed_one_that_may_speak_is_enough() -> None:
    both = dataclasses.replace(BUNDLE, signatures=(*BUNDLE.signatures, Signature(signature(key(2), BUNDLE.signed))))
    revoked = {("key", key().public.fingerprint)}
    found = judge(both, trusted(key()), trusted(key(2), "second@example.org"), revoked=revoked)
    assert isinstance(found, Verified)
    assert found.identity == "second@example.org"


def test_a_key_that_is_listed_for_two_times_counts_in_both() -> None:
    first = trusted(key(), valid_until="2026-01-01T00:00:00Z")
    second = trusted(key(), valid_from="2026-05-01T00:00:00Z")
    assert isinstance(judge(BUNDLE, first, second), Verified)
    assert failing(judge(BUNDLE, first, second, received_at="2026-03-01T00:00:00Z"))[0] == "validity"


@given(st.permutations([trusted(key(n), f"{n}@example.org") for n in range(1, 5)]))
def test_the_order_of_keys_changes_nothing(keys: list[TrustedKey]) -> None:
    found = judge(BUNDLE, *keys)
    assert isinstance(found, Verified)
    assert found.identity == "1@example.org"


# A proof is a type


def test_nobody_else_makes_a_verified() -> None:
    found = judge(BUNDLE)
    assert isinstance(found, Verified)
    members = {field.name: getattr(found, field.name) for field in dataclasses.fields(found)}
    with pytest.raises(TypeError, match=re.escape("made by graven.evidence.trust.verify")):
        Verified(**members)
    with pytest.raises(TypeError, match=re.escape("made by graven.evidence.trust.verify")):
        Verified(**members, seal=object())
    with pytest.raises((TypeError, ValueError)):
        dataclasses.replace(found, subject=OTHER)
    with pytest.raises(dataclasses.FrozenInstanceError):
        found.subject = OTHER  # type: ignore[misc]
    assert copy.copy(found) == found


# The trust root


def test_a_trust_root_comes_back_as_it_was_written_and_has_one_digest() -> None:
    made = root(
        trusted(key(), valid_from="2026-01-01T00:00:00Z", predicate_types=(SIGN,), repositories=("team/*",)),
        trusted(key(2), "security@example.org", products=("team/*", "pkg:oci/*")),
    )
    assert TrustRoot.parse(made.encode()).value() == made.value()
    assert TrustRoot.parse(json.dumps(made.value(), indent=1).encode()).digest == made.digest


@pytest.mark.parametrize(
    ("member", "words"),
    [
        ({"identity": ""}, "identity and public"),
        ({"public": 7}, "in PEM"),
        ({"public": "x"}, "no public key"),
        ({"until": "tomorrow"}, "expected a date"),
        ({"from": 7}, "expected a date"),
        ({"repositories": "team/*"}, "list of patterns"),
        ({"predicate_types": [7]}, "list of patterns"),
        ({"predicat_types": []}, "expected only"),
    ],
)
def test_a_trust_root_with_a_fault_says_in_which_key_of_it(member: dict[str, Any], words: str) -> None:
    good = trusted(key()).value()
    with pytest.raises(Malformed, match="key 2") as told:
        TrustRoot.parse(json.dumps({"keys": [good, {**good, **member}]}).encode())
    assert words in str(told.value)


@pytest.mark.parametrize("data", [b"[]", b"{}", b'{"keys":{}}', b'{"keys":[],"more":1}', b'{"keys":[7]}'])
def test_what_is_no_trust_root_is_malformed(data: bytes) -> None:
    with pytest.raises(Malformed):
        TrustRoot.parse(data)
