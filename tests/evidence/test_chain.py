"""The chain of documents that decide: who may sign the next link, and after which."""

from __future__ import annotations

import json
from typing import Any

import pytest

from evidence.signed import enveloped, key, signature
from graven.errors import Conflict, Malformed, Refused
from graven.evidence import chain, dsse
from graven.evidence.chain import Demands, Link
from graven.evidence.dsse import Envelope, Signature
from graven.evidence.keys import PrivateKey
from graven.values import Digest

FIRST = Demands(1, (key().public,))
TWO = Demands(2, (key(1).public, key(2).public, key(3).public))


def linked(body: Any, *signers: PrivateKey, after: Link | None = None, demands: Demands = FIRST) -> bytes:
    payload = chain.payload("trust", body, after=after, demands=demands)
    signed = dsse.pae(chain.PAYLOAD_TYPE, payload)
    return Envelope(chain.PAYLOAD_TYPE, payload, tuple(Signature(signature(one, signed)) for one in signers)).encode()


def verified(envelope: bytes, after: Link | None = None) -> Link:
    return chain.verify_next(envelope, kind="trust", after=after, first=FIRST)


def test_a_link_is_verified_and_names_who_signs_the_next() -> None:
    envelope = linked({"keys": []}, key(), demands=TWO)
    first = verified(envelope)
    assert (first.version, first.previous, first.digest) == (1, None, Digest.of(envelope))
    assert first == chain.parse(envelope, kind="trust")
    second = verified(linked({}, key(1), key(3), after=first), first)
    assert (second.version, second.previous) == (2, first.digest)


def test_a_first_link_by_another_key_is_refused() -> None:
    with pytest.raises(Refused, match="got 0 good signatures, expected 1 of 1 keys"):
        verified(linked({}, key(2)))


def test_fewer_signatures_than_demanded_are_refused_and_a_key_that_signs_twice_counts_once() -> None:
    first = verified(linked({}, key(), demands=TWO))
    for signers in ((key(1),), (key(1), key(1)), (key(1), key(4)), (key(4), key(5))):
        with pytest.raises(Refused, match="expected 2 of 3 keys"):
            verified(linked({}, *signers, after=first), first)


def test_the_keys_that_a_link_names_do_not_sign_that_link() -> None:
    mine = Demands(1, (key(2).public,))
    with pytest.raises(Refused):
        verified(linked({}, key(2), demands=mine))
    first = verified(linked({}, key()))
    with pytest.raises(Refused):
        verified(linked({}, key(2), after=first, demands=mine), first)


def test_a_link_follows_the_present_one_and_no_other() -> None:
    first = verified(linked({"n": 1}, key()))
    other = verified(linked({"n": 2}, key()))
    second = verified(linked({"n": 3}, key(), after=first), first)
    for envelope, after in (
        (linked({}, key(), after=other), first),  # it follows another first
        (linked({}, key()), first),  # it begins again
        (linked({"n": 3}, key(), after=first), second),  # it is an old one
        (linked({}, key(), after=second), first),  # one between is missing
        (linked({}, key(), after=first), None),
    ):
        with pytest.raises(Conflict, match="expected version"):
            verified(envelope, after)


def test_a_document_of_one_kind_is_none_of_another() -> None:
    with pytest.raises(Malformed, match="got a document of kind 'trust', expected 'stages'"):
        chain.verify_next(linked({}, key()), kind="stages", after=None, first=FIRST)


def test_a_statement_is_no_document_whoever_signed_it() -> None:
    payload = chain.payload("trust", {}, after=None, demands=FIRST)
    with pytest.raises(Malformed, match="got a payload of"):
        verified(enveloped(key(), payload).encode())


@pytest.mark.parametrize(
    "change",
    [
        {"version": True},
        {"version": "1"},
        {"previous": "sha256:00"},
        {"kind": "thrust"},
        {"more": 1},
        {"demands": {}},
        {"demands": {"threshold": 0, "keys": [key().public.pem.decode()]}},
        {"demands": {"threshold": 2, "keys": [key().public.pem.decode()] * 2}},
        {"demands": {"threshold": True, "keys": [key().public.pem.decode()]}},
        {"demands": {"threshold": 1, "keys": ["no key"]}},
        {"demands": {"threshold": 1, "keys": [7]}},
    ],
)
def test_a_signed_document_that_has_a_fault_is_malformed(change: dict[str, Any]) -> None:
    document = json.loads(chain.payload("trust", {}, after=None, demands=FIRST)) | change
    with pytest.raises(Malformed):
        verified(enveloped(key(), json.dumps(document).encode(), chain.PAYLOAD_TYPE).encode())


def test_every_flipped_byte_of_a_link_is_refused() -> None:
    envelope = linked({"keys": []}, key())
    for at in range(len(envelope)):
        flipped = bytearray(envelope)
        flipped[at] ^= 1
        with pytest.raises((Malformed, Refused, Conflict)):
            verified(bytes(flipped))
