"""Where the sealed log lies, and which checkpoint is the newest that was signed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

__all__ = ["Head", "Intake", "LogFiles"]


class LogFiles(Protocol):
    """The published files of the log (C2SP tlog-tiles), by path. Tiles and bundles never change."""

    async def read(self, path: str) -> bytes | None:
        """Give a file, if it is there."""

    async def put(self, files: Sequence[tuple[str, bytes]]) -> None:
        """Write files; when it returns all are durable, when it breaks off any of them may be.

        Raises:
            Conflict: a file is there with other bytes.
        """

    async def publish(self, note: bytes) -> None:
        """Put the newest checkpoint in the place of the one before, at once or not at all."""

    async def prune(self, path: str) -> None:
        """Remove the partial forms of a tile that is full."""


class Head(Protocol):
    """The newest signed checkpoint: trusted, and kept apart from the files, which are not."""

    async def get(self) -> bytes | None:
        """Give it."""

    async def swap(self, expected: bytes | None, note: bytes) -> None:
        """Put a newer one in its place.

        Raises:
            Conflict: it is not the expected one.
        """


class Intake(Protocol):
    """Takes entries of a sealed log into an empty journal, as they were stamped."""

    async def take_in(self, first: int, leaves: Sequence[bytes]) -> None:
        """Store leaves at a position, which must be the size so far, and change the tables by them.

        Raises:
            Conflict: the journal has another size.
            Malformed: a leaf cannot be read.
        """
