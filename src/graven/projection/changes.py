"""Changes of tables, and expectations about them. A table is a sorted map from a key (a tuple) to a row."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

__all__ = ["Absent", "Change", "Delete", "Equals", "Expectation", "Key", "Patch", "Put", "Row", "Value"]

Value = str | int | None
Key = tuple[str | int, ...]
Row = Mapping[str, Value]


@dataclass(frozen=True, slots=True)
class Put:
    """The row stands there from now on, whatever stood there before."""

    table: str
    key: Key
    row: Row = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Patch:
    """These columns of the row change, if there is a row."""

    table: str
    key: Key
    row: Row


@dataclass(frozen=True, slots=True)
class Delete:
    """No row stands there any more."""

    table: str
    key: Key


@dataclass(frozen=True, slots=True)
class Absent:
    """No row stands there, or else the append is a ``Conflict``."""

    table: str
    key: Key


@dataclass(frozen=True, slots=True)
class Equals:
    """A row stands there and has these values, or else the append is a ``Conflict``."""

    table: str
    key: Key
    row: Row = field(default_factory=dict)


Change = Put | Patch | Delete
Expectation = Absent | Equals
