"""The offline verifier finds every file that was changed, cut, swapped or taken away, and names the first bad one."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from graven.errors import GravenError, Malformed, Mismatch, NotFound
from graven.ledger.audit import Finding, audit
from graven.ledger.checkpoint import Checkpoint
from graven.ledger.note import Note, VerifierKey
from graven.ledger.tiles import CHECKPOINT, ENTRIES, Edge, Tile, bundle, tiles
from graven.ledger.tree import leaf_hash
from sealing import KEY, PRIVATE

Files = dict[str, bytes]
SIZE = 256 * 3 + 20
BUNDLES = list(tiles(ENTRIES, SIZE))


def entries(size: int = SIZE, word: bytes = b"e") -> list[bytes]:
    return [b"%s%d" % (word, n) for n in range(size)]


def checkpoint(files: Files, size: int, name: str = KEY.name) -> bytes:
    root = Edge(size, lambda tile: files[tile.path]).root()
    text = Checkpoint(name, size, root).text
    return Note(text).signed(VerifierKey.of(name, KEY.key), PRIVATE.sign(text.encode())).encode()


def log(leaves: list[bytes]) -> Files:
    files = {tile.path: data for tile, data in Edge().grow([leaf_hash(leaf) for leaf in leaves])}
    for tile in tiles(ENTRIES, len(leaves)):
        files[tile.path] = bundle(leaves[tile.index * 256 : tile.index * 256 + tile.width])
    files[CHECKPOINT] = checkpoint(files, len(leaves))
    return files


@pytest.fixture
def files() -> Files:
    return log(entries())


def verified(files: Files, **more: object) -> Finding:
    return audit(files.get, keys=(KEY,), **more)  # type: ignore[arg-type]


def test_a_whole_log_is_verified(files: Files) -> None:
    seen: dict[int, bytes] = {}
    found = verified(files, check=seen.__setitem__)
    assert seen == dict(enumerate(entries()))
    assert (found.checkpoint.size, found.signers, found.entries, found.consistent_with) == (SIZE, (KEY,), True, None)


@pytest.mark.parametrize("size", [1, 2, 255, 256, 257, 65_536, 65_537])
def test_logs_of_sizes_at_the_edges_are_verified(size: int) -> None:
    assert verified(log(entries(size))).checkpoint.size == size


def test_each_file_is_looked_at_and_named_when_any_of_its_bytes_is_changed(files: Files) -> None:
    for path, data in files.items():
        for at in (0, len(data) // 2, len(data) - 1):
            bent = files | {path: data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :]}
            with pytest.raises((Mismatch, Malformed)) as caught:
                verified(bent)
            assert path in str(caught.value) or path == CHECKPOINT, str(caught.value)


def test_each_file_is_missed_and_named(files: Files) -> None:
    for path in files:
        with pytest.raises(NotFound) as caught:
            verified({name: data for name, data in files.items() if name != path})
        assert path in caught.value.where


def test_each_file_that_is_cut_is_named(files: Files) -> None:
    for path, data in files.items():
        with pytest.raises((Mismatch, Malformed)) as caught:
            verified(files | {path: data[:-1]})
        assert path in caught.value.where or path == CHECKPOINT


def test_an_entry_that_was_changed_is_named_with_its_bundle(files: Files) -> None:
    leaves = entries()
    leaves[300] = b"forged"
    files[BUNDLES[1].path] = bundle(leaves[256:512])
    with pytest.raises(Mismatch, match="entry 300") as caught:
        verified(files)
    assert caught.value.where == "tile/entries/001#44"


def _entries_swapped(leaves: list[bytes]) -> None:
    leaves[7], leaves[8] = leaves[8], leaves[7]


def _entry_doubled(leaves: list[bytes]) -> None:
    leaves.insert(7, leaves[7])


def _entry_taken_out(leaves: list[bytes]) -> None:
    del leaves[7]


def _entry_changed(leaves: list[bytes]) -> None:
    leaves[7] = b"forged"


@pytest.mark.parametrize("sabotage", [_entries_swapped, _entry_doubled, _entry_taken_out, _entry_changed])
def test_a_log_made_anew_around_a_change_does_not_extend_what_was_seen_before(
    files: Files, sabotage: Callable[[list[bytes]], None]
) -> None:
    leaves = entries(SIZE + 300)
    assert verified(log(leaves), last=files[CHECKPOINT]).consistent_with == SIZE
    sabotage(leaves)
    forged = log(leaves)
    verified(forged)
    with pytest.raises(Mismatch, match="forked"):
        verified(forged, last=files[CHECKPOINT])


def test_a_log_that_was_rolled_back_or_is_another_is_refused(files: Files) -> None:
    longer = log(entries(SIZE + 1))
    with pytest.raises(Mismatch, match="rolled back"):
        verified(files, last=longer[CHECKPOINT])
    other = VerifierKey.of("other.example/log", KEY.key)
    renamed = files | {CHECKPOINT: checkpoint(files, SIZE, other.name)}
    with pytest.raises(Mismatch, match="named"):
        audit(renamed.get, keys=(KEY, other), last=files[CHECKPOINT])


def test_an_earlier_checkpoint_that_nobody_signed_counts_for_nothing(files: Files) -> None:
    with pytest.raises(Mismatch):
        verified(files, last=files[CHECKPOINT].replace(b"\n788\n", b"\n700\n"))


def test_each_earlier_checkpoint_is_extended(files: Files) -> None:
    for size in (1, 20, 256, 512, 700, SIZE):
        earlier = log(entries(size))
        assert verified(files, last=earlier[CHECKPOINT]).consistent_with == size


def test_the_root_of_other_tiles_is_not_signed(files: Files) -> None:
    other = log(entries(word=b"f"))
    with pytest.raises(Mismatch, match="root") as caught:
        verified(other | {CHECKPOINT: files[CHECKPOINT]})
    assert caught.value.where == CHECKPOINT


def test_without_a_key_nobody_is_said_to_have_signed(files: Files) -> None:
    assert audit(files.get).signers == ()


def test_without_entries_the_tree_is_verified_from_its_tiles(files: Files) -> None:
    bare = {path: data for path, data in files.items() if "entries" not in path}
    found = verified(bare, entries=False)
    assert (found.entries, found.checkpoint.size) == (False, SIZE)
    for tile in (Tile(0, 0), Tile(0, 3, 20), Tile(1, 0, 3)):
        data = bare[tile.path]
        with pytest.raises(Mismatch):
            verified(bare | {tile.path: bytes([data[0] ^ 1]) + data[1:]}, entries=False)


def test_a_partial_tile_that_grew_full_since_is_read_from_the_full_one(files: Files) -> None:
    longer = log(entries(1024))
    old = {CHECKPOINT: files[CHECKPOINT]} | {
        path: data for path, data in longer.items() if path != CHECKPOINT and not path.startswith("tile/1/")
    }
    old[Tile(1, 0, 3).path] = files[Tile(1, 0, 3).path]
    assert Tile(0, 3, 20).path not in old
    assert verified(old).checkpoint.size == SIZE


def test_what_the_check_of_an_entry_refuses_is_named(files: Files) -> None:
    def check(position: int, _: bytes) -> None:
        if position == 513:
            raise Malformed("no event")

    with pytest.raises(GravenError, match="entry 513: no event") as caught:
        verified(files, check=check)
    assert caught.value.where == "tile/entries/002#1"


def test_partial_tiles_of_earlier_checkpoints_are_looked_at_too_and_named_when_any_byte_is_changed(
    files: Files,
) -> None:
    older = {path: data for path, data in log(entries(256 * 2 + 9)).items() if ".p/" in path}
    assert len(older) == 3
    there = files | older
    assert verified(there, besides=there).checkpoint.size == SIZE
    for path, data in older.items():
        for at in (0, len(data) - 1):
            bent = there | {path: data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :]}
            with pytest.raises((Mismatch, Malformed)) as caught:
                verified(bent, besides=bent)
            assert caught.value.where.split("#")[0] == path


def test_what_is_no_file_of_the_log_or_not_sealed_yet_is_not_judged(files: Files) -> None:
    beside = {"tile/0/000.p/9.tmp": b"x", "notes": b"x", f"tile/0/003.p/{SIZE % 256 + 1}": b"x"}
    assert verified(files | beside, besides=files | beside).entries
