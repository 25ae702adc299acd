"""Builds what admits and what the pages read, over the flows of a server."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from anyio import Lock

from graven.decide.stages import Stages
from graven.errors import GravenError, Malformed, TooLarge
from graven.evidence import vsa
from graven.evidence.trust import SIGN, TrustRoot, Verified
from graven.flows.apply import Documents
from graven.flows.attach import Evidence
from graven.flows.decisions import Decisions
from graven.ports import Tables
from graven.values import Digest

__all__ = ["TellDecision", "TellEvidence", "TellPicture", "stages_of"]

_NAMES = {
    SIGN: "Signature",
    vsa.PREDICATE_TYPE: "Verification summary",
    "https://cyclonedx.org/bom": "SBOM (CycloneDX)",
    "https://spdx.dev/Document": "SBOM (SPDX)",
    "https://openvex.dev/ns/v0.2.0": "VEX",
    "https://openvex.dev/ns": "VEX",
    "https://slsa.dev/provenance/v1": "Provenance",
}
_DRAWN = 64
_TONES = {"refused": "bad", "undecided": "bad", "told": "warn"}


def stages_of(documents: Documents) -> Callable[[], Awaitable[Stages]]:
    """Give the function that reads the stages in force."""

    async def stages() -> Stages:
        return (await documents.in_force()).stages

    return stages


@dataclass(frozen=True, kw_only=True)
class TellEvidence:
    """Tells the evidence about an artifact to people: what, by whom, and whether it counts."""

    evidence: Evidence
    documents: Documents
    tables: Tables

    async def __call__(self, repository: str, digest: Digest) -> Sequence[Mapping[str, Any]]:
        """Gather and tell; what counts first."""
        blank = {"what": "Evidence", "by": "", "standing": "does not count", "tone": "warn", "time": None}
        root, revoked = await self._trust()
        try:
            found = await self.evidence.gather(repository, digest, root=root, revoked=revoked)
        except TooLarge as e:
            return [
                {**blank, "type": "", "standing": "was not looked at", "tone": "bad", "why": f"{e.message}; {e.hint}"}
            ]
        told: list[Mapping[str, Any]] = [
            {
                "what": _name(one),
                "type": one.predicate_type,
                "by": one.identity,
                "standing": "verified",
                "tone": "good",
                "why": "" if one.subject == digest else f"about the index {one.subject}",
                "time": one.received_at,
            }
            for one in sorted(found.verified, key=lambda one: (one.received_at, str(one.evidence)))
        ]
        told += [{**blank, "type": str(one.evidence), "why": one.reason} for one in found.rejected]
        return told

    async def _trust(self) -> tuple[TrustRoot, set[tuple[str, str]]]:
        rows = [row for kind in ("identity", "key") for row in await self.tables.scan("revocations", (kind,))]
        return (await self.documents.in_force()).trust, {(str(key[0]), str(key[1])) for key, _ in rows}


def _name(verified: Verified) -> str:
    name = _NAMES.get(verified.predicate_type, "Attestation")
    if verified.predicate_type != vsa.PREDICATE_TYPE:
        return name
    try:
        return f"{name} for {vsa.read(verified.predicate).stage}"
    except Malformed:
        return name


@dataclass(frozen=True, kw_only=True)
class TellDecision:
    """Tells a decision to people."""

    decisions: Decisions

    async def __call__(self, decision: Digest) -> Mapping[str, Any]:
        """Fetch and tell."""
        found = await self.decisions.show(decision)
        record, verdict = found["record"], found["verdict"]
        inputs = [
            (name, record.get(name)) for name in ("question", "policy", "waivers", "materials", "verdict", "snapshot")
        ]
        return {
            "id": found["decision"],
            "repository": found["repository"],
            "digest": found["digest"],
            "stage": found["stage"],
            "verdict": found["outcome"],
            "time": record["time"],
            "inputs": [(name, value) for name, value in inputs if value],
            "reasons": _reasons(verdict),
            "change": [],
        }


@dataclass(frozen=True, kw_only=True)
class TellPicture:
    """Tells how a decision came about; one is drawn at a time, and those that were asked for last are kept."""

    decisions: Decisions
    drawn: dict[Digest, Mapping[str, Any]] = field(default_factory=dict)
    drawing: Lock = field(default_factory=Lock)

    async def __call__(self, decision: Digest) -> Mapping[str, Any]:
        """Draw, or say why it cannot be drawn."""
        async with self.drawing:
            if decision not in self.drawn:
                try:
                    found = await self.decisions.picture(decision)
                except GravenError as e:
                    return {"ways": [], "held": [], "more": 0, "fault": e.message}
                if len(self.drawn) >= _DRAWN:
                    del self.drawn[next(iter(self.drawn))]
                self.drawn[decision] = asdict(found) | {"fault": ""}
            return self.drawn[decision]


def _reasons(verdict: Mapping[str, Any]) -> list[dict[str, str]]:
    found = [_reason(reason, _TONES.get(reason["kind"], "bad")) for reason in verdict["reasons"]]
    found += [_reason(reason, "warn") for reason in verdict["warnings"]]
    for waived in verdict["waived"]:
        told = _reason(waived["reason"], "warn")
        found.append(told | {"message": f"waived until {waived['expires']}: {told['message']}"})
    return found or [{"message": "every rule that was asked said yes", "where": "", "tone": "good"}]


def _reason(reason: Mapping[str, Any], tone: str) -> dict[str, str]:
    place = f"{reason['file']}:{reason['line']}" if reason["file"] else reason["entry"]
    return {"message": reason["message"], "where": f"{reason['rule']} · {place}", "tone": tone}
