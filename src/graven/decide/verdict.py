"""Owns the verdict: the answer of a policy set to a question, as data.

The verdict is the conjunction of the entry points that the stage enforces, in the logic of three values: one refusal
is a refusal, whatever else could not be decided; without one, whatever could not be decided refuses too and is called
undecidable. Undecidable are: no entry point at all, one that is undefined, one whose value does not say yes or no, an
error while a rule runs, and a budget that ran out. The other rules still report, and so do the other definitions of
the same rule: what they refuse is refused, and their silence is no yes. Where there is more evidence than is
looked at, no rule is asked: what one said of a part could be taken back by what nobody read. In ``warn`` mode all of a
rule's reasons are told, and none refuses.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any, Literal

from graven.decide.evaluation import UNDEFINED, Answer, Place, ask, reads
from graven.decide.policy import PolicySet
from graven.decide.proofs import looked_at
from graven.decide.waivers import Waiver
from graven.values import Digest, canonical, parse_moment

__all__ = ["Outcome", "Reason", "RuleOutcome", "Verdict", "Waived", "decide"]

Outcome = Literal["allow", "deny", "undecidable"]


@dataclass(frozen=True, slots=True, order=True)
class Reason:
    """Why a rule says no, or why it could not say anything."""

    rule: str
    entry: str
    """Path of the entry point that said so."""
    kind: Literal["refused", "undecided", "told"]
    message: str
    severity: str = ""
    term: str = ""
    """What it is about, as the rule names it: an advisory, a path. Waivers match it."""
    component: str = ""
    evidence: tuple[str, ...] = ()
    """Digests of the evidence in the parts of the question that the rule looks at."""
    file: str = ""
    line: int = 0


@dataclass(frozen=True, slots=True)
class Waived:
    """A reason that does not refuse, because of a waiver."""

    reason: Reason
    waiver: str
    """Digest of the waiver."""
    expires: str


@dataclass(frozen=True, slots=True)
class RuleOutcome:
    """How one rule came out, before its mode was looked at."""

    rule: str
    mode: str
    outcome: Outcome


@dataclass(frozen=True, slots=True)
class Verdict:
    """The outcome, and all that led to it."""

    outcome: Outcome
    rules: tuple[RuleOutcome, ...]
    """Each rule of the policy set that is not off, in its order."""
    reasons: tuple[Reason, ...]
    """What refuses."""
    warnings: tuple[Reason, ...]
    """What is told and does not refuse."""
    waived: tuple[Waived, ...]
    evidence: tuple[str, ...]
    """Digests of all evidence that stood in the question."""
    question: str = ""
    """Digest of the question that this answers."""
    policy: str = ""
    """Digest of the policy set that answered."""

    def value(self) -> dict[str, Any]:
        """Give the JSON form."""
        return asdict(self)

    def encode(self) -> bytes:
        """Write the canonical bytes, which a replay must meet."""
        return canonical.dumps(self.value())

    @property
    def digest(self) -> Digest:
        """The name of the canonical bytes."""
        return Digest.of(self.encode())


def decide(
    question: Mapping[str, Any], policy: PolicySet, waivers: Sequence[Waiver] = (), *, places: bool = True
) -> Verdict:
    """Answer a question by a policy set; ``now`` is a field of the question.

    Without ``places`` it is quicker, and says neither where a reason comes from nor what it answers: for a search.
    """
    stage = str(_at(question, "target", "stage"))
    unread = str(_at(question, "coverage", "evidence", "fault"))
    asked = [rule for rule in policy.rules if rule.mode(stage) != "off" and not unread]
    outcomes, reasons, warnings, waived = [], [], [], []
    for rule in asked:
        answers = [ask(policy, entry, question, places=places) for entry in rule.entries]
        said = {reason for answer in answers for reason in _reasons(rule.name, answer)}
        if places:
            said = {_proved(reason, policy, question) for reason in said}
        found, excused = _excuse(sorted(said), question, waivers)
        outcomes.append(RuleOutcome(rule.name, rule.mode(stage), _outcome(found)))
        waived += excused
        enforced = rule.mode(stage) == "enforce"
        reasons += [reason for reason in found if enforced and reason.kind != "told"]
        warnings += [reason for reason in found if not enforced or reason.kind == "told"]
    if not asked:
        message = unread or f"no rule is asked at the stage {stage!r}, so nothing speaks for it"
        reasons.append(Reason("", "", "undecided", message))
    verdict = Verdict(
        _outcome(reasons), tuple(outcomes), tuple(reasons), tuple(warnings), tuple(waived), looked_at(question)
    )
    if not places:
        return verdict
    return replace(verdict, question=str(Digest.of(canonical.dumps(dict(question)))), policy=str(policy.digest))


def _outcome(reasons: Sequence[Reason]) -> Outcome:
    kinds = {reason.kind for reason in reasons}
    return "deny" if "refused" in kinds else "undecidable" if "undecided" in kinds else "allow"


def _proved(reason: Reason, policy: PolicySet, question: Mapping[str, Any]) -> Reason:
    seen = looked_at(question, reads(policy, Place(reason.file, reason.line)))
    return replace(reason, evidence=tuple(sorted({*reason.evidence, *seen})))


def _excuse(
    found: Sequence[Reason], question: Mapping[str, Any], waivers: Sequence[Waiver]
) -> tuple[list[Reason], list[Waived]]:
    kept: list[Reason] = []
    waived: list[Waived] = []
    for reason in found:
        waiver, notes = _waiver(reason, question, waivers)
        if waiver is None:
            kept += [reason, *notes]
        else:
            waived.append(Waived(reason, str(waiver.digest), waiver.expires))
    return kept, waived


def _waiver(
    reason: Reason, question: Mapping[str, Any], waivers: Sequence[Waiver]
) -> tuple[Waiver | None, list[Reason]]:
    """Find a waiver that holds; tell of those that would, were they not expired or unreadable."""
    if reason.kind != "refused":
        return None, []
    facts = {
        "rule": reason.rule,
        "repository": str(_at(question, "artifact", "repository")),
        "digest": str(_at(question, "artifact", "digest")),
        "stage": str(_at(question, "target", "stage")),
        "term": reason.term,
        "component": reason.component,
    }
    now = parse_moment(str(question.get("now", "")))
    covering = sorted((w for w in waivers if w.scope.covers(facts)), key=lambda w: str(w.digest))
    holding = next((w for w in covering if w.standing(now) == "holds"), None)
    notes = [
        replace(reason, kind="told", message=f"the waiver {w.digest} does not count: its expiry {w.expires!r} {why}")
        for w in covering
        if (why := "has passed" if w.standing(now) == "expired" else "cannot be read")
    ]
    return holding, [] if holding else notes


def _reasons(rule: str, answer: Answer) -> Iterator[Reason]:
    """Read the value of an entry point as its last word wants it read."""
    blank = Reason(rule, answer.entry, "undecided", "", file=answer.place.file, line=answer.place.line)
    for fault, place in answer.faults:
        yield replace(blank, message=fault, file=place.file, line=place.line)
    ending, value = answer.entry.rpartition(".")[2], answer.value
    if answer.faults and value is UNDEFINED:
        return
    if ending == "allow":
        if value is False:
            yield replace(blank, kind="refused", message=f"{answer.entry} is false")
        elif value is not True:
            yield replace(blank, message=f"{answer.entry} is {_shown(value)}, expected true or false")
        return
    kind: Literal["refused", "told"] = "told" if ending == "warn" else "refused"
    if value is True or (isinstance(value, str) and value):
        value = [f"{answer.entry} is true" if value is True else value]
    if isinstance(value, dict) and value:
        value = [value] if "msg" in value else [{"msg": _shown(one), "term": key} for key, one in value.items()]
    if value is False or value in ({}, []):
        return
    if not isinstance(value, list):
        yield replace(blank, message=f"{answer.entry} is {_shown(value)}, expected a set of messages")
        return
    for member in value:
        place = answer.place_of(member)
        yield _member(replace(blank, kind=kind, file=place.file, line=place.line), member)


def _member(blank: Reason, member: Any) -> Reason:
    if not isinstance(member, dict):
        return replace(blank, message=member if isinstance(member, str) else _shown(member))
    evidence = member.get("evidence")
    texts = {name: member[name] for name in ("severity", "term", "component") if isinstance(member.get(name), str)}
    message = member.get("msg", member.get("message"))
    return replace(
        blank,
        message=message if isinstance(message, str) else _shown(member),
        evidence=tuple(str(one) for one in evidence) if isinstance(evidence, list) else (),
        **texts,
    )


def _shown(value: Any) -> str:
    return "undefined" if value is UNDEFINED else canonical.dumps(value).decode()[:500]


def _at(question: Mapping[str, Any], *path: str) -> Any:
    found: Any = question
    for key in path:
        found = found.get(key, "") if isinstance(found, Mapping) else ""
    return found
