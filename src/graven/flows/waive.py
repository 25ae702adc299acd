"""Waive: grant a time-limited exception, and withdraw it. Two people take part: who wants it, and who approves.

The owner is named by the name or the id of a principal; the approver is who asks. What is granted is one document and
one event, and ends by itself.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from graven.decide.waivers import Scope, Waiver
from graven.errors import Malformed, NotFound
from graven.ports import Clock, Entropy, Journal, Names, ObjectReader, ObjectWriter, Tables
from graven.projection import Equals
from graven.values import Caller, Digest, canonical, uuid7
from graven.values.events import Event, WaiverGranted, WaiverWithdrawn

__all__ = ["Waive"]

_MOST = 10_000


@dataclass(frozen=True, kw_only=True)
class Waive:
    """The verbs of waivers."""

    journal: Journal
    tables: Tables
    objects: ObjectReader
    writer: ObjectWriter
    names: Names
    clock: Clock
    entropy: Entropy

    async def grant(
        self, scope: Mapping[str, str], caller: Caller, *, owner: str, reason: str, expires: str
    ) -> dict[str, Any]:
        """Grant a waiver that the caller approves.

        Raises:
            NotFound: the owner is nobody known.
            Malformed: the owner is the approver, the scope is too wide, or the expiry cannot be read or has passed.
        """
        now = self.clock()
        waiver = Waiver(reason, await self._principal(owner), caller.principal, Scope(**scope), expires)
        waiver.check(now)
        name = uuid7(now, self.entropy(10))
        document = await self.writer.put(waiver.encode())
        body = WaiverGranted(name, document, expires)
        await self.journal.append(Event(body, caller.principal, caller.origin, reason=reason[:1000]))
        return _shown(name, waiver)

    async def withdraw(self, name: str, caller: Caller, *, reason: str) -> None:
        """End a waiver before its time.

        Raises:
            NotFound: there is none of that id, or it was withdrawn.
            Malformed: no reason is given.
        """
        if not reason.strip():
            raise Malformed("got a withdrawal without a reason, expected one", where="reason")
        row = await self.tables.get("waivers", (name,))
        if row is None or row["withdrawn"] is not None:
            raise NotFound(f"no waiver {name[:80]!r} that holds", where="waiver")
        event = Event(WaiverWithdrawn(name), caller.principal, caller.origin, reason=reason[:1000])
        await self.journal.append(event, expects=(Equals("waivers", (name,), {"withdrawn": None}),))

    async def scope(self, name: str) -> str:
        """Name the repository, or pattern of such, that a waiver is about.

        Raises:
            NotFound: there is no such waiver.
        """
        row = await self.tables.get("waivers", (name,))
        if row is None:
            raise NotFound(f"no waiver {name[:80]!r}", where="waiver")
        return (await self._read(str(row["document"]))).scope.repository or "*"

    async def listed(self) -> list[dict[str, Any]]:
        """List the waivers that were not withdrawn, with where each stands."""
        rows = await self.tables.scan("waivers", limit=_MOST)
        now, found = self.clock(), []
        for key, row in rows:
            if row["withdrawn"] is None:
                waiver = await self._read(str(row["document"]))
                found.append(_shown(str(key[0]), waiver) | {"standing": waiver.standing(now)})
        return found

    async def _read(self, document: str) -> Waiver:
        return Waiver.parse(canonical.loads(await self.objects.get(Digest.parse(document))))

    async def _principal(self, owner: str) -> str:
        named = await self.names.find(owner)
        if named is None and await self.tables.get("principals", (owner,)) is None:
            raise NotFound(f"nobody is known as {owner[:80]!r}", where="owner", hint="name a principal with a token")
        return named or owner


def _shown(name: str, waiver: Waiver) -> dict[str, Any]:
    document: dict[str, Any] = canonical.loads(waiver.encode())
    del document["v"]
    return {"waiver": name, "digest": str(waiver.digest), **document}
