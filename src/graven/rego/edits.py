"""Owns edits of a document: values put, replaced and taken out at paths of the document as it was, all of them at once.

As all paths are those of the document before any edit, one edit can be left out without a change of the others. What
stands beside a path that is added is made with it; an index behind the end of an array adds to the array.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from graven.rego.notation import term_text, to_json
from graven.rego.places import Path
from graven.rego.readout import shown
from graven.rego.values import EMPTY_OBJECT, UNDEFINED, RegoObject, Value, index

__all__ = ["Edit", "Edits", "applied", "at", "merged", "original", "told"]

Edits = Mapping[Path, Value]
"""The new value at each path; UNDEFINED takes out what is there. No path is below another."""


@dataclass(frozen=True, slots=True)
class Edit:
    """One edit, told."""

    path: Path
    before: Value = UNDEFINED
    """UNDEFINED: nothing was there, and the value is added."""
    after: Value = UNDEFINED
    """UNDEFINED: what was there is removed."""

    @property
    def op(self) -> str:
        """Name the operation as JSON Patch does."""
        return "remove" if self.after is UNDEFINED else "add" if self.before is UNDEFINED else "replace"

    def __str__(self) -> str:
        path = shown(self.path).removeprefix(".")
        return f"no {path}" if self.after is UNDEFINED else f"{path} = {term_text(self.after)}"

    def value(self) -> dict[str, Any]:
        """Give the JSON form: ``op``, ``path`` as a list of steps, and what there is of ``before`` and ``value``.

        >>> Edit(("spec", "replicas"), 1, 2).value()
        {'op': 'replace', 'path': ['spec', 'replicas'], 'before': 1, 'value': 2}
        """
        parts = {"before": self.before, "value": self.after}
        told = {name: to_json(part) for name, part in parts.items() if part is not UNDEFINED}
        return {"op": self.op, "path": list(self.path), **told}


def at(document: Value, path: Path) -> Value:
    """Give what stands at a path, or UNDEFINED."""
    for step in path:
        document = index(document, step)
    return document


def told(document: Value, edits: Edits) -> tuple[Edit, ...]:
    """Tell edits of a document, in the order of their paths."""
    found = (Edit(path, at(document, path), after) for path, after in edits.items())
    return tuple(sorted(found, key=lambda edit: [(isinstance(step, str), step) for step in edit.path]))


def applied(document: Value, edits: Edits) -> Value:
    """Give the document with all edits done, or UNDEFINED where one has no place in it.

    >>> applied((1, 2, 3), {(0,): UNDEFINED, (2,): 4})
    (2, 4)
    >>> applied(RegoObject(), {("a", "b"): 1})
    {'a': {'b': 1}}
    """
    if () in edits:
        return edits[()]
    below: dict[Value, dict[Path, Value]] = {}
    for path, value in edits.items():
        below.setdefault(path[0], {})[path[1:]] = value
    if document is UNDEFINED:
        document = () if 0 in below else EMPTY_OBJECT
    if document.__class__ is RegoObject:
        return _object(document, below)
    return _array(document, below) if document.__class__ is tuple else document if not below else UNDEFINED


def _object(document: RegoObject, below: Mapping[Value, Edits]) -> Value:
    made = dict(document)
    for key, edits in below.items():
        made[key] = applied(document.get(key, UNDEFINED), edits)
        if made[key] is UNDEFINED:
            if () not in edits:
                return UNDEFINED
            del made[key]
    return RegoObject(made)


def _array(document: tuple[Value, ...], below: Mapping[Value, Edits]) -> Value:
    if any(key.__class__ is not int or key < 0 for key in below):
        return UNDEFINED
    made = []
    for number in sorted({*range(len(document)), *below}):
        edits = below.get(number)
        found = index(document, number) if edits is None else applied(index(document, number), edits)
        if found is not UNDEFINED:
            made.append(found)
        elif edits is None or () not in edits:
            return UNDEFINED
    return tuple(made)


def merged(edits: Edits, more: Edits) -> dict[Path, Value]:
    """Put edits together; where both are about one part, the later ones count."""
    found = dict(edits)
    for path, value in more.items():
        above = next((known for known in found if len(known) < len(path) and path[: len(known)] == known), None)
        if above is not None:
            found[above] = applied(found[above], {path[len(above) :]: value})
            continue
        found = {known: each for known, each in found.items() if known[: len(path)] != path}
        found[path] = value
    return found


def original(document: Value, edits: Edits, path: Path) -> Path:
    """Give the path before some edits of what is at a path after them: elements of arrays may have moved.

    >>> original((1, 2, 3), {(0,): UNDEFINED}, (1,))
    (2,)
    """
    found: list[str | int] = []
    for step in path:
        if document.__class__ is tuple and isinstance(step, int):
            taken = {known[-1] for known, value in edits.items() if value is UNDEFINED and known[:-1] == tuple(found)}
            left = [number for number in range(len(taken) + step + 1) if number not in taken]
            step = left[step]
        found.append(step)
        document = index(document, step)
    return tuple(found)
