"""in-toto Statements (in-toto/attestation, spec/v1/statement.md); v1 is written, v0.1 is read too."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from graven.errors import Malformed, TooLarge
from graven.values import Digest, canonical

__all__ = ["MAX_SUBJECTS", "V1", "Statement", "make", "parse"]

V1 = "https://in-toto.io/Statement/v1"
_V0 = "https://in-toto.io/Statement/v0.1"
MAX_SUBJECTS = 1024
_MAX_DIGESTS = 32


@dataclass(frozen=True, slots=True)
class Statement:
    """A claim about subjects; worth nothing until its envelope is verified."""

    subjects: tuple[frozenset[tuple[str, str]], ...]
    """The digest set of each subject: algorithm and hexadecimal."""
    predicate_type: str
    predicate: Any
    """The raw JSON value."""

    def about(self, subject: Digest) -> bool:
        """Tell whether one of the subjects has this digest."""
        return any((subject.algorithm, subject.hex) in digests for digests in self.subjects)


def make(subject: Digest, predicate_type: str, predicate: Any) -> bytes:
    """Write a Statement v1 about one digest, as cosign does: the subject has no name."""
    document = {
        "_type": V1,
        "subject": [{"digest": {subject.algorithm: subject.hex}}],
        "predicateType": predicate_type,
        "predicate": predicate,
    }
    return json.dumps(document, separators=(",", ":"), ensure_ascii=False).encode()


def parse(payload: bytes, *, where: str = "statement") -> Statement:
    """Read a Statement.

    Raises:
        Malformed: it is none.
        TooLarge: more than 1,024 subjects, or 32 digests of one.
    """
    value = canonical.loads(payload, where=where)
    if not isinstance(value, Mapping) or value.get("_type") not in (V1, _V0):
        raise Malformed("got no in-toto Statement of v1 or v0.1", where=where)
    subjects, kind = value.get("subject"), value.get("predicateType")
    if not isinstance(subjects, list) or not subjects or not isinstance(kind, str) or not kind:
        raise Malformed("expected subject and predicateType", where=where)
    if len(subjects) > MAX_SUBJECTS:
        raise TooLarge(f"got {len(subjects)} subjects, at most {MAX_SUBJECTS}", where=where)
    return Statement(tuple(_digests(subject, where) for subject in subjects), kind, value.get("predicate"))


def _digests(subject: Any, where: str) -> frozenset[tuple[str, str]]:
    found = subject.get("digest") if isinstance(subject, Mapping) else None
    if not isinstance(found, Mapping) or not found:
        raise Malformed("got a subject without a digest", where=where)
    if len(found) > _MAX_DIGESTS:
        raise TooLarge(f"got {len(found)} digests of one subject, at most {_MAX_DIGESTS}", where=where)
    if not all(isinstance(value, str) for value in found.values()):
        raise Malformed("got a digest that is no text", where=where)
    return frozenset((algorithm, value.lower()) for algorithm, value in found.items())
