"""The index of advisories: which records of a snapshot speak of which packages. It can be made again from objects."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import AbstractAsyncContextManager
from typing import Protocol

from graven.evidence.snapshot import Row
from graven.values import Digest

__all__ = ["AdvisoryDraft", "AdvisoryIndex"]


class AdvisoryDraft(Protocol):
    """The rows of a snapshot that is being made; one by one in id and in no memory."""

    async def fresh(self, records: Sequence[tuple[str, str, Digest]]) -> set[str]:
        """Of these ids, moments and digests, give the ids that the draft lacks or has older.

        Of two moments that are equal the greater digest is the later one, so that the order of imports changes nothing.
        """

    async def put(self, rows: Iterable[Row]) -> None:
        """Add rows; one of the same id makes way."""

    async def shard(self, name: str) -> Sequence[Row]:
        """Give the rows of a shard, by id."""

    async def seal(self, snapshot: Digest) -> None:
        """Keep the rows as those of this snapshot. Without it the draft leaves nothing."""


class AdvisoryIndex(Protocol):
    """The rows of some snapshots, the newest among them."""

    def draft(self, base: Digest | None) -> AbstractAsyncContextManager[AdvisoryDraft]:
        """Begin a draft with the rows of a snapshot, or with none."""

    async def holds(self, snapshot: Digest) -> bool:
        """Tell whether the index has this snapshot's rows."""

    async def find(self, snapshot: Digest, packages: Iterable[tuple[str, str]]) -> Sequence[Row]:
        """Give the rows of a snapshot that speak of any of these packages (ecosystem, name), each once, by id."""
