"""Decisions: what was decided, and the stored bytes that each rests on. Reads only."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from anyio import to_thread

from graven.decide.materials import Materials
from graven.decide.picture import Picture, picture
from graven.decide.policy import PolicySet
from graven.decide.record import Record
from graven.errors import NotFound
from graven.ports import ObjectReader, Tables
from graven.values import Digest, canonical

__all__ = ["Decisions"]

_LIMIT = 64 << 20
_SHOWN = 100
_DRAWN = 8 << 20
"""Larger questions are not drawn."""


@dataclass(frozen=True, kw_only=True)
class Decisions:
    """Reads decisions."""

    tables: Tables
    objects: ObjectReader

    async def repository(self, decision: Digest) -> str:
        """Name the repository that a decision is about.

        Raises:
            NotFound: there is no such decision.
        """
        row = await self.tables.get("decisions", (str(decision),))
        if row is None:
            raise NotFound(f"no decision {decision}", where="decision")
        return str(row["repository"])

    async def about(self, repository: str, digest: Digest) -> list[dict[str, Any]]:
        """List the decisions about an artifact, the newest first."""
        rows = await self.tables.scan("judged", (repository, str(digest)), limit=_SHOWN, reverse=True)
        names = ("decision", "stage", "verdict", "time")
        return [{"digest": str(digest), **{name: row[name] for name in names}} for _, row in rows]

    async def show(self, decision: Digest) -> dict[str, Any]:
        """Give a decision as it was made; without its explanation, which is not kept.

        Raises:
            NotFound: there is no such decision.
        """
        record = await self._record(decision)
        return {
            "decision": str(decision),
            "outcome": record.outcome,
            "repository": record.repository,
            "digest": str(record.digest),
            "stage": record.stage,
            "verdict": canonical.loads(await self._bytes(record.verdict)),
            "explanation": None,
            "record": record.value(),
        }

    async def picture(self, decision: Digest) -> Picture:
        """Draw how a decision came about, computed again from the stored question and policy set.

        Raises:
            NotFound, TooLarge: there is no such decision, or what it rests on is gone or too large to draw.
            Malformed: what it rests on cannot be read by this graven.
        """
        record = await self._record(decision)
        question, policy, verdict = [
            await self.objects.get(each, limit=_DRAWN) for each in (record.question, record.policy, record.verdict)
        ]
        return await to_thread.run_sync(
            lambda: picture(canonical.loads(question), PolicySet.decode(policy), canonical.loads(verdict))
        )

    async def fetch(self, decision: Digest, wanted: Digest) -> bytes:
        """Give the bytes of the record, or of an object that the decision rests on.

        Raises:
            NotFound: there is no such decision, or the object is none of its.
        """
        if wanted == decision:
            return (await self._record(decision)).encode()
        record = await self._record(decision)
        named = (record.question, record.verdict, record.policy, record.waivers, record.materials)
        if wanted not in named:
            materials = Materials.decode(await self._bytes(record.materials))
            if wanted not in set(materials.objects()):
                raise NotFound(f"{wanted} is none of what the decision rests on", where=str(decision))
        return await self._bytes(wanted)

    async def _record(self, decision: Digest) -> Record:
        await self.repository(decision)
        return Record.decode(await self._bytes(decision))

    async def _bytes(self, digest: Digest) -> bytes:
        return await self.objects.get(digest, limit=_LIMIT)
