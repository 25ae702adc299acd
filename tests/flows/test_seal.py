"""A crash at any step of append and seal loses nothing acknowledged, leaves nothing unlogged and doubles nothing."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Literal

import pytest

from graven.errors import Malformed, Mismatch, Unavailable
from graven.ledger.audit import reader
from graven.ledger.checkpoint import opened
from graven.ledger.tiles import CHECKPOINT, Hashes, Tile
from graven.stores.memory import Died, Disk, rows_after
from graven.values.entry import Entry
from sealing import KEY, Sealed, event

How = Literal["lost write", "lost reply"]


def words(log: Sealed) -> list[str]:
    return [getattr(Entry.decode(leaf).event.body, "resource", "") for leaf in log.store.leaves]


class Life:
    """One run of appends and seals, with what it was told."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.acknowledged: list[str] = []
        self.seen: list[bytes] = []

    async def live(self, log: Sealed, batches: list[int]) -> None:
        for size in batches:
            new = [f"{len(self.asked) + i}" for i in range(size)]
            self.asked += new
            await log.tell(*new)
            self.acknowledged += new
            note = await log.seal.seal()
            assert note is not None
            self.seen.append(note)

    def check(self, log: Sealed) -> None:
        """Hold the log against what was told."""
        found = words(log)
        assert len(found) == len(set(found)), "twice"
        assert [one for one in found if one in set(self.acknowledged)] == self.acknowledged, "lost"
        assert set(found) <= set(self.asked)
        assert log.store.book == rows_after(log.store.leaves), "unlogged"
        if not log.files.files:
            assert not self.seen
            return
        log.verify(self.seen[-1] if self.seen else None)
        published = opened(log.files.files[CHECKPOINT], (KEY,))
        hashes = Hashes(published.size, reader(log.files.files.get))
        for head in (opened(note, (KEY,)) for note in self.seen):
            assert hashes.range(0, head.size) == head.root, "forked"


async def _durable_steps(batches: list[int]) -> int:
    log = Sealed()
    await Life().live(log, batches)
    return log.disk.count


BATCHES = [3, 2, 250, 10, 1, 300]
"""Over the first and the second full tile, and to a partial one."""


@pytest.mark.parametrize(
    ("how", "backwards"), [("lost write", False), ("lost reply", False), ("lost write", True), ("lost reply", True)]
)
async def test_a_crash_at_any_durable_step_of_append_and_seal_is_recovered_from(how: How, backwards: bool) -> None:
    steps = await _durable_steps(BATCHES)
    assert steps >= 40
    for step in range(steps):
        life, log = Life(), Sealed(Disk(step, how, backwards=backwards))
        with pytest.raises(Died):
            await life.live(log, BATCHES)
        log = log.restarted()
        await log.seal.recover()
        assert log.files.files.get(CHECKPOINT) == log.head.note
        life.check(log)
        await life.live(log, [2, 5])
        life.check(log)
        assert log.verify().checkpoint.size == len(log.store.leaves)


@pytest.mark.parametrize("how", ["lost write", "lost reply"])
async def test_a_crash_in_the_recovery_from_a_crash_is_recovered_from(how: How) -> None:
    batches = [3, 255]
    for step in range(await _durable_steps(batches)):
        life, broken = Life(), Sealed(Disk(step, how))
        with pytest.raises(Died):
            await life.live(broken, batches)
        for again in range(12):
            log = broken.restarted(Disk(again, how))
            try:
                await log.seal.recover()
            except Died:
                log = log.restarted()
                await log.seal.recover()
            assert log.files.files.get(CHECKPOINT) == log.head.note
            life.check(log)


async def test_an_append_that_died_is_there_whole_or_not_at_all() -> None:
    outcomes: tuple[tuple[How, int], ...] = (("lost write", 0), ("lost reply", 3))
    for how, wanted in outcomes:
        log = Sealed(Disk(0, how))
        with pytest.raises(Died):
            await log.tell("a", "b", "c")
        assert len(log.restarted().store.leaves) == wanted


async def test_sealing_without_a_tail_writes_nothing() -> None:
    log = Sealed()
    assert await log.seal.seal() is None
    await log.tell("a")
    note = await log.seal.seal()
    count = log.disk.count
    assert await log.seal.seal() == note
    assert log.disk.count == count


async def test_a_long_tail_takes_several_checkpoints_each_of_which_the_next_extends() -> None:
    log = Sealed()
    await log.store.append(*(event(str(n)) for n in range(5000)))
    notes: list[bytes] = []
    publish = log.files.publish

    async def noted(note: bytes) -> None:
        notes.append(note)
        await publish(note)

    log.files.publish = noted  # type: ignore[method-assign]
    await log.seal.seal()
    assert [opened(note, (KEY,)).size for note in notes] == [2048, 4096, 5000]
    for note in notes:
        log.verify(note)


async def test_partial_tiles_stay_until_the_full_one_is_there() -> None:
    log = Sealed()
    await log.tell("a")
    await log.seal.seal()
    await log.tell("b")
    await log.seal.seal()
    assert {"tile/0/000.p/1", "tile/0/000.p/2", "tile/entries/000.p/1"} <= set(log.files.files)
    await log.tell(*(str(n) for n in range(254)))
    await log.seal.seal()
    assert set(log.files.files) == {"checkpoint", "tile/0/000", "tile/1/000.p/1", "tile/entries/000"}


async def _sealed(*batches: int) -> Sealed:
    log = Sealed()
    await Life().live(log, list(batches))
    return log


def _older(log: Sealed, size: int, note: bytes | None) -> Sealed:
    return Sealed(leaves=log.store.leaves[:size], note=note, kept=log.files.files)


async def test_a_database_older_than_the_published_log_is_refused_and_nothing_is_written() -> None:
    log = await _sealed(4)
    before = log.head.note
    await Life().live(log, [4])
    for note in (before, None):
        older = _older(log, 4, note)
        for work in (older.seal.recover, older.seal.seal):
            with pytest.raises(Unavailable, match="older"):
                await work()
        assert older.disk.count == 0


async def test_a_database_that_forked_from_the_published_log_is_refused() -> None:
    log, other = await _sealed(4), await _sealed(4)
    await Life().live(log, [2])
    await Life().live(other, [2])
    mixed = Sealed(leaves=other.store.leaves, note=other.head.note, kept=log.files.files)
    with pytest.raises(Unavailable, match="another's"):
        await mixed.seal.recover()
    longer = await _sealed(4, 4)
    mixed = Sealed(leaves=longer.store.leaves, note=longer.head.note, kept=log.files.files)
    with pytest.raises(Unavailable, match="another's"):
        await mixed.seal.recover()


async def test_a_journal_that_ends_before_what_was_signed_is_refused() -> None:
    log = await _sealed(4, 4)
    with pytest.raises(Unavailable, match="ends before"):
        await _older(log, 6, log.head.note).seal.recover()


async def test_a_log_of_another_name_is_refused() -> None:
    log = await _sealed(4)
    files = dict(log.files.files)
    files[CHECKPOINT] = files[CHECKPOINT].replace(b"graven.example/log", b"graven.example/lag")
    with pytest.raises(Unavailable, match="another's"):
        await Sealed(leaves=log.store.leaves, note=log.head.note, kept=files).seal.recover()


Spoil = Callable[[dict[str, bytes]], None]


def _flip(files: dict[str, bytes]) -> None:
    tile = Tile(0, 0, 4).path
    files[tile] = bytes([files[tile][0] ^ 1]) + files[tile][1:]


def _cut(files: dict[str, bytes]) -> None:
    tile = Tile(0, 0, 4).path
    files[tile] = files[tile][:-1]


@pytest.mark.parametrize("spoil", [_flip, _cut, lambda files: files.pop(Tile(0, 0, 4).path)])
async def test_tiles_that_are_not_those_that_were_signed_stop_the_seal(spoil: Spoil) -> None:
    log = await _sealed(4)
    spoil(log.files.files)
    again = log.restarted()
    with pytest.raises((Mismatch, Malformed)):
        await again.seal.recover()
    assert again.disk.count == 0


async def test_a_published_checkpoint_that_is_lost_is_published_again() -> None:
    log = await _sealed(4, 300)
    note = log.files.files.pop(CHECKPOINT)
    again = log.restarted()
    await again.seal.recover()
    assert again.files.files[CHECKPOINT] == note
    again.verify(note)


async def test_a_signer_whose_signature_its_key_does_not_verify_promises_nothing() -> None:
    class Wrong:
        public_pem = b""

        async def sign(self, message: bytes) -> bytes:
            return bytes(64)

    log = await _sealed(1)
    await log.tell("x")
    seal = type(log.seal)(entries=log.store, head=log.head, files=log.files, signer=Wrong(), key=KEY)
    before = log.head.note
    with pytest.raises(Mismatch):
        await seal.seal()
    assert log.head.note == before


async def test_a_seal_that_is_cancelled_ends_what_it_began() -> None:
    log = await _sealed(2)
    await log.tell("x")
    entered, swap = asyncio.Event(), log.head.swap

    async def slow(expected: bytes | None, note: bytes) -> None:
        entered.set()
        await asyncio.sleep(0.01)
        await swap(expected, note)

    log.head.swap = slow  # type: ignore[method-assign]
    sealing = asyncio.ensure_future(log.seal.seal())
    await entered.wait()
    sealing.cancel()
    with pytest.raises(asyncio.CancelledError):
        await sealing
    assert log.files.files[CHECKPOINT] == log.head.note
    assert log.verify().checkpoint.size == 3
    assert await log.seal.seal() == log.head.note
