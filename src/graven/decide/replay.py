"""Owns both replays: evidence -> question, and question -> verdict; each computed again without the stored result.

1. The materials name all that the question was built from. Each object is fetched and held against its digest.
2. The question is built again: signatures are verified again, components matched again, VEX applied again.
3. The policy set answers that question again, with the waivers of then.
4. Both results are held against the digests in the record, byte for byte.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from graven.decide import question as questions
from graven.decide.assembly import assemble
from graven.decide.materials import Fetch, Materials, missing
from graven.decide.policy import PolicySet
from graven.decide.record import VERSIONS, Record, decode_waivers
from graven.decide.verdict import Outcome, Verdict, decide
from graven.errors import NotFound, TooLarge
from graven.values import Digest, canonical

__all__ = ["Fetch", "Replay", "replay"]


@dataclass(frozen=True, slots=True)
class Replay:
    """Both results, and whether they are what the record says."""

    question: bytes
    verdict: bytes
    question_agrees: bool
    verdict_agrees: bool
    answer: Verdict
    """The verdict as a value."""
    differences: tuple[str, ...]
    """Versions that are not those of then: a reason why results may differ."""

    @property
    def agrees(self) -> bool:
        """Tell whether both came out to the same bytes."""
        return self.question_agrees and self.verdict_agrees

    @property
    def outcome(self) -> Outcome:
        """What was answered now."""
        return self.answer.outcome

    def value(self) -> dict[str, Any]:
        """Give the JSON form."""
        return {
            "question": {"digest": str(Digest.of(self.question)), "agrees": self.question_agrees},
            "verdict": {"digest": str(Digest.of(self.verdict)), "agrees": self.verdict_agrees},
            "agrees": self.agrees,
            "outcome_now": self.outcome,
            "reasons": self.answer.value()["reasons"],
            "differences": list(self.differences),
        }


def replay(record: Record, fetch: Fetch, *, question: bytes | None = None, policy: PolicySet | None = None) -> Replay:
    """Compute a decision again from its evidence; or answer another question, or by another policy set.

    Raises:
        Mismatch: an object that was fetched is not the one that is named.
        Malformed: an object cannot be read.
    """

    def checked(digest: Digest) -> bytes:
        try:
            data = fetch(digest)
        except (NotFound, TooLarge) as e:
            raise missing(digest) from e
        digest.check(data)
        return data

    if question is None:
        materials = Materials.decode(checked(record.materials))
        question = questions.encode(questions.build(assemble(materials, checked)))
    rules = policy or PolicySet.decode(checked(record.policy))
    found = decide(canonical.loads(question, where="question"), rules, decode_waivers(checked(record.waivers)))
    verdict = found.encode()
    agrees = (Digest.of(question) == record.question, Digest.of(verdict) == record.verdict)
    return Replay(question, verdict, *agrees, found, _differences(record.versions))


def _differences(versions: tuple[tuple[str, str], ...]) -> tuple[str, ...]:
    then, now = dict(versions), dict(VERSIONS)
    changed = (name for name in sorted(then.keys() | now.keys()) if then.get(name) != now.get(name))
    return tuple(f"{name}: {then.get(name, 'none')} then, {now.get(name, 'none')} now" for name in changed)
