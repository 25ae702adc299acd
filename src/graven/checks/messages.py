"""Owns what a rule's value means: a message, an object with ``msg``, ``_loc`` and metadata, or neither; pure.

conftest drops silently what it does not understand; here it is a problem, since a rule spoke and nobody heard.
"""

from __future__ import annotations

from collections.abc import Mapping

from graven.checks.results import Place, Result
from graven.record import TYPE_CHECKING
from graven.rego import UNDEFINED, Value, to_json
from graven.rego.values import FALSE, RegoSet, sorted_values

if TYPE_CHECKING:
    from typing import Any

__all__ = ["members", "message"]


def members(value: Value) -> tuple[Value, ...] | str:
    """Give the members of what a rule gave, in Rego's order, or say what it is instead of a set or list of them."""
    if value is UNDEFINED or value is FALSE:
        return ()
    if value.__class__ is RegoSet:
        return tuple(sorted_values(value))
    if value.__class__ is tuple:
        return tuple(value)
    return f"got {_kind(to_json(value))}, expected a set of messages"


def message(member: Value, query: str) -> Result | str:
    """Read one member, or say why it is no message.

    >>> message("no tag", "data.main.deny").message
    'no tag'
    >>> message(7, "data.main.deny")
    'got a number, expected a message, or an object with msg'
    """
    found = to_json(member)
    if isinstance(found, str):
        return Result(found, {"query": query}) if found else "got an empty message"
    if not isinstance(found, dict):
        return f"got {_kind(found)}, expected a message, or an object with msg"
    text = found.get("msg")
    if not isinstance(text, str) or not text:
        return f"got an object whose msg is {_kind(text)}, expected a text"
    metadata = {key: value for key, value in found.items() if key not in ("msg", "_loc")}
    return Result(text, {**metadata, "query": query}, _location(found.get("_loc")))


def _location(found: Any) -> Place | None:
    if not isinstance(found, Mapping):
        return None
    file, line = found.get("file"), found.get("line")
    file = file if isinstance(file, str) else ""
    line = int(line) if isinstance(line, int | float) and not isinstance(line, bool) else 0
    return Place(file, line) if file or line else None


_KINDS: dict[type, str] = {
    type(None): "nothing",
    bool: "a boolean",
    int: "a number",
    float: "a number",
    str: "a text",
    list: "a list",
    dict: "an object",
}


def _kind(value: object) -> str:
    return _KINDS.get(type(value), f"a {type(value).__name__}") if value != "" else "empty"
