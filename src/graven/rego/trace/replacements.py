"""Owns what ``with`` replaces while an expression is evaluated, and puts back for those after it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

from graven.rego.trace.frames import Frame, Next, Signal
from graven.rego.trace.terms import Step, plug
from graven.rego.tree import Scalar, Term
from graven.rego.values import EMPTY_OBJECT, UNDEFINED, RegoObject, Value

__all__ = ["Aside", "replacing"]

Aside: TypeAlias = Callable[[Next], Signal]
"""Does something with what was replaced put back."""
Path: TypeAlias = tuple[Value, ...]


def replacing(frame: Frame, step: Step, work: Callable[[Aside], Signal]) -> Signal:
    """Evaluate an expression with its replacements."""
    shared = frame.shared
    plugged = [(path, plug(value, frame.bindings)) for path, value in step.withs]
    functions = {path: value for path, value in plugged if _function(frame, path)}
    documents = [(path, value) for path, value in plugged if path not in functions]
    changed = {
        "input": _changed(frame.input, [pair for pair in documents if pair[0][0] == "input"]),
        "data": _changed(frame.data, [pair for pair in documents if pair[0][0] == "data"]),
    }
    targets = [path for path, _ in plugged if path[0] in ("input", "data")]
    before: tuple[Value, Value] = (UNDEFINED, UNDEFINED)

    def push() -> None:
        nonlocal before
        before = frame.input, frame.data
        frame.input, frame.data = changed["input"], changed["data"]
        frame.kept = frame.kept or [{}]
        frame.kept.append({})
        shared.memos.append({})
        shared.targets.append(targets)
        shared.mocks[-1].append(functions)

    def pop() -> None:
        shared.mocks[-1].pop()
        shared.targets.pop()
        shared.memos.pop()
        assert frame.kept is not None  # noqa: S101 - pushed
        frame.kept.pop()
        frame.input, frame.data = before

    def aside(then: Next) -> Signal:
        pop()
        stop = then()
        push()
        return stop

    push()
    stop = work(aside)
    pop()
    return stop


def _function(frame: Frame, path: Path) -> bool:
    if path[0] == "input":
        return False
    if path[0] != "data":
        return True
    node = frame.shared.tree.find(path[1:])
    return node is not None and any(clause.args for clause in node.clauses)


def _changed(document: Value, pairs: list[tuple[Path, Term]]) -> Value:
    for path, value in pairs:
        assert isinstance(value, Scalar)  # noqa: S101 - safety has made it so
        document = _put(document, path[1:], value.value)
    return document


def _put(document: Value, path: Path, value: Value) -> Value:
    if not path:
        return value
    found = document if document.__class__ is RegoObject else EMPTY_OBJECT
    return RegoObject({**found, path[0]: _put(found.get(path[0], UNDEFINED), path[1:], value)})
