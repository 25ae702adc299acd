"""Promote: move a stage's pointer to a digest, by one event, with a signed summary for it and for each of its children.

1. What already stands in the stage, unrevoked and valid, is left as it is.
2. What was revoked in this stage never comes back.
3. The rules are asked now; only an ``allow`` goes on. The order of the stages is one of the rules.
4. A verification summary is attached to the digest, and to each child of an index.
5. One append moves the pointer. It expects the pointer, the documents, the waivers, the manifest and the promotions
   that were looked at to stand as they did; so of two promotions at once one wins, and the other is a ``Conflict``.

Bytes never move. A rollback goes to what was promoted to this stage before, on the decision of then; a revocation ends
a promotion, an identity or a key at once and for good.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Literal, NoReturn

from graven.catalogue import oci
from graven.decide.proofs import looked_at
from graven.decide.record import Record
from graven.decide.stages import Stage
from graven.errors import Conflict, Malformed, NotFound, Refused
from graven.flows.judge import Decision, Judge
from graven.flows.pull import Pull
from graven.flows.summaries import Summaries
from graven.ports import Clock, Journal, ObjectReader, Tables
from graven.projection import Absent, Equals, Expectation, Row
from graven.values import Caller, Digest, canonical, format_moment, repository_name, stage_name
from graven.values.events import AccessDenied, Event, Promoted, Revoked

__all__ = ["Promoting", "Promotion", "RevokedKind"]

RevokedKind = Literal["promotion", "identity", "key"]
_MOST = 1000
_LIMIT = 64 << 20


@dataclass(frozen=True, slots=True)
class Promoting:
    """What came of asking for a promotion."""

    repository: str
    digest: Digest
    stage: str
    promoted: bool
    """The stage holds the digest now."""
    unchanged: bool
    """It did so before."""
    valid_until: str = ""
    vsa: Digest | None = None
    decided: Digest | None = None
    """The decision that the promotion rests on."""
    decision: Decision | None = None
    """The decision that was made now, if one was."""

    def value(self) -> dict[str, Any]:
        """Give the JSON form."""
        return {
            "repository": self.repository,
            "digest": str(self.digest),
            "stage": self.stage,
            "promoted": self.promoted,
            "unchanged": self.unchanged,
            "valid_until": self.valid_until,
            "vsa": None if self.vsa is None else str(self.vsa),
            "decision_digest": None if self.decided is None else str(self.decided),
            "decision": None if self.decision is None else self.decision.value(),
        }


@dataclass(frozen=True, slots=True)
class _Move:
    """A pointer that is about to move."""

    repository: str
    digest: Digest
    stage: Stage
    decision: Digest
    record: Record
    expects: tuple[Expectation, ...]
    inputs: tuple[Digest, ...]
    """Evidence that the question was built from."""
    from_stage: str = ""
    rollback: bool = False
    reason: str = ""


@dataclass(frozen=True, kw_only=True)
class Promotion:
    """The verbs of promotion."""

    journal: Journal
    tables: Tables
    objects: ObjectReader
    pull: Pull
    judge: Judge
    summaries: Summaries
    clock: Clock

    async def promote(
        self, repository: str, digest: Digest, stage: str, caller: Caller, *, reason: str = ""
    ) -> Promoting:
        """Promote, if the rules allow it.

        Raises:
            NotFound: the repository does not hold the digest, or there is no such stage.
            Refused: its promotion to this stage was revoked.
            Conflict: something that was looked at changed meanwhile; look again.
        """
        gate = (await self.judge.documents.in_force()).stages.get(stage)
        await self._refuse_revoked(repository, digest, stage, caller)
        standing = await self.tables.get("pointers", (stage, repository))
        if standing is not None and _stands(standing, digest, format_moment(self.clock())):
            return _unchanged(repository, digest, stage, standing)
        decision = await self.judge.decide(repository, digest, stage, caller, reason=reason)
        if not decision.allowed:
            return Promoting(
                repository, digest, stage, promoted=False, unchanged=False, decided=decision.digest, decision=decision
            )
        move = _Move(
            repository,
            digest,
            gate,
            decision.digest,
            decision.record,
            expects=(*decision.expects, *_signers(decision.question), *_stays(decision.question)),
            inputs=_proofs(decision.question),
            from_stage=decision.question["target"]["from"] or "",
            reason=reason,
        )
        try:
            return await self._move(move, standing, caller, decision)
        except Conflict:
            standing = await self.tables.get("pointers", (stage, repository))
            if standing is None or not _stands(standing, digest, format_moment(self.clock())):
                raise
            return _unchanged(repository, digest, stage, standing)  # the same promotion came in twice

    async def rollback(self, repository: str, digest: Digest, stage: str, caller: Caller, *, reason: str) -> Promoting:
        """Move the pointer back to what was promoted to this stage before, on the decision of then.

        Raises:
            Malformed: no reason is given.
            NotFound: there is no such stage, or the repository does not hold the digest.
            Refused: it never stood there, or its promotion or a signer that it rests on was revoked.
            Conflict: the stage's pointer moved meanwhile.
        """
        if not reason.strip():
            raise Malformed("got a rollback without a reason, expected one", where="reason")
        gate = (await self.judge.documents.in_force()).stages.get(stage)
        await self._refuse_revoked(repository, digest, stage, caller)
        standing = await self.tables.get("pointers", (stage, repository))
        if standing is not None and standing["digest"] == str(digest):
            return _unchanged(repository, digest, stage, standing)
        earlier = await self._earlier(repository, digest, stage)
        if earlier is None:
            hint = f"graven stages history {stage} {repository} shows what stood there"
            await self._refuse(f"{repository}@{digest} never stood in {stage}", move_to=stage, caller=caller, hint=hint)
        decided = Digest.parse(str(earlier["decision"]))
        record = Record.decode(await self.objects.get(decided))
        question = canonical.loads(await self.objects.get(record.question, limit=_LIMIT))
        signers = _signers(question)
        for expected in signers:
            if await self.tables.get(expected.table, expected.key) is not None:
                kind, name = expected.key
                told = f"{name} was revoked ({kind}), and the promotion of then rests on it"
                await self._refuse(told, move_to=stage, caller=caller)
        move = _Move(
            repository,
            digest,
            gate,
            decided,
            record,
            expects=signers,
            inputs=_proofs(question),
            rollback=True,
            reason=reason,
        )
        return await self._move(move, standing, caller, None)

    async def revoke(self, kind: RevokedKind, target: str, caller: Caller, *, reason: str) -> str:
        """End a promotion, an identity or a key; give the target as it is kept. Again is no error.

        Raises:
            Malformed: no reason is given, or the target is none of this kind.
            NotFound: nothing was promoted so.
        """
        if not reason.strip():
            raise Malformed("got a revocation without a reason, expected one", where="reason")
        kept = await self._promotion(target) if kind == "promotion" else target.strip()
        if not kept:
            raise Malformed(f"got no {kind}", where="target")
        if await self.tables.get("revocations", (kind, kept)) is None:
            event = Event(Revoked(kind, kept), caller.principal, caller.origin, reason=reason[:1000])
            await self.journal.append(event)
        return kept

    async def history(self, repository: str, stage: str, *, limit: int = _MOST) -> list[dict[str, Any]]:
        """Give what stood in a stage, the newest first."""
        rows = await self.tables.scan("history", (stage, repository), limit=limit, reverse=True)
        return [{"position": key[2], **row} for key, row in rows]

    async def held(self, stage: str) -> list[dict[str, Any]]:
        """Give what each repository has in a stage now."""
        found = []
        for key, row in await self.tables.scan("pointers", (stage,), limit=_MOST):
            target = f"{stage}/{key[1]}@{row['digest']}"
            revoked = await self.tables.get("revocations", ("promotion", target)) is not None
            shown = {name: row[name] for name in ("digest", "decision", "vsa", "valid_until")}
            found.append({"repository": key[1], **shown, "since": row["time"], "revoked": revoked})
        return found

    async def _move(self, move: _Move, standing: Row | None, caller: Caller, decision: Decision | None) -> Promoting:
        children = await self._children(move.repository, move.digest)
        ends = self.clock() + timedelta(seconds=move.stage.valid_for)
        until = format_moment(ends)
        vsas = [
            await self.summaries.attach(
                move.repository,
                subject,
                stage=move.stage.name,
                record=move.record,
                valid_until=ends,
                inputs=move.inputs,
            )
            for subject in (move.digest, *children)
        ]
        previous = None if standing is None else Digest.parse(str(standing["digest"]))
        body = Promoted(
            repository=move.repository,
            digest=move.digest,
            stage=move.stage.name,
            decision=move.decision,
            vsa=vsas[0],
            valid_until=until,
            from_stage=move.from_stage,
            previous=previous,
            rollback=move.rollback,
            children=tuple(map(str, children)),
            child_vsas=tuple(map(str, vsas[1:])),
            previous_children=await self._admitted_with(move.stage.name, move.repository, previous),
        )
        event = Event(
            body,
            caller.principal,
            caller.origin,
            reason=move.reason[:1000],
            policy=move.record.policy,
            question=move.record.question,
        )
        target = ("promotion", f"{move.stage.name}/{move.repository}@{move.digest}")
        here = Equals("manifests", (move.repository, str(move.digest)))
        await self.journal.append(event, expects=(*move.expects, Absent("revocations", target), here))
        return Promoting(
            move.repository,
            move.digest,
            move.stage.name,
            promoted=True,
            unchanged=False,
            valid_until=until,
            vsa=vsas[0],
            decided=move.decision,
            decision=decision,
        )

    async def _children(self, repository: str, digest: Digest) -> tuple[Digest, ...]:
        """Give the manifests that an index lists and the repository holds; others cannot be run from here."""
        held = await self.pull.manifest(repository, str(digest))
        listed = sorted({child.digest for child in oci.parse(held.data, held.media_type).manifests})
        here = [one for one in listed if await self.tables.get("manifests", (repository, str(one))) is not None]
        return tuple(one for one in here if one != digest)

    async def _admitted_with(self, stage: str, repository: str, previous: Digest | None) -> tuple[str, ...]:
        if previous is None:
            return ()
        rows = await self.tables.scan("admissible", (stage, repository), limit=100_000)
        return tuple(
            str(key[2])
            for key, row in rows
            if row["index_digest"] == str(previous) and key[2] != str(previous) and row["until"] is None
        )

    async def _earlier(self, repository: str, digest: Digest, stage: str) -> Row | None:
        stood = await self.tables.get("stood", (repository, str(digest), stage))
        return stood and await self.tables.get("history", (stage, repository, int(stood["position"] or 0)))

    async def _refuse_revoked(self, repository: str, digest: Digest, stage: str, caller: Caller) -> None:
        target = f"{stage}/{repository}@{digest}"
        row = await self.tables.get("revocations", ("promotion", target))
        if row is not None:
            told = f"its promotion to {stage} was revoked: {row['reason']}"
            hint = "build a new artifact and promote that"
            await self._refuse(told, move_to=target, caller=caller, hint=hint)

    async def _refuse(self, told: str, *, move_to: str, caller: Caller, hint: str = "") -> NoReturn:
        """Journal a refusal that no rule was asked about, and say so."""
        body = AccessDenied("promote", move_to)
        await self.journal.append(Event(body, caller.principal, caller.origin, "denied", told[:1000]))
        raise Refused(told, where=move_to, hint=hint)

    async def _promotion(self, target: str) -> str:
        """Hold ``STAGE/REPOSITORY@DIGEST`` against what was promoted."""
        stage, _, rest = target.partition("/")
        repository, _, text = rest.partition("@")
        digest = Digest.parse(text)
        kept = f"{stage_name(stage)}/{repository_name(repository)}@{digest}"
        if await self.tables.get("admissible", (stage, repository, str(digest))) is None:
            raise NotFound(f"{repository}@{digest} was never promoted to {stage}", where=target)
        return kept


def _stands(row: Row, digest: Digest, now: str) -> bool:
    return row["digest"] == str(digest) and str(row["valid_until"]) > now


def _unchanged(repository: str, digest: Digest, stage: str, row: Row) -> Promoting:
    return Promoting(
        repository,
        digest,
        stage,
        promoted=True,
        unchanged=True,
        valid_until=str(row["valid_until"]),
        vsa=Digest.parse(str(row["vsa"])),
        decided=Digest.parse(str(row["decision"])),
    )


def _proofs(question: Any) -> tuple[Digest, ...]:
    return tuple(Digest.parse(one) for one in looked_at(question, ("input.signatures", "input.attestations")))


def _stays(question: Any) -> tuple[Absent, ...]:
    """Expect that no promotion that the rules were told of has been revoked."""
    digest = f"{question['artifact']['repository']}@{question['artifact']['digest']}"
    stood = (stay["stage"] for stay in question["target"]["history"] if not stay["revoked"])
    return tuple(Absent("revocations", ("promotion", f"{stage}/{digest}")) for stage in stood)


def _signers(question: Any) -> tuple[Absent, ...]:
    """Expect that nobody whose evidence was in the question has been revoked."""
    proofs: Sequence[Any] = [*question["signatures"], *question["attestations"]]
    named = {("identity", proof["identity"]) for proof in proofs} | {("key", proof["key"]) for proof in proofs}
    return tuple(Absent("revocations", key) for key in sorted(named))
