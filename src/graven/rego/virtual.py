"""Owns documents made by rules and base data together, where only running tells which of them a step meets."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from graven.record import TYPE_CHECKING
from graven.rego.faults import EvaluationError
from graven.rego.machine import Overlay, State, U, base_index, entries
from graven.rego.values import RegoObject, Value, index, sorted_values

if TYPE_CHECKING:
    from typing import Any

__all__ = ["Place", "Virtual", "extent", "keys", "root", "virtual_entries", "virtual_index"]


class Place:
    """One step of the tree below ``data``, as a running evaluation sees it."""

    __slots__ = ("children", "kind", "number")

    def __init__(self, children: dict[Value, Place], number: int = -1, kind: str = "") -> None:
        self.children = children
        self.number = number
        """Of the group whose rules make it; -1: none does."""
        self.kind = kind
        """Of that group."""

    def groups(self) -> Iterable[int]:
        """Give the number of every group at this place and below."""
        if self.number >= 0:
            yield self.number
        for child in self.children.values():
            yield from child.groups()


class Virtual:
    """A place below ``data`` that is not evaluated yet."""

    __slots__ = ("base", "node", "overlay")

    def __init__(self, node: Place | None, base: Value, overlay: Mapping[str, Value] | None) -> None:
        self.node = node
        self.base = base
        self.overlay = overlay


def root(state: State) -> Value:
    """Give ``data`` as a state sees it."""
    program: Any = state.run.program
    if state.overlay is not None and not isinstance(state.overlay, Overlay):
        return state.overlay
    return Virtual(program.tree_root, program.base, state.overlay)


def virtual_index(state: State, place: Value, key: Value) -> Value:
    """Give what stands below a place, evaluated only if a rule makes it."""
    if place.__class__ is not Virtual:
        return index(place, key)
    under = place.overlay.get(key) if place.overlay is not None and key.__class__ is str else None
    if place.overlay is not None and key in place.overlay and not isinstance(under, Overlay):
        return under
    child = place.node.children.get(key) if place.node is not None else None
    if child is None:
        base = base_index(place.base, key)
        return base if under is None else Virtual(None, base, under)
    if child.number < 0:
        return Virtual(child, index(place.base, key), under)
    if child.kind == "function":
        return U
    program: Any = state.run.program
    value = program.ask(child.number, state)
    return value if under is None else _merged(value, under)


def keys(place: Virtual) -> list[Value]:
    """Give the keys of what stands below a place, in their order."""
    found: set[Value] = set(place.overlay or ())
    if place.node is not None:
        found.update(key for key, child in place.node.children.items() if child.kind != "function")
    if place.base.__class__ is RegoObject:
        found.update(place.base)
    return sorted_values(found)


def virtual_entries(state: State, place: Value) -> Iterable[tuple[Value, Value]]:
    """Give what stands below a place, key by key."""
    if place.__class__ is not Virtual:
        yield from entries(state, place)
        return
    if place.node is None and place.base.__class__ is not RegoObject and not place.overlay:
        yield from entries(state, place.base)
        return
    for key in keys(place):
        found = virtual_index(state, place, key)
        if found is not U:
            yield key, found


def extent(state: State, place: Value) -> Value:
    """Give the value of a place, with all that its rules make."""
    if place.__class__ is not Virtual:
        return place
    if place.node is None and place.overlay is not None:
        return _merged(place.base, place.overlay)
    if place.node is not None and not place.node.children and place.base is not U:
        return place.base
    pairs = ((key, extent(state, item)) for key, item in virtual_entries(state, place))
    return RegoObject({key: item for key, item in pairs if item is not U})


def _merged(value: Value, overlay: Mapping[str, Value]) -> Value:
    """Put replacements over a value.

    Raises:
        EvaluationError: ``eval_with_merge_error``, the value is no object.
    """
    if value is U:
        value = RegoObject()
    if value.__class__ is not RegoObject:
        raise EvaluationError("eval_with_merge_error", "real and replacement data could not be merged")
    changed = {
        key: _merged(value.get(key, U), item) if isinstance(item, Overlay) else item for key, item in overlay.items()
    }
    return RegoObject({**value, **changed})
