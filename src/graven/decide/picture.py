"""Owns the picture of a decision: the way from the question through the lines of a rule to each reason, and what held.

It is computed again from the question and the policy set that the decision rests on, and changes nothing of either. How
much is spent on it is counted in steps, so that it ends; what is left out for that reason says so.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, partial
from typing import Any

from graven.decide.evaluation import compiled, now_ns, rules
from graven.decide.explanation import rule_text, whys
from graven.decide.policy import PolicySet
from graven.errors import GravenError
from graven.rego import Limits, RuleInfo, Value, World, to_json
from graven.rego.frames import Recorder
from graven.rego.lines import Line, Lines, Ways, part, short, ways_of
from graven.rego.machine import State
from graven.rego.origins import Origin, origins_of
from graven.rego.readout import shown
from graven.rego.ruletree import Group

__all__ = ["Held", "Picture", "Seen", "Way", "picture"]

_LIMITS = Limits(steps=20_000, size=1_000_000)
"""Of one evaluation; an entry point takes at most two. Where thousands of reasons are, a page need not wait."""
_WAYS = 12
_SEEN = 6
_LINES = 40
_UNSEEN = object()
_UNKNOWN = "the way is not known: the rule gives nothing, raised an error, or took more steps than its limit here"


@dataclass(frozen=True, slots=True)
class Seen:
    """A part of the question that led to a reason."""

    path: str
    value: str


@dataclass(frozen=True, slots=True)
class Way:
    """How one reason came about."""

    message: str
    kind: str
    """refused, undecided, told, waived."""
    rule: str
    title: str
    place: str
    """``file:line`` of what gave it, or the entry point."""
    seen: tuple[Seen, ...] = ()
    """Most telling first."""
    lines: tuple[Line, ...] = ()
    """Of the rule, with what they saw."""
    notes: tuple[str, ...] = ()
    """At which expressions it failed, or why the way is not known."""


@dataclass(frozen=True, slots=True)
class Held:
    """A rule that was asked and said yes."""

    rule: str
    title: str
    mode: str
    entries: tuple[str, ...]
    reads: tuple[str, ...]
    """The parts of the question that it looks at."""


@dataclass(frozen=True, slots=True)
class Picture:
    """All ways, and what held."""

    ways: tuple[Way, ...]
    held: tuple[Held, ...]
    more: int = 0
    """So many reasons are not drawn."""


def picture(question: Mapping[str, Any], policy: PolicySet, verdict: Mapping[str, Any]) -> Picture:
    """Draw the verdict, in its JSON form, that a policy set gave to a question."""
    told = [(reason, str(reason["kind"])) for reason in (*verdict["reasons"], *verdict["warnings"])]
    told += [(waived["reason"], "waived") for waived in verdict["waived"]]
    shown = told[:_WAYS]
    drawing = _Drawing(question, policy, rules(policy), frozenset(str(reason["message"]) for reason, _ in shown))
    ways = tuple(drawing.way(reason, kind) for reason, kind in shown)
    passed = [outcome for outcome in verdict["rules"] if outcome["outcome"] == "allow"]
    return Picture(ways, tuple(drawing.held(passed)), len(told) - len(shown))


class _Drawing:
    """Draws what one policy set says of one question."""

    def __init__(
        self, question: Mapping[str, Any], policy: PolicySet, known: Sequence[RuleInfo], messages: frozenset[str]
    ) -> None:
        self.question = question
        self.policy = policy
        self.known = known
        self.messages = messages
        self.origins = cache(self._origins)
        self.lines = cache(self._lines)
        self.whys = cache(self._whys)

    def held(self, passed: Sequence[Mapping[str, Any]]) -> Iterator[Held]:
        entries = {rule.name: rule.entries for rule in self.policy.rules}
        for outcome in passed:
            name = str(outcome["rule"])
            text = rule_text(name, entries.get(name, ()), self.known)
            reads = tuple(path.removeprefix("input.") for path in text.reads)
            yield Held(name, text.title, str(outcome["mode"]), entries.get(name, ()), reads)

    def way(self, reason: Mapping[str, Any], kind: str) -> Way:
        entry, file, line = str(reason["entry"]), str(reason["file"]), int(reason["line"])
        rule, message = str(reason["rule"]), str(reason["message"])
        place = f"{file}:{line}" if file else entry
        title = rule_text(rule, (entry,), self.known).title
        if not entry:
            return Way(message, kind, rule, title, place)
        origin, fault = self._origin(entry, (file, line), message)
        notes = [fault] if fault else []
        if reason["kind"] == "undecided" or entry.endswith(".allow"):
            notes += self.whys(entry)
        seen = self._seen(origin.paths[:_SEEN]) if origin is not None else ()
        info = self._rule(entry, (file, line))
        lines = self.lines(entry).of(info, message)[:_LINES] if info is not None else ()
        return Way(message, kind, rule, title, place, tuple(seen), lines, tuple(notes))

    def _whys(self, entry: str) -> list[str]:
        return [why.text for why in whys(self.question, self.policy, (entry,), limits=_LIMITS)]

    def _origins(self, entry: str) -> tuple[tuple[Origin, ...], str, Ways]:
        def wanted(value: Value) -> bool:
            texts = _texts(value)
            return not texts or bool(texts & self.messages)

        def also(recorder: Recorder, state: State, group: Group) -> None:
            ways.update(ways_of(recorder, state, group))

        ways: Ways = {}
        around = (now_ns(self.question), World(), _LIMITS)
        look = partial(origins_of, wanted=wanted, also=also)
        try:
            found = compiled(self.policy).looked(f"data.{entry}", self.question, around, look)
        except GravenError as e:
            return (), f"the way is not known: {e.message.splitlines()[0]}", ways
        return found, "", ways

    def _origin(self, entry: str, place: tuple[str, int], message: str) -> tuple[Origin | None, str]:
        """Give the origin of what a rule said; of several the one at its place that tells most."""
        origins, fault, _ = self.origins(entry)
        here = [origin for origin in origins if (origin.file, origin.row) == place] or list(origins)
        same = [origin for origin in here if message in _texts(origin.value)]
        same = same or [origin for origin in here if not _texts(origin.value)]
        found = max(same, key=lambda origin: bool(origin.paths), default=None)
        return found, fault or ("" if found is not None else _UNKNOWN)

    def _seen(self, paths: Sequence[tuple[str | int, ...]]) -> Iterator[Seen]:
        for path in paths:
            value = part(self.question, path, _UNSEEN)
            yield Seen(shown(path).removeprefix("."), "undefined" if value is _UNSEEN else short(value))

    def _lines(self, entry: str) -> Lines:
        return Lines(compiled(self.policy), f"data.{entry}", self.question, ways=self.origins(entry)[2])

    def _rule(self, entry: str, place: tuple[str, int]) -> RuleInfo | None:
        """Give the rule at a place; for a default, the first rule that should have held."""
        mine = [info for info in self.known if info.path == f"data.{entry}" and info.kind != "default"]
        return next((each for each in mine if (each.file, each.row) == place), mine[0] if mine else None)


def _texts(value: Value) -> frozenset[str]:
    """Give the texts that a member may be told as; none for what is no message."""
    found = to_json(value)
    texts = (found.get("msg"), found.get("message")) if isinstance(found, dict) else (found,)
    return frozenset(text for text in texts if isinstance(text, str))
