"""event -> the expectations that guard it, and its changes of the tables; pure, and the only place that says so.

Expectations here are those without which the event could not be true (a tag that moves stood where it says it stood).
A flow hands further ones to ``journal.append``: what it looked at before it decided.
"""

from __future__ import annotations

from collections.abc import Iterator

from graven.projection.changes import Absent, Change, Delete, Equals, Expectation, Patch, Put, Row
from graven.values import Digest, events
from graven.values.entry import Entry, subjects_of

__all__ = ["project"]


def project(entry: Entry, position: int) -> tuple[tuple[Expectation, ...], tuple[Change, ...]]:
    """Say what must hold before the event at a position of the journal, and what changes by it."""
    body = entry.event.body
    changes = (*_changes(entry, position), *_timeline(entry, position))
    return tuple(_guards(body)), changes


def _guards(body: events.Body) -> Iterator[Expectation]:
    match body:
        case events.TagSet():
            yield _stood("tags", (body.repository, body.tag), body.previous)
        case events.TagRemoved():
            yield Equals("tags", (body.repository, body.tag), {"digest": str(body.previous)})
        case events.FilePublished():
            yield Absent("files", (body.repository, body.name, body.version, body.filename))
        case events.Promoted():
            yield _stood("pointers", (body.stage, body.repository), body.previous)
        case events.DocumentApplied() if body.previous:
            yield Equals("documents", (body.kind,), {"document": str(body.previous)})
        case events.DocumentApplied():
            yield Absent("documents", (body.kind,))
        case events.PrincipalCreated():
            yield Absent("principals", (body.principal,))
        case events.TokenCreated():
            yield Absent("token_ids", (body.token,))
        case events.TokenRevoked():
            yield Equals("token_ids", (body.token,), {"secret_hash": body.secret_hash})
        case events.WaiverGranted():
            yield Absent("waivers", (body.waiver,))
        case _:
            return


def _stood(table: str, key: tuple[str, ...], previous: Digest | None) -> Expectation:
    return Absent(table, key) if previous is None else Equals(table, key, {"digest": str(previous)})


def _changes(entry: Entry, position: int) -> Iterator[Change]:
    body, time = entry.event.body, entry.time
    match body:
        case events.RepositorySet():
            yield Put("repositories", (body.repository,), {"mode": body.mode, "created": time})
        case events.BlobPushed() | events.BlobRemoved():
            yield from _blob(body)
        case events.ArtifactPushed() | events.ArtifactRemoved():
            yield from _artifact(body, position, time)
        case events.TagSet() | events.TagRemoved() | events.FilePublished():
            yield from _name(body, time)
        case events.InventoryRecorded():
            row: Row = {"inventory": str(body.inventory), "cataloguer": body.cataloguer, "time": time}
            yield Put("inventories", (str(body.digest),), row)
        case events.AdvisoriesImported():
            row = {"snapshot": str(body.snapshot), "source": body.source, "size": body.records, "time": time}
            yield Put("snapshots", (position,), row)
        case events.DecisionMade():
            yield from _decision(body, position, time)
        case events.Promoted():
            yield from _promotion(entry, body, position)
        case events.Revoked():
            row = {"reason": entry.event.reason, "position": position, "time": time}
            yield Put("revocations", (body.kind, body.target), row)
        case _:
            yield from _governance(entry, position)


def _blob(body: events.BlobPushed | events.BlobRemoved) -> Iterator[Change]:
    repository, digest = body.repository, str(body.digest)
    if isinstance(body, events.BlobPushed):
        yield Put("blobs", (repository, digest), {"size": body.size})
        yield Put("holders", (digest, repository), {"size": body.size})
    else:
        yield Delete("blobs", (repository, digest))
        yield Delete("holders", (digest, repository))


def _artifact(body: events.ArtifactPushed | events.ArtifactRemoved, position: int, time: str) -> Iterator[Change]:
    key = (body.repository, str(body.digest))
    subject = None if body.subject is None else str(body.subject)
    if isinstance(body, events.ArtifactRemoved):
        yield Delete("manifests", key)
        if subject:
            yield Delete("referrers", (body.repository, subject, str(body.digest)))
        return
    row: Row = {
        "size": body.size,
        "media_type": body.media_type,
        "artifact_type": body.artifact_type,
        "position": position,
        "time": time,
    }
    yield Put("manifests", key, {**row, "subject": subject})
    for child in body.children:
        yield Put("parents", (body.repository, child, str(body.digest)))
    if subject:
        yield Put("referrers", (body.repository, subject, str(body.digest)), row)


def _name(body: events.TagSet | events.TagRemoved | events.FilePublished, time: str) -> Iterator[Change]:
    if isinstance(body, events.FilePublished):
        row: Row = {"digest": str(body.digest), "size": body.size, "manifest": str(body.manifest), "time": time}
        yield Put("files", (body.repository, body.name, body.version, body.filename), row)
        return
    if body.previous is not None:
        yield Delete("tagged", (body.repository, str(body.previous), body.tag))
    if isinstance(body, events.TagSet):
        yield Put("tags", (body.repository, body.tag), {"digest": str(body.digest), "time": time})
        yield Put("tagged", (body.repository, str(body.digest), body.tag))
    else:
        yield Delete("tags", (body.repository, body.tag))


def _decision(body: events.DecisionMade, position: int, time: str) -> Iterator[Change]:
    repository, digest, decision = body.repository, str(body.digest), str(body.decision)
    row: Row = {"stage": body.stage, "verdict": body.verdict, "time": time}
    yield Put("decisions", (decision,), {**row, "repository": repository, "digest": digest, "position": position})
    yield Put("judged", (repository, digest, position), {**row, "decision": decision})


def _promotion(entry: Entry, body: events.Promoted, position: int) -> Iterator[Change]:
    where, digest, time = (body.stage, body.repository), str(body.digest), entry.time
    decision, vsa = str(body.decision), str(body.vsa)
    row: Row = {"digest": digest, "decision": decision, "vsa": vsa, "time": time}
    yield Put("pointers", where, {**row, "valid_until": body.valid_until, "position": position})
    how: Row = {
        "previous": None if body.previous is None else str(body.previous),
        "kind": "rollback" if body.rollback else "promotion",
        "actor": entry.event.actor,
        "reason": entry.event.reason,
    }
    yield Put("history", (*where, position), {**row, **how})
    yield Put("stood", (body.repository, digest, body.stage), {"since": time, "position": position})
    for ended in () if body.previous is None else (str(body.previous), *body.previous_children):
        yield Patch("admissible", (*where, ended), {"until": time})
    for member, proof in ((digest, vsa), *zip(body.children, body.child_vsas, strict=True)):
        held: Row = {
            "index_digest": digest,
            "vsa": proof,
            "valid_until": body.valid_until,
            "since": time,
            "until": None,
        }
        yield Put("admissible", (*where, member), held)


def _governance(entry: Entry, position: int) -> Iterator[Change]:
    body, time = entry.event.body, entry.time
    match body:
        case events.DocumentApplied():
            document = str(body.document)
            yield Put("documents", (body.kind,), {"document": document, "position": position, "time": time})
            row: Row = {"document": document, "actor": entry.event.actor, "time": time}
            yield Put("document_history", (body.kind, position), row)
        case events.WaiverGranted():
            row = {"document": str(body.document), "expires": body.expires, "withdrawn": None, "time": time}
            yield Put("waivers", (body.waiver,), row)
        case events.WaiverWithdrawn():
            yield Patch("waivers", (body.waiver,), {"withdrawn": time})
        case events.ClusterRegistered():
            row = {"stage": body.stage, "secret_hash": body.secret_hash, "time": time}
            yield Put("clusters", (body.cluster,), row)
        case events.KeyCreated():
            row = {"public": body.public, "since": time, "until": None, "position": position}
            yield Put("keys", (body.purpose, body.fingerprint), row)
        case events.KeyRetired():
            yield Patch("keys", (body.purpose, body.fingerprint), {"until": time})
        case _:
            yield from _access(body, time)


def _access(body: events.Body, time: str) -> Iterator[Change]:
    match body:
        case events.PrincipalCreated():
            yield Put("principals", (body.principal,), {"kind": body.kind, "time": time})
        case events.TokenCreated():
            row: Row = {
                "principal": body.principal,
                "scopes": " ".join(body.scopes),
                "expires": body.expires or None,
                "time": time,
            }
            yield Put("tokens", (body.secret_hash,), {**row, "token": body.token})
            yield Put("token_ids", (body.token,), {**row, "secret_hash": body.secret_hash})
        case events.TokenRevoked():
            yield Delete("tokens", (body.secret_hash,))
            yield Delete("token_ids", (body.token,))
        case _:
            return


def _timeline(entry: Entry, position: int) -> Iterator[Change]:
    """Where the life of an artifact and of a repository is read from; blobs are no part of either."""
    body = entry.event.body
    if isinstance(body, events.BlobPushed | events.BlobRemoved):
        return
    subjects = subjects_of(body)
    repository = next((s.uri for s in subjects if s.kind == "repository"), "")
    found = [str(s.digest) for s in subjects if s.digest is not None]
    for digest in dict.fromkeys(found):
        yield Put("timeline", (digest, position), {"repository": repository, "type": entry.type})
    if repository:
        digest_shown = found[0] if found else None
        yield Put("activity", (repository, position), {"type": entry.type, "digest": digest_shown})
