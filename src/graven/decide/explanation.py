"""Owns the explanation of a verdict, which is kept apart from its bytes: it may be told better without another verdict.

What each rule is for and what to do about it comes from its METADATA; why an entry point says nothing, from the engine;
the smallest change from a search.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from graven.decide.change import Change, smallest
from graven.decide.evaluation import LIMITS, compiled, now_ns, rules
from graven.decide.policy import PolicySet
from graven.decide.steps import Means
from graven.decide.verdict import Verdict
from graven.decide.waivers import Waiver
from graven.errors import GravenError
from graven.rego import Limits, RuleInfo, to_json

__all__ = ["Explanation", "RuleText", "Why", "explain", "rule_text", "whys"]

_MOST = 5
"""So many failures are told for one entry point."""


@dataclass(frozen=True, slots=True)
class RuleText:
    """What a rule is for, in its author's words."""

    rule: str
    title: str = ""
    description: str = ""
    severity: str = ""
    remediation: str = ""
    reads: tuple[str, ...] = ()
    """The parts of the question that it looks at."""


@dataclass(frozen=True, slots=True)
class Why:
    """At which expression an entry point failed, and on what."""

    entry: str
    text: str


@dataclass(frozen=True, slots=True)
class Explanation:
    """What helps a person with a verdict."""

    rules: tuple[RuleText, ...]
    whys: tuple[Why, ...]
    change: Change | None

    def value(self) -> dict[str, Any]:
        """Give the JSON form."""
        change = None if self.change is None else self.change.value()
        told = [asdict(rule) | {"reads": list(rule.reads)} for rule in self.rules]
        return {"rules": told, "whys": [asdict(why) for why in self.whys], "change": change}


def explain(
    question: Mapping[str, Any], policy: PolicySet, waivers: Sequence[Waiver], *, verdict: Verdict, means: Means
) -> Explanation:
    """Explain a verdict."""
    known = rules(policy)
    asked = {outcome.rule for outcome in verdict.rules}
    texts = tuple(rule_text(rule.name, rule.entries, known) for rule in policy.rules if rule.name in asked)
    change = None
    if verdict.outcome != "allow":
        change = smallest(question, policy, waivers, verdict=verdict, means=means)
    entries = {reason.entry for reason in verdict.reasons if reason.kind == "undecided" or _allows(reason.entry)}
    return Explanation(texts, tuple(whys(question, policy, entries - {""})), change)


def rule_text(name: str, entries: Sequence[str], known: Sequence[RuleInfo]) -> RuleText:
    """Put together what the METADATA of a rule's entry points say."""
    paths = {f"data.{entry}" for entry in entries}
    mine = [info for info in known if info.path in paths]
    told: dict[str, Any] = {}
    for info in mine:
        for metadata in (info.package_annotations, info.document, info.annotations):
            plain = {str(key): to_json(value) for key, value in metadata.items()}
            custom = plain.pop("custom", {})
            told |= plain | (custom if isinstance(custom, dict) else {})
    texts = {key: str(told.get(key, "")) for key in ("title", "description", "severity", "remediation")}
    return RuleText(name, **texts, reads=tuple(sorted({path for info in mine for path in info.inputs})))


def whys(
    question: Mapping[str, Any], policy: PolicySet, entries: Iterable[str], *, limits: Limits = LIMITS
) -> Iterator[Why]:
    """Tell of entry points that are false or say nothing; a member of a ``deny`` tells its own reason."""
    for entry in sorted(entries):
        try:
            told = compiled(policy).explain(f"data.{entry}", question, now_ns=now_ns(question), limits=limits)
        except GravenError as e:
            yield Why(entry, e.message.splitlines()[0])
            continue
        for rule in told.rules[:_MOST]:
            if rule.failure is not None or rule.error:
                yield Why(entry, str(rule.failure or rule.error))


def _allows(entry: str) -> bool:
    return entry.rpartition(".")[2] == "allow"
