"""Owns the way from a value of the input to a verdict: what each line of the rule saw; pure.

A traced evaluation tells which expressions were reached, and with which values. Of the solutions of a rule the one is
shown that holds what the rule said; what a line reads of the input is looked up.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from graven.checks.results import Place, Result
from graven.checks.subjects import Subject
from graven.errors import GravenError
from graven.rego import UNDEFINED, Policy, Reached, RuleInfo, Value, World, to_json
from graven.rego.change import BUDGET, Budget, search, without
from graven.rego.notation import term_text

__all__ = ["Change", "Explained", "Explainer", "Line", "Step"]

_INPUT = re.compile(r"\binput((?:\.[A-Za-z_]\w*|\[\d+\]|\[\"[^\"\]]*\"\])+)")
_STEP = re.compile(r"\.([A-Za-z_]\w*)|\[(\d+)\]|\[\"([^\"\]]*)\"\]")
_WORD = re.compile(r"(?<![\w.\"])([A-Za-z_]\w*)(?![\w(\"])")
_HEAD = re.compile(r"^\w+(?:\[(\w+)\]|\s+contains\s+(\w+)\b)")
_SHORT = 80
_SEARCHES = 16 * BUDGET.evaluations
"""So often are rules evaluated to search changes for all findings of a run together."""


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a rule, and the values of what stands in it."""

    number: int
    text: str
    values: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Step:
    """One edit of a document."""

    op: str
    """add, replace, remove."""
    path: tuple[str | int, ...]
    value: str
    place: Place
    """Of what is edited, or of what is around it."""


@dataclass(frozen=True, slots=True)
class Change:
    """A smallest change after which the rule says nothing: no part of it is enough."""

    steps: tuple[Step, ...]
    """Empty: none was found."""
    evaluations: int
    """So often was the rule evaluated to find it, and to verify it."""


@dataclass(frozen=True, slots=True)
class Explained:
    """A finding, and how it came about."""

    result: Result
    file: str
    namespace: str
    value: str
    """What the value is that made the rule speak."""
    lines: tuple[Line, ...] = ()
    change: Change | None = None
    """None: it was not searched, for what is waived needs none."""


@dataclass(slots=True)
class Explainer:
    """Explains findings as they are found."""

    modules: Mapping[str, str]
    now_ns: int | None = None
    world: World = field(default_factory=World)
    found: list[Explained] = field(default_factory=list)
    left: int = _SEARCHES

    def add(
        self, policy: Policy, query: str, info: RuleInfo, shown: tuple[Subject, Value, Value], said: Result
    ) -> None:
        """Explain what a rule said of a subject: the member that it gave for the subject's value."""
        subject, value, _ = shown
        reached: list[Reached] = []
        try:
            policy.evaluate(query, value, trace=reached.append)
        except GravenError:
            reached = []
        own = [each for each in reached if each.file == info.file and info.row <= each.row <= info.end_row]
        bound = {name: to_json(each) for name, each in _solution(own, said.message).items()}
        text = self.modules.get(info.file, "").splitlines()[info.row - 1 : info.end_row]
        head = _HEAD.match(text[0]) if text else None
        if head is not None:
            bound.setdefault(head[1] or head[2], said.message)  # the last that a body binds
        lines = tuple(
            Line(number, line, tuple(_values(line, bound, subject.value))) for number, line in enumerate(text, info.row)
        )
        told = _at(subject.document.value, said.path) if not subject.view else None
        change = self._change(policy, query, shown) if said.waived is None else None
        text_of = "" if told is None else _text(told)
        self.found.append(Explained(said, subject.document.file, info.package, text_of, lines, change))

    def _change(self, policy: Policy, query: str, shown: tuple[Subject, Value, Value]) -> Change:
        """Search a smallest change of the subject that makes the rule say nothing."""
        subject, value, member = shown
        budget = Budget(min(BUDGET.evaluations, self.left))
        try:
            found = search(policy, query, value, without(member), now_ns=self.now_ns, world=self.world, budget=budget)
        except GravenError:
            return Change((), 0)
        self.left -= found.evaluations
        steps = (
            Step(
                edit.op,
                subject.source_path(edit.path),
                "" if edit.after is UNDEFINED else _text(edit.after),
                subject.place(edit.path),
            )
            for edit in found.edits or ()
        )
        return Change(tuple(steps), found.evaluations)


def _solution(reached: list[Reached], message: str) -> Mapping[str, Value]:
    """Give the values of the solution that said a message, or else of the one that got furthest."""
    best: dict[str, Value] = {}
    current: dict[tuple[int, int], Mapping[str, Value]] = {}
    for each in reached:
        at = (each.row, each.col)
        current = {place: values for place, values in current.items() if place < at} | {at: each.values}
        values = {name: value for step in sorted(current) for name, value in current[step].items()}
        if any(_says(value, message) for value in values.values()):
            return values
        best = values if len(values) >= len(best) else best
    return best


def _says(value: Value, message: str) -> bool:
    found = to_json(value)
    return bool(found == message or (isinstance(found, dict) and found.get("msg") == message))


def _values(line: str, bound: Mapping[str, Any], shown: Any) -> list[tuple[str, str]]:
    code = line.partition("#")[0]
    found: dict[str, str] = {}
    for ref in _INPUT.finditer(code):
        path = tuple(step[1] or step[3] or int(step[2]) for step in _STEP.finditer(ref[1]))
        found[ref[0]] = _text(_at(shown, path), there=_there(shown, path))
    for word in _WORD.finditer(code):
        if word[1] in bound:
            found[word[1]] = _text(bound[word[1]])
    return list(found.items())


def _there(value: Any, path: tuple[str | int, ...]) -> bool:
    missing = object()
    return _at(value, path, missing) is not missing


def _at(value: Any, path: tuple[str | int, ...], otherwise: Any = None) -> Any:
    for step in path:
        try:
            value = value[step]
        except (KeyError, IndexError, TypeError):
            return otherwise
    return value


def _text(value: Any, *, there: bool = True) -> str:
    from graven.rego import from_json

    if not there:
        return "undefined"
    text = term_text(from_json(value))
    return text if len(text) <= _SHORT else f"{text[: _SHORT - 1]}…"
