"""Owns how loops over one large collection are led: by an index of what is in its members, made once and kept.

A loop that a test follows at once need not go over members that surely fail it. What is given here is in the order of
the collection and holds every member that may pass, perhaps others too; the test itself stays where it is. A member
is left out only where its test would be false or undefined without a word: never where a builtin would complain.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import accumulate, repeat
from operator import add

from graven.record import TYPE_CHECKING, Record
from graven.rego.machine import State, U, members
from graven.rego.values import RegoObject, RegoSet, Value, index

if TYPE_CHECKING:
    from typing import TypeVar

    Path = tuple[str, ...]
    Pair = tuple[Value, Value]
    Made = TypeVar("Made")

__all__ = ["containing", "ending", "matching", "matching_pairs", "starting"]

_FEW = 16
"""So many members are gone through faster than an index of them is made."""
_MOST = 1000
"""So many indexes are kept in one evaluation."""
_COMPOSITES = (tuple, RegoObject, RegoSet)
_END = "\0"


def matching(state: State, container: Value, path: Path, value: Value) -> Iterable[Value]:
    """Give the members of a collection that have this value at a path."""
    if not _is_worth_it(state, container) or value.__class__ in _COMPOSITES:
        return members(state, container)
    rows = _kept(state, container, ("value", path), lambda: _by_value(_listed(state, container), path))
    found = rows.get(value, ())
    state.run.charge(len(found) + 1)
    return found


def matching_pairs(state: State, container: Value, inner: Path, path: Path, value: Value) -> Iterable[Pair]:
    """Give, with the member around it, what in the collections at ``inner`` has this value at a path."""
    if not _is_worth_it(state, container) or value.__class__ in _COMPOSITES:
        return _pairs(state, members(state, container), inner)
    rows = _kept(state, container, ("pair", inner, path), lambda: _pairs_by_value(state, container, inner, path))
    found = rows.get(value, ())
    state.run.charge(len(found) + 1)
    return found


def starting(state: State, container: Value, path: Path, text: str) -> Iterable[Value]:
    """Give the members whose text at a path starts with another."""
    return _having(state, container, path, text, _END + text)


def ending(state: State, container: Value, path: Path, text: str) -> Iterable[Value]:
    """Give the members whose text at a path ends with another."""
    return _having(state, container, path, text, text + _END)


def containing(state: State, container: Value, path: Path, text: str) -> Iterable[Value]:
    """Give the members whose text at a path contains another."""
    return _having(state, container, path, text, text)


def _is_worth_it(state: State, container: Value) -> bool:
    return container.__class__ in _COMPOSITES and len(container) >= _FEW and len(state.run.indexes) < _MOST


def _kept(state: State, container: Value, key: tuple[object, ...], make: Callable[[], Made]) -> Made:
    """Give an index of a collection, made when first asked for."""
    indexes = state.run.indexes
    found = indexes.get((id(container), key))
    if found is None:
        found = indexes[id(container), key] = (container, make())
    made: Made = found[1]
    return made


def _listed(state: State, container: Value) -> Sequence[Value]:
    found = members(state, container)
    return found if isinstance(found, tuple) else [*found]


def _column(items: Sequence[Value], path: Path) -> Sequence[Value]:
    """Give what stands at a path in each of some values, U where there is nothing."""
    for step in path:
        if {*map(type, items)} == {RegoObject}:
            items = [*map(RegoObject.get, items, repeat(step), repeat(U))]
        else:
            items = [index(each, step) for each in items]
    return items


def _grouped(items: Sequence[Made], values: Sequence[Value]) -> dict[Value, list[Made]]:
    """Group by values, those left out whose value is undefined or a collection."""
    rows: dict[Value, list[Made]] = {}
    for item, value in zip(items, values, strict=True):
        if value is not U and value.__class__ not in _COMPOSITES:
            rows.setdefault(value, []).append(item)
    return rows


def _by_value(items: Sequence[Value], path: Path) -> dict[Value, list[Value]]:
    return _grouped(items, _column(items, path))


def _pairs(state: State, items: Iterable[Value], inner: Path) -> Iterator[Pair]:
    """Give each member of the collection that is at a path in each value, with the value."""
    for item in items:
        found = item
        for step in inner:
            found = index(found, step)
        for each in members(state, found):
            yield item, each


def _pairs_by_value(state: State, container: Value, inner: Path, path: Path) -> dict[Value, list[Pair]]:
    items = _listed(state, container)
    found = zip(items, _column(items, inner), strict=True)
    pairs = [(item, each) for item, collection in found for each in members(state, collection)]
    return _grouped(pairs, _column([each for _, each in pairs], path))


class _Texts(Record):
    """The members of a collection that have something at a path, all of it text."""

    members: Sequence[Value]
    joined: str
    """The texts with an end before, between and behind them: searching one text is quicker than searching each."""
    ends: list[int]
    """Where in it the text of each member ends."""


def _having(state: State, container: Value, path: Path, text: str, wanted: str) -> Iterable[Value]:
    """Give the members whose text at a path, with an end before and behind it, contains what is wanted."""
    if not _is_worth_it(state, container) or _END in text:
        return members(state, container)
    known = len(state.run.indexes)
    texts: _Texts | None = _kept(state, container, ("text", path), lambda: _texts(_listed(state, container), path))
    if texts is None:
        return members(state, container)
    if known == len(state.run.indexes):
        state.run.charge(len(container))
    return _found(texts, wanted)


def _texts(items: Sequence[Value], path: Path) -> _Texts | None:
    """Join what stands at a path; None if some of it is no text, so that a builtin would complain of it."""
    texts = _column(items, path)
    if U in texts:
        pairs = [pair for pair in zip(items, texts, strict=True) if pair[1] is not U]
        items, texts = [item for item, _ in pairs], [text for _, text in pairs]
    if not {*map(type, texts)} <= {str}:
        return None
    return _Texts(items, _END.join(["", *texts, ""]), [*accumulate(map(add, map(len, texts), repeat(1)))])


def _found(texts: _Texts, wanted: str) -> Iterator[Value]:
    items, joined, ends = texts
    find, row, at = joined.find, 0, joined.find(wanted)
    while at >= 0:
        row = bisect_right(ends, at, row)
        yield items[row]
        at = find(wanted, ends[row])
