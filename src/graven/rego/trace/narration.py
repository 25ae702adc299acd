"""Owns the text of a trace in OPA's form: a line for each event, its place before it, variables by their old names."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from graven.rego.notation import term_text
from graven.rego.trace.events import Event
from graven.rego.trace.naming import Names
from graven.rego.trace.paths import shortened

__all__ = ["aligned", "full", "leading", "rows"]

_GAP = 4


def full(events: Iterable[Event]) -> list[Event]:
    """Leave out what was unified."""
    return [event for event in events if event.op != "Unify"]


def leading(events: Iterable[Event], *ops: str) -> list[Event]:
    """Keep the events of some kinds, and what led there."""
    found: list[Event] = []
    begun: dict[int, Event] = {}
    for event in events:
        if event.op in ops:
            path, at, before = [event], begun.get(event.query), None
            while at is not None and at is not before:
                path.append(at)
                before, at = at, begun.get(at.parent)
            found += reversed(path)
            begun = {}
        if event.op in ("Enter", "Redo") and not event.of_expression:
            begun[event.query] = event
    return found


def rows(events: Sequence[Event], names: Mapping[str, str]) -> list[tuple[str, str]]:
    """Write place and text of each event."""
    return list(zip(_places(events), _told(events, Names(names)), strict=True))


def aligned(found: Sequence[tuple[str, str]]) -> list[str]:
    """Write each event on a line, with its place before it."""
    width = max((len(place.encode()) for place, _ in found), default=0) + _GAP
    return [f"{place:<{width}} {text}" for place, text in found]


def _told(events: Iterable[Event], texts: Names) -> Iterable[str]:
    depths: dict[int, int] = {}
    for event in events:
        depth = depths.get(event.query, 0)
        if not depth:
            depth = depths.get(event.parent, 0) + 1
            depths[event.query] = depth
        outside = event.op == "Enter" or (event.op == "Redo" and not event.of_expression)
        yield f"{'| ' * (depth - outside)}{event.op} {_about(event, texts)}"


def _about(event: Event, texts: Names) -> str:
    if event.op == "Note":
        return f'"{event.message}"'
    if event.op == "TestCase":
        return f"internal.test_case({term_text(event.path or ())})"
    text = texts.path(event.path) if event.path is not None else texts.node(event.node)
    return f"{text} {event.message}" if event.message else text


def _places(events: Sequence[Event]) -> Iterable[str]:
    files = shortened([event.place for event in events if event.place is not None])
    for event in events:
        if event.place is None:
            yield ""
        else:
            file, row = event.place
            yield f"{files.get(file, 'query')}:{row}"
