"""Hashes, roots and checks against the definitions of RFC 6962, for all small sizes and some large ones."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graven.ledger.tree import (
    EMPTY_ROOT,
    leaf_hash,
    node_hash,
    root_of,
    subtrees,
    verify_consistency,
    verify_inclusion,
)
from ledger.trees import LEAVES, mth, path, subproof

HASHES = [leaf_hash(entry) for entry in LEAVES]
SIZES = [*range(1, 40), 63, 64, 65, 127, 128, 129, 130]


def test_the_root_of_nothing_is_the_hash_of_nothing() -> None:
    assert EMPTY_ROOT.hex() == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    assert root_of([]) == EMPTY_ROOT


def test_leaves_and_nodes_hash_apart() -> None:
    assert leaf_hash(b"").hex() == "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d"
    left, right = leaf_hash(b"a"), leaf_hash(b"b")
    assert node_hash(left, right) != leaf_hash(left + right)


@pytest.mark.parametrize("size", [*range(70), 255, 256, 257, 511, 513, 1000])
def test_roots_are_those_of_the_definition(size: int) -> None:
    assert root_of(HASHES[:size]) == mth(LEAVES[:size])


@given(st.integers(0, 2**40), st.integers(0, 2**40))
def test_subtrees_cover_the_leaves_once_and_in_order(start: int, length: int) -> None:
    start &= -(1 << max(length - 1, 0).bit_length())  # where a subtree of this length can begin
    found = list(subtrees(start, start + length))
    at = start
    for level, index in found:
        assert index << level == at
        at += 1 << level
    assert at == start + length


def _altered(proof: Sequence[bytes]) -> Iterator[list[bytes]]:
    """Give the proof shortened, lengthened, doubled, swapped and flipped."""
    for n in range(len(proof)):
        yield [*proof[:n], *proof[n + 1 :]]
        yield [*proof[:n], bytes([proof[n][0] ^ 1]) + proof[n][1:], *proof[n + 1 :]]
        yield [*proof[: n + 1], *proof[n:]]
    for n in range(len(proof) - 1):
        yield [*proof[:n], proof[n + 1], proof[n], *proof[n + 2 :]]
    yield [*proof, bytes(32)]
    yield [bytes(32), *proof]


@pytest.mark.parametrize("size", SIZES)
def test_inclusion_holds_for_each_leaf_and_for_no_other_claim(size: int) -> None:
    root = mth(LEAVES[:size])
    for index in range(size) if size < 40 else (0, 1, size // 2, size - 2, size - 1):
        proof = path(index, LEAVES[:size])
        leaf = HASHES[index]
        assert verify_inclusion(leaf, index=index, size=size, proof=proof, root=root)
        assert not verify_inclusion(HASHES[index + 1], index=index, size=size, proof=proof, root=root)
        assert not verify_inclusion(leaf, index=index, size=size, proof=proof, root=bytes(32))
        for other in {index - 1, index + 1, index ^ 1, size, -1} - {index}:
            assert not verify_inclusion(leaf, index=other, size=size, proof=proof, root=root)
        for bad in _altered(proof):
            assert not verify_inclusion(leaf, index=index, size=size, proof=bad, root=root)


@pytest.mark.parametrize("size", SIZES)
def test_consistency_holds_for_each_beginning_and_for_no_other_claim(size: int) -> None:
    new = mth(LEAVES[:size])
    for old in range(1, size) if size < 40 else (1, 2, size // 2, 63, 64, size - 1):
        if old >= size:
            continue
        root, proof = mth(LEAVES[:old]), subproof(old, LEAVES[:size])
        given = {"old_size": old, "new_size": size, "new_root": new, "proof": proof, "old_root": root}
        assert verify_consistency(**given)  # type: ignore[arg-type]
        for wrong in ({"old_root": bytes(32)}, {"new_root": bytes(32)}, {"new_root": root}):
            assert not verify_consistency(**{**given, **wrong})  # type: ignore[arg-type]
        for bad in _altered(proof):
            assert not verify_consistency(**{**given, "proof": bad})  # type: ignore[arg-type]


def test_consistency_of_equal_and_empty_trees_needs_no_proof_and_takes_none() -> None:
    root, other = mth(LEAVES[:5]), mth(LEAVES[:4])

    def holds(old: int, new: int, old_root: bytes, new_root: bytes, proof: Sequence[bytes] = ()) -> bool:
        return verify_consistency(old_size=old, old_root=old_root, new_size=new, new_root=new_root, proof=proof)

    assert holds(5, 5, root, root)
    assert holds(0, 5, EMPTY_ROOT, root)
    assert holds(0, 0, EMPTY_ROOT, EMPTY_ROOT)
    assert not holds(5, 5, root, other)
    assert not holds(5, 5, root, root, [root])
    assert not holds(0, 5, root, root)
    assert not holds(0, 5, EMPTY_ROOT, root, [root])
    assert not holds(5, 4, root, other)
    assert not holds(-1, 4, root, other)
    assert not holds(3, 5, mth(LEAVES[:3]), root)
