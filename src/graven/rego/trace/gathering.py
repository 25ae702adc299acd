"""Owns the set or object that several rules make together while it is being made."""

from __future__ import annotations

from typing import Any, TypeAlias

from graven.rego.values import RegoObject, RegoSet, Value

__all__ = ["Clash", "Gathered"]

Nested: TypeAlias = Any
"""A dict of such, a set of values, or a value."""


class Clash(Exception):
    """Two rules give different things at one place."""


class Gathered:
    """A set or object in the making."""

    def __init__(self, empty: Value, depth: int) -> None:
        self.depth = depth
        """So many steps of a rule's path lead to it."""
        self.made: Nested = set() if empty.__class__ is RegoSet else {}
        self.paths: list[tuple[Value, ...]] = []

    def add(self, path: list[Value], value: Value, *, multiple: bool) -> bool:
        """Add what a rule gives; say whether it was there.

        Raises:
            Clash: another rule gives something else there.
        """
        if isinstance(self.made, set):
            there = value in self.made
            self.made.add(value)
            return there
        steps = tuple(path[self.depth :])
        if any(steps[: len(each)] == each and steps != each for each in self.paths):
            raise Clash
        self.paths.append(steps)
        at: Nested = self.made
        for step in steps[:-1]:
            at = at.setdefault(step, {})
            if at.__class__ is not dict:
                raise Clash
        return self._member(at, steps[-1], value) if multiple else self._entry(at, steps[-1], value)

    @staticmethod
    def _member(at: Nested, key: Value, value: Value) -> bool:
        leaf = at.setdefault(key, set())
        if leaf.__class__ is not set:
            raise Clash
        there = value in leaf
        leaf.add(value)
        return there

    @staticmethod
    def _entry(at: Nested, key: Value, value: Value) -> bool:
        if key in at:
            if _frozen(at[key]) != value:
                raise Clash
            return True
        at[key] = value
        return False

    def value(self) -> Value:
        """Give it as it is now."""
        return _frozen(self.made)


def _frozen(made: Nested) -> Value:
    if made.__class__ is set:
        return RegoSet(made)
    if made.__class__ is dict:
        return RegoObject({key: _frozen(value) for key, value in made.items()})
    return made
