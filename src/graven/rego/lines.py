"""Owns what each line of a rule saw: the source of a rule beside the values of its variables and of parts of the input.

A traced evaluation tells which expressions were reached, and with which values. Of the solutions of a rule the one is
shown that holds what the rule said; what a line reads of the input is looked up.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from graven.errors import GravenError
from graven.rego.evaluation import Limits, Reached, World
from graven.rego.notation import term_text, to_json
from graven.rego.policy import Policy
from graven.rego.roster import RuleInfo
from graven.rego.values import Value, from_json

__all__ = ["Line", "Lines", "part", "short"]

_INPUT = re.compile(r"\binput((?:\.[A-Za-z_]\w*|\[\d+\]|\[\"[^\"\]]*\"\])+)")
_STEP = re.compile(r"\.([A-Za-z_]\w*)|\[(\d+)\]|\[\"([^\"\]]*)\"\]")
_WORD = re.compile(r"(?<![\w.\"])([A-Za-z_]\w*)(?![\w(\"])")
_HEAD = re.compile(r"^\w+(?:\[(\w+)\]|\s+contains\s+(\w+)\b)")
_SHORT = 80
_WORLD = World()
_LIMITS = Limits()


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a rule, and the values of what stands in it."""

    number: int
    text: str
    values: tuple[tuple[str, str], ...] = ()


class Lines:
    """What the rules of one document saw of an input; evaluated once, when the first is asked for."""

    def __init__(
        self,
        policy: Policy,
        query: str,
        document: Any,
        *,
        now_ns: int | None = None,
        world: World = _WORLD,
        limits: Limits = _LIMITS,
    ) -> None:
        self.policy = policy
        self.query = query
        self.document = document
        """The input, as plain JSON."""
        self._around = (now_ns, world, limits)
        self._infos = [info for info in policy.rules() if info.path == query]

    def of(self, info: RuleInfo, said: str) -> tuple[Line, ...]:
        """Give the lines of a rule of the document, with what they saw where the rule said something."""
        own = [each for each in self._reached if each.file == info.file and info.row <= each.row <= info.end_row]
        bound = {name: to_json(each) for name, each in _solution(own, said).items()}
        text = self.policy.texts.modules.get(info.file, "").splitlines()[info.row - 1 : info.end_row]
        head = _HEAD.match(text[0]) if text else None
        if head is not None:
            bound.setdefault(head[1] or head[2], said)  # the last that a body binds
        return tuple(
            Line(number, line, tuple(_values(line, bound, self.document))) for number, line in enumerate(text, info.row)
        )

    @cached_property
    def _reached(self) -> list[Reached]:
        found: list[Reached] = []

        def trace(each: Reached) -> None:
            if any(each.file == info.file and info.row <= each.row <= info.end_row for info in self._infos):
                found.append(each)

        now_ns, world, limits = self._around
        try:
            self.policy.evaluate(self.query, self.document, trace=trace, now_ns=now_ns, world=world, limits=limits)
        except GravenError:
            return []
        return found


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
        found[ref[0]] = short(part(shown, path), there=_there(shown, path))
    for word in _WORD.finditer(code):
        if word[1] in bound:
            found[word[1]] = short(bound[word[1]])
    return list(found.items())


def _there(value: Any, path: tuple[str | int, ...]) -> bool:
    missing = object()
    return part(value, path, missing) is not missing


def part(value: Any, path: tuple[str | int, ...], otherwise: Any = None) -> Any:
    """Give what stands at a path of a JSON value."""
    for step in path:
        try:
            value = value[step]
        except (KeyError, IndexError, TypeError):
            return otherwise
    return value


def short(value: Any, *, there: bool = True) -> str:
    """Write a JSON value as Rego does, in a few words."""
    if not there:
        return "undefined"
    text = term_text(from_json(value))
    return text if len(text) <= _SHORT else f"{text[: _SHORT - 1]}…"
