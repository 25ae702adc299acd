"""The journal in SQLite: durable, in groups, and honest about a database that does not answer."""

from __future__ import annotations

import asyncio
import secrets
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from graven.errors import Conflict, Unavailable
from graven.projection import TABLES, Absent
from graven.stores.sequencer import GROUP
from graven.stores.sqlite import SqliteNames, SqliteStore
from graven.values import Digest, events
from graven.values.entry import Entry
from graven.values.events import Event


def told(word: str) -> Event:
    return Event(events.AccessDenied("push", word), "ada")


class Watched(SqliteStore):
    """Notes the sizes of its commits."""

    def __init__(self, path: Path) -> None:
        self.commits: list[int] = []
        super().__init__(
            path,
            clock=lambda: datetime.now(UTC),
            entropy=secrets.token_bytes,
            observe=lambda size, _: self.commits.append(size),
        )


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Watched]:
    found = Watched(tmp_path / "graven.db")
    yield found
    found.close()


async def test_appends_share_commits_and_none_has_more_than_the_limit(store: Watched) -> None:
    await asyncio.gather(*(store.append(told(str(n))) for n in range(700)))
    assert sum(store.commits) == 700
    assert max(store.commits) <= GROUP
    assert len(store.commits) < 100


async def test_a_conflict_in_a_group_undoes_that_append_alone(store: Watched) -> None:
    def tag(n: int) -> Event:
        return Event(events.TagSet("app/web", f"v{n // 2}", Digest.of(b"%d" % n)), "ada")

    found = await asyncio.gather(*(store.append(told(str(n)), tag(n)) for n in range(100)), return_exceptions=True)
    assert [isinstance(one, Conflict) for one in found] == [bool(n % 2) for n in range(100)]
    assert await store.size() == 100
    leaves = await store.read(0, 1000)
    words = [getattr(Entry.decode(leaf).event.body, "resource", None) for leaf in leaves]
    assert words[::2] == [str(n) for n in range(0, 100, 2)]
    assert max(store.commits) > 1


def test_it_is_a_write_ahead_log_that_syncs_each_commit(store: Watched) -> None:
    writing = store._writing
    assert writing.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    assert writing.execute("PRAGMA synchronous").fetchone() == (2,)


def test_each_table_is_one_of_sqlite_without_row_ids(store: Watched) -> None:
    made = dict(store.look("SELECT name, sql FROM sqlite_master WHERE type = 'table'", ()))
    for name in TABLES:
        assert made[name].endswith("WITHOUT ROWID")


async def test_a_name_that_was_erased_is_in_no_byte_of_the_files(store: Watched, tmp_path: Path) -> None:
    names = SqliteNames(store)
    await names.put("p1", "Ada Countess of Lovelace")
    assert [file for file, data in _contents(tmp_path) if b"Countess" in data] != []
    await names.erase("p1")
    assert [file for file, data in _contents(tmp_path) if b"Countess" in data] == []


def _contents(folder: Path) -> list[tuple[Path, bytes]]:
    return [(file, file.read_bytes()) for file in folder.iterdir()]


async def test_a_closed_journal_is_unavailable(store: Watched) -> None:
    store.close()
    with pytest.raises(Unavailable):
        await store.append(told("x"))
    with pytest.raises(Unavailable):
        await store.size()


def test_a_file_that_is_no_database_is_unavailable(tmp_path: Path) -> None:
    file = tmp_path / "graven.db"
    file.write_bytes(b"no database at all" * 1000)
    with pytest.raises(Unavailable, match="cannot be opened"):
        Watched(file)
    with pytest.raises(Unavailable):
        Watched(tmp_path / "nowhere" / "graven.db")


async def test_a_commit_that_fails_leaves_nothing_and_the_next_one_works(store: Watched, tmp_path: Path) -> None:
    await store.append(told("before"))
    store._writing.execute("PRAGMA busy_timeout=10")
    other = sqlite3.connect(tmp_path / "graven.db", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(Unavailable, match="cannot be written"):
        await store.append(told("while it is locked"))
    other.execute("ROLLBACK")
    other.close()
    receipt = await store.append(told("after"), expects=[Absent("tags", ("a", "b"))])
    assert receipt.first == 1


_WRITER = """
import asyncio, secrets, sys
from datetime import UTC, datetime
from pathlib import Path
from graven.stores.sqlite import SqliteStore
from graven.values import events
from graven.values.events import Event

async def write(store, writer):
    n = 0
    while True:
        word = f"{writer}/{n}"
        await store.append(Event(events.AccessDenied("push", word), "ada"), Event(events.AccessDenied("push", word), "ada"))
        print(word, flush=True)
        n += 1

async def main():
    store = SqliteStore(Path(sys.argv[1]), clock=lambda: datetime.now(UTC), entropy=secrets.token_bytes)
    await asyncio.gather(*(write(store, n) for n in range(20)))

asyncio.run(main())
"""


def _killed_writer(file: Path, after: int) -> list[str]:
    """Run a writer and kill it after so many answers; give all words that it was answered."""
    with subprocess.Popen([sys.executable, "-c", _WRITER, str(file)], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        acknowledged = [process.stdout.readline().strip() for _ in range(after)]
        process.send_signal(signal.SIGKILL)
        rest = process.stdout.read().split("\n")
    return acknowledged + rest[:-1]  # the last line may be cut


@pytest.mark.parametrize("after", [1, 50, 400])
async def test_what_a_killed_process_acknowledged_is_there_once_and_whole(tmp_path: Path, after: int) -> None:
    file = tmp_path / "graven.db"
    acknowledged = _killed_writer(file, after)
    store = Watched(file)
    leaves = await store.read(0, 1_000_000)
    words = [str(getattr(Entry.decode(leaf).event.body, "resource", "")) for leaf in leaves]
    assert words[::2] == words[1::2]
    assert len(set(words)) * 2 == len(words)
    assert set(acknowledged) <= set(words)
    store.close()
