"""Where advisories come from: a folder, a zip, JSON lines or JSON documents, plain, .gz or .zst, here or at a URL.

The layouts of OSV's own exports are all of these: ``all.zip``, a folder of records, a folder for each ecosystem. What
a file is, its first bytes say. Nothing is unpacked onto the disk; what is fetched is spooled into one file, which is
removed. Names in archives are only names, and one that would lead out of its folder is refused.
"""

from __future__ import annotations

import gzip
import io
import json
import os
import tempfile
import zipfile
import zlib
from collections.abc import AsyncIterable, AsyncIterator, Generator, Iterator
from contextlib import closing
from dataclasses import dataclass
from itertools import islice
from pathlib import Path, PurePosixPath
from typing import Any, BinaryIO, Protocol
from urllib.parse import urlsplit

import anyio
import httpx
import zstandard

from graven.errors import GravenError, Malformed, NotFound, TooLarge, Unavailable, Unsupported

__all__ = ["FileFeed", "Limits", "StreamFeed", "UrlFeed", "open_feed", "records"]

_CHUNK = 1 << 20
_PIECE = 512
"""Of packed zstd bytes: what they unpack to is in memory at once, at most 128 KiB for each 4 of them."""
_WINDOW = 1 << 27
_AT_ONCE = 256
_SUFFIXES = (".json", ".jsonl", ".ndjson", ".zip", ".zst", ".gz")
"""Other files in a folder are no advisories."""
_REDIRECTS = 5


@dataclass(frozen=True, slots=True)
class Limits:
    """What a feed may be."""

    record: int = 16 << 20
    """Bytes of one record."""
    transfer: int = 8 << 30
    """Bytes that come from elsewhere."""
    ratio: int = 250
    """Unpacked to packed bytes, beyond the first 64 MiB."""
    records: int = 5_000_000


def open_feed(source: str, *, spool: Path, limits: Limits | None = None) -> FileFeed | UrlFeed:
    """Give the feed of a path or of a URL; what is fetched is spooled in a folder."""
    chosen = limits or Limits()
    if source.startswith(("http://", "https://")):
        return UrlFeed(source, spool=spool, limits=chosen)
    return FileFeed(Path(source), limits=chosen)


@dataclass(frozen=True, slots=True)
class FileFeed:
    """A folder or a file of this machine."""

    path: Path
    limits: Limits = Limits()

    async def documents(self) -> AsyncIterator[tuple[str, bytes]]:
        """Give the records.

        Raises:
            NotFound: there is no such file or folder.
            Malformed: it cannot be unpacked, or a name in it leads out of its folder.
            TooLarge: more than a limit.
        """
        with closing(records(self.path, self.limits)) as found:
            while batch := await anyio.to_thread.run_sync(lambda: list(islice(found, _AT_ONCE))):
                for record in batch:
                    yield record


@dataclass(frozen=True, slots=True)
class StreamFeed:
    """Bytes that somebody sends."""

    pieces: AsyncIterable[bytes]
    spool: Path
    name: str = "upload"
    limits: Limits = Limits()

    async def documents(self) -> AsyncIterator[tuple[str, bytes]]:
        """Spool the bytes, then give the records; see ``FileFeed``."""
        async for record in _spooled(self.pieces, self.spool, self.name, self.limits):
            yield record


@dataclass(frozen=True, slots=True)
class UrlFeed:
    """A file at a URL."""

    url: str
    spool: Path
    limits: Limits = Limits()

    async def documents(self) -> AsyncIterator[tuple[str, bytes]]:
        """Fetch the file, then give the records; see ``FileFeed``.

        Raises:
            Unavailable: no answer, or another one than 200.
        """
        name = PurePosixPath(urlsplit(self.url).path).name or "download"
        async for record in _spooled(self._fetched(), self.spool, name, self.limits):
            yield record

    async def _fetched(self) -> AsyncIterator[bytes]:
        try:
            async with httpx.AsyncClient(timeout=60, trust_env=False) as client:
                async for piece in self._followed(client):
                    yield piece
        except (httpx.HTTPError, httpx.InvalidURL) as e:
            raise Unavailable(f"could not fetch advisories: {str(e) or type(e).__name__}", where=_bare(self.url)) from e

    async def _followed(self, client: httpx.AsyncClient) -> AsyncIterator[bytes]:
        url = httpx.URL(self.url)
        for _ in range(_REDIRECTS):
            async with client.stream("GET", url) as response:
                if response.next_request is None:
                    if response.status_code != 200:
                        raise Unavailable(f"got {response.status_code}, expected 200", where=_bare(str(url)))
                    async for piece in response.aiter_raw(_CHUNK):
                        yield piece
                    return
                url = _next(url, response.next_request.url)
        raise Unavailable(f"got more than {_REDIRECTS} redirects", where=_bare(self.url))


def _bare(url: str) -> str:
    """Leave out of a URL what may be a secret: user, password, query."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return "a URL that is none"
    return parts._replace(netloc=parts.netloc.rpartition("@")[2], query="", fragment="").geturl()


def _next(url: httpx.URL, following: httpx.URL) -> httpx.URL:
    if following.scheme not in ("https", url.scheme):
        raise Unsupported(
            f"got a redirect from {url.scheme} to {following.scheme}, expected https", where=_bare(str(url))
        )
    return following


class _Reader(Protocol):
    def read(self, size: int, /) -> bytes: ...


class _Zstandard:
    """Unpacks zstd frames; the library's own reader takes a truncated frame for a whole one."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._rest = b""
        self._frame: Any = None

    def read(self, _: int, /) -> bytes:
        while piece := self._rest or self._file.read(_PIECE):
            self._rest = b""
            if self._frame is None:
                self._frame = zstandard.ZstdDecompressor(max_window_size=_WINDOW).decompressobj()
            data: bytes = self._frame.decompress(piece)
            if self._frame.eof:
                self._rest, self._frame = self._frame.unused_data, None
            if data:
                return data
        if self._frame is not None:
            raise EOFError("it ends in the midst of a frame")
        return b""


async def _spooled(
    pieces: AsyncIterable[bytes], spool: Path, name: str, limits: Limits
) -> AsyncIterator[tuple[str, bytes]]:
    size = 0
    await anyio.Path(spool).mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=spool, prefix="advisories-") as folder:
        path = Path(folder) / "feed"
        async with await anyio.open_file(path, "wb") as file:
            async for piece in pieces:
                size += len(piece)
                if size > limits.transfer:
                    raise TooLarge(f"got more than {limits.transfer} bytes of advisories", where=name)
                await file.write(piece)
        async for record_name, data in FileFeed(path, limits).documents():
            yield record_name.replace(str(path), name, 1), data


def records(path: Path, limits: Limits) -> Generator[tuple[str, bytes]]:
    """Give the records of a file or folder, each with where it stood; see ``FileFeed``.

    What libraries raise while they read becomes an error of graven's own.
    """
    try:
        for count, record in enumerate(_records(path, limits)):
            if count >= limits.records:
                raise TooLarge(f"got more than {limits.records} records", where=str(path))
            yield record
    except FileNotFoundError as e:
        raise NotFound("no such file or folder of advisories", where=str(path)) from e
    except (zipfile.BadZipFile, zstandard.ZstdError, zlib.error, EOFError, gzip.BadGzipFile) as e:
        raise Malformed(f"cannot be unpacked: {str(e) or type(e).__name__}", where=str(path)) from e
    except (NotImplementedError, RuntimeError) as e:
        if isinstance(e, GravenError):
            raise
        raise Unsupported(f"cannot be unpacked: {e}", where=str(path)) from e
    except OSError as e:
        raise Unavailable(f"cannot be read: {e.strerror or e}", where=str(path)) from e


def _records(path: Path, limits: Limits) -> Iterator[tuple[str, bytes]]:
    if not path.is_dir():
        with path.open("rb") as file:
            yield from _file(str(path), file, path.stat().st_size, limits)
        return
    root = path.resolve()
    for folder, folders, names in os.walk(path):
        folders.sort()
        for name in sorted(names):
            member = Path(folder) / name
            if not name.lower().endswith(_SUFFIXES):
                continue
            if not member.resolve().is_relative_to(root):
                raise Malformed("got a link that leads out of the folder", where=str(member))
            with member.open("rb") as file:
                yield from _file(str(member), file, member.stat().st_size, limits)


def _file(name: str, file: BinaryIO, packed: int, limits: Limits) -> Iterator[tuple[str, bytes]]:
    start = file.read(4)
    file.seek(0)
    most = (64 << 20) + packed * limits.ratio
    if start.startswith(b"PK"):
        yield from _zip(name, file, limits, most)
    elif start == b"\x28\xb5\x2f\xfd":
        yield from _lines(name, _Zstandard(file), limits, most)
    elif start.startswith(b"\x1f\x8b"):
        with gzip.open(file) as unpacked:
            yield from _lines(name, unpacked, limits, most)
    else:
        yield from _lines(name, file, limits, packed)


def _zip(name: str, file: BinaryIO, limits: Limits, most: int) -> Iterator[tuple[str, bytes]]:
    with zipfile.ZipFile(file) as archive:
        total = 0
        for member in archive.infolist():
            where = f"{name}!{member.filename}"
            path = PurePosixPath(member.filename.replace("\\", "/"))
            if path.is_absolute() or ".." in path.parts:
                raise Malformed("got a name that leads out of the archive", where=where)
            if member.is_dir() or not member.filename.lower().endswith((".json", ".jsonl", ".ndjson")):
                continue
            total += member.file_size
            if total > most:
                raise TooLarge(f"unpacks to more than {most} bytes, {limits.ratio} times its size", where=where)
            with archive.open(member) as unpacked:
                yield from _lines(where, unpacked, limits, member.file_size)


def _lines(name: str, reader: _Reader, limits: Limits, most: int) -> Iterator[tuple[str, bytes]]:
    """Give one record a line; or the whole, where its first line alone is no JSON."""
    lines = _split(name, reader, limits, most)
    first = next(lines, None)
    if first is None:
        return
    if not _whole(first[1]):
        rest = io.BytesIO()
        for _, line in (first, *lines):
            rest.write(line + b"\n")
            if rest.tell() > limits.record:
                raise TooLarge(f"got a record of more than {limits.record} bytes", where=name)
        yield name, rest.getvalue()
        return
    yield (f"{name}:{first[0]}", first[1])
    for number, line in lines:
        yield f"{name}:{number}", line


def _whole(line: bytes) -> bool:
    try:
        json.loads(line)
    except (ValueError, RecursionError):
        return False
    return True


def _split(name: str, reader: _Reader, limits: Limits, most: int) -> Iterator[tuple[int, bytes]]:
    rest, number, total = b"", 0, 0
    while chunk := reader.read(_CHUNK):
        total += len(chunk)
        if total > most:
            raise TooLarge(f"unpacks to more than {most} bytes, {limits.ratio} times its size", where=name)
        block = rest + chunk
        if block.isspace():  # many blank lines are nothing, and must not cost as much as many records
            number, rest = number + block.count(b"\n"), b""
            continue
        *lines, rest = block.split(b"\n")
        for line in lines:
            number += 1
            if line.strip():
                yield number, line
        if len(rest) > limits.record:
            raise TooLarge(f"got a record of more than {limits.record} bytes", where=f"{name}:{number + 1}")
    if rest.strip():
        yield number + 1, rest
