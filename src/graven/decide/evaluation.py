"""Owns how the engine is asked: one entry point, one question, a bounded number of steps; every failure is an answer.

A policy set is compiled once for each digest. Builtins that fail stop the rule (strict), so that a failing builtin can
never make a refusal disappear. The moment that rules may ask for is the question's ``now``; nothing else of the world
is given to them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

from graven.decide.builtins import builtins
from graven.decide.policy import PolicySet
from graven.errors import GravenError
from graven.rego import UNDEFINED, Limits, Policy, PolicyErrors, RuleInfo, compile_modules, to_json
from graven.rego.salvage import Question, salvage
from graven.values import canonical, parse_moment

__all__ = ["ENGINE_VERSION", "LIMITS", "UNDEFINED", "Answer", "Place", "ask", "compiled", "now_ns", "reads", "rules"]

ENGINE_VERSION = "3"
"""Changes when the same rules may answer another way; a record names it."""

LIMITS = Limits(steps=20_000_000, size=2_000_000)

_KEPT = 32
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Place:
    """Where in the policy set something is said."""

    file: str = ""
    line: int = 0


@dataclass(frozen=True, slots=True)
class Answer:
    """What an entry point says."""

    entry: str
    value: Any
    """Plain JSON (sets as sorted lists), or UNDEFINED; where something failed, what the other rules say."""
    faults: tuple[tuple[str, Place], ...] = ()
    """What failed, and where: then the value is not the whole."""
    place: Place = Place()
    """Of the rule that gave the value."""
    members: tuple[tuple[bytes, Place], ...] = ()
    """Canonical JSON of each member, and the rule that gave it."""

    def place_of(self, member: Any) -> Place:
        """Give the place of the rule that gave a member, or else that of the entry point."""
        return dict(self.members).get(canonical.dumps(member), self.place)


@lru_cache(maxsize=_KEPT)
def compiled(policy: PolicySet) -> Policy:
    """Compile a policy set, or give it as it was compiled before.

    Raises:
        PolicyErrors: everything that is wrong with its modules.
    """
    return compile_modules(dict(policy.modules), data=policy.values, version=policy.language, builtins=builtins())


def ask(policy: PolicySet, entry: str, question: Mapping[str, Any], *, places: bool = True) -> Answer:
    """Ask one entry point about a question; with ``places``, find the rules that gave what is not a plain yes."""
    path = f"data.{entry}"
    try:
        engine = compiled(policy)
        given: dict[str, Any] = {"now_ns": now_ns(question), "strict_builtin_errors": True, "limits": LIMITS}
        found = salvage(engine, Question(path), question, **given)
    except GravenError as e:
        return Answer(entry, UNDEFINED, ((_fault(e), _place(e)),))
    value = UNDEFINED if found.answer.value is UNDEFINED else found.answer.json()
    faults = tuple((f"{error.file}:{error.row}: {error.told}", Place(error.file, error.row)) for error in found.errors)
    if not places or value in ([], {}):
        return Answer(entry, value, faults)
    return Answer(entry, value, faults, _first(engine, path), _members(engine, path, question))


def reads(policy: PolicySet, place: Place) -> tuple[str, ...]:
    """Give the paths of the question that the rule at a place reads, itself or through other rules."""
    found = (info.inputs for info in rules(policy) if (info.file, info.row) == (place.file, place.line))
    return tuple(sorted({path for inputs in found for path in inputs}))


def rules(policy: PolicySet) -> tuple[RuleInfo, ...]:
    """List the rules of a set's modules; none where they do not compile."""
    try:
        return compiled(policy).rules()
    except GravenError:
        return ()


def _first(engine: Policy, path: str) -> Place:
    """Where the entry point is first defined; a default stands behind the rules that could say more."""
    found = sorted((rule.kind == "default", rule.file, rule.row) for rule in engine.rules() if rule.path == path)
    return Place(found[0][1], found[0][2]) if found else Place()


def _members(engine: Policy, path: str, question: Mapping[str, Any]) -> tuple[tuple[bytes, Place], ...]:
    try:
        told = engine.explain(path, question, now_ns=now_ns(question), limits=LIMITS)
    except GravenError:
        return ()
    found: dict[bytes, Place] = {}
    for rule in told.rules:
        for value in rule.values:
            found.setdefault(canonical.dumps(to_json(value)), Place(rule.file, rule.row))
    return tuple(sorted(found.items()))


def now_ns(question: Mapping[str, Any]) -> int:
    """Give the question's moment in nanoseconds since 1970, as rules ask for it."""
    elapsed = parse_moment(str(question.get("now", ""))) - _EPOCH
    return ((elapsed.days * 86_400 + elapsed.seconds) * 1_000_000 + elapsed.microseconds) * 1000


def _place(error: GravenError) -> Place:
    told = error.errors[0] if isinstance(error, PolicyErrors) else error
    return Place(getattr(told, "file", ""), getattr(told, "row", 0))


def _fault(error: GravenError) -> str:
    first = error.message.splitlines()
    return f"{type(error).__name__}: {' '.join(line.strip() for line in first)[:500]}"
