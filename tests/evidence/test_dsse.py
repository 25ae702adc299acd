from __future__ import annotations

import contextlib
import json
from base64 import urlsafe_b64encode
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evidence.signed import enveloped, key, signed
from graven.errors import GravenError, Malformed, TooLarge
from graven.evidence import armour, dsse
from graven.evidence.dsse import Envelope, Signature

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)


@given(st.text(max_size=20), st.binary(max_size=50), st.text(max_size=20), st.binary(max_size=50))
def test_the_encoding_that_is_signed_is_injective(one: str, first: bytes, other: str, second: bytes) -> None:
    assert (dsse.pae(one, first) == dsse.pae(other, second)) == ((one, first) == (other, second))


def test_lengths_are_counted_in_bytes() -> None:
    assert dsse.pae("é", "ü".encode()) == b"DSSEv1 2 \xc3\xa9 2 \xc3\xbc"


@given(
    st.text(st.characters(codec="ascii"), max_size=20),
    st.binary(max_size=50),
    st.binary(min_size=1, max_size=80),
    st.text(max_size=8),
)
def test_an_envelope_comes_back_as_it_was_written(kind: str, payload: bytes, sig: bytes, keyid: str) -> None:
    envelope = Envelope(kind, payload, (Signature(sig, keyid), Signature(sig)))
    assert dsse.parse(envelope.encode()) == envelope


def test_a_payload_type_that_cannot_be_encoded_is_malformed() -> None:
    text = enveloped(key(), b"{}").encode()
    for other in (b"\\ud800/", b"\\u00e9/"):
        with pytest.raises(Malformed):
            dsse.parse(text.replace(b"application/", other))


def test_no_keyid_is_written_where_there_is_none() -> None:
    assert set(signed(key()).value()["signatures"][0]) == {"sig"}


@given(JSON)
def test_what_is_no_envelope_is_malformed(value: Any) -> None:
    with pytest.raises(Malformed):
        dsse.read(value)


@given(st.fixed_dictionaries({"payloadType": JSON, "payload": JSON, "signatures": st.lists(JSON, max_size=3)}))
def test_what_is_shaped_like_an_envelope_is_read_or_refused_and_never_breaks(value: Any) -> None:
    with contextlib.suppress(GravenError):
        assert dsse.read(value).signed


@pytest.mark.parametrize(
    "text", ["A", "AA", "AA=", "AB==", "AAA", "AAB=", "A A=", "é===", "AA==\n", "A===", "AA==AA==", "="]
)
def test_base64_has_one_spelling(text: str) -> None:
    with pytest.raises(Malformed):
        armour.decode(text, where="sig")


@given(st.binary(max_size=60))
def test_base64_of_either_alphabet_is_read(data: bytes) -> None:
    assert armour.decode(armour.encode(data), where="sig") == data
    assert armour.decode(urlsafe_b64encode(data).decode(), where="sig") == data


def test_more_signatures_than_anybody_needs_are_too_large() -> None:
    value = signed(key()).value()
    value["signatures"] *= 65
    with pytest.raises(TooLarge, match="at most 64"):
        dsse.read(value)


def test_an_envelope_of_more_than_16_mib_is_not_parsed() -> None:
    with pytest.raises(TooLarge):
        dsse.parse(b" " * (dsse.MAX_ENVELOPE + 1))


def test_a_member_that_stands_twice_is_refused() -> None:
    text = enveloped(key(), b"{}").encode().decode()
    twice = text.replace('{"payload"', '{"payload":"e30=","payload"', 1)
    assert json.loads(twice)
    with pytest.raises(Malformed, match="stands twice"):
        dsse.parse(twice.encode())
