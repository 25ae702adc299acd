"""Uploads that break off on a real server and a real disk: nothing is visible, and a retry starts where it should."""

from __future__ import annotations

import socket
import sqlite3
import time
from base64 import b64encode
from collections.abc import Iterator

import httpx
import pytest

from graven.values import Digest
from served import Served

DATA = bytes(range(256)) * 4096
DIGEST = Digest.of(DATA)


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """One server for all: each test finds it as it was, or says what it added."""
    started = Served(tmp_path_factory.mktemp("broken")).start()
    yield started
    started.stop()


def rows(served: Served) -> dict[str, int]:
    """Count the rows of what a push would make."""
    names = ("repositories", "blobs", "holders", "manifests", "tags", "files", "referrers")
    with sqlite3.connect(f"file:{served.data / 'graven.db'}?mode=ro", uri=True) as book:
        found = {name: book.execute(f"SELECT count(*) FROM {name}").fetchone()[0] for name in names}  # noqa: S608
    book.close()
    return found


def listing(served: Served) -> set[str]:
    folders = [served.data / "objects", served.data / "uploads"]
    return {str(path.relative_to(served.data)) for folder in folders for path in folder.rglob("*") if path.is_file()}


def cut_off(served: Served, method: str, path: str, sent: bytes) -> None:
    """Announce all of the data, send a part, and go away."""
    host, _, port = served.host.rpartition(":")
    secret = b64encode(f"x:{served.token}".encode()).decode()
    head = (
        f"{method} {path} HTTP/1.1\r\nHost: x\r\nContent-Length: {len(DATA)}\r\nAuthorization: Basic {secret}\r\n\r\n"
    )
    with socket.create_connection((host, int(port))) as connection:
        connection.sendall(head.encode() + sent)


def settled(served: Served, wanted: set[str]) -> None:
    """Wait until the server has noticed that the client went away."""
    for _ in range(100):
        if listing(served) == wanted:
            return
        time.sleep(0.05)
    assert listing(served) == wanted


@pytest.mark.parametrize("length", [0, 1, 65_536, len(DATA) - 1])
def test_a_blob_in_one_go_that_breaks_off_leaves_nothing(served: Served, length: int) -> None:
    files, counts = listing(served), rows(served)
    cut_off(served, "POST", f"/v2/a/b/blobs/uploads/?digest={DIGEST}", DATA[:length])
    time.sleep(0.2)
    settled(served, files)
    assert rows(served) == counts


def test_a_file_that_breaks_off_leaves_nothing(served: Served) -> None:
    files, counts = listing(served), rows(served)
    cut_off(served, "PUT", "/files/tools/x/1/x.bin", DATA[:70_000])
    time.sleep(0.2)
    settled(served, files)
    assert rows(served) == counts


def test_a_wrong_digest_leaves_nothing(served: Served) -> None:
    files, counts = listing(served), rows(served)
    with httpx.Client(base_url=served.url, auth=("x", served.token)) as client:
        place = client.post("/v2/a/b/blobs/uploads/").headers["location"]
        response = client.put(place, params={"digest": str(Digest.of(b"other"))}, content=DATA)
    assert response.status_code == 400
    assert listing(served) == files
    assert rows(served) == counts


def test_a_stream_that_breaks_off_goes_on_where_it_was_even_after_a_restart(served: Served) -> None:
    counts = rows(served)
    with httpx.Client(base_url=served.url, auth=("x", served.token)) as client:
        place = client.post("/v2/a/b/blobs/uploads/").headers["location"]
    cut_off(served, "PATCH", place, DATA[:300_000])
    time.sleep(0.3)
    assert rows(served) == counts
    served.stop()
    served.start()
    with httpx.Client(base_url=served.url, auth=("x", served.token)) as client:
        reached = int(client.get(place).headers["range"].partition("-")[2]) + 1
        assert 1 < reached <= 300_000
        headers = {"Content-Range": f"{reached}-{len(DATA) - 1}"}
        done = client.put(place, params={"digest": str(DIGEST)}, content=DATA[reached:], headers=headers)
        assert done.status_code == 201, done.text
        assert client.get(f"/v2/a/b/blobs/{DIGEST}").content == DATA
        assert client.get(f"/v2/a/b/blobs/{DIGEST}", headers={"Range": "bytes=-7"}).content == DATA[-7:]
