"""A promotion whose every append is broken twice: the write is lost, or the reply. Asked again, it is there once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

import pytest

from flows.judging import ANN, REPOSITORY, World, judging
from graven.errors import Unavailable
from graven.flows.promote import Promotion
from graven.ports import Journal, Receipt
from graven.projection import Expectation
from graven.values.events import Event, Promoted

How = Literal["lost write", "lost reply"]


@dataclass
class Breaking:
    """Breaks at one append."""

    journal: Journal
    breaks_at: int
    how: How
    count: int = 0

    async def append(self, *events: Event, expects: Sequence[Expectation] = ()) -> Receipt:
        self.count += 1
        broken = self.count - 1 == self.breaks_at
        if broken and self.how == "lost write":
            raise Unavailable("the write was lost")
        found = await self.journal.append(*events, expects=expects)
        if broken:
            raise Unavailable("the reply was lost")
        return found


def over(world: World, journal: Breaking) -> Promotion:
    """Give the promotion with every append that it makes going through this journal."""
    found = world.flows.judging.promotion
    push = replace(world.flows.push, journal=journal)
    summaries = replace(found.summaries, evidence=replace(found.summaries.evidence, push=push))
    return replace(found, journal=journal, judge=replace(found.judge, journal=journal), summaries=summaries)


async def appends() -> int:
    async with judging() as world:
        journal = Breaking(world.flows.push.journal, -1, "lost write")
        await over(world, journal).promote(REPOSITORY, await world.good(), "dev", ANN)
        return journal.count


@pytest.mark.parametrize("how", ["lost write", "lost reply"])
async def test_a_promotion_that_broke_anywhere_is_there_once_when_it_is_asked_again(how: How) -> None:
    last = await appends()
    assert last >= 4
    for breaks_at in range(last):
        async with judging() as world:
            digest = await world.good()
            with pytest.raises(Unavailable):
                await over(world, Breaking(world.flows.push.journal, breaks_at, how)).promote(
                    REPOSITORY, digest, "dev", ANN
                )
            moved = [one for one in await world.told() if isinstance(one.event.body, Promoted)]
            held = await world.flows.judging.promotion.held("dev")
            assert len(moved) == len(held) == (how == "lost reply" and breaks_at == last - 1)
            assert (await world.promote(digest, "dev")).promoted
            moved = [one for one in await world.told() if isinstance(one.event.body, Promoted)]
            assert len(moved) == 1
            assert [one["digest"] for one in await world.flows.judging.promotion.held("dev")] == [str(digest)]
