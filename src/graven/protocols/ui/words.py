"""How events, times, sizes and digests are told to people; pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from graven.values.entry import Entry, subjects_of
from graven.values.events import (
    AdmissionAnswered,
    ArtifactPushed,
    Body,
    DecisionMade,
    DocumentApplied,
    Promoted,
    TagSet,
)

__all__ = ["FILTERS", "told"]

_TITLES = {
    "repository.set": "Repository set up",
    "artifact.push": "Pushed",
    "artifact.remove": "Removed",
    "tag.set": "Tag set",
    "tag.remove": "Tag removed",
    "file.publish": "File published",
    "push.refuse": "Push refused",
    "inventory.record": "Catalogued",
    "advisories.import": "Advisories imported",
    "policy.eval": "Decided",
    "promotion.execute": "Promoted",
    "revocation.add": "Revoked",
    "waiver.grant": "Waiver granted",
    "waiver.withdraw": "Waiver withdrawn",
    "config.change": "Document applied",
    "cluster.register": "Cluster registered",
    "admission.answer": "Admission answered",
    "principal.create": "Principal made",
    "token.create": "Token made",
    "token.revoke": "Token revoked",
    "authz.denied": "Access denied",
    "authn.refused": "Strangers refused",
    "key.create": "Key made",
    "key.retire": "Key retired",
    "audit.read": "Log read",
    "log.start": "Server started",
    "log.stop": "Server stopped",
    "blob.push": "Blob pushed",
    "blob.remove": "Blob removed",
}
_VERDICTS = {"allow": ("allowed", "good"), "deny": ("refused", "bad"), "undecidable": ("undecidable", "warn")}
_OUTCOMES = {"denied": "bad", "failure": "bad", "error": "bad"}


def told(entry: Entry, position: int) -> Mapping[str, Any]:
    """Tell an event: title, tone (good, bad, warn or none), what it is about, why, by whom, when."""
    event = entry.event
    title, tone = _headline(entry.type, event.body)
    about = next(iter(subjects_of(event.body)))
    return {
        "position": position,
        "title": title,
        "tone": _OUTCOMES.get(event.outcome, tone),
        "about": about.uri,
        "digest": str(about.digest) if about.digest else None,
        "more": _more(event.body),
        "reason": event.reason,
        "principal": event.actor,
        "actor": event.actor if len(event.actor) <= 20 else f"{event.actor[:18]}…",
        "time": entry.time,
    }


def _headline(kind: str, body: Body) -> tuple[str, str]:
    match body:
        case DecisionMade():
            words, tone = _VERDICTS[body.verdict]
            return f"Decided for {body.stage}: {words}", tone
        case Promoted():
            return f"{'Rolled back' if body.rollback else 'Promoted'} to {body.stage}", "good"
        case ArtifactPushed() if body.subject:
            return "Evidence attached", ""
        case AdmissionAnswered():
            where = body.cluster or body.stage
            return (f"Let into {where}", "good") if body.allowed else (f"Kept out of {where}", "bad")
        case DocumentApplied():
            return f"New {body.kind} document", "warn"
        case TagSet():
            return f"Tagged {body.tag}", ""
        case _:
            return _TITLES.get(kind, kind), "bad" if kind == "revocation.add" else ""


def _more(body: Body) -> str:
    match body:
        case ArtifactPushed() if body.subject:
            return body.artifact_type
        case AdmissionAnswered():
            return body.workload
        case _:
            return ""


def _short(digest: object) -> str:
    algorithm, _, encoded = str(digest).partition(":")
    return f"{algorithm}:{encoded[:12]}"


def _moment(time: object) -> str:
    return str(time)[:19].replace("T", " ")


def _bytes(size: object) -> str:
    left = float(str(size or 0))
    for unit in ("B", "KiB", "MiB", "GiB"):
        if left < 1024 or unit == "GiB":
            return f"{left:.0f} {unit}" if unit == "B" else f"{left:.1f} {unit}"
        left /= 1024
    raise AssertionError


FILTERS = {"short": _short, "moment": _moment, "bytes": _bytes}
"""What templates write as ``{{ digest | short }}``."""
