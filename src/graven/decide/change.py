"""Owns the smallest change that would turn a refusal into a yes: what people can do, and no part of it can be left out.

Each step is something that people do: sign, attach, refresh, promote first, upgrade, rebuild, state by VEX, waive. It
is modelled as what it would change in the question (or a waiver), and the set is verified by deciding again. First all
steps but waivers are taken together, then waivers too; then steps are taken out, the least wished for first, as long as
the answer stays yes. What remains is irreducible: without any one of its steps the answer is no again. The search has a
budget of decisions; if that runs out, the change is right but may not be the smallest, and says so.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from graven.decide.policy import PolicySet
from graven.decide.steps import Means, Question, Step, steps, waivers_for
from graven.decide.verdict import Verdict, decide
from graven.decide.waivers import Waiver

__all__ = ["BUDGET", "Change", "smallest"]

BUDGET = 150
"""Decisions that one search may take."""


@dataclass(frozen=True, slots=True)
class Change:
    """Steps that together turn the refusal."""

    steps: tuple[Step, ...]
    irreducible: bool
    """False where the budget ran out before every step was tried."""

    def value(self) -> dict[str, Any]:
        """Give the JSON form."""
        told = [{"kind": step.kind, "text": step.text} for step in self.steps]
        return {"steps": told, "irreducible": self.irreducible}


def smallest(
    question: Mapping[str, Any],
    policy: PolicySet,
    waivers: Sequence[Waiver],
    *,
    verdict: Verdict,
    means: Means,
    budget: int = BUDGET,
) -> Change | None:
    """Search the change for a verdict that is no ``allow``; None where nothing that people can do is enough."""
    search = _Search(dict(question), policy, tuple(waivers), budget)
    offered = steps(question, means)
    if not search.turns(offered):
        offered = [*offered, *waivers_for(question, search.remaining(offered, verdict))]
        if not search.turns(offered):
            return None
    kept, irreducible = search.reduce(offered)
    return Change(tuple(kept), irreducible)


@dataclass
class _Search:
    question: Question
    policy: PolicySet
    waivers: tuple[Waiver, ...]
    budget: int

    def decide(self, taken: Sequence[Step]) -> Verdict:
        self.budget -= 1
        question = self.question
        for step in taken:
            question = step.apply(question)
        granted = [step.waiver for step in taken if step.waiver is not None]
        return decide(question, self.policy, (*self.waivers, *granted), places=False)

    def turns(self, taken: Sequence[Step]) -> bool:
        return self.decide(taken).outcome == "allow"

    def remaining(self, taken: Sequence[Step], verdict: Verdict) -> Verdict:
        """What still refuses when everything else was done."""
        return self.decide(taken) if taken else verdict

    def reduce(self, offered: Sequence[Step]) -> tuple[list[Step], bool]:
        """Take out halves, quarters, … and at last single steps, from the end, until none can be taken out."""
        kept, size = list(offered), max(1, len(offered) // 2)
        while True:
            before = len(kept)
            for start in range(len(kept) - size, -size, -size):
                if self.budget <= 0:
                    return kept, False
                trial = kept[: max(start, 0)] + kept[start + size :]
                if len(trial) < len(kept) and self.turns(trial):
                    kept = trial
            if size == 1 and len(kept) == before:
                return kept, True
            size = max(1, size // 2)
