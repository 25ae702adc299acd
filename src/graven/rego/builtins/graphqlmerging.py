"""Owns the rule that fields of one name in a GraphQL answer must be one field (October 2021, section 5.3.2)."""

from __future__ import annotations

from itertools import combinations, product
from typing import NamedTuple

from graven.rego.builtins.graphqlcursor import Node
from graven.rego.builtins.graphqltypes import LEAF, type_text
from graven.rego.builtins.graphqlvalues import same_value
from graven.rego.builtins.graphqlwalk import Rule, Walk

__all__ = ["merging"]


class _Conflict(NamedTuple):
    name: str
    reason: str
    at: Node


class _Merging:
    """The comparisons of one walk."""

    def __init__(self, walk: Walk) -> None:
        self._walk = walk
        self._pairs: dict[tuple[str, str], bool] = {}
        self._seen: set[str] = set()

    def within(self, owner: Node) -> list[_Conflict]:
        """Give the conflicts in one set of selections."""
        fields, spreads = _collected(owner)
        found: list[_Conflict] = []
        for same in fields.values():
            for one, other in combinations(same, 2):
                self._compare(one, other, apart=False, found=found)
        self._seen = set()
        for at, spread in enumerate(spreads):
            self._fragment(fields, spread, apart=False, found=found)
            for other in spreads[at + 1 :]:
                self._fragments(spread, other, apart=False, found=found)
        return found

    def _definition(self, spread: Node) -> Node | None:
        return self._walk.fragment(spread["Name"])

    def _fragment(self, fields: _Fields, spread: Node, *, apart: bool, found: list[_Conflict]) -> None:
        """Compare fields with those of a fragment and of the fragments in it."""
        name, fragment = spread["Name"], self._definition(spread)
        if name in self._seen or fragment is None:
            return
        self._seen.add(name)
        others, spreads = _collected(fragment)
        if [id(each) for same in fields.values() for each in same] == [
            id(each) for same in others.values() for each in same
        ]:
            return
        self._between(fields, others, apart=apart, found=found)
        for inner in spreads:
            if inner["Name"] != name:
                self._fragment(fields, inner, apart=apart, found=found)

    def _fragments(self, one: Node, other: Node, *, apart: bool, found: list[_Conflict]) -> None:
        """Compare two fragments."""
        left, right = sorted((one["Name"], other["Name"]))
        known = self._pairs.get((left, right))
        if left == right or (known is not None and (apart or not known)):
            return
        self._pairs[left, right] = apart
        first, second = self._definition(one), self._definition(other)
        if first is None or second is None:
            return
        (fields, spreads), (others, more) = _collected(first), _collected(second)
        self._between(fields, others, apart=apart, found=found)
        for spread in more:
            self._fragments(one, spread, apart=apart, found=found)
        for spread in spreads:
            self._fragments(spread, other, apart=apart, found=found)

    def _between(self, fields: _Fields, others: _Fields, *, apart: bool, found: list[_Conflict]) -> None:
        for name, same in fields.items():
            for one, other in product(same, others.get(name, ())):
                self._compare(one, other, apart=apart, found=found)

    def _compare(self, one: Node, other: Node, *, apart: bool, found: list[_Conflict]) -> None:
        above, beside = one.get("parent"), other.get("parent")
        if above is None or beside is None:
            return
        known = one["definition"] is not None and other["definition"] is not None
        objects = above["Kind"] == beside["Kind"] == "OBJECT" and above["Name"] != beside["Name"]
        apart = apart or (objects and known)
        reason = "" if apart else _difference(one, other)
        if not reason and known and self._types_differ(one["definition"]["Type"], other["definition"]["Type"]):
            texts = type_text(one["definition"]["Type"]), type_text(other["definition"]["Type"])
            reason = f'they return conflicting types "{texts[0]}" and "{texts[1]}"'
        reason = reason or self._below(one, other, apart=apart)
        if reason:
            found.append(_Conflict(one["Alias"], reason, other))

    def _below(self, one: Node, other: Node, *, apart: bool) -> str:
        """Compare what two fields select and say what differs."""
        found: list[_Conflict] = []
        (fields, spreads), (others, more) = _collected(one), _collected(other)
        self._between(fields, others, apart=apart, found=found)
        for base, each in [*((fields, spread) for spread in more), *((others, spread) for spread in spreads)]:
            self._seen = set()
            self._fragment(base, each, apart=apart, found=found)
        for left, right in product(spreads, more):
            self._fragments(left, right, apart=apart, found=found)
        return " and ".join(f'subfields "{each.name}" conflict because {each.reason}' for each in found)

    def _types_differ(self, one: Node, other: Node) -> bool:
        if "Elem" in one and "Elem" in other:
            return self._types_differ(one["Elem"], other["Elem"])
        if "Elem" in one or "Elem" in other or bool(one.get("NonNull")) != bool(other.get("NonNull")):
            return True
        left, right = self._walk.schema.type(one), self._walk.schema.type(other)
        leaves = left is not None and right is not None and left["Kind"] in LEAF and right["Kind"] in LEAF
        return leaves and one["NamedType"] != other["NamedType"]


_Fields = dict[str, list[Node]]


def _collected(owner: Node) -> tuple[_Fields, list[Node]]:
    """Give the fields by the name of their answer, inline fragments entered, and the spreads."""
    fields: _Fields = {}
    spreads: list[Node] = []
    for selection in owner.get("SelectionSet", ()):
        if "Alias" in selection:
            fields.setdefault(selection["Alias"] or selection["Name"], []).append(selection)
        elif "SelectionSet" in selection:
            inner, more = _collected(selection)
            for name, same in inner.items():
                fields.setdefault(name, []).extend(same)
            spreads += more
        else:
            spreads.append(selection)
    return fields, spreads


def _difference(one: Node, other: Node) -> str:
    """Say how two fields differ that answer under one name."""
    if one["Name"] != other["Name"]:
        return f'"{one["Name"]}" and "{other["Name"]}" are different fields'
    left, right = one.get("Arguments", ()), other.get("Arguments", ())
    same = len(left) == len(right) and all(
        any(each["Name"] == its["Name"] and same_value(each["Value"], its["Value"]) for its in right) for each in left
    )
    return "" if same else "they have differing arguments"


def _rule(walk: Walk, owner: Node) -> None:
    if "merging" not in walk.memory:
        walk.memory["merging"] = _Merging(walk)
    checked: _Merging = walk.memory["merging"]
    for conflict in checked.within(owner):
        lead = f'Fields "{conflict.name}" conflict because {conflict.reason}.'
        walk.error(conflict.at, f"{lead} Use different aliases on the fields to fetch both if this was intentional.")


def _in_operation(walk: Walk, owner: Node) -> None:
    if walk.operation is not None:
        _rule(walk, owner)


def merging() -> tuple[tuple[str, Rule], ...]:
    """Give the rule for each kind of node."""
    return ("operation", _rule), ("field", _in_operation), ("inline", _rule), ("fragment", _rule)
