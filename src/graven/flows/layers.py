"""Layers: each is read once, in a thread, and what it tells is kept by its digest and the cataloguer's version.

A layer comes from a file where the store has one, or else in pieces from the event loop, one at a time. Either way the
thread stops at its next piece when nobody waits for it any more.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator, Callable, Sequence
from dataclasses import dataclass, field
from io import RawIOBase

import anyio
import anyio.from_thread
import anyio.to_thread

from graven.errors import GravenError, Malformed, Unavailable
from graven.flows.flights import Flights
from graven.inventory import VERSION, LayerReport, Limits, Reader, catalogue_layer
from graven.ports import Cache, ObjectReader
from graven.values import Descriptor, Digest

__all__ = ["Layers"]

_AT_ONCE = 2


@dataclass(frozen=True, kw_only=True)
class Layers:
    """Gives what layers tell."""

    objects: ObjectReader
    cache: Cache
    limits: Limits = field(default_factory=Limits)
    flights: Flights[Digest] = field(default_factory=Flights)
    turns: anyio.Semaphore = field(default_factory=lambda: anyio.Semaphore(_AT_ONCE))
    """So many layers are read at a time, whoever asks."""

    async def reports(self, layers: Sequence[Descriptor]) -> list[LayerReport]:
        """Give the reports of layers, in their order.

        Raises:
            NotFound: the store has no such object.
            Malformed: one of them cannot be read.
            TooLarge: one of them passes a limit.
            Unsupported: the compression of one is not read.
            Unavailable: the store does not answer.
        """
        found: dict[int, LayerReport] = {}
        failed: list[GravenError] = []

        async def one(at: int, layer: Descriptor) -> None:
            try:
                found[at] = await self._report(layer)
            except GravenError as e:
                failed.append(e)
                group.cancel_scope.cancel()

        async with anyio.create_task_group() as group:
            for at, layer in enumerate(layers):
                group.start_soon(one, at, layer)
        if failed:
            raise failed[0]
        return [found[at] for at in range(len(layers))]

    async def _report(self, layer: Descriptor) -> LayerReport:
        key = f"layer/{VERSION}/{layer.digest}"
        async with self.flights.one(layer.digest):
            found = await anyio.to_thread.run_sync(_kept, await self.cache.get(key))
            if found is None:
                async with self.turns:
                    found = await self._read(layer)
                await self.cache.put(key, await anyio.to_thread.run_sync(found.encode))
            return found

    async def _read(self, layer: Descriptor) -> LayerReport:
        def work(reader: Reader) -> LayerReport:
            return catalogue_layer(reader, media_type=layer.media_type, layer=layer.digest, limits=self.limits)

        path = self.objects.path(layer.digest)
        if path is not None:
            return await anyio.to_thread.run_sync(_with_file, path, work)
        pieces = _Pieces(self.objects.stream(layer.digest))
        try:
            return await anyio.to_thread.run_sync(work, pieces)
        finally:
            await pieces.close()


def _kept(data: bytes | None) -> LayerReport | None:
    """Give the report that was kept; what cannot be read is made again."""
    try:
        return None if data is None else LayerReport.decode(data)
    except Malformed:
        return None


def _with_file(path: str, work: Callable[[Reader], LayerReport]) -> LayerReport:
    try:
        # Unbuffered: the pieces asked for are large.
        with open(path, "rb", buffering=0) as file:  # noqa: PTH123  a path of the store, not one to compute with
            return work(_File(file))
    except OSError as e:
        raise Unavailable(f"a layer cannot be opened: {e.strerror}", where="store") from e


class _File:
    """Reads a file, as long as somebody waits for it."""

    def __init__(self, file: RawIOBase) -> None:
        self._file = file

    def read(self, size: int, /) -> bytes:
        anyio.from_thread.check_cancelled()
        return self._file.read(size) or b""


class _Pieces:
    """Reads what the event loop gives in pieces, as long as somebody waits for it."""

    def __init__(self, pieces: AsyncIterator[bytes]) -> None:
        self._pieces = pieces
        self._rest = b""

    def read(self, size: int, /) -> bytes:
        anyio.from_thread.check_cancelled()
        piece = self._rest or anyio.from_thread.run(self._next)
        self._rest = piece[size:]
        return piece[:size]

    async def _next(self) -> bytes:
        async for piece in self._pieces:
            if piece:
                return piece
        return b""

    async def close(self) -> None:
        """Let go of the stream, wherever it stands."""
        if isinstance(self._pieces, AsyncGenerator):
            await self._pieces.aclose()
