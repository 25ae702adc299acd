"""What the pages read: rows of the tables and events of the journal, put together for people. Nothing here writes."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from graven.decide.stages import Stage, Stages
from graven.ports import Entries, Names, ObjectReader, Tables
from graven.projection import Key, Row
from graven.protocols.ui.words import told
from graven.values import Caller
from graven.values.entry import Entry

__all__ = ["Reading"]

_REPOSITORIES = 200
_EVENTS = 100
_HISTORY = 50


@dataclass(frozen=True, kw_only=True)
class Reading:
    """The doors through which the pages look."""

    tables: Tables
    entries: Entries
    objects: ObjectReader
    stages: Callable[[], Awaitable[Stages]]
    checkpoint: Callable[[], Awaitable[str | None]]
    """The newest signed note."""
    vkey: str
    """The log's key, as verifiers take it."""
    names: Names

    async def repositories(self, who: Caller) -> list[dict[str, Any]]:
        """List the repositories that the caller may pull from."""
        found = []
        for key, row in await self.tables.scan("repositories", limit=_REPOSITORIES):
            name = str(key[0])
            if who.may("pull", name):
                tags = len(await self.tables.scan("tags", (name,)))
                last = await self.activity(name, limit=1)
                found.append({"name": name, "mode": row["mode"], "tags": tags, "last": next(iter(last), None)})
        return found

    async def board(self, who: Caller, *, history: bool = False) -> list[dict[str, Any]]:
        """Tell for each stage what it holds, and its history if asked."""
        found = []
        for stage in (await self.stages()).stages:
            held = [await self._held(key, row) for key, row in await self._rows("pointers", stage, who)]
            told_stage: dict[str, Any] = {"name": stage.name, "held": held, "rules": stage.rules, "history": []}
            if history:
                rows = await self._rows("history", stage, who, limit=_HISTORY)
                told_stage["history"] = [{"repository": key[1], **row} for key, row in rows]
            found.append(told_stage)
        return found

    async def activity(self, repository: str, *, limit: int = _EVENTS) -> list[Mapping[str, Any]]:
        """Tell the newest events of a repository, newest first."""
        rows = await self.tables.scan("activity", (repository,), limit=limit, reverse=True)
        return await self.tell([int(key[1]) for key, _ in rows])

    async def life(self, repository: str, digest: str) -> list[Mapping[str, Any]]:
        """Tell the events of an artifact in one repository, newest first."""
        rows = await self.tables.scan("timeline", (digest,), limit=_EVENTS, reverse=True)
        return await self.tell([int(key[1]) for key, row in rows if row["repository"] == repository])

    async def newest(self, limit: int = _EVENTS) -> list[Mapping[str, Any]]:
        """Tell the newest events of all."""
        size = await self.entries.size()
        return await self.tell(list(range(size - 1, max(-1, size - 1 - limit), -1)))

    async def tell(self, positions: Sequence[int]) -> list[Mapping[str, Any]]:
        """Read events and tell them, in the order of the positions."""
        found: list[Mapping[str, Any]] = []
        for position in positions:
            leaves = await self.entries.read(position, 1)
            found += [told(Entry.decode(leaf), position) for leaf in leaves]
        called = {who: await self.names.get(who) for who in {str(event["principal"]) for event in found}}
        return [{**event, "actor": called[str(event["principal"])] or event["actor"]} for event in found]

    async def stood(self, repository: str, digest: str) -> list[dict[str, str]]:
        """Tell in which stages a digest stands or stood, in the order of the stages."""
        found = []
        for stage in (await self.stages()).stages:
            row = await self.tables.get("admissible", (stage.name, repository, digest))
            if row is not None:
                found.append(await self._place(stage.name, repository, row))
        return found

    async def tags_of(self, repository: str, digest: str) -> list[str]:
        """List the tags that point to a digest."""
        return [str(key[2]) for key, _ in await self.tables.scan("tagged", (repository, digest))]

    async def _rows(self, table: str, stage: Stage, who: Caller, *, limit: int = 1000) -> list[tuple[Key, Row]]:
        rows = await self.tables.scan(table, (stage.name,), limit=limit, reverse=table == "history")
        return [(key, row) for key, row in rows if who.may("pull", str(key[1]))]

    async def _held(self, key: Key, row: Row) -> dict[str, Any]:
        repository, digest = str(key[1]), str(row["digest"])
        revoked = await self.tables.get("revocations", ("promotion", f"{key[0]}/{repository}@{digest}"))
        tags = await self.tags_of(repository, digest)
        return {
            "repository": repository,
            "digest": digest,
            "time": row["time"],
            "tag": next(iter(tags), ""),
            "revoked": revoked is not None,
        }

    async def _place(self, stage: str, repository: str, row: Row) -> dict[str, str]:
        target = f"{stage}/{repository}@{row['index_digest']}"
        if await self.tables.get("revocations", ("promotion", target)) is not None:
            return {"words": f"revoked in {stage}", "tone": "bad"}
        if row["until"] is None:
            return {"words": f"in {stage}", "tone": "good"}
        return {"words": f"was in {stage}", "tone": ""}
