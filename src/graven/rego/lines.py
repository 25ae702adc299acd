"""Owns what each line of a rule saw: the source of a rule beside the values of its variables and of parts of the input.

A recorded evaluation tells the solutions of each body with their variables. The one is shown that gave what the rule
said, or of a body without a solution the way that led furthest; what a line reads of the input is looked up.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from graven.errors import GravenError
from graven.rego.compile.assembly import Assembled
from graven.rego.evaluation import Limits, World
from graven.rego.frames import Recorder, Step
from graven.rego.machine import Run, State
from graven.rego.notation import term_text, to_json
from graven.rego.policy import Policy
from graven.rego.roster import RuleInfo
from graven.rego.ruletree import Group
from graven.rego.values import RegoObject, Value, from_json

__all__ = ["Line", "Lines", "Ways", "part", "short", "ways_of"]

_INPUT = re.compile(r"\binput((?:\.[A-Za-z_]\w*|\[\d+\]|\[\"[^\"\]]*\"\])+)")
_STEP = re.compile(r"\.([A-Za-z_]\w*)|\[(\d+)\]|\[\"([^\"\]]*)\"\]")
_WORD = re.compile(r"(?<![\w.\"])([A-Za-z_]\w*)(?![\w(\"])")
_HEAD = re.compile(r"^\w+(?:\[(\w+)\]|\s+contains\s+(\w+)(?=\s|$))")
_SHORT = 80
_WORLD = World()
Way = tuple[tuple[Step, ...], Mapping[str, Value], tuple[Value, ...]]
"""The expressions that were passed, the variables at the end, and what the head was."""
Ways = dict[tuple[str, int], list[Way]]
"""By the file and row of the rule."""
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
        ways: Ways | None = None,
    ) -> None:
        self.policy = policy
        self.query = query
        self.document = document
        """The input, as plain JSON."""
        self._around = (now_ns, world, limits)
        self._known = ways
        """What an evaluation was seen to do before."""

    def of(self, info: RuleInfo, said: str) -> tuple[Line, ...]:
        """Give the lines of a rule of the document, with what they saw where the rule said something."""
        bound = _chosen(self._ways.get((info.file, info.row), []), said)
        text = self.policy.texts.modules.get(info.file, "").splitlines()[info.row - 1 : info.end_row]
        head = _HEAD.match(text[0]) if text else None
        if head is not None:
            bound.setdefault(head[1] or head[2], said)  # the last that a body binds
        return tuple(
            Line(number, line, tuple(_values(line, bound, self.document))) for number, line in enumerate(text, info.row)
        )

    @cached_property
    def _ways(self) -> Ways:
        if self._known is not None:
            return self._known
        try:
            return self.policy.looked(self.query, self.document, self._around, _ways)
        except GravenError:
            return {}


def _ways(program: Assembled, run: Run, state: State, group: Group) -> Ways:
    """Record an evaluation."""
    recorder = Recorder(program.unit)
    run.frames, run.tracer = recorder, recorder.reached
    try:
        program.ask(group.number, state)
    finally:
        run.frames = run.tracer = None
    return ways_of(recorder, state, group)


def ways_of(recorder: Recorder, state: State, group: Group) -> Ways:
    """Give the ways through the rules of a document that a recorded evaluation took."""
    found: Ways = {}
    for definition in group.definitions:
        source = definition.module.source
        ways = found.setdefault((source.file, source.position(definition.rule.at)[0]), [])
        for rule in (definition.rule, *definition.rule.orelse):
            for frame in recorder.of(rule, state):
                ways += ((each.steps, each.values, each.result or ()) for each in frame.solutions)
                if not frame.solutions:
                    ways.append((frame.furthest, {}, ()))
    return found


def _chosen(ways: list[Way], said: str) -> dict[str, Any]:
    """Give the variables of the way that gave what was said, or else of the one that got furthest."""
    gave = next((way for way in ways if any(_says(value, said) for value in way[2])), None)
    steps, ending, _ = gave or max(ways, key=lambda way: len(way[0]), default=((), {}, ()))
    values = {name: value for step in steps for name, value in step.values.items()} | dict(ending)
    return {name.partition("%")[0]: value for name, value in values.items() if not name.startswith(("$", "~"))}


def _says(value: Value, said: str) -> bool:
    found = to_json(value)
    return said in (found.get("msg"), found.get("message")) if isinstance(found, dict) else bool(found == said)


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
    """Write a value, of JSON or of Rego, as Rego does, in a few words."""
    if not there:
        return "undefined"
    text = term_text(_begun(from_json(value) if value.__class__ not in (dict, list) else value, [_SHORT]))
    return text if len(text) <= _SHORT else f"{text[: _SHORT - 1]}…"


def _begun(value: Any, left: list[int]) -> Value:
    """Give so much of a value as its first words need: a large one is neither converted nor sorted as a whole."""
    left[0] -= 1
    if left[0] < 0:
        return None
    if isinstance(value, dict):
        keys = value.ordered() if isinstance(value, RegoObject) else sorted(value)
        return RegoObject({key: _begun(value[key], left) for key in keys[: left[0] + 1]})
    if isinstance(value, (list, tuple)):
        return tuple(_begun(each, left) for each in value[: left[0] + 1])
    return value[: _SHORT + 1] if isinstance(value, str) else from_json(value)
