"""What a folder of objects does beyond the contract: it finds rot, leaves nothing behind, and has one owner."""

from __future__ import annotations

import os
import secrets
import subprocess
import sys
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from graven.errors import Mismatch, Unavailable
from graven.ledger.tiles import CHECKPOINT, Tile
from graven.stores import layout
from graven.stores.disk import DiskCache, DiskObjects
from graven.stores.lock import locked
from graven.stores.log import DiskLogFiles
from graven.stores.uploads import DiskUploads
from graven.values import Digest


async def pieces(*data: bytes) -> AsyncIterator[bytes]:
    for piece in data:
        yield piece


def files(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


async def test_an_object_that_rotted_is_not_given_whole(tmp_path: Path) -> None:
    objects = DiskObjects(tmp_path)
    for data in (b"small", bytes(1 << 20)):
        digest = await objects.put(data)
        file = layout.object_file(tmp_path, digest)
        file.write_bytes(b"\x01" + data[1:])
        with pytest.raises(Mismatch):
            await objects.get(digest)


async def test_only_the_object_is_left_of_a_put_and_of_an_upload(tmp_path: Path) -> None:
    objects, uploads = DiskObjects(tmp_path), DiskUploads(tmp_path, entropy=secrets.token_bytes)
    digest = await objects.put(b"x")
    upload = await uploads.open()
    await uploads.write(upload, pieces(b"y"))
    await uploads.finish(upload, Digest.of(b"y"))
    wanted = [layout.object_file(tmp_path, one) for one in (digest, Digest.of(b"y"))]
    assert files(tmp_path) == sorted(str(one.relative_to(tmp_path)) for one in wanted)
    for algorithm in (tmp_path / "objects").iterdir():
        assert [path for path in algorithm.iterdir() if path.is_file()] == []
    uploads.close()


async def test_uploads_that_nobody_continued_are_removed(tmp_path: Path) -> None:
    uploads = DiskUploads(tmp_path, entropy=secrets.token_bytes)
    old, new = await uploads.open(), await uploads.open()
    now = datetime.now(UTC)
    past = (now - timedelta(days=2)).timestamp()
    os.utime(layout.upload_file(tmp_path, old), (past, past))
    assert await uploads.expire(now - timedelta(days=1)) == 1
    assert files(tmp_path) == [f"uploads/{new}"]
    uploads.close()


async def test_a_cached_result_that_was_harmed_is_a_missing_one(tmp_path: Path) -> None:
    cache = DiskCache(tmp_path)
    await cache.put("key", b"value")
    file = layout.cache_entry(tmp_path, "key")
    for bent in (b"", b"short", file.read_bytes()[:-1], file.read_bytes()[:-1] + b"x"):
        file.write_bytes(bent)
        assert await cache.get("key") is None


async def test_a_folder_that_cannot_be_written_is_unavailable_and_nothing_is_left(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    objects, log = DiskObjects(tmp_path), DiskLogFiles(tmp_path / "log")
    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(Unavailable, match="No space left"):
        await objects.put(b"x")
    with pytest.raises(Unavailable, match="No space left"):
        await log.put([(Tile(0, 0).path, b"x")])
    with pytest.raises(Unavailable, match="No space left"):
        await log.publish(b"x")
    assert [name for name in files(tmp_path) if not name.endswith(".draft")] == []


def test_a_second_process_is_told_who_holds_the_folder(tmp_path: Path) -> None:
    holder = (
        "import sys, time; from pathlib import Path; from graven.stores.lock import locked\n"
        "with locked(Path(sys.argv[1])): print('held', flush=True); sys.stdin.read()"
    )
    command = [sys.executable, "-c", holder, str(tmp_path / "data")]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdin is not None
        assert process.stdout.readline() == "held\n"
        with pytest.raises(Unavailable, match=f"in use by PID {process.pid}"), locked(tmp_path / "data"):
            pass
        process.stdin.close()
    with locked(tmp_path / "data"):
        assert layout.lock(tmp_path / "data").read_text() == str(os.getpid())


async def _write_log(folder: Path) -> None:
    log = DiskLogFiles(folder)
    await log.put([(Tile(0, 0, 3).path, b"abc" * 32), (Tile(-1, 0, 3).path, b"entries")])
    await log.publish(b"checkpoint one")
    await log.put([(Tile(0, 0).path, b"x" * 99), (Tile(1, 0, 1).path, b"y" * 32)])
    await log.publish(b"checkpoint two")
    await log.prune(Tile(0, 0).path)


_WHOLE = {
    Tile(0, 0, 3).path: {b"abc" * 32},
    Tile(-1, 0, 3).path: {b"entries"},
    Tile(0, 0).path: {b"x" * 99},
    Tile(1, 0, 1).path: {b"y" * 32},
    CHECKPOINT: {b"checkpoint one", b"checkpoint two"},
}


class _Killed(BaseException):
    """The process ends here."""


def _killing(at: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """End the process at the at-th call that changes the disk."""
    count = 0

    def killed(real: Callable[..., object]) -> Callable[..., object]:
        def call(*arguments: object, **more: object) -> object:
            nonlocal count
            count += 1
            if count > at:
                raise _Killed
            return real(*arguments, **more)

        return call

    for name in ("fsync", "replace", "mkdir", "rmdir", "unlink"):
        monkeypatch.setattr(os, name, killed(getattr(os, name)))


@pytest.mark.parametrize("at", range(40))
async def test_a_process_that_ends_anywhere_leaves_only_whole_files_of_the_log(
    tmp_path: Path, at: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patched:
        _killing(at, patched)
        try:
            await _write_log(tmp_path)
        except _Killed:
            ended = True
        else:
            ended = False
    for name in files(tmp_path):
        assert name == ".draft" or (tmp_path / name).read_bytes() in _WHOLE[name]
    if (tmp_path / CHECKPOINT).exists():
        promised = [Tile(0, 0, 3), Tile(-1, 0, 3)]
        if (tmp_path / CHECKPOINT).read_bytes() == b"checkpoint two":
            promised = [Tile(0, 0), Tile(1, 0, 1)]
        assert all((tmp_path / tile.path).exists() for tile in promised)
    await _write_log(tmp_path)
    assert (tmp_path / CHECKPOINT).read_bytes() == b"checkpoint two"
    assert ended or at > 10
