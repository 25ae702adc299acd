"""Tiles, bundles and their paths as C2SP tlog-tiles says them; trees grown by any steps are the same tree."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graven.errors import Malformed, Mismatch
from graven.ledger.proof import consistency, inclusion, needs
from graven.ledger.tiles import ENTRIES, Edge, Hashes, Tile, bundle, entries_of, hashes_of, parse, tiles
from graven.ledger.tree import EMPTY_ROOT, leaf_hash, root_of, verify_consistency, verify_inclusion
from ledger.trees import LEAVES, mth, path, subproof

HASHES = [leaf_hash(entry) for entry in LEAVES]
MANY = [leaf_hash(b"%d" % n) for n in range(70_000)]


def grown(hashes: list[bytes]) -> dict[Tile, bytes]:
    return dict(Edge().grow(hashes))


def test_the_paths_are_those_of_the_specification() -> None:
    assert Tile(0, 1234067).path == "tile/0/x001/x234/067"
    assert Tile(3, 0, 1).path == "tile/3/000.p/1"
    assert Tile(ENTRIES, 999).path == "tile/entries/999"
    assert Tile(ENTRIES, 1000, 255).path == "tile/entries/x001/000.p/255"


@given(st.integers(-1, 63), st.integers(0, 2**60), st.integers(1, 256))
def test_a_path_names_one_tile(level: int, index: int, width: int) -> None:
    tile = Tile(level, index, width)
    assert parse(tile.path) == tile


@pytest.mark.parametrize(
    "spelling",
    [
        "",
        "tile/0/0",
        "tile/0/0000",
        "tile/0/1000",
        "tile/0/x000/001",
        "tile/0/x001/x001",
        "tile/00/001",
        "tile/64/001",
        "tile/-1/001",
        "tile/0/001.p/0",
        "tile/0/001.p/01",
        "tile/0/001.p/256",
        "tile/0/001.p",
        "tile/0/001.p/",
        "tile/data/001",
        "tile/0/../entries/000",
        "/tile/0/001",
        "tile/0/001/",
        "tile/0/\u0660\u0660\u0661",
        "tile/0/001\n",
    ],
)
def test_no_other_spelling_is_taken(spelling: str) -> None:
    with pytest.raises(Malformed):
        parse(spelling)


def test_the_tiles_of_the_sizes_in_the_specification() -> None:
    def widths(level: int, size: int) -> tuple[int, list[int]]:
        found = list(tiles(level, size))
        return sum(tile.width == 256 for tile in found), [tile.width for tile in found if tile.width < 256]

    assert [widths(level, 70_000) for level in range(4)] == [(273, [112]), (1, [17]), (0, [1]), (0, [])]
    assert [widths(level, 256) for level in range(3)] == [(1, []), (0, [1]), (0, [])]
    assert widths(ENTRIES, 70_000) == widths(0, 70_000)
    assert widths(0, 0) == (0, [])


def test_hashes_above_the_leaves_are_roots_of_full_tiles() -> None:
    made = grown(MANY)
    assert set(made) == {tile for level in range(3) for tile in tiles(level, len(MANY))}
    for level, index in ((1, 5), (1, 272), (2, 0)):
        tile = next(one for one in made if one.level == level and index // 256 == one.index)
        span = 256**level
        assert hashes_of(tile, made[tile])[index % 256] == root_of(MANY[index * span : (index + 1) * span])


@settings(max_examples=60, deadline=None)
@given(st.lists(st.integers(0, 300), max_size=8))
def test_a_tree_grown_by_any_steps_is_the_tree_of_its_leaves(steps: list[int]) -> None:
    edge, kept = Edge(), dict[Tile, bytes]()
    for step in steps:
        size = min(edge.size + step, len(HASHES))
        for tile, data in edge.grow(HASHES[edge.size : size]):
            assert kept.setdefault(tile, data) == data
        assert edge.size == size
        assert edge.root() == root_of(HASHES[:size])
        loaded = Edge(size, kept.__getitem__)
        loaded.check(edge.root())
        assert loaded.grow(HASHES[size : size + 300]) == edge.copy().grow(HASHES[size : size + 300])
        assert Hashes(size, kept.__getitem__).root() == edge.root()
        for level in range(3):
            assert set(tiles(level, size)) <= set(kept)


def test_an_edge_that_is_copied_grows_by_itself() -> None:
    edge = Edge()
    edge.grow(HASHES[:300])
    edge.copy().grow(HASHES[300:600])
    assert edge.root() == root_of(HASHES[:300])


@settings(max_examples=150, deadline=None)
@given(st.integers(1, 1100), st.data())
def test_proofs_from_tiles_are_those_of_the_definition(size: int, data: st.DataObject) -> None:
    made = grown(HASHES[:size])
    hashes = Hashes(size, made.__getitem__)
    index, old = data.draw(st.integers(0, size - 1)), data.draw(st.integers(0, size))
    ranges = inclusion(index, size)
    proof = [hashes.range(*one) for one in ranges]
    assert proof == path(index, LEAVES[:size])
    assert needs(ranges, size) <= set(made)
    root = hashes.root()
    assert verify_inclusion(HASHES[index], index=index, size=size, proof=proof, root=root)
    proof = [hashes.range(*one) for one in consistency(old, size)]
    assert proof == (subproof(old, LEAVES[:size]) if old else [])
    assert verify_consistency(old_size=old, old_root=mth(LEAVES[:old]), new_size=size, new_root=root, proof=proof)


def test_proofs_need_only_the_tiles_on_their_path() -> None:
    assert len(needs(inclusion(12_345, 70_000), 70_000)) <= 6


@pytest.mark.parametrize(("index", "size"), [(-1, 5), (5, 5), (0, 0)])
def test_no_proof_is_made_of_what_is_not_there(index: int, size: int) -> None:
    with pytest.raises(Malformed):
        inclusion(index, size)
    with pytest.raises(Malformed):
        consistency(6, 5)


@given(st.lists(st.binary(max_size=300), min_size=1, max_size=256))
def test_a_bundle_gives_back_its_entries(entries: list[bytes]) -> None:
    assert entries_of(Tile(ENTRIES, 0, len(entries)), bundle(entries)) == entries


def test_a_bundle_that_is_cut_or_has_another_number_of_entries_is_refused_and_the_entry_named() -> None:
    data = bundle([b"abc", b"", b"x" * 65_535])
    tile = Tile(ENTRIES, 2, 3)
    for cut in (data[:-1], data[:6], data + b"\x00", data + b"\x00\x01"):
        with pytest.raises(Malformed, match=r"entry 51[2345]|expected 3"):
            entries_of(tile, cut)
    with pytest.raises(Malformed, match="got a bundle of 3 entries, expected 4"):
        entries_of(Tile(ENTRIES, 2, 4), data)


def test_a_tile_of_another_length_is_refused() -> None:
    for data in (b"", bytes(63), bytes(65), bytes(96)):
        with pytest.raises(Malformed, match=r"000\.p/2"):
            hashes_of(Tile(0, 0, 2), data)


def test_an_edge_that_is_not_what_was_signed_is_refused() -> None:
    edge = Edge()
    edge.grow(HASHES[:3])
    with pytest.raises(Mismatch):
        edge.check(EMPTY_ROOT)
