"""Bills: both forms of an artifact's bill of materials, signed by graven and attached once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, get_args

from graven.errors import GravenError
from graven.evidence import cyclonedx, dsse, spdx, statement
from graven.evidence.bill import Format
from graven.evidence.candidates import Candidate, candidates
from graven.evidence.keys import PublicKey
from graven.flows.attach import Evidence
from graven.flows.catalogue import Catalogue
from graven.flows.flights import Flights
from graven.ports import ObjectReader, Signer
from graven.values import Caller, Digest, canonical

__all__ = ["Attached", "Bills"]

_PREDICATES: dict[Format, str] = {"cyclonedx": cyclonedx.PREDICATE_TYPE, "spdx": spdx.PREDICATE_TYPE}


@dataclass(frozen=True, slots=True)
class Attached:
    """A bill that an artifact has."""

    format: Format
    digest: Digest
    """Of the manifest that refers to the artifact."""
    made: bool
    """Whether it was attached now, or stood there before."""


@dataclass(frozen=True, kw_only=True)
class Bills:
    """Attaches bills of materials."""

    catalogue: Catalogue
    evidence: Evidence
    objects: ObjectReader
    signer: Callable[[], Signer]
    """Gives graven's key of the moment: it may be rotated."""
    flights: Flights[tuple[str, Digest]] = field(default_factory=Flights)

    async def attach(self, repository: str, digest: Digest, *, caller: Caller) -> tuple[Attached, ...]:
        """Sign and attach both forms; those that stand there already, the same and signed by the same key, stay.

        Raises:
            NotFound: the repository does not hold the artifact.
            Malformed: a layer of it cannot be read.
            TooLarge: a layer of it passes a limit.
        """
        async with self.flights.one((repository, digest)):
            return tuple([await self._one(repository, digest, each, caller) for each in get_args(Format)])

    async def _one(self, repository: str, digest: Digest, format_: Format, caller: Caller) -> Attached:
        predicate = canonical.loads(await self.catalogue.sbom(repository, digest, format_))
        found = await self._standing(repository, digest, _PREDICATES[format_], predicate)
        if found is not None:
            return Attached(format_, found, made=False)
        made = await self.evidence.attest(
            repository,
            digest,
            predicate_type=_PREDICATES[format_],
            predicate=predicate,
            signer=self.signer(),
            caller=caller,
        )
        return Attached(format_, made, made=True)

    async def _standing(self, repository: str, digest: Digest, predicate_type: str, predicate: Any) -> Digest | None:
        key = PublicKey.parse(self.signer().public_pem)
        wanted = statement.parse(statement.make(digest, predicate_type, predicate))
        for source in await self.evidence.sources(repository, digest):
            if source.subject != digest:
                continue
            for each in await self._candidates(source.manifest, source.blobs):
                if _says(each, wanted) and any(key.verifies(one.sig, each.signed) for one in each.signatures):
                    return source.manifest
        return None

    async def _candidates(self, manifest: Digest, blobs: tuple[Digest, ...]) -> list[Candidate]:
        """Read what a manifest carries; what cannot be read is none of graven's own."""
        try:
            held = {one: await self.objects.get(one, limit=dsse.MAX_ENVELOPE) for one in (manifest, *blobs)}
            return [each for each in candidates(held[manifest], held.__getitem__) if isinstance(each, Candidate)]
        except GravenError:
            return []


def _says(candidate: Candidate, wanted: statement.Statement) -> bool:
    if candidate.envelope is None or candidate.envelope.payload_type != dsse.IN_TOTO:
        return False
    try:
        return statement.parse(candidate.envelope.payload) == wanted
    except GravenError:
        return False
