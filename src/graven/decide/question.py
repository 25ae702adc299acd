"""Owns the question: the JSON document that the rules see. ``question.schema.json`` says what each part means.

Only verified evidence stands in it; evidence that did not verify is counted, with its reasons, under ``coverage``. What
was not seen is said, never left out: a part that is missing has ``present`` or ``scanned`` false. The same inputs give
the same bytes: every list is sorted.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable
from datetime import datetime
from functools import cache
from importlib import resources
from typing import Any

from graven.decide.bills import sbom
from graven.decide.inputs import Artifact, Inputs, Snapshot, Target
from graven.errors import Malformed
from graven.evidence.matching import Finding, Matches
from graven.evidence.trust import Verified
from graven.values import canonical, parse_moment

__all__ = ["VERSION", "build", "encode", "schema"]

VERSION = "1"
"""Of the question's form; a record names it."""

_PROVENANCE = ("https://slsa.dev/provenance/v1", "https://slsa.dev/provenance/v0.2")
_BILLS = ("https://cyclonedx.org/bom", "https://spdx.dev/Document")
_MOST = 100
"""So many paths or packages are named; the rest is counted."""


def build(inputs: Inputs) -> dict[str, Any]:
    """Build the question."""
    signatures = sorted(_sorted(inputs.verified, "signature"), key=lambda v: (v.identity, str(v.evidence)))
    attestations = sorted(
        _sorted(inputs.verified, "attestation"), key=lambda v: (v.predicate_type, v.identity, str(v.evidence))
    )
    return {
        "artifact": _artifact(inputs.artifact),
        "signature": {"verified": bool(signatures), "identities": sorted({v.identity for v in signatures})},
        "signatures": [{"verified": True, **_proof(v)} for v in signatures],
        "sbom": sbom(inputs, [v for v in attestations if v.predicate_type.startswith(_BILLS)]),
        "vulnerabilities": _vulnerabilities(inputs.matches, inputs.snapshot, parse_moment(inputs.now)),
        "provenance": _provenance([v for v in attestations if v.predicate_type in _PROVENANCE]),
        "attestations": [_attestation(v) for v in attestations],
        "target": _target(inputs.target),
        "request": {"actor": inputs.request.actor, "reason": inputs.request.reason},
        "now": inputs.now,
        "coverage": _coverage(inputs, attestations),
    }


def encode(question: dict[str, Any]) -> bytes:
    """Write the canonical bytes, whose digest is the question's name."""
    return canonical.dumps(question)


@cache
def schema() -> dict[str, Any]:
    """Give the JSON Schema of the question."""
    text = resources.files("graven.decide").joinpath("question.schema.json").read_text("utf-8")
    found: dict[str, Any] = json.loads(text)
    return found


def _sorted(verified: Iterable[Verified], kind: str) -> Iterable[Verified]:
    return (v for v in verified if v.kind == kind)


def _artifact(artifact: Artifact) -> dict[str, Any]:
    return {
        "repository": artifact.repository,
        "digest": str(artifact.digest),
        "media_type": artifact.media_type,
        "kind": artifact.kind,
        "size": artifact.size,
        "pushed": artifact.pushed,
        "tags": sorted(artifact.tags),
        "children": sorted(map(str, artifact.children)),
    }


def _proof(verified: Verified) -> dict[str, Any]:
    return {
        "identity": verified.identity,
        "key": verified.key,
        "evidence": str(verified.evidence),
        "received": verified.received_at,
        "subject": str(verified.subject),
    }


def _attestation(verified: Verified) -> dict[str, Any]:
    """A bill of materials is not said twice: its contents are under ``sbom``."""
    bill = verified.predicate_type.startswith(_BILLS)
    predicate = None if bill or not _sayable(verified.predicate) else verified.predicate
    return {"predicate_type": verified.predicate_type, "predicate": predicate, **_proof(verified)}


def _sayable(value: Any) -> bool:
    try:
        canonical.dumps(value)
    except Malformed:
        return False
    return True


def _provenance(found: list[Verified]) -> dict[str, Any]:
    """The first that names a builder; several are all under ``attestations``."""
    for verified in found:
        predicate = verified.predicate if isinstance(verified.predicate, dict) else {}
        run, definition = _object(predicate, "runDetails"), _object(predicate, "buildDefinition")
        builder = _text(_object(run, "builder"), "id") or _text(_object(predicate, "builder"), "id")
        if builder:
            kind = _text(definition, "buildType") or _text(predicate, "buildType")
            source = _source(definition.get("resolvedDependencies") or predicate.get("materials"))
            return {"verified": True, "builder": builder, "build_type": kind, "source": source, **_proof(verified)}
    return {"verified": False}


def _source(materials: Any) -> str:
    """Where the build came from: the first resolved dependency, as SLSA's build types have it."""
    first = materials[0] if isinstance(materials, list) and materials else None
    return _text(first, "uri") if isinstance(first, dict) else ""


def _object(found: dict[str, Any], key: str) -> dict[str, Any]:
    value = found.get(key)
    return value if isinstance(value, dict) else {}


def _text(found: dict[str, Any], key: str) -> str:
    value = found.get(key)
    return value if isinstance(value, str) else ""


def _vulnerabilities(matches: Matches | None, snapshot: Snapshot | None, now: datetime) -> dict[str, Any]:
    if matches is None or snapshot is None:
        return {"scanned": False, "findings": [], "counts": {}, "snapshot": None}
    findings = [_finding(finding, now) for finding in matches.findings]
    age = int((now - parse_moment(snapshot.moment)).total_seconds())
    return {
        "scanned": True,
        "findings": sorted(findings, key=lambda f: (f["component"], f["id"], f["version"])),
        "counts": dict(Counter(f["severity"] for f in findings)),
        "snapshot": {"digest": str(snapshot.digest), "moment": snapshot.moment, "age_seconds": age},
    }


def _finding(finding: Finding, now: datetime) -> dict[str, Any]:
    vex = None
    if finding.vex is not None:
        said = finding.vex
        vex = {"status": said.status, "justification": said.justification, "by": said.by}
    return {
        "id": finding.id,
        "kind": finding.kind,
        "aliases": sorted(finding.aliases),
        "upstream": sorted(finding.upstream),
        "component": finding.purl,
        "version": finding.version,
        "paths": sorted(finding.paths),
        "severity": finding.severity,
        "score": finding.score,
        "fixed": list(finding.fixed),
        "kev": finding.kev,
        "published": finding.published,
        "age_days": _age_days(finding.published, now),
        "advisories": sorted(finding.advisories),
        "vex": vex,
    }


def _age_days(published: str, now: datetime) -> int | None:
    try:
        return (now - parse_moment(published)).days
    except Malformed:
        return None


def _target(target: Target) -> dict[str, Any]:
    stays = [
        {"stage": stay.stage, "since": stay.since, "current": stay.current, "revoked": stay.revoked}
        for stay in sorted(target.history)
    ]
    previous = None if target.previous is None else str(target.previous)
    return {"stage": target.stage, "from": target.before or None, "history": stays, "previous": previous}


def _coverage(inputs: Inputs, attestations: list[Verified]) -> dict[str, Any]:
    reasons = Counter(inputs.rejected)
    unreadable = [str(v.evidence) for v in attestations if not _sayable(v.predicate)]
    return {
        "inventory": _catalogued(inputs),
        "evidence": {
            "verified": len(inputs.verified),
            "rejected": len(inputs.rejected),
            "reasons": dict(reasons.most_common(_MOST)),
            "unreadable": unreadable,
            **({"fault": inputs.overflow} if inputs.overflow else {}),
        },
        "unmatched": _unmatched(inputs.matches),
    }


def _catalogued(inputs: Inputs) -> dict[str, Any]:
    if inputs.contents is None:
        return {"present": False, "fault": inputs.fault}
    inventory = inputs.contents.inventory
    seen = inventory.coverage
    distro = inventory.distro
    return {
        "present": True,
        "fault": "",
        "components": len(inventory.components),
        "distro": None if distro is None else {"id": distro.id, "version_id": distro.version_id},
        "unread_databases": [{"kind": one.kind, "path": one.path} for one in seen.unread_databases],
        "unowned_executables": list(seen.unowned_executables),
        "unowned_archives": list(seen.unowned_archives),
        "bare_folders": list(seen.bare_folders),
        "limits": list(seen.limits),
        "omitted": dict(seen.omitted),
    }


def _unmatched(matches: Matches | None) -> list[dict[str, str]]:
    found = () if matches is None else matches.unknown
    return [{"component": one.purl, "cause": one.cause, "reason": one.reason} for one in sorted(found)]
