"""Summaries: the verification summary (SLSA VSA) of a promotion, signed with graven's own key and attached."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from graven.decide.record import Record
from graven.evidence import vsa
from graven.flows.attach import Evidence
from graven.ports import Signer
from graven.values import SYSTEM, Digest, parse_moment

__all__ = ["Summaries", "SummaryKeys"]


class SummaryKeys(Protocol):
    """Holds the key that signs summaries; it is asked for each time, so that a rotation takes effect."""

    @property
    def vsa(self) -> Signer:
        """Give the key of now."""


@dataclass(frozen=True, kw_only=True)
class Summaries:
    """Makes and attaches summaries."""

    evidence: Evidence
    keys: SummaryKeys

    async def attach(
        self,
        repository: str,
        subject: Digest,
        *,
        stage: str,
        record: Record,
        valid_until: datetime,
        inputs: Sequence[Digest],
    ) -> Digest:
        """Attach the summary of a decision to a subject; give the digest of the referrer's manifest."""
        predicate = vsa.make(
            repository=repository,
            stage=stage,
            now=parse_moment(record.time),
            valid_until=valid_until,
            decision=Digest.of(record.encode()),
            policy=record.policy,
            inputs=inputs,
        )
        return await self.evidence.attest(
            repository,
            subject,
            predicate_type=vsa.PREDICATE_TYPE,
            predicate=predicate,
            signer=self.keys.vsa,
            caller=SYSTEM,
        )
