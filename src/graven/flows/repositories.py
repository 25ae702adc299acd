"""Repositories: immutable by default, made by the first push, mutable where somebody with the right said so.

A setting is for one repository, or for a folder of them (``team/*``, or ``*`` for all) and then for those that are
made later. The nearest folder counts. A setting for a folder is a row of the same table: its name has a ``*``, which
no repository's name has.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from graven.errors import Conflict, NotFound
from graven.flows.races import settle
from graven.ports import Journal, Tables
from graven.projection import Absent, Equals, Expectation, Row
from graven.values import Caller, RepositoryName, repository_name
from graven.values.events import Body, Event, RepositorySet

__all__ = ["Mode", "Opening", "Repositories", "folder_or_name", "opening", "unknown"]

Mode = Literal["immutable", "mutable"]


@dataclass(frozen=True, slots=True)
class Opening:
    """A repository as a push finds it: its mode, what to journal first, and what must still hold then."""

    mode: Mode
    bodies: tuple[Body, ...]
    expects: tuple[Expectation, ...]


async def opening(tables: Tables, repository: RepositoryName) -> Opening:
    """Look at the repository of a push; the first push makes it."""
    row = await tables.get("repositories", (repository,))
    if row is not None:
        mode = _mode(row)
        return Opening(mode, (), (Equals("repositories", (repository,), {"mode": mode}),))
    mode = await _default(tables, repository)
    return Opening(mode, (RepositorySet(repository, mode),), (Absent("repositories", (repository,)),))


async def _default(tables: Tables, repository: str) -> Mode:
    folder = repository
    while folder:
        folder = folder.rpartition("/")[0]
        row = await tables.get("repositories", (f"{folder}/*" if folder else "*",))
        if row is not None:
            return _mode(row)
    return "immutable"


def _mode(row: Row) -> Mode:
    return "mutable" if row["mode"] == "mutable" else "immutable"


def folder_or_name(text: str) -> str:
    """Read a repository's name, or a folder and ``/*``, or ``*`` alone.

    >>> folder_or_name("conformance/*")
    'conformance/*'

    Raises:
        Malformed: it is none of these.
    """
    if text == "*":
        return text
    return f"{repository_name(text[:-2])}/*" if text.endswith("/*") else repository_name(text)


async def unknown(tables: Tables, repository: str, *, otherwise: NotFound) -> NotFound:
    """Say that a repository is unknown, or else what was not found in it."""
    if await tables.get("repositories", (repository,)) is not None:
        return otherwise
    return NotFound(f"no repository {repository!r}", where=repository, detail={"kind": "repository"})


@dataclass(frozen=True, kw_only=True)
class Repositories:
    """Reads and sets the modes of repositories."""

    journal: Journal
    tables: Tables

    async def get(self, name: str) -> Row:
        """Give the mode of a repository or folder, and since when.

        Raises:
            NotFound: nothing was set or pushed under that name.
        """
        row = await self.tables.get("repositories", (folder_or_name(name),))
        if row is None:
            raise NotFound(f"no repository {name!r}", where=name, detail={"kind": "repository"})
        return row

    async def all(self, *, last: str = "", limit: int = 1000) -> Sequence[tuple[str, Row]]:
        """List repositories and settings of folders, in the order of their names."""
        after = (last,) if last else None
        return [(str(key[0]), row) for key, row in await self.tables.scan("repositories", after=after, limit=limit)]

    async def set(self, name: str, mode: Mode, *, caller: Caller, reason: str = "") -> None:
        """Set the mode of a repository, or of those that will be made in a folder.

        Raises:
            Conflict: files are published there; they are write-once, so their repository stays immutable.
        """
        target = folder_or_name(name)
        await settle(lambda: self._set(target, mode, caller, reason))

    async def _set(self, target: str, mode: Mode, caller: Caller, reason: str) -> None:
        row = await self.tables.get("repositories", (target,))
        if row is not None and row["mode"] == mode:
            return
        if mode == "mutable" and await self.tables.scan("files", (target,), limit=1):
            raise Conflict(f"files are published in {target!r}, expected none in a mutable repository", where=target)
        key = (target,)
        expects: Expectation = Absent("repositories", key) if row is None else Equals("repositories", key, row)
        event = Event(RepositorySet(target, mode), caller.principal, caller.origin, reason=reason)
        await self.journal.append(event, expects=(expects,))
