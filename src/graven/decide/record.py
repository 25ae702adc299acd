"""Owns decision records: all that a decision rests on, by digest, so that it can be found and computed again.

    {"v": 1, "repository": …, "digest": …, "stage": …, "time": …, "outcome": …,
     "question": …, "verdict": …, "policy": …, "waivers": …, "materials": …,
     "documents": {"trust": …, "policy": …, "stages": …}, "snapshot"?: …, "versions": {"engine": …, …}}

The digest of the record is the name of the decision.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, cast

from graven.decide.evaluation import ENGINE_VERSION
from graven.decide.question import VERSION as QUESTION_VERSION
from graven.decide.verdict import Outcome
from graven.decide.waivers import Waiver
from graven.errors import GravenError, Malformed
from graven.evidence.matching import MATCHER_VERSION
from graven.inventory import VERSION as CATALOGUER_VERSION
from graven.values import Digest, canonical

__all__ = ["VERSIONS", "Record", "decode_waivers", "encode_waivers"]

_VERSION = 1

VERSIONS = (
    ("cataloguer", CATALOGUER_VERSION),
    ("engine", ENGINE_VERSION),
    ("matcher", MATCHER_VERSION),
    ("question", QUESTION_VERSION),
)
"""Of all that takes part in a decision, as of this graven."""


@dataclass(frozen=True, slots=True)
class Record:
    """A decision that was made."""

    repository: str
    digest: Digest
    stage: str
    time: str
    """The question's ``now``."""
    outcome: Outcome
    question: Digest
    verdict: Digest
    policy: Digest
    """The policy set with the gates of the stages, as it decided."""
    waivers: Digest
    """The list of those that were granted and not withdrawn."""
    materials: Digest
    """What the question was built from."""
    documents: tuple[tuple[str, Digest], ...]
    """The documents that were in force, by kind."""
    snapshot: Digest | None = None
    versions: tuple[tuple[str, str], ...] = VERSIONS

    def value(self) -> dict[str, Any]:
        """Give the JSON form."""
        names = ("question", "verdict", "policy", "waivers", "materials", "digest")
        found: dict[str, Any] = {
            "v": _VERSION,
            "repository": self.repository,
            "stage": self.stage,
            "time": self.time,
            "outcome": self.outcome,
            "documents": {kind: str(digest) for kind, digest in self.documents},
            "versions": dict(self.versions),
            **{name: str(getattr(self, name)) for name in names},
        }
        return found if self.snapshot is None else found | {"snapshot": str(self.snapshot)}

    def encode(self) -> bytes:
        """Write the canonical document, whose digest is the decision's name."""
        return canonical.dumps(self.value())

    @classmethod
    def decode(cls, document: bytes) -> Record:
        """Read the document.

        Raises:
            Malformed: it is none.
        """
        found = canonical.loads(document, where="decision record")
        try:
            if found["v"] != _VERSION:
                raise Malformed(f"got version {found['v']!r} of a decision record, expected {_VERSION}")
            named = ("digest", "question", "verdict", "policy", "waivers", "materials")
            if found["outcome"] not in ("allow", "deny", "undecidable"):
                raise Malformed(f"got the outcome {found['outcome']!r}")
            return cls(
                repository=str(found["repository"]),
                stage=str(found["stage"]),
                time=str(found["time"]),
                outcome=cast("Outcome", found["outcome"]),
                documents=tuple(sorted((kind, Digest.parse(text)) for kind, text in found["documents"].items())),
                snapshot=Digest.parse(found["snapshot"]) if "snapshot" in found else None,
                versions=tuple(sorted((name, str(text)) for name, text in found["versions"].items())),
                **{name: Digest.parse(found[name]) for name in named},
            )
        except (KeyError, TypeError, AttributeError, GravenError) as e:
            raise Malformed(f"no decision record: {e}", where="decision record") from e


def encode_waivers(waivers: tuple[Waiver, ...]) -> bytes:
    """Write a list of waivers, sorted, as one canonical document."""
    return canonical.dumps([canonical.loads(one.encode()) for one in sorted(waivers, key=lambda w: str(w.digest))])


def decode_waivers(document: bytes) -> tuple[Waiver, ...]:
    """Read a list of waivers.

    Raises:
        Malformed: it is none.
    """
    found = canonical.loads(document, where="waivers")
    if not isinstance(found, list):
        raise Malformed("got no list of waivers", where="waivers")
    return tuple(Waiver.parse(one) for one in found)
