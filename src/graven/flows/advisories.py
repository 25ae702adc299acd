"""Imports advisories into snapshots, and matches components against one of them.

An import adds to what there is: a record of the same id makes way for one that was modified later. It is all or
nothing: one record that cannot be read refuses the whole, unless the caller says to go on, and then it is counted and
named. Records come in batches, and no more than one batch is in memory. Each import is one event; the moment of the
newest import is the snapshot's age.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass, field
from urllib.parse import urlsplit

import anyio

from graven.errors import Malformed, NotFound
from graven.evidence import osv
from graven.evidence.matching import Matches, match
from graven.evidence.osv import Advisory
from graven.evidence.packages import wanted
from graven.evidence.snapshot import Row, Snapshot, decode_shard, encode_shard, exploited
from graven.ports import Feed, Journal, ObjectReader, ObjectRemover, ObjectWriter, Tables
from graven.ports.advisories import AdvisoryDraft, AdvisoryIndex
from graven.values import SYSTEM, Caller, Component, Digest, Distro
from graven.values.events import AdvisoriesImported, Event

__all__ = ["Advisories", "Current", "Imported", "Scan"]

_PACK = 4 << 20
"""A batch is that many bytes of records."""
_NAMED = 20
"""So many skipped records are named; the rest is counted."""
_SHARDS = tuple(f"{number:02x}" for number in range(256))
_LIST_LIMIT = 16 << 20

Progress = Callable[[int], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Current:
    """The newest snapshot."""

    digest: Digest
    snapshot: Snapshot
    moment: str
    """When it was imported."""
    source: str


@dataclass(frozen=True, slots=True)
class Imported:
    """What an import did."""

    snapshot: Digest
    records: int
    """In the snapshot."""
    read: int
    """In the feed."""
    added: int
    """New, or newer than what was there."""
    skipped: int
    """Could not be read, and the caller said to go on."""
    faults: tuple[str, ...]
    """Why, for the first of them."""


@dataclass(frozen=True, slots=True)
class Scan:
    """What components were found to have, by which snapshot."""

    snapshot: Digest
    moment: str
    matches: Matches


@dataclass(slots=True)
class _Tally:
    keep_going: bool
    progress: Progress | None
    kev: Digest | None = None
    read: int = 0
    added: int = 0
    skipped: int = 0
    faults: list[str] = field(default_factory=list)
    packs: list[Digest] = field(default_factory=list)
    """Packs that this import made."""


@dataclass(frozen=True, slots=True)
class _Record:
    advisory: Advisory
    data: bytes
    digest: Digest

    @property
    def rank(self) -> tuple[str, str]:
        return self.advisory.modified, str(self.digest)


@dataclass(frozen=True, kw_only=True)
class Advisories:
    """The verbs."""

    objects: ObjectReader
    writer: ObjectWriter
    remover: ObjectRemover
    journal: Journal
    tables: Tables
    index: AdvisoryIndex
    _turn: anyio.Lock = field(default_factory=anyio.Lock)

    async def import_(
        self, feed: Feed, caller: Caller, *, source: str, keep_going: bool = False, progress: Progress | None = None
    ) -> Imported:
        """Import all records of a feed; ``progress`` is told how many were read so far.

        Raises:
            Malformed: a record cannot be read, and ``keep_going`` is not said; nothing was changed.
        """
        source = _bare(source)
        async with self._turn:
            base = await self._current()
            tally = _Tally(keep_going, progress, kev=base.snapshot.kev if base else None)
            try:
                return await self._import(feed, caller, source, base, tally)
            except BaseException:
                with anyio.CancelScope(shield=True):
                    for pack in tally.packs:
                        await self.remover.remove(pack)
                raise

    async def refresh(self, feed: Feed, *, source: str) -> Imported:
        """Import on a schedule."""
        return await self.import_(feed, SYSTEM, source=source)

    async def current(self) -> Current:
        """Give the newest snapshot.

        Raises:
            NotFound: none was ever imported.
        """
        found = await self._current()
        if found is None:
            raise NotFound("no advisories were imported yet", hint="graven advisories import PATH|URL")
        return found

    async def candidates(self, snapshot: Digest, packages: Iterable[tuple[str, str]]) -> list[Advisory]:
        """Give the records of a snapshot that speak of any of these packages (ecosystem, name), by id.

        Raises:
            NotFound: there is no such snapshot, or a part of it is lost.
            Mismatch: the stored bytes are not those of the snapshot.
        """
        found = [osv.parse(data) for data in await self.records(snapshot, packages)]
        return sorted(found, key=lambda advisory: advisory.id)

    async def records(self, snapshot: Digest, packages: Iterable[tuple[str, str]]) -> list[bytes]:
        """Give the bytes of the records of a snapshot that speak of any of these packages, as they were received.

        Raises:
            NotFound: there is no such snapshot, or a part of it is lost.
            Mismatch: the stored bytes are not those of the snapshot.
        """
        await self._restore(snapshot)
        rows = sorted(await self.index.find(snapshot, packages), key=lambda row: (str(row.pack), row.offset))
        return [await self._record(row) for row in rows]

    async def scan(
        self, components: Sequence[Component], distro: Distro | None, *, snapshot: Digest | None = None
    ) -> Scan:
        """Match components against the newest snapshot, or against the one that a replay names.

        Raises:
            NotFound: there is no such snapshot.
        """
        current = await self.current() if snapshot is None else await self._named(snapshot)
        packages = {package for component in components for package in wanted(component, distro).packages}
        advisories = await self.candidates(current.digest, packages)
        kev = await self._kev(current.snapshot)
        matches = match(components, distro, advisories, covered=current.snapshot.covered, kev=kev)
        return Scan(current.digest, current.moment, matches)

    async def _import(self, feed: Feed, caller: Caller, source: str, base: Current | None, tally: _Tally) -> Imported:
        if base is not None:
            await self._restore(base.digest)
        async with self.index.draft(base.digest if base else None) as draft:
            async for batch in _batches(feed, tally):
                await self._add(batch, draft, tally)
                if tally.progress is not None:
                    await tally.progress(tally.read)
            if not tally.read:
                raise Malformed("got no records at all, expected OSV advisories", where=source)
            snapshot = await self._shards(draft, tally.kev)
            digest = await self.writer.put(snapshot.encode())
            await draft.seal(digest)
        # from here on the event may stand in the journal whatever becomes of this call: its packs stay
        tally.packs.clear()
        body = AdvisoriesImported(digest, source, snapshot.records, base.digest if base else None)
        await self.journal.append(Event(body, actor=caller.principal, origin=caller.origin))
        counts = (snapshot.records, tally.read, tally.added, tally.skipped)
        return Imported(digest, *counts, tuple(tally.faults))

    async def _add(self, batch: Sequence[tuple[str, bytes]], draft: AdvisoryDraft, tally: _Tally) -> None:
        read = await anyio.to_thread.run_sync(_read, batch, tally)
        newest: dict[str, _Record] = {}
        for record in read:
            known = newest.get(record.advisory.id)
            if known is None or known.rank < record.rank:
                newest[record.advisory.id] = record
        fresh = await draft.fresh([(name, record.advisory.modified, record.digest) for name, record in newest.items()])
        chosen = [record for name, record in newest.items() if name in fresh]
        if chosen:
            pack = await self._put_pack(b"".join(record.data for record in chosen), tally)
            await draft.put(_rows(chosen, pack))
            tally.added += len(chosen)
        lists = [data for _, data in batch if _is_list(data)]
        if lists:
            tally.kev = await self._put_pack(lists[-1], tally)

    async def _put_pack(self, data: bytes, tally: _Tally) -> Digest:
        digest = Digest.of(data)
        if await self.objects.size(digest) is None:
            tally.packs.append(digest)
            await self.writer.put(data)
        return digest

    async def _shards(self, draft: AdvisoryDraft, kev: Digest | None) -> Snapshot:
        records, newest = 0, ""
        ecosystems: dict[str, int] = {}
        shards: list[tuple[str, Digest]] = []
        for name in _SHARDS:
            rows = await draft.shard(name)
            if not rows:
                continue
            shards.append((name, await self.writer.put(await anyio.to_thread.run_sync(encode_shard, rows))))
            records += len(rows)
            newest = max(newest, *(row.modified for row in rows))
            for ecosystem in (each for row in rows for each in {pair[0] for pair in row.packages}):
                ecosystems[ecosystem] = ecosystems.get(ecosystem, 0) + 1
        return Snapshot(records, newest, tuple(sorted(ecosystems.items())), kev, tuple(shards))

    async def _current(self) -> Current | None:
        rows = await self.tables.scan("snapshots", reverse=True, limit=1)
        if not rows:
            return None
        row = rows[0][1]
        digest = Digest.parse(str(row["snapshot"]))
        snapshot = Snapshot.decode(await self.objects.get(digest))
        return Current(digest, snapshot, str(row["time"]), str(row["source"]))

    async def _named(self, digest: Digest) -> Current:
        return Current(digest, Snapshot.decode(await self.objects.get(digest)), "", "")

    async def _restore(self, digest: Digest) -> None:
        """Make the index of a snapshot again from its objects, where it was lost."""
        if await self.index.holds(digest):
            return
        snapshot = Snapshot.decode(await self.objects.get(digest))
        async with self.index.draft(None) as draft:
            for _, shard in snapshot.shards:
                await draft.put(decode_shard(await self.objects.get(shard)))
            await draft.seal(digest)

    async def _record(self, row: Row) -> bytes:
        pieces = [piece async for piece in self.objects.stream(row.pack, start=row.offset, end=row.offset + row.size)]
        return row.cut(b"".join(pieces), row.offset)

    async def _kev(self, snapshot: Snapshot) -> frozenset[str]:
        if snapshot.kev is None:
            return frozenset()
        return exploited(await self.objects.get(snapshot.kev, limit=_LIST_LIMIT)) or frozenset()


async def _batches(feed: Feed, tally: _Tally) -> AsyncIterator[list[tuple[str, bytes]]]:
    batch: list[tuple[str, bytes]] = []
    size = 0
    async for name, data in feed.documents():
        tally.read += 1
        batch.append((name, data))
        size += len(data)
        if size >= _PACK:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch


def _read(batch: Sequence[tuple[str, bytes]], tally: _Tally) -> list[_Record]:
    found: list[_Record] = []
    for name, data in batch:
        try:
            if exploited(data) is None:
                found.append(_Record(osv.parse(data, where=name), data, Digest.of(data)))
        except Malformed as e:
            if not tally.keep_going:
                raise
            tally.skipped += 1
            tally.faults += [str(e)] if len(tally.faults) < _NAMED else []
    return found


def _is_list(data: bytes) -> bool:
    try:
        return exploited(data) is not None
    except Malformed:
        return False  # it was counted as a record that cannot be read


def _rows(chosen: Sequence[_Record], pack: Digest) -> list[Row]:
    rows: list[Row] = []
    offset = 0
    for record in chosen:
        advisory, size = record.advisory, len(record.data)
        rows.append(Row(advisory.id, record.digest, advisory.modified, advisory.packages, pack, offset, size))
        offset += size
    return rows


def _bare(source: str) -> str:
    """Leave out of a URL what may be a secret: user, password, query."""
    if not source.startswith(("http://", "https://")):
        return source
    try:
        parts = urlsplit(source)
    except ValueError:
        return "a URL that is none"
    return parts._replace(netloc=parts.netloc.rpartition("@")[2], query="", fragment="").geturl()
