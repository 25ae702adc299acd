"""Owns the edits that may turn a result: for each part of the input that a rule looked at, the values worth trying.

Nothing is made up that neither the rule nor the document names: constants of the expressions that look at the part,
and what makes them begin, end or contain it; the numbers at a bound; what the same part is elsewhere in the document;
the other truth; taking the part out. The likeliest come first. What follows of an edit is for others to find out.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from math import inf

from graven.rego.edits import Edits, at
from graven.rego.literals import Literal, Literals
from graven.rego.places import Path
from graven.rego.readings import Mark
from graven.rego.values import FALSE, TRUE, UNDEFINED, Bool, RegoObject, Value, is_number

__all__ = ["proposals"]

_ORDERED = ("lt", "lte", "gt", "gte")
_FEW = 16
_MEMBERS = 6
"""So many members of an array are put in or taken out at once."""


def proposals(document: Value, marks: Sequence[Mark], literals: Literals, *, rough: bool = False) -> Iterator[Edits]:
    """Give edits of a document, the likeliest first, each once.

    Those that repair; where ``rough`` is told, also those that take out what a rule asks about.
    """
    seen: set[tuple[tuple[Path, Value], ...]] = set()
    for edits in _all(document, marks, literals, rough=rough):
        key = tuple(edits.items())
        if key not in seen and all(at(document, path) != value for path, value in key):
            seen.add(key)
            yield edits


def _all(document: Value, marks: Sequence[Mark], literals: Literals, *, rough: bool) -> Iterator[Edits]:
    tested = [path for mark in marks if mark.tested for path in _complete(document, mark.path, literals)]
    taken = [mark.path for mark in marks if mark.path and not mark.tested]
    for path in tested:
        near = literals.near(_key(path))
        yield from _changed(document, path, [*near, *_numbers(document, tested, path)])
        yield from _removed(document, path, rough=rough)
    for path in taken:
        if isinstance(path[-1], int) or _holds(at(document, path)):
            yield from _removed(document, path, rough=rough)
    for path in (*tested, *taken) if rough else ():
        for length in range(len(path) - 1, 0, -1):
            if isinstance(path[length - 1], int):
                yield from _removed(document, path[:length], rough=rough)


def _complete(document: Value, path: Path, literals: Literals) -> list[Path]:
    """Give a path whose end is not there with the steps that rules go behind it: for one that varies, constants."""
    if not path or at(document, path) is not UNDEFINED or not isinstance(path[-1], str):
        return [path] if path else []
    names: dict[str | int, None] = dict.fromkeys(each.value for each in literals.values if isinstance(each.value, str))
    found: list[Path] = []
    for chain in literals.behind(path[-1]):
        ends = [0, *names] if None in chain else [0]
        found += ((*path, *(end if step is None else step for step in chain)) for end in ends)
    return list(dict.fromkeys(found))[:_FEW] or [path]


def _key(path: Path) -> str:
    return next((step for step in reversed(path) if isinstance(step, str)), "")


def _numbers(document: Value, paths: Sequence[Path], own: Path) -> list[Literal]:
    """Give the numbers that were looked at beside one as what it is compared with."""
    values = (at(document, path) for path in paths if path != own)
    return [Literal(value, "lt", frozenset()) for value in values if is_number(value)][:_FEW]


def _holds(value: Value) -> bool:
    return value.__class__ in (tuple, RegoObject)


def _removed(document: Value, path: Path, *, rough: bool) -> Iterator[Edits]:
    value = at(document, path)
    if path and value is not UNDEFINED and (rough or (isinstance(path[-1], int) and not _holds(value))):
        yield {path: UNDEFINED}


def _changed(document: Value, path: Path, near: Sequence[Literal]) -> Iterator[Edits]:
    """Propose other values for a part."""
    value = at(document, path)
    if value.__class__ is tuple:
        yield from _array(path, value, near)
    elif value.__class__ is RegoObject:
        yield from _object(path, value, near)
    else:
        for each in _scalar(value, near, _siblings(document, path), _key(path)):
            yield {path: each}


def _scalar(value: Value, near: Sequence[Literal], siblings: Sequence[Value], key: str) -> Iterator[Value]:
    if value is TRUE or value is FALSE:
        yield FALSE if value is TRUE else TRUE
    elif is_number(value):
        found = [each for literal in near for each in _bounds(literal)]
        yield from sorted(found, key=lambda each: (_distance(each, value), each < value))
    elif isinstance(value, str):
        yield from (each for literal in near for each in _texts(value, literal) if each)
    yield from siblings
    if value is UNDEFINED or value is None:
        own = [literal for literal in near if key in literal.keys]
        for each in (*own, Literal(TRUE, "", frozenset()), *near):
            values = [(each.value,)] if each.operator.startswith("member") else _bounds(each) or [each.value]
            yield from (found for found in values if found is not UNDEFINED)
        yield from (FALSE, key)


def _distance(one: Value, other: Value) -> float:
    try:
        return abs(float(one) - float(other))
    except OverflowError:
        return inf


def _bounds(literal: Literal) -> list[Value]:
    value = literal.value
    if not is_number(value):
        return []
    return [value, value + 1, value - 1] if literal.operator in _ORDERED else [value]


def _texts(value: str, literal: Literal) -> list[str]:
    """Make a text begin, end, contain or be what it is compared with, or no longer."""
    other = literal.value
    if not isinstance(other, str) or not other:
        return []
    match literal.operator:
        case "startswith":
            return [value.removeprefix(other)] if value.startswith(other) else [*_prefixed(value, other), other + value]
        case "endswith":
            return [value.removesuffix(other) if value.endswith(other) else value + other]
        case "contains":
            return [value.replace(other, "") if other in value else value + other]
        case _:
            return [*_prefixed(value, other), other]


def _prefixed(value: str, prefix: str) -> list[str]:
    return [prefix + value.rpartition("/")[2]] if prefix.endswith("/") else []


def _array(path: Path, value: tuple[Value, ...], near: Sequence[Literal]) -> Iterator[Edits]:
    """Propose to put in what is named, and to make it as long as is wanted."""
    kinds = {each.__class__ for each in value}
    for literal in near:
        if not kinds or literal.value.__class__ in kinds:
            yield {(*path, len(value)): literal.value} if literal.value not in value else {}
    for length in [each for literal in near for each in _bounds(literal) if each.__class__ is int]:
        if 0 <= length < len(value) <= length + _MEMBERS:
            yield {(*path, at_): UNDEFINED for at_ in range(length, len(value))}
        elif value and len(value) < length <= len(value) + _MEMBERS:
            yield {(*path, at_): value[-1] for at_ in range(len(value), length)}


def _object(path: Path, value: RegoObject, near: Sequence[Literal]) -> Iterator[Edits]:
    """Propose to put in a key that is named, and to take one out."""
    names = dict.fromkeys(literal.value for literal in near if isinstance(literal.value, str))
    likely = [next(iter(value.ordered_items()), ("", TRUE))[1], TRUE]
    for name in names:
        yield from ({(*path, name): each} for each in likely) if name not in value else ({(*path, name): UNDEFINED},)


def _siblings(document: Value, path: Path) -> list[Value]:
    """Give what the same part is in other members of the arrays and objects around it."""
    found: dict[Value, None] = {}
    for length in range(len(path) - 1, 0, -1):
        whole = at(document, path[: length - 1])
        keys = (
            range(len(whole)) if whole.__class__ is tuple else whole.ordered() if whole.__class__ is RegoObject else ()
        )
        for key in list(keys)[:_FEW]:
            value = at(document, (*path[: length - 1], key, *path[length:]))
            if value is not UNDEFINED and not isinstance(value, (tuple, RegoObject, Bool)):
                found[value] = None
    return list(found)
