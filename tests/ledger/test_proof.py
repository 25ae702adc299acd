"""Proof files: the golden ones verify or not as their names say, whoever reads them."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graven.errors import Malformed, Mismatch
from graven.ledger.note import VerifierKey
from graven.ledger.proof import Proof

VECTORS = Path(__file__).parents[1] / "vectors" / "ledger"
KEY = VerifierKey.parse((VECTORS / "key").read_text())
VALID = (VECTORS / "valid.tlog-proof").read_bytes()
SABOTAGED = sorted(file.name for file in VECTORS.glob("*.tlog-proof") if file.name != "valid.tlog-proof")


def verify(data: bytes) -> None:
    proof = Proof.parse(data)
    proof.check(proof.extra or b"", (KEY,))


def test_there_is_a_golden_file_for_each_sabotage() -> None:
    assert len(SABOTAGED) >= 16


def test_the_valid_proof_verifies_and_is_written_as_it_was_read() -> None:
    proof = Proof.parse(VALID)
    assert proof.encode() == VALID
    assert proof.extra is not None
    head = proof.check(proof.extra, (KEY,))
    assert (head.origin, head.size, proof.index) == ("graven.example/log", 300, 257)


@pytest.mark.parametrize("name", SABOTAGED)
def test_a_sabotaged_proof_does_not_verify(name: str) -> None:
    data = (VECTORS / name).read_bytes()
    with pytest.raises((Malformed, Mismatch)):
        verify(data)


@given(st.data())
def test_a_proof_with_any_byte_changed_does_not_verify(data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(VALID) - 1))
    bent = VALID[:at] + bytes([VALID[at] ^ data.draw(st.integers(1, 255))]) + VALID[at + 1 :]
    with pytest.raises((Malformed, Mismatch)):
        verify(bent)


def test_a_proof_without_the_entry_takes_it_from_the_verifier() -> None:
    proof = Proof.parse(VALID)
    bare = Proof(proof.index, proof.hashes, proof.checkpoint)
    assert Proof.parse(bare.encode()) == bare
    bare.check(proof.extra or b"", (KEY,))
    with pytest.raises(Mismatch):
        bare.check(b"another", (KEY,))


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"c2sp.org/tlog-proof@v1\n\n",
        b"c2sp.org/tlog-proof@v1\nindex 01\n\nx",
        b"c2sp.org/tlog-proof@v1\nindex 1\n!!!!\n\nx",
        b"c2sp.org/tlog-proof@v1\nindex 1\nAAAA\n\nx",
        b"c2sp.org/tlog-proof@v1\nextra !\nindex 1\n\nx",
        b"c2sp.org/tlog-proof@v1\nextra AAAA\n\nx",
        b"c2sp.org/tlog-proof@v1\nindex 1" + b"\n" + b"\n".join([b"A" * 43 + b"="] * 65) + b"\n\nx",
        b"\xff\n\n",
    ],
)
def test_what_is_no_proof_is_refused(data: bytes) -> None:
    with pytest.raises(Malformed):
        Proof.parse(data)
