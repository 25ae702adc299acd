"""What was not seen: as much a part of the result as what was."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

__all__ = ["SHOWN", "Coverage", "Unread"]

SHOWN = 200
"""Rows of each list that are kept; what is beyond is counted in ``omitted``."""


@dataclass(frozen=True, slots=True, order=True)
class Unread:
    """A database of packages that no cataloguer reads."""

    kind: str
    """Such as ``apk`` or ``rpm``."""
    path: str


@dataclass(frozen=True, slots=True)
class Coverage:
    """Lists of what was not seen, each sorted and bounded; all empty where everything was."""

    unread_databases: tuple[Unread, ...] = ()
    unowned_executables: tuple[str, ...] = ()
    """Programs and shared libraries that no package owns."""
    unowned_archives: tuple[str, ...] = ()
    """Jars, wheels and their like that no package owns: what is in them was not looked at."""
    bare_folders: tuple[str, ...] = ()
    """Folders where packages of a language stand, without metadata that says which."""
    limits: tuple[str, ...] = ()
    """What was left unread, and why."""
    omitted: tuple[tuple[str, int], ...] = ()
    """Name of a list, and how many of its rows are left out here; only of those that leave any out."""

    @property
    def complete(self) -> bool:
        """Whether everything was seen."""
        return self == Coverage()

    @classmethod
    def of(
        cls,
        *,
        unread_databases: Iterable[Unread] = (),
        omitted: Mapping[str, int] | None = None,
        **lists: Iterable[str],
    ) -> Coverage:
        """Sort each list and bound it, counting what is left out (and what had been left out before)."""
        rows: dict[str, list[Any]] = {name: sorted(set(items)) for name, items in lists.items()}
        rows["unread_databases"] = sorted(set(unread_databases))
        over = {name: max(len(items) - SHOWN, 0) + (omitted or {}).get(name, 0) for name, items in rows.items()}
        kept: dict[str, Any] = {name: tuple(items[:SHOWN]) for name, items in rows.items()}
        return cls(**kept, omitted=tuple(sorted((name, count) for name, count in over.items() if count)))

    @classmethod
    def union(cls, *parts: Coverage) -> Coverage:
        """Give what any of the parts did not see."""
        lists = ("unowned_executables", "unowned_archives", "bare_folders", "limits")
        return cls.of(
            unread_databases=(unread for part in parts for unread in part.unread_databases),
            omitted=sum((Counter(dict(part.omitted)) for part in parts), Counter()),
            **{name: [row for part in parts for row in getattr(part, name)] for name in lists},
        )

    def document(self) -> dict[str, Any]:
        """Give it as a JSON value."""
        return {
            "bare_folders": list(self.bare_folders),
            "limits": list(self.limits),
            "omitted": dict(self.omitted),
            "unowned_archives": list(self.unowned_archives),
            "unowned_executables": list(self.unowned_executables),
            "unread_databases": [{"kind": unread.kind, "path": unread.path} for unread in self.unread_databases],
        }

    @classmethod
    def read(cls, document: Mapping[str, Any]) -> Coverage:
        """Read what ``document`` gave."""
        return cls(
            tuple(Unread(row["kind"], row["path"]) for row in document["unread_databases"]),
            tuple(document["unowned_executables"]),
            tuple(document["unowned_archives"]),
            tuple(document["bare_folders"]),
            tuple(document["limits"]),
            tuple(sorted(document["omitted"].items())),
        )
