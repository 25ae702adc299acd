"""Owns how the rules of a namespace are asked about a file, and what conftest's counts make of the answers; pure.

Each document of a file is asked about by itself. What a rule says of a document and of views of it is united, none
twice. A rule that raises, or says what is no message, is a problem of its own; the other rules still speak.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from graven.checks.messages import members, message
from graven.checks.outcome import Problem
from graven.checks.paths import lacking
from graven.checks.places import Finder
from graven.checks.results import CheckResult, Place, Result
from graven.checks.rules import Check, Rules
from graven.checks.subjects import Item, Subject
from graven.checks.views import Reading, sees
from graven.errors import GravenError
from graven.record import TYPE_CHECKING, Record
from graven.rego import UNDEFINED, Answer, Limits, Policy, Value, World, from_json
from graven.rego.notation import json_text
from graven.rego.values import RegoObject, RegoSet

if TYPE_CHECKING:
    from graven.checks.agreement import Other
    from graven.checks.explaining import Explainer
    from graven.checks.waivers import Waivers

__all__ = ["Asking", "judge"]


class Asking(Record):
    """A policy, and what its rules may know while they are asked."""

    policy: Policy
    rules: Rules
    reading: Reading = Reading()
    now_ns: int | None = None
    world: World = World()
    limits: Limits = Limits()
    places: bool = True
    """Find out where what rules speak of stands; it takes a second, slower evaluation."""
    silence: bool = True
    """Look for rules that held and whose message is undefined."""
    waivers: Waivers | None = None
    file_info: Callable[[str], Mapping[str, str]] | None = None
    """Gives ``data.conftest.file`` for the name of a file; None where no rule reads it."""
    explainer: Explainer | None = None
    trace: Callable[[str, Value], tuple[str, ...]] | None = None
    """Tells how a query is evaluated for an input."""
    other: Other | None = None
    """Another engine, which answers instead of our own or has to agree with it."""

    def given(self) -> Mapping[str, object]:
        """Give what every evaluation is given."""
        return {"now_ns": self.now_ns, "world": self.world, "limits": self.limits}


def judge(asking: Asking, item: Item, namespace: str) -> tuple[CheckResult, tuple[Problem, ...]]:
    """Ask the rules of a namespace about a file."""
    tally = _Tally(asking, item, namespace)
    for subject in (*item.subjects, *item.views):
        tally.ask(subject)
    return tally.result(), tuple(dict.fromkeys(tally.problems))


class _Tally:
    """What was found of one file so far."""

    def __init__(self, asking: Asking, item: Item, namespace: str) -> None:
        self.asking = asking
        self.item = item
        self.namespace = namespace
        self.successes = 0
        self.found: list[tuple[Check, Subject, Result]] = []
        self.exceptions: list[Result] = []
        self.queries: list[tuple[str, tuple[Result, ...], tuple[str, ...]]] = []
        self.problems: list[Problem] = []
        self.prints: list[str] = []

    def ask(self, subject: Subject) -> None:
        """Ask everything that sees a subject."""
        value = from_json(subject.value)
        count = spoken = 0
        excepted = self._exceptions(subject, value)
        for check in self.asking.rules.checks(self.namespace):
            seeing = sees(check, subject, self.item.views, self.asking.reading)
            if not seeing.asked:
                continue
            count += seeing.counted
            exceptions = [Result(check.exception)] * excepted.get(check.suffix, 0)
            before = len(self.problems)
            results = self._results(check, subject, value, seeing.definitions)
            raised = sum(problem.kind == "rule" for problem in self.problems[before:])
            self.queries.append((check.exception, tuple(exceptions), ()))
            self.queries.append((check.query, tuple(results), self._trace(check, value)))
            self.exceptions += exceptions
            self.exceptions += [] if exceptions else [result for result in results if result.waived]
            self.found += [] if exceptions else [(check, subject, result) for result in results if not result.waived]
            spoken += (len(exceptions) or len(results)) + raised
        self.successes += max(0, count - spoken)

    def _trace(self, check: Check, value: Value) -> tuple[str, ...]:
        return self.asking.trace(check.query, value) if self.asking.trace is not None else ()

    def _exceptions(self, subject: Subject, value: Value) -> dict[str, int]:
        """Count, by suffix, the solutions of ``exception[_][_]``."""
        query = self.asking.rules.exceptions(self.namespace)
        counts: dict[str, int] = {}
        for outer in _within(self._value(query, subject, value)) if query else ():
            for name in _within(outer):
                if isinstance(name, str):
                    counts[name] = counts.get(name, 0) + 1
        return counts

    def _value(self, query: str, subject: Subject, value: Value) -> Value:
        other = self.asking.other
        if other is None:
            return self._own(query, subject, value)
        before = len(self.problems)
        own = self._own(query, subject, value) if other.compared else UNDEFINED
        if len(self.problems) > before:
            return own
        info = self.asking.file_info(self.item.name) if self.asking.file_info is not None else None
        found, fault = other.answer(query, subject.value, info, own)
        if fault:
            self.problems.append(self._problem("engine", subject, fault))
        return found

    def _own(self, query: str, subject: Subject, value: Value) -> Value:
        asking = self.asking
        asked, changes = query, dict[str, object]()
        if asking.file_info is not None:
            changes["data.conftest.file"] = dict(asking.file_info(self.item.name))
            asked = f"found = {query} with data.conftest.file as {json_text(from_json(changes['data.conftest.file']))}"
        try:
            answer = asking.policy.evaluate(asked, value, **asking.given())  # type: ignore[arg-type]
        except GravenError as e:
            answer = self._salvaged(query, changes, subject, value, e)
        for failure in answer.failures:
            place = Place(failure.file, failure.row, failure.col)
            self.problems.append(self._problem("builtin", subject, f"{query}: {failure.message}", place))
        self.prints += (f"{each.file}:{each.row}: {each.text}" for each in answer.prints)
        return answer.bindings[0]["found"] if "found" in (answer.bindings or ({},))[0] else answer.value

    def _salvaged(
        self, query: str, changes: dict[str, object], subject: Subject, value: Value, raised: GravenError
    ) -> Answer:
        """Give what the other definitions say where one raised, which is a problem."""
        from graven.rego.salvage import Question, salvage

        try:
            found = salvage(self.asking.policy, Question(query, changes, raised), value, **self.asking.given())  # type: ignore[arg-type]
        except GravenError as e:
            self.problems.append(self._problem("rule", subject, f"{query}: {_first(e)}"))
            return Answer(())
        for error in found.errors:
            place = Place(error.file, error.row, error.col)
            self.problems.append(self._problem("rule", subject, f"{error.rule}: {error.told}", place))
        return found.answer

    def _problem(self, kind: str, subject: Subject, text: str, place: Place | None = None) -> Problem:
        at = f" [{subject.address}]" if subject.address else ""
        return Problem(kind, text + at, self.item.name, place)

    def _results(self, check: Check, subject: Subject, value: Value, definitions: frozenset[int]) -> list[Result]:
        """Give what the rules say that see the subject."""
        asking, told = self.asking, self._value(check.query, subject, value)
        if asking.other is not None and told is UNDEFINED and any(map(check.is_set, check.definitions)):
            text = f"{check.query}: {asking.other.name} gives nothing, expected a set of messages, be it empty"
            self.problems.append(self._problem("engine", subject, text))
        found = members(told)
        finder = Finder(check, subject, value, definitions, policy=asking.policy, given=asking.given())
        infos = (info for number, info in enumerate(check.definitions) if number in definitions)
        if asking.silence and lacking(infos, subject.value):
            self.problems += finder.silent(self.item.name)
        if isinstance(found, str):
            self.problems.append(self._problem("value", subject, f"{check.query}: {found}"))
            return []
        if subject.unseen:
            self._unknown(check, subject, value, definitions)
        results: list[Result] = []
        for member in found:
            if finder.speaks(member):
                results += self._message(check, subject, member, finder)
        return results

    def _unknown(self, check: Check, subject: Subject, value: Value, definitions: frozenset[int]) -> None:
        from graven.checks.unknowns import undecided

        asking = self.asking
        found = undecided(check, subject, value, definitions, policy=asking.policy, given=asking.given())
        for info, read in found:
            text = f"{check.query} reads {read}"
            self.problems.append(self._problem("unknown", subject, text, Place(info.file, info.row, 1)))

    def _message(self, check: Check, subject: Subject, member: Value, finder: Finder) -> Iterable[Result]:
        read = message(member, check.query)
        if isinstance(read, str):
            self.problems.append(self._problem("value", subject, f"{check.query}: {read}"))
            return ()
        if not self.asking.places:
            return (read._replace(address=subject.address, view=subject.view),)
        placed, lines = finder.placed(read, member)
        waivers = self.asking.waivers
        waived = waivers.waived(placed, self.item.name, lines) if waivers is not None else None
        placed = placed._replace(waived=waived)
        info = finder.info(member)
        if self.asking.explainer is not None and info is not None:
            shown = (subject, finder.value, member)
            self.asking.explainer.add(self.asking.policy, check.query, info, shown, placed)
        return (placed,)

    def result(self) -> CheckResult:
        """Give the sum."""
        found = _united(self.found)
        return CheckResult(
            self.item.name,
            self.namespace,
            self.successes,
            warnings=tuple(result for check, result in found if check.warns),
            failures=tuple(result for check, result in found if not check.warns),
            exceptions=tuple(self.exceptions),
            queries=tuple(self.queries),
            prints=tuple(self.prints),
        )


def _within(value: Value) -> Iterable[Value]:
    if value.__class__ is RegoObject:
        return value.values()
    return value if value.__class__ in (RegoSet, tuple) else ()


def _first(error: GravenError) -> str:
    return " ".join(str(error).split())[:500]


def _united(found: list[tuple[Check, Subject, Result]]) -> list[tuple[Check, Result]]:
    """Leave out of the whole what a view says too, with a better place."""
    viewed = {(check.name, result.message) for check, subject, result in found if subject.view}
    kept: dict[tuple[object, ...], tuple[Check, Result]] = {}
    for number, (check, subject, result) in enumerate(found):
        if not subject.view and (check.name, result.message) in viewed:
            continue
        key = (check.name, result.message, subject.address) if subject.view else (number,)
        kept.setdefault(key, (check, result))
    return list(kept.values())
