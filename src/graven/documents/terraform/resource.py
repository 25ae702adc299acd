"""Owns the form of a resource: what a plan says of it, and the place in a file of each of its values."""

from __future__ import annotations

from typing import Any

from graven.documents.position import Document, Path, Position

__all__ = ["Resource"]


class Resource:
    """One resource, or one instance of it; compared by identity, since its values are open."""

    __slots__ = (
        "_base",
        "_placed",
        "about",
        "absent",
        "address",
        "document",
        "index",
        "lifecycle",
        "mode",
        "module",
        "name",
        "provider_name",
        "type",
        "unknown",
        "values",
    )

    def __init__(self, document: str, placed: Document, base: Path, values: dict[str, Any], **names: Any) -> None:
        self.document = document
        """The file to whose input it belongs."""
        self._placed = placed
        self._base = base
        self.values = values
        """As in ``planned_values``; what is not known stands as its text ``${...}``."""
        self.address: str = names["address"]
        self.mode: str = names.get("mode", "managed")
        self.type: str = names["type"]
        self.name: str = names["name"]
        self.index: int | str | None = names.get("index")
        self.module: str = names.get("module", "")
        """The address of its module; empty for the root."""
        self.provider_name: str = names.get("provider_name", "")
        self.lifecycle: dict[str, Any] = names.get("lifecycle", {})
        """The block ``lifecycle``, which is no value and so in no plan."""
        self.unknown: frozenset[Path] = names.get("unknown", frozenset())
        """The paths into ``values`` that only a run can tell."""
        self.about: frozenset[str] = names.get("about", frozenset())
        """The addresses of resources that something unknown in it is a part of."""
        self.absent: frozenset[Path] = names.get("absent", frozenset())
        """Those of arguments that are set to null, as if they were not there."""

    @property
    def file(self) -> str:
        """The file in which it is declared, or else the plan."""
        return self._placed.file

    def position(self, path: Path = ()) -> Position:
        """Give the place of a value, or of the nearest part around it that is there."""
        return self._placed.position((*self._base, *path))

    def placed(self, other: Resource) -> Resource:
        """Give the same resource with the places of another one, which declares it."""
        again = object.__new__(Resource)
        for slot in self.__slots__:
            setattr(again, slot, getattr(self, slot))
        again._placed, again._base = other._placed, other._base
        again.lifecycle = self.lifecycle or other.lifecycle
        return again

    def view(self, *, known: bool = False) -> dict[str, Any]:
        """Give the object that a rule sees; with ``known``, without what is unknown, as a plan leaves it out."""
        left = self.absent | self.unknown if known else self.absent
        values = _without(self.values, left, ()) if left else self.values
        found = {"address": self.address, "mode": self.mode, "type": self.type, "name": self.name, "values": values}
        if self.index is not None:
            found["index"] = self.index
        if self.module:
            found["module_address"] = self.module
        if self.provider_name:
            found["provider_name"] = self.provider_name
        if self.lifecycle:
            found["lifecycle"] = self.lifecycle
        return found


def _without(value: Any, unknown: frozenset[Path], path: Path) -> Any:
    if isinstance(value, dict):
        return {key: _without(one, unknown, (*path, key)) for key, one in value.items() if (*path, key) not in unknown}
    if isinstance(value, list):  # an element keeps its index, so it becomes null
        kept = enumerate(value)
        return [None if (*path, at) in unknown else _without(one, unknown, (*path, at)) for at, one in kept]
    return value
