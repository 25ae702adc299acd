"""The database lost: the sealed entries give it back, and what is not theirs is refused."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from graven.errors import Conflict, GravenError, Malformed, Mismatch, NotFound
from graven.flows.rebuild import Rebuilt, rebuild
from graven.ledger.note import VerifierKey
from graven.ledger.tiles import CHECKPOINT, ENTRIES, Tile, bundle, entries_of
from graven.stores.memory import MemoryHead, MemoryLogFiles, MemoryStore
from graven.values import SYSTEM
from graven.values.events import Event, LogStopped
from histories import History
from sealing import KEY, Sealed, ticking


async def lived(seed: int, events: int = 300) -> Sealed:
    log = Sealed()
    history = History(seed, log.store)
    for _ in range(events):
        await log.store.append(await history.event())
    await log.seal.seal()
    return log


async def again(log: Sealed, *keys: VerifierKey) -> tuple[MemoryStore, MemoryHead, Rebuilt]:
    store, head = MemoryStore(clock=ticking, entropy=bytes), MemoryHead()
    found = await rebuild(files=log.files, intake=store, head=head, keys=keys or (KEY,))
    return store, head, found


@pytest.mark.parametrize("seed", range(4))
async def test_journal_tables_and_head_come_back_as_they_were(seed: int) -> None:
    log = await lived(seed)
    store, head, found = await again(log)
    assert (store.leaves, store.book, head.note) == (log.store.leaves, log.store.book, log.head.note)
    assert found.checkpoint.size == 300
    revived = Sealed(leaves=store.leaves, note=head.note, kept=log.files.files)
    await revived.tell("life goes on")
    await revived.seal.seal()
    assert revived.verify(log.head.note).checkpoint.size == 301


async def test_what_came_after_the_last_checkpoint_is_not_there() -> None:
    log = await lived(5, 20)
    await log.tell("unsealed")
    store, _, found = await again(log)
    assert store.leaves == log.store.leaves[:20]
    assert not found.ended_well


async def test_a_log_whose_last_event_is_its_end_lost_nothing() -> None:
    log = await lived(6, 5)
    await log.store.append(Event(LogStopped("1"), SYSTEM.principal))
    await log.seal.seal()
    _, _, found = await again(log)
    assert found.ended_well


def _entry_changed(log: Sealed) -> None:
    tile = Tile(ENTRIES, 0)
    leaves = entries_of(tile, log.files.files[tile.path])
    leaves[3] = leaves[3].replace(b'"success"', b'"failure"')
    log.files.files[tile.path] = bundle(leaves)


def _entry_is_none(log: Sealed) -> None:
    tile = Tile(ENTRIES, 0)
    leaves = entries_of(tile, log.files.files[tile.path])
    log.files.files[tile.path] = bundle([b"{}", *leaves[1:]])


def _bundle_cut(log: Sealed) -> None:
    log.files.files[Tile(ENTRIES, 0).path] = log.files.files[Tile(ENTRIES, 0).path][:-1]


def _bundle_gone(log: Sealed) -> None:
    del log.files.files[Tile(ENTRIES, 1, 44).path]


def _checkpoint_gone(log: Sealed) -> None:
    del log.files.files[CHECKPOINT]


def _checkpoint_forged(log: Sealed) -> None:
    log.files.files[CHECKPOINT] = log.files.files[CHECKPOINT].replace(b"\n300\n", b"\n256\n")


@pytest.mark.parametrize(
    ("sabotage", "family"),
    [
        (_entry_changed, Mismatch),
        (_entry_is_none, Malformed),
        (_bundle_cut, Malformed),
        (_bundle_gone, NotFound),
        (_checkpoint_gone, NotFound),
        (_checkpoint_forged, Mismatch),
    ],
)
async def test_a_log_that_does_not_verify_rebuilds_nothing(
    sabotage: Callable[[Sealed], None], family: type[GravenError]
) -> None:
    log = await lived(7)
    sabotage(log)
    head = MemoryHead()
    with pytest.raises(family):
        await rebuild(files=log.files, intake=MemoryStore(clock=ticking, entropy=bytes), head=head, keys=(KEY,))
    assert head.note is None


async def test_a_log_that_another_key_signed_rebuilds_nothing() -> None:
    log = await lived(8, 3)
    with pytest.raises(Mismatch):
        await again(log, VerifierKey.of(KEY.name, bytes(32)))


async def test_nothing_is_taken_into_a_journal_that_is_not_empty() -> None:
    log = await lived(9, 3)
    with pytest.raises(Conflict):
        await rebuild(files=MemoryLogFiles(files=log.files.files), intake=log.store, head=MemoryHead(), keys=(KEY,))
