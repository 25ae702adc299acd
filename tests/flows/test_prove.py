"""One event is proved offline by the file that the server gives; who reads the log is in the log."""

from __future__ import annotations

import pytest

from graven.errors import NotFound
from graven.ledger.proof import Proof
from graven.ledger.tiles import ENTRIES, Tile
from graven.values import Caller
from graven.values.entry import Entry
from graven.values.events import AuditRead
from sealing import KEY, Sealed

EVE = Caller("eve", origin="hashed")


async def sealed(*batches: int) -> Sealed:
    log = Sealed()
    for batch in batches:
        await log.tell(*(f"{batch}/{n}" for n in range(batch)))
        await log.seal.seal()
    return log


def newest(log: Sealed) -> Entry:
    return Entry.decode(log.store.leaves[-1])


async def test_each_event_is_proved_with_itself_inside() -> None:
    log = await sealed(5, 250, 300)
    for position in (0, 4, 5, 254, 255, 256, 511, 512, 554):
        data = await log.ledger.prove(position, EVE)
        proof = Proof.parse(data)
        assert proof.extra == log.store.leaves[position]
        assert proof.check(proof.extra, (KEY,)).size == 555
        assert newest(log).event.body == AuditRead(position, position)
        assert (newest(log).event.actor, newest(log).event.origin) == ("eve", "hashed")


async def test_an_event_that_is_not_sealed_or_not_there_is_not_proved() -> None:
    log = await sealed(3)
    await log.tell("tail")
    for position in (3, 4, 10**17):
        with pytest.raises(NotFound):
            await log.ledger.prove(position, EVE)
    assert len(log.store.leaves) == 4
    with pytest.raises(NotFound):
        await Sealed().ledger.prove(0, EVE)


async def test_a_proof_is_made_also_while_a_partial_tile_gives_way_to_the_full_one() -> None:
    log = await sealed(200)
    note = await log.ledger.checkpoint()
    await log.tell(*(str(n) for n in range(100)))
    await log.seal.seal()
    assert Tile(0, 0, 200).path not in log.files.files
    log.files.files["checkpoint"] = note
    proof = Proof.parse(await log.ledger.prove(7, EVE))
    assert proof.check(proof.extra or b"", (KEY,)).size == 200


async def test_reading_events_and_bundles_is_an_event_each_time() -> None:
    log = await sealed(10)
    found = await log.ledger.events(3, 4, EVE)
    assert list(found) == log.store.leaves[3:7]
    assert newest(log).event.body == AuditRead(3, 6)
    await log.ledger.bundle(Tile(ENTRIES, 0, 10), EVE)
    assert newest(log).event.body == AuditRead(0, 9)
    count = len(log.store.leaves)
    assert await log.ledger.events(10**6, 4, EVE) == []
    with pytest.raises(NotFound):
        await log.ledger.bundle(Tile(ENTRIES, 5), EVE)
    await log.ledger.tile(Tile(0, 0, 10))
    assert len(log.store.leaves) == count
