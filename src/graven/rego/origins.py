"""Owns the origins of results: which parts of the input the bodies that gave a result looked at, most telling first.

A traced evaluation records the bodies that ran. For each solution whose head gave the result, the expressions of the
body are read again with the values that their variables had: what an expression tested tells more than what was only
assigned or written into a message, a test that is no comparison with a constant more than one that chooses, a deeper
part more than a shallow one, and of equals the later. Rules and functions that the body used are followed in the same
way; of what failed under ``not``, the expression at which it failed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from graven.rego.compile.assembly import Assembled
from graven.rego.frames import Frame, Recorder, Solution
from graven.rego.machine import Run, State, U
from graven.rego.places import Path
from graven.rego.places import located as located_value
from graven.rego.readings import Mark, Reader, ranked
from graven.rego.ruletree import Group, dotted
from graven.rego.salvage import asked
from graven.rego.tree import Rule
from graven.rego.values import RegoObject, RegoSet, Value, sorted_values

__all__ = ["Origin", "marks_of", "origins_of"]


@dataclass(frozen=True, slots=True)
class Origin:
    """A result of a rule, and what it came from."""

    value: Value
    """The member of a set, the entry of an object as an object of its own, or the value."""
    file: str
    row: int
    """Where the rule, or the ``else`` that gave the value, stands."""
    path: str
    """The document that the rule belongs to: ``data.main.deny``."""
    paths: tuple[Path, ...] = ()
    """Parts of the input as keys and indexes, most telling first; the last step of one may be what is not there."""


def origins_of(
    program: Assembled,
    run: Run,
    given: State,
    group: Group,
    wanted: Callable[[Value], bool] | None = None,
    *,
    also: Callable[[Recorder, State, Group], None] = lambda _recorder, _state, _group: None,
) -> tuple[Origin, ...]:
    """Give the origins of all results of a group, or of those that are wanted; the program is a traced one.

    ``also`` is shown the record of the evaluation, so that whoever wants more of it need not evaluate again.
    """
    value, reader, state = _recorded(program, run, given, group)
    recorder = reader.recorder
    also(recorder, state, group)
    found: dict[tuple[Value, int, tuple[Path, ...]], Origin] = {}
    for each, at in _results(group, recorder, state):
        if wanted is not None and not wanted(each.value):
            continue
        paths = ranked(reader.held(each.frame, each.solution))
        origin = Origin(each.value, *_position(group, at, each.frame), "data." + dotted(group.path), paths)
        found.setdefault((origin.value, origin.row, paths), origin)
    if not found and value is not U and group.defaults:
        failed = [frame for definition in group.definitions for frame in recorder.of(definition.rule, state)]
        paths = ranked(mark for frame in failed for mark in reader.failed(frame))
        source = group.defaults[0].module.source
        row = source.position(group.defaults[0].rule.at)[0]
        return (Origin(value, source.file, row, "data." + dotted(group.path), paths),)
    places = {each: at for at, each in enumerate(sorted_values({origin.value for origin in found.values()}))}
    return tuple(sorted(found.values(), key=lambda origin: (places[origin.value], origin.file, origin.row)))


def marks_of(
    program: Assembled, run: Run, given: State, group: Group, wanted: Callable[[Value], bool]
) -> tuple[Mark, ...]:
    """Give what the bodies looked at whose results are wanted; without such a result, what those that failed did.

    Of each body the most telling comes first.
    """
    _, reader, state = _recorded(program, run, given, group)
    held = [each for each, _ in _results(group, reader.recorder, state) if wanted(each.value)]
    read = [reader.held(each.frame, each.solution) for each in held]
    if not held:
        rules = (rule for each in group.definitions for rule in (each.rule, *each.rule.orelse))
        read = [reader.failed(frame) for rule in rules for frame in reader.recorder.of(rule, state)]
    found: dict[Path, Mark] = {}
    for marks in read:
        for mark in sorted(marks, key=lambda mark: (mark.tested, mark.weight, mark.order), reverse=True):
            found.setdefault(mark.path, mark)
    return tuple(found.values())


def _recorded(program: Assembled, run: Run, given: State, group: Group) -> tuple[Value, Reader, State]:
    """Evaluate a group, and record how."""
    located = located_value(given.input)
    recorder = Recorder(program.unit)
    state = State(run, located.value)
    run.frames, run.tracer = recorder, recorder.reached
    try:
        value = asked(program, group.number, state)
    finally:
        run.frames = run.tracer = None
    return value, Reader(program, recorder, located), state


def _position(group: Group, at: int, frame: Frame) -> tuple[str, int]:
    source = group.definitions[at].module.source
    rule = frame.rule or group.definitions[at].rule
    return source.file, source.position(rule.at)[0]


@dataclass(frozen=True, slots=True)
class _Result:
    value: Value
    frame: Frame
    solution: Solution


def _results(group: Group, recorder: Recorder, state: State) -> Iterator[tuple[_Result, int]]:
    for at, definition in enumerate(group.definitions):
        for rule in (definition.rule, *definition.rule.orelse):
            for frame in recorder.of(rule, state):
                for solution in frame.solutions:
                    if solution.result is not None:
                        yield _Result(_value(group, rule, solution.result), frame, solution), at


def _value(group: Group, rule: Rule, result: tuple[Value, ...]) -> Value:
    """Give the result as the caller knows it: an entry of an object is an object."""
    if group.kind != "object":
        return result[0]
    value = result[-1] if rule.key is None else RegoSet([result[-1]])
    for key in reversed(result[:-1]):
        value = RegoObject({key: value})
    return value
