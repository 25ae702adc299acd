"""Apply: the documents that decide (trust root, policy set, stages) take effect by an event, and by nothing else.

Each is a chain: a link names the one before it and is signed as that one demands. While a chain demands only the key
that was made with the store, the server signs for a caller who may; once it demands others, links come signed.

1. The link follows the present one and is signed as that demands (``evidence.chain``).
2. Its body can be read, and fits the other documents: the gates name rules and parameters that the policy set has.
3. One event makes it the present one; it expects the documents that were looked at to be those still.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from graven.decide import stages as stages_document
from graven.decide.evaluation import compiled
from graven.decide.policy import PolicySet
from graven.decide.stages import Stages
from graven.documents import Document
from graven.errors import Forbidden, Unavailable
from graven.evidence import chain, dsse
from graven.evidence.chain import Demands, Kind, Link
from graven.evidence.keys import PublicKey
from graven.evidence.trust import TrustRoot
from graven.ports import Journal, ObjectReader, ObjectWriter, Signer, Tables
from graven.projection import Equals, Expectation
from graven.values import SYSTEM, Caller, Digest, canonical
from graven.values.events import DocumentApplied, Event

__all__ = ["KINDS", "Documents", "InForce"]

KINDS: tuple[Kind, ...] = ("trust", "policy", "stages")


_BESIDE: Mapping[Kind, Kind] = {"policy": "stages", "stages": "policy"}
"""Documents that must agree with each other."""


@dataclass(frozen=True, slots=True)
class InForce:
    """The documents that decide now."""

    trust: TrustRoot
    policy: PolicySet
    stages: Stages
    digests: dict[str, Digest]
    """Of the links, by kind."""

    @property
    def expects(self) -> tuple[Expectation, ...]:
        """What must stand while somebody acts on these documents."""
        return tuple(Equals("documents", (kind,), {"document": str(d)}) for kind, d in sorted(self.digests.items()))


@dataclass(frozen=True, kw_only=True)
class Documents:
    """Reads and applies the documents that decide."""

    journal: Journal
    tables: Tables
    objects: ObjectReader
    writer: ObjectWriter
    root: Signer
    """The key that was made with the store."""
    kept: dict[Digest, Any] = field(default_factory=dict)
    """What was read of each link that is in force; it never changes."""
    links: dict[Digest, Link] = field(default_factory=dict)
    """Links that were in force, as they were opened; asked for with each admission."""

    async def start(self, bodies: Mapping[Kind, Any]) -> None:
        """Begin the chains that are not begun yet: the first links of a new server."""
        for kind in KINDS:
            if await self.tables.get("documents", (kind,)) is None:
                await self._take(kind, await self._signed(kind, bodies[kind], None, self._first), None, SYSTEM)

    async def in_force(self) -> InForce:
        """Give the documents that decide now.

        Raises:
            Unavailable: a chain has not begun.
        """
        links = {kind: await self.current(kind) for kind in KINDS}
        trust, policy, stages = (self._body(links[kind]) for kind in KINDS)
        return InForce(trust, policy, stages, {kind: link.digest for kind, link in links.items()})

    async def current(self, kind: Kind) -> Link:
        """Give the present link of a chain.

        Raises:
            Unavailable: the chain has not begun.
        """
        row = await self.tables.get("documents", (kind,))
        if row is None:
            raise Unavailable(f"there is no {kind} document yet", where=kind, hint="start the server once")
        digest = Digest.parse(str(row["document"]))
        found = self.links.get(digest)
        if found is None:
            found = chain.parse(await self.objects.get(digest), kind=kind)
            if len(self.links) > 3 * len(KINDS):
                self.links.clear()
            self.links[digest] = found
        return found

    async def envelope(self, kind: Kind) -> bytes:
        """Give the present link as it is stored."""
        return await self.objects.get((await self.current(kind)).digest)

    async def apply(self, kind: Kind, body: Any, caller: Caller, *, demands: Demands | None = None) -> Digest:
        """Make a body the present document, signed by the server; give the link's digest. The same again is no change.

        Raises:
            Forbidden: the chain demands other keys than the server's.
            Malformed: the body cannot be read, or does not fit the other documents.
            Conflict: another document took effect meanwhile.
        """
        body, present = _whole(kind, body), await self.current(kind)
        if present.body == body and demands is None:
            return present.digest
        if self._names(present.demands) != self._names(self._first) or present.demands.threshold != 1:
            raise Forbidden(
                f"the present {kind} document demands {present.demands.threshold} of other keys than the server's",
                where=kind,
                hint="sign the next document with those keys, and apply the envelope",
            )
        envelope = await self._signed(kind, body, present, demands or present.demands)
        return await self._take(kind, envelope, present, caller)

    async def apply_envelope(self, kind: Kind, envelope: bytes, caller: Caller) -> Digest:
        """Make a signed link the present one; give its digest. The same again is no change.

        Raises:
            Refused: it is not signed as the present link demands.
            Malformed: it, or its body, cannot be read, or does not fit the other documents.
            Conflict: it does not follow the present link.
        """
        present = await self.current(kind)
        if Digest.of(envelope) == present.digest:
            return present.digest
        return await self._take(kind, envelope, present, caller)

    @property
    def _first(self) -> Demands:
        return Demands(1, (PublicKey.parse(self.root.public_pem),))

    async def _signed(self, kind: Kind, body: Any, after: Link | None, demands: Demands) -> bytes:
        payload = chain.payload(kind, body, after=after, demands=demands)
        signature = await self.root.sign(dsse.pae(chain.PAYLOAD_TYPE, payload))
        return dsse.Envelope(chain.PAYLOAD_TYPE, payload, (dsse.Signature(signature),)).encode()

    async def _take(self, kind: Kind, envelope: bytes, present: Link | None, caller: Caller) -> Digest:
        link = chain.verify_next(envelope, kind=kind, after=present, first=self._first)
        expects = await self._fits(link)
        await self.writer.put(envelope)
        event = Event(
            DocumentApplied(kind, link.digest, present.digest if present else None), caller.principal, caller.origin
        )
        await self.journal.append(event, expects=expects)
        return link.digest

    async def _fits(self, link: Link) -> tuple[Expectation, ...]:
        """Hold a body against the other document that it must agree with, if that is there already."""
        body = self._body(link)
        if link.kind == "policy":
            compiled(body)
        other = _BESIDE.get(link.kind)
        row = None if other is None else await self.tables.get("documents", (other,))
        if other is None or row is None:
            return ()
        beside = self._body(await self.current(other))
        policy, stages = (body, beside) if link.kind == "policy" else (beside, body)
        compiled(stages.govern(policy))
        return (Equals("documents", (other,), {"document": row["document"]}),)

    def _body(self, link: Link) -> Any:
        if link.digest not in self.kept:
            readers = {"trust": TrustRoot.read, "policy": PolicySet.parse, "stages": _stages}
            if len(self.kept) > 3 * len(KINDS):
                self.kept.clear()
            self.kept[link.digest] = readers[link.kind](link.body)
        return self.kept[link.digest]

    def _names(self, demands: Demands) -> frozenset[str]:
        return frozenset(key.fingerprint for key in demands.keys)


def _whole(kind: Kind, body: Any) -> Any:
    """Give a body in full: with all that its author left to a default."""
    if kind == "trust":
        return TrustRoot.read(body).value()
    if kind == "policy":
        return canonical.loads(PolicySet.parse(body).encode())
    return _stages(body).value()


def _stages(body: Any) -> Stages:
    return stages_document.parse(Document(body, {}))
