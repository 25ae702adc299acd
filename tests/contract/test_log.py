"""The contracts of what stands beside the journal: files of the log, its head, names, cache; on every store."""

from __future__ import annotations

import asyncio

import pytest

from contract.conftest import Shelf
from graven.errors import Conflict
from graven.ledger.tiles import CHECKPOINT, Tile


async def test_files_of_the_log_are_there_after_a_restart_and_never_change(shelf: Shelf) -> None:
    files = [(Tile(0, 3).path, b"a"), (Tile(-1, 1234567, 5).path, b"b")]
    await shelf.log.put(files)
    await shelf.log.put(files)
    with pytest.raises(Conflict):
        await shelf.log.put([(Tile(0, 4).path, b"c"), (Tile(0, 3).path, b"other")])
    shelf.again()
    assert [await shelf.log.read(path) for path, _ in files] == [b"a", b"b"]
    assert await shelf.log.read(Tile(0, 9).path) is None
    assert await shelf.log.read("tile/0/003/deeper") is None


async def test_the_checkpoint_is_replaced(shelf: Shelf) -> None:
    assert await shelf.log.read(CHECKPOINT) is None
    for note in (b"one", b"two"):
        await shelf.log.publish(note)
        assert await shelf.log.read(CHECKPOINT) == note
    shelf.again()
    assert await shelf.log.read(CHECKPOINT) == b"two"


async def test_pruning_removes_the_partial_forms_of_a_tile_and_nothing_else(shelf: Shelf) -> None:
    kept = [Tile(0, 1), Tile(0, 2, 7), Tile(1, 1, 7), Tile(0, 11, 7)]
    gone = [Tile(0, 1, 7), Tile(0, 1, 255)]
    await shelf.log.put([(tile.path, b"x") for tile in (*kept, *gone)])
    await shelf.log.prune(Tile(0, 1).path)
    await shelf.log.prune(Tile(5, 5).path)
    assert [await shelf.log.read(tile.path) for tile in kept] == [b"x"] * len(kept)
    assert [await shelf.log.read(tile.path) for tile in gone] == [None] * len(gone)


async def test_the_head_moves_only_from_what_it_is(shelf: Shelf) -> None:
    assert await shelf.head.get() is None
    with pytest.raises(Conflict):
        await shelf.head.swap(b"other", b"one")
    await shelf.head.swap(None, b"one")
    for wrong in (None, b"two"):
        with pytest.raises(Conflict):
            await shelf.head.swap(wrong, b"two")
    await shelf.head.swap(b"one", b"two")
    shelf.again()
    assert await shelf.head.get() == b"two"


async def test_of_many_who_move_the_head_one_does(shelf: Shelf) -> None:
    async def swap(n: int) -> bool:
        try:
            await shelf.head.swap(None, b"%d" % n)
        except Conflict:
            return False
        return True

    assert (await asyncio.gather(*map(swap, range(20)))).count(True) == 1


async def test_names_are_found_changed_and_erased(shelf: Shelf) -> None:
    await shelf.names.put("p1", "Ada")
    await shelf.names.put("p2", "Bob")
    await shelf.names.put("p2", "Béa 😀")
    shelf.again()
    assert (await shelf.names.get("p1"), await shelf.names.get("p2")) == ("Ada", "Béa 😀")
    assert (await shelf.names.find("Ada"), await shelf.names.find("Bob")) == ("p1", None)
    await shelf.names.erase("p1")
    await shelf.names.erase("p1")
    assert (await shelf.names.get("p1"), await shelf.names.find("Ada")) == (None, None)
    assert await shelf.names.get("p3") is None


async def test_a_cache_gives_what_was_put(shelf: Shelf) -> None:
    assert await shelf.cache.get("key") is None
    await shelf.cache.put("key", b"value")
    await shelf.cache.put("../other", b"")
    shelf.again()
    assert (await shelf.cache.get("key"), await shelf.cache.get("../other")) == (b"value", b"")
