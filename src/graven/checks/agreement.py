"""Owns how another engine is heard: instead of our own, or beside it, and then the two have to say the same; pure.

Answers are compared as JSON, since that is all that another engine gives: a set is its sorted list. Numbers are equal
that have one value. Neither answer is believed where the two differ.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from json import loads
from typing import Any, NamedTuple

from graven.errors import GravenError, Unsupported
from graven.rego import UNDEFINED, Value, from_json, to_json
from graven.rego.notation import json_text

__all__ = ["ABSENT", "Other", "steps"]

ABSENT = object()
"""What another engine gives for a document that is undefined."""

_STEP = re.compile(r'\.([A-Za-z_][A-Za-z0-9_]*)|\[("(?:[^"\\]|\\.)*")\]')
_LONG = 300


class Other(NamedTuple):
    """Another engine, and whether our own is asked too."""

    name: str
    ask: Callable[[tuple[str, ...], str, Mapping[str, str] | None], Any]
    """Gives the document at some steps for an input in JSON and what ``data.conftest.file`` is, or ``ABSENT``."""
    compared: bool

    def answer(self, query: str, document: object, info: Mapping[str, str] | None, own: Value) -> tuple[Value, str]:
        """Give what holds, and what stands in the way of a decision, or nothing."""
        try:
            found = self.ask(steps(query), json_text(from_json(document)), info)
        except GravenError as e:
            return own, f"{query}: {self.name} gives no answer: {' '.join(e.message.split())[:500]}"
        theirs = UNDEFINED if found is ABSENT else from_json(found)
        if not self.compared:
            return theirs, ""
        mine = own if own is UNDEFINED else from_json(to_json(own))
        if mine == theirs:
            return own, ""
        return (
            own,
            f"graven and {self.name} disagree on {query}: graven says {_told(mine)}, {self.name} says {_told(theirs)}",
        )


def steps(query: str) -> tuple[str, ...]:
    """Give the steps of a reference to a document below ``data``.

    >>> steps("data.main.deny"), steps('data.a["b-c/d"].deny')
    (('main', 'deny'), ('a', 'b-c/d', 'deny'))

    Raises:
        Unsupported: it is written in another way, or has a step that cannot be a part of a URL.
    """
    found, at = [], len("data")
    while at < len(query):
        step = _STEP.match(query, at)
        if step is None:
            raise Unsupported(f'got {query}, expected steps as .name or ["name"]')
        found.append(step[1] or loads(step[2]))
        at = step.end()
    lost = [step for step in found if step in ("", ".", "..")]
    if lost:
        raise Unsupported(f"got {query}, which no URL can name: {lost[0]!r} is lost in it")
    return tuple(found)


def _told(value: Value) -> str:
    if value is UNDEFINED:
        return "nothing (undefined)"
    text = json_text(value)
    return text if len(text) <= _LONG else f"{text[:_LONG]}…"
