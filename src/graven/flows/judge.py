"""Judge: ask the rules of a stage about an artifact, keep all that the answer rests on, and journal the answer.

Everything is stored by digest before the event names it: materials, question, policy set, waivers, verdict, record. So
whoever reads the event can find all of it, and compute it again.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from anyio import to_thread

from graven.decide import question as questions
from graven.decide.assembly import assemble, means
from graven.decide.explanation import Explanation, explain
from graven.decide.inputs import Request
from graven.decide.policy import PolicySet
from graven.decide.record import Record, encode_waivers
from graven.decide.verdict import Verdict, decide
from graven.decide.waivers import Waiver
from graven.flows.apply import Documents, InForce
from graven.flows.gather import Gather, Gathered
from graven.ports import Clock, Journal, ObjectReader, ObjectWriter, Tables
from graven.projection import Equals, Expectation
from graven.values import Caller, Digest, canonical, format_moment
from graven.values.events import DecisionMade, Event, Outcome

__all__ = ["Decision", "Judge"]

_OUTCOMES: Mapping[str, Outcome] = {"allow": "success", "deny": "denied", "undecidable": "error"}
_MOST_WAIVERS = 10_000


@dataclass(frozen=True, slots=True)
class Decision:
    """An answer, with all that led to it."""

    record: Record
    digest: Digest
    """Of the record: the decision's name."""
    verdict: Verdict
    explanation: Explanation
    question: Mapping[str, Any]
    expects: tuple[Expectation, ...]
    """What must still stand when somebody acts on it."""

    @property
    def allowed(self) -> bool:
        """Tell whether everything that was asked said yes."""
        return self.verdict.outcome == "allow"

    def value(self) -> dict[str, Any]:
        """Give the JSON form."""
        return {
            "decision": str(self.digest),
            "outcome": self.verdict.outcome,
            "repository": self.record.repository,
            "digest": str(self.record.digest),
            "stage": self.record.stage,
            "verdict": self.verdict.value(),
            "explanation": self.explanation.value(),
            "record": self.record.value(),
        }


@dataclass(frozen=True, kw_only=True)
class Judge:
    """Asks the rules."""

    journal: Journal
    tables: Tables
    objects: ObjectReader
    writer: ObjectWriter
    clock: Clock
    documents: Documents
    gather: Gather

    async def decide(
        self, repository: str, digest: Digest, stage: str, caller: Caller, *, reason: str = ""
    ) -> Decision:
        """Decide now, keep the decision and journal it.

        Raises:
            NotFound: the repository does not hold the artifact, or there is no such stage.
        """
        force = await self.documents.in_force()
        policy = force.stages.govern(force.policy)
        names, waivers = await self._waivers()
        gathered = await self.gather.materials(
            repository,
            digest,
            stage=stage,
            stages=force.stages,
            trust=force.digests["trust"],
            request=Request(caller.principal, reason),
            now=format_moment(self.clock()),
        )
        found = await to_thread.run_sync(partial(_answer, gathered, policy, waivers))
        record = await self._keep(gathered, policy, waivers, force=force, found=found)
        await self._journal(record, caller, reason)
        expects = (*force.expects, *(Equals("waivers", (name,), {"withdrawn": None}) for name in names))
        question, verdict, explanation = found
        return Decision(record, Digest.of(record.encode()), verdict, explanation, question, expects)

    async def _waivers(self) -> tuple[tuple[str, ...], tuple[Waiver, ...]]:
        rows = await self.tables.scan("waivers", limit=_MOST_WAIVERS)
        granted = [(str(key[0]), str(row["document"])) for key, row in rows if row["withdrawn"] is None]
        read = [await self.objects.get(Digest.parse(document)) for _, document in granted]
        return tuple(name for name, _ in granted), tuple(Waiver.parse(canonical.loads(data)) for data in read)

    async def _keep(
        self,
        gathered: Gathered,
        policy: PolicySet,
        waivers: tuple[Waiver, ...],
        *,
        force: InForce,
        found: tuple[dict[str, Any], Verdict, Explanation],
    ) -> Record:
        question, verdict, _ = found
        materials, put = gathered.materials, self.writer.put
        record = Record(
            repository=materials.artifact.repository,
            digest=materials.artifact.digest,
            stage=materials.target.stage,
            time=materials.now,
            outcome=verdict.outcome,
            question=await put(questions.encode(question)),
            verdict=await put(verdict.encode()),
            policy=await put(policy.encode()),
            waivers=await put(encode_waivers(waivers)),
            materials=await put(materials.encode()),
            documents=tuple(sorted(force.digests.items())),
            snapshot=materials.snapshot.digest if materials.snapshot else None,
        )
        await put(record.encode())
        return record

    async def _journal(self, record: Record, caller: Caller, reason: str) -> None:
        decision = Digest.of(record.encode())
        body = DecisionMade(record.repository, record.digest, record.stage, decision, record.outcome)
        event = Event(
            body,
            caller.principal,
            caller.origin,
            _OUTCOMES[record.outcome],
            reason[:1000],
            policy=record.policy,
            question=record.question,
        )
        await self.journal.append(event)


def _answer(
    gathered: Gathered, policy: PolicySet, waivers: tuple[Waiver, ...]
) -> tuple[dict[str, Any], Verdict, Explanation]:
    """Build the question, answer it and explain the answer: the part that needs no door to the world."""
    inputs = assemble(gathered.materials, gathered.fetch)
    question = canonical.loads(questions.encode(questions.build(inputs)))
    verdict = decide(question, policy, waivers)
    possible = means(gathered.materials, gathered.fetch)
    return question, verdict, explain(question, policy, waivers, verdict=verdict, means=possible)
