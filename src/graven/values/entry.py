"""Stamped events and their bytes: the leaves of the ledger (canonical JSON, RFC 8785, at most 65,535 bytes).

    {"v": 1, "id": UUIDv7, "time": RFC 3339, "salt": 32 hex digits, "type": …, "actor": …, "origin": …,
     "subjects": [{"kind", "uri", "digest"?}], "before"?: …, "after"?: …, "outcome": …, "reason": …,
     "policy"?: …, "question"?: …, "retention": …, "detail": {the body's fields}}

The salt makes a leaf's hash say nothing about its content. Old versions are read through upcasters.
"""

from __future__ import annotations

import types
import typing
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from functools import cache
from typing import Any, get_args, get_origin, get_type_hints

from graven.errors import Malformed, TooLarge
from graven.values import canonical, events
from graven.values.digest import Digest
from graven.values.events import BODIES, Body, Event, Outcome, Subject

__all__ = ["MAX_ENTRY", "SCHEMA_VERSION", "Entry", "subjects_of"]

MAX_ENTRY = 65_535
"""C2SP tlog-tiles: an entry's length is a uint16."""

SCHEMA_VERSION = 1

_TYPES = {body: name for name, body in BODIES.items()}
_FIELDS = {body: tuple(field.name for field in fields(body)) for body in BODIES.values()}
_UPCASTERS: Mapping[int, Callable[[dict[str, Any]], dict[str, Any]]] = {}
"""From each older version to the one after it."""


@dataclass(frozen=True, slots=True)
class Entry:
    """An event with the stamp that the journal gave it."""

    id: str
    time: str
    """UTC, microseconds (``graven.values.format_moment``)."""
    salt: str
    event: Event

    @property
    def type(self) -> str:
        """The event's type, such as ``tag.set``."""
        return _TYPES[type(self.event.body)]

    def encode(self) -> bytes:
        """Write the leaf.

        Raises:
            TooLarge: more than 65,535 bytes; what is larger goes in by digest.
        """
        data = canonical.dumps(self._document())
        if len(data) > MAX_ENTRY:
            raise TooLarge(f"got an event of {len(data)} bytes, at most {MAX_ENTRY}", where=self.type)
        return data

    def _document(self) -> dict[str, Any]:
        event, body = self.event, self.event.body
        found: dict[str, Any] = {
            "v": SCHEMA_VERSION,
            "id": self.id,
            "time": self.time,
            "salt": self.salt,
            "type": self.type,
            "actor": event.actor,
            "origin": event.origin,
            "subjects": [_subject(subject) for subject in subjects_of(body)],
            "outcome": event.outcome,
            "reason": event.reason,
            "retention": event.retention,
            "detail": _detail(body),
        }
        optional = (("before", _before(body)), ("after", _after(body)))
        given = (("policy", event.policy), ("question", event.question))
        found.update((name, str(digest)) for name, digest in (*optional, *given) if digest is not None)
        return found

    @classmethod
    def decode(cls, data: bytes) -> Entry:
        """Read a leaf of any version.

        Raises:
            Malformed: it is none, or of a type or version that this graven does not know.
        """
        document = canonical.loads(data, where="log entry")
        try:
            while document["v"] != SCHEMA_VERSION:
                document = _UPCASTERS[document["v"]](document)
            body = _body(document["type"], document["detail"])
            event = Event(
                body=body,
                actor=_typed(document["actor"], str),
                origin=_typed(document["origin"], str),
                outcome=_one_of(document["outcome"], get_args(Outcome)),
                reason=_typed(document["reason"], str),
                policy=_optional(document.get("policy")),
                question=_optional(document.get("question")),
                retention=_typed(document["retention"], str),
            )
            identity, time, salt = (_typed(document[name], str) for name in ("id", "time", "salt"))
            return cls(identity, time, salt, event)
        except (KeyError, TypeError, AttributeError) as e:
            raise Malformed(f"no event that this version can read: {e!r}", where="log entry") from e


def subjects_of(body: Body) -> tuple[Subject, ...]:
    """Say what an event is about, the most specific first."""
    repository = getattr(body, "repository", "")
    digest = getattr(body, "digest", None)
    match body:
        case events.TagSet() | events.TagRemoved():
            return (Subject("tag", f"{repository}:{body.tag}", digest or body.previous), _repository(repository))
        case events.FilePublished():
            uri = f"{repository}/{body.name}/{body.version}/{body.filename}"
            stands_for = Subject("artifact", repository, body.manifest)
            return (Subject("file", uri, digest), stands_for, _repository(repository))
        case events.BlobPushed() | events.BlobRemoved():
            return (Subject("blob", repository, digest), _repository(repository))
        case events.ArtifactPushed() | events.ArtifactRemoved() if body.subject:
            about = Subject("artifact", repository, body.subject)
            return (Subject("evidence", repository, digest), about, _repository(repository))
        case events.Promoted() | events.DecisionMade():
            return (Subject("artifact", repository, digest), Subject("stage", body.stage), _repository(repository))
        case _ if repository and digest:
            return (Subject("artifact", repository, digest), _repository(repository))
        case _:
            return _others(body)


def _others(body: Body) -> tuple[Subject, ...]:
    match body:
        case events.RepositorySet() | events.PushRefused():
            return (_repository(body.repository),)
        case events.Revoked():
            return (Subject(body.kind, body.target),)
        case events.WaiverGranted():
            return (Subject("waiver", body.waiver, body.document),)
        case events.WaiverWithdrawn():
            return (Subject("waiver", body.waiver),)
        case events.DocumentApplied():
            return (Subject("document", body.kind, body.document),)
        case events.AdvisoriesImported():
            return (Subject("advisories", body.source, body.snapshot),)
        case events.ClusterRegistered() | events.AdmissionAnswered():
            return (Subject("cluster", body.cluster), Subject("stage", body.stage))
        case events.PrincipalCreated() | events.NameErased():
            return (Subject("principal", body.principal),)
        case events.TokenCreated() | events.TokenRevoked():
            return (Subject("token", body.token),)
        case events.KeyCreated() | events.KeyRetired():
            return (Subject("key", f"{body.purpose}:{body.fingerprint}"),)
        case events.AccessDenied():
            return (Subject("resource", body.resource),)
        case _:
            return (Subject("log", "log"),)


def _repository(name: str) -> Subject:
    return Subject("repository", name)


def _subject(subject: Subject) -> dict[str, str]:
    found = {"kind": subject.kind, "uri": subject.uri}
    return found if subject.digest is None else found | {"digest": str(subject.digest)}


def _before(body: Body) -> Digest | None:
    return getattr(body, "previous", None)


def _after(body: Body) -> Digest | None:
    if isinstance(body, events.DocumentApplied):
        return body.document
    if isinstance(body, events.AdvisoriesImported):
        return body.snapshot
    return getattr(body, "digest", None) if isinstance(body, events.TagSet | events.Promoted) else None


def _detail(body: Body) -> dict[str, Any]:
    named = ((name, getattr(body, name)) for name in _FIELDS[type(body)])
    return {name: _plain(value) for name, value in named if value is not None}


def _plain(value: Any) -> Any:
    if isinstance(value, tuple):
        return list(value)
    return str(value) if isinstance(value, Digest) else value


def _optional(text: str | None) -> Digest | None:
    return None if text is None else Digest.parse(text)


@cache
def _readers(name: str) -> dict[str, Callable[[Any], Any]]:
    return {field: _reader(hint) for field, hint in get_type_hints(BODIES[name]).items()}


def _reader(hint: Any) -> Callable[[Any], Any]:
    if hint is Digest or (isinstance(hint, types.UnionType) and Digest in get_args(hint)):
        return Digest.parse
    if get_origin(hint) is tuple:
        return tuple
    if get_origin(hint) is typing.Literal:
        return lambda value: _one_of(value, get_args(hint))
    return lambda value: _typed(value, hint)


def _one_of(value: Any, allowed: tuple[Any, ...]) -> Any:
    if value not in allowed:
        raise TypeError(f"got {value!r}, expected one of {allowed}")
    return value


def _typed(value: Any, hint: type) -> Any:
    if type(value) is not hint:
        raise TypeError(f"got {value!r}, expected {hint.__name__}")
    return value


def _body(name: str, detail: dict[str, Any]) -> Body:
    body = BODIES[name]
    readers = _readers(name)
    return body(**{field: readers[field](value) for field, value in detail.items()})
