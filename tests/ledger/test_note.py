"""Signed notes and checkpoints as C2SP says them; what is bent in any place counts for nothing."""

from __future__ import annotations

import base64
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from graven.errors import Malformed, Mismatch
from graven.ledger.checkpoint import Checkpoint, opened
from graven.ledger.note import COSIGNATURE, MAX_SIGNATURES, Note, VerifierKey
from sealing import KEY, PRIVATE

# The facts of the example in c2sp.org/signed-note: a key, a text, and the signature that verifies.
SPEC_KEY = "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k"
SPEC_TEXT = "This is an example message.\n"
SPEC_SIGNATURE = "Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM="

HEAD = Checkpoint("graven.example/log", 7, bytes(range(32)))


def signed(text: str = HEAD.text, *, private: Ed25519PrivateKey = PRIVATE, key: VerifierKey = KEY) -> Note:
    return Note(text).signed(key, private.sign(text.encode()))


def test_the_example_of_the_specification_verifies() -> None:
    key = VerifierKey.parse(SPEC_KEY)
    note = Note.parse(f"{SPEC_TEXT}\n— example.com/foo {SPEC_SIGNATURE}\n".encode())
    assert (note.text, note.verified([key])) == (SPEC_TEXT, (key,))
    assert str(key) == SPEC_KEY


def test_the_example_of_the_specification_with_another_text_does_not() -> None:
    note = Note.parse(f"{SPEC_TEXT}more\n\n— example.com/foo {SPEC_SIGNATURE}\n".encode())
    with pytest.raises(Mismatch):
        note.verified([VerifierKey.parse(SPEC_KEY)])


@given(st.text(st.characters(codec="utf-8", min_codepoint=32), min_size=1, max_size=60))
def test_a_note_is_read_back_as_it_was_written(text: str) -> None:
    note = signed(text + "\n")
    assert Note.parse(note.encode()) == note
    assert note.verified([KEY]) == (KEY,)


@given(st.data())
def test_a_note_with_any_byte_changed_does_not_verify(data: st.DataObject) -> None:
    whole = signed().encode()
    at = data.draw(st.integers(0, len(whole) - 1))
    bent = whole[:at] + bytes([whole[at] ^ data.draw(st.integers(1, 255))]) + whole[at + 1 :]
    with pytest.raises((Malformed, Mismatch)):
        opened(bent, (KEY,))


def test_signatures_of_keys_that_are_not_known_are_passed_over() -> None:
    private = Ed25519PrivateKey.from_private_bytes(bytes(32))
    other = VerifierKey.of("other.example", private.public_key().public_bytes_raw())
    note = signed().signed(other, private.sign(HEAD.text.encode()))
    assert note.verified([KEY]) == (KEY,)
    assert note.verified([other]) == (other,)
    assert note.verified([]) == ()
    assert opened(note.encode(), (KEY,)) == HEAD


def test_a_bad_signature_of_a_known_key_spoils_the_note_also_beside_a_good_one() -> None:
    note = signed().signed(KEY, bytes(64))
    with pytest.raises(Mismatch):
        note.verified([KEY])


def test_sixteen_signatures_are_read_and_more_than_the_limit_are_not() -> None:
    note = signed()
    for n in range(1, MAX_SIGNATURES):
        note = note.signed(VerifierKey.of(f"w{n}", bytes(32)), bytes(64))
    assert len(Note.parse(note.encode()).signatures) == MAX_SIGNATURES >= 16
    with pytest.raises(Malformed, match="signatures"):
        Note.parse(note.signed(KEY, bytes(64)).encode())


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\n",
        b"text\n",
        b"text\n\n",
        b"\n\n\xe2\x80\x94 a AAAAAAAA\n",
        b"text\n\n\xe2\x80\x94 a AAAAAAAA",
        b"text\n\n- a AAAAAAAA\n",
        b"text\n\n\xe2\x80\x94 a  AAAAAAAA\n",
        b"text\n\n\xe2\x80\x94 a+b AAAAAAAA\n",
        b"text\n\n\xe2\x80\x94 a AAAA\n",
        b"text\n\n\xe2\x80\x94 a AAAAA===\n",
        b"text\r\n\n\xe2\x80\x94 a AAAAAAAA\n",
        b"te\x00xt\n\n\xe2\x80\x94 a AAAAAAAA\n",
        b"te\xffxt\n\n\xe2\x80\x94 a AAAAAAAA\n",
        b"text\n\n\xe2\x80\x94 a AAAAAAAA\n\n",
        b"x" * (1 << 20) + b"\n\n\xe2\x80\x94 a AAAAAAAA\n",
    ],
)
def test_what_is_no_note_is_refused(data: bytes) -> None:
    with pytest.raises(Malformed):
        Note.parse(data)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "a+b",
        "example.com/foo+530d903b+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k",
        "example.com/fop+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k",
        "example.com/foo+530d903a+AukyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k",
        "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3Q==",
        "example.com/foo+530d903a+!!!",
        "example com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k",
    ],
)
def test_what_is_no_key_is_refused(text: str) -> None:
    with pytest.raises(Malformed):
        VerifierKey.parse(text)


def test_a_key_needs_a_name_without_space_or_plus_and_32_bytes() -> None:
    wrong: list[tuple[str, int]] = [("a b", 32), ("a+b", 32), ("", 32), ("a", 31)]
    for name, length in wrong:
        with pytest.raises(Malformed):
            VerifierKey.of(name, bytes(length))


def test_a_witness_signs_the_time_with_the_text() -> None:
    private = Ed25519PrivateKey.from_private_bytes(b"w" * 32)
    witness = VerifierKey("witness.example", COSIGNATURE, private.public_key().public_bytes_raw())
    assert VerifierKey.parse(str(witness)) == witness
    time = 1_700_000_000
    message = f"cosignature/v1\ntime {time}\n{HEAD.text}".encode()
    note = signed().signed(witness, time.to_bytes(8, "big") + private.sign(message))
    assert note.verified([KEY, witness]) == (KEY, witness)
    later = signed().signed(witness, (time + 1).to_bytes(8, "big") + private.sign(message))
    with pytest.raises(Mismatch):
        later.verified([witness])
    with pytest.raises(Mismatch, match="signed by"):
        opened(note.encode(), (witness,))


def test_a_checkpoint_is_read_back_as_it_was_written() -> None:
    assert Checkpoint.parse(HEAD.text) == HEAD
    assert opened(signed().encode(), None) == opened(signed().encode(), (KEY,)) == HEAD
    assert Checkpoint.parse(HEAD.text + "an extension\n") == HEAD


def test_the_key_of_another_log_does_not_speak_for_this_one() -> None:
    other = VerifierKey.of("other.example/log", KEY.key)
    note = Note(HEAD.text).signed(other, PRIVATE.sign(HEAD.text.encode()))
    with pytest.raises(Mismatch, match=r"graven\.example/log"):
        opened(note.encode(), (other,))
    with pytest.raises(Mismatch):
        opened(signed().encode(), (other,))


_ROOT = base64.b64encode(bytes(32)).decode()


@pytest.mark.parametrize(
    "text",
    [
        "",
        "\n",
        "a\n1\n",
        f"\n1\n{_ROOT}\n",
        f"a\n01\n{_ROOT}\n",
        f"a\n-1\n{_ROOT}\n",
        f"a\n1 \n{_ROOT}\n",
        f"a\n٣\n{_ROOT}\n",
        f"a\n{10**30}\n{_ROOT}\n",
        f"a\n1\n{_ROOT}",
        f"a\n1\n{_ROOT[:-4]}\n",
        "a\n1\n!\n",
    ],
)
def test_what_is_no_checkpoint_is_refused(text: Any) -> None:
    with pytest.raises(Malformed):
        Checkpoint.parse(text)
