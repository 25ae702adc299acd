from __future__ import annotations

import gzip
import io
import json
import threading
import zipfile
from collections.abc import AsyncIterator, Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
import zstandard

from graven.engines.feeds import FileFeed, Limits, StreamFeed, UrlFeed, open_feed
from graven.errors import Malformed, NotFound, TooLarge, Unavailable, Unsupported
from graven.ports import Feed

ONE, TWO = b'{"id": "A-1"}', b'{"id": "A-2"}'
LINES = ONE + b"\n\n" + TWO + b"\n"


async def read(feed: Feed) -> list[tuple[str, bytes]]:
    return [record async for record in feed.documents()]


def left_in(folder: Path) -> list[Path]:
    return list(folder.iterdir())


def zipped(members: dict[str, bytes]) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return packed.getvalue()


PACKED: dict[str, bytes] = {
    "lines": LINES,
    "lines without a newline at the end": LINES.rstrip(),
    "gzip": gzip.compress(LINES),
    "zstd": zstandard.compress(LINES),
    "two zstd frames": zstandard.compress(ONE + b"\n") + zstandard.compress(TWO),
    "zip of records": zipped({"npm/A-1.json": ONE, "npm/A-2.json": TWO, "README.md": b"no record"}),
    "zip of lines": zipped({"all.jsonl": LINES}),
}


@pytest.mark.parametrize("name", sorted(PACKED))
async def test_the_first_bytes_say_how_records_are_packed(tmp_path: Path, name: str) -> None:
    path = tmp_path / "feed"
    path.write_bytes(PACKED[name])
    assert [json.loads(data)["id"] for _, data in await read(FileFeed(path))] == ["A-1", "A-2"]


async def test_a_document_on_several_lines_is_one_record(tmp_path: Path) -> None:
    path = tmp_path / "A-1.json"
    path.write_text(json.dumps({"id": "A-1", "affected": []}, indent=2))
    ((where, data),) = await read(FileFeed(path))
    assert json.loads(data)["id"] == "A-1"
    assert where == str(path)


async def test_a_folder_gives_its_records_in_order_and_nothing_else(tmp_path: Path) -> None:
    (tmp_path / "PyPI").mkdir()
    (tmp_path / "npm").mkdir()
    (tmp_path / "npm" / "all.zip").write_bytes(PACKED["zip of records"])
    (tmp_path / "PyPI" / "A-0.json").write_bytes(b'{"id": "A-0"}')
    (tmp_path / "LICENSE").write_text("none")
    assert [json.loads(data)["id"] for _, data in await read(FileFeed(tmp_path))] == ["A-0", "A-1", "A-2"]


async def test_a_record_says_where_it_stood(tmp_path: Path) -> None:
    path = tmp_path / "all.jsonl"
    path.write_bytes(LINES)
    assert [where for where, _ in await read(FileFeed(path))] == [f"{path}:1", f"{path}:3"]


SABOTAGE: dict[str, tuple[bytes, type[Exception]]] = {
    "truncated gzip": (gzip.compress(LINES)[:-9], Malformed),
    "truncated zstd": (zstandard.compress(LINES * 1000)[:-5], Malformed),
    "truncated zip": (PACKED["zip of records"][:-30], Malformed),
    "zip with a flipped byte": (PACKED["zip of lines"].replace(b"all.jsonl", b"bll.jsonl", 1), Malformed),
    "zip with a path that leads out": (zipped({"../../etc/A-1.json": ONE}), Malformed),
    "zip with an absolute path": (zipped({"/etc/A-1.json": ONE}), Malformed),
    "zip with a path of another system": (zipped({"a\\..\\..\\A-1.json": ONE}), Malformed),
    "zip bomb": (zipped({"A-1.json": b" " * (100 << 20)}), TooLarge),
    "gzip bomb": (gzip.compress(b"\n" * (100 << 20)), TooLarge),
    "zstd bomb": (zstandard.compress(b"\n" * (100 << 20)), TooLarge),
    "one endless line": (zstandard.compress(b"x" * (40 << 20)), TooLarge),
    "a record above the limit": (b'{\n"a": "' + b"x" * (17 << 20) + b'"\n}', TooLarge),
}


@pytest.mark.parametrize("name", sorted(SABOTAGE))
async def test_a_sabotaged_file_is_refused(tmp_path: Path, name: str) -> None:
    data, family = SABOTAGE[name]
    path = tmp_path / "feed"
    path.write_bytes(data)
    with pytest.raises(family):
        await read(FileFeed(path))


async def test_a_link_that_leads_out_of_the_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "secret.json").write_bytes(ONE)
    (tmp_path / "feed").mkdir()
    (tmp_path / "feed" / "A-1.json").symlink_to(tmp_path / "secret.json")
    with pytest.raises(Malformed, match="leads out"):
        await read(FileFeed(tmp_path / "feed"))


async def test_too_many_records_are_refused(tmp_path: Path) -> None:
    (tmp_path / "feed").write_bytes(LINES)
    with pytest.raises(TooLarge):
        await read(FileFeed(tmp_path / "feed", Limits(records=1)))


async def test_what_is_not_there_is_said_so(tmp_path: Path) -> None:
    with pytest.raises(NotFound):
        await read(FileFeed(tmp_path / "feed"))


async def _pieces(data: bytes) -> AsyncIterator[bytes]:
    for start in range(0, len(data), 7):
        yield data[start : start + 7]


async def test_what_is_sent_is_spooled_and_the_spool_removed(tmp_path: Path) -> None:
    found = await read(StreamFeed(_pieces(PACKED["zip of records"]), tmp_path / "spool"))
    assert [where for where, _ in found] == ["upload!npm/A-1.json:1", "upload!npm/A-2.json:1"]
    assert left_in(tmp_path / "spool") == []


async def test_what_is_sent_may_not_pass_the_limit(tmp_path: Path) -> None:
    with pytest.raises(TooLarge):
        await read(StreamFeed(_pieces(LINES), tmp_path, limits=Limits(transfer=10)))
    assert left_in(tmp_path) == []


@pytest.fixture
def server() -> Iterator[Callable[[str], str]]:
    """Serve a few answers on loopback."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            place, _, rest = self.path.strip("/").partition("/")
            if place == "moved":
                self.send_response(302)
                self.send_header("Location", f"/{rest}" if rest else "/moved")
                self.end_headers()
            elif place == "ftp":
                self.send_response(302)
                self.send_header("Location", "ftp://127.0.0.1/x")
                self.end_headers()
            else:
                data = PACKED["zstd"] if place == "all.jsonl.zst" else b""
                self.send_response(200 if data else 404)
                self.send_header("Content-Length", str(len(data) + (9 if rest == "cut" else 0)))
                self.end_headers()
                self.wfile.write(data)

        def log_message(self, *_: object) -> None:
            return

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as httpd:
        thread = threading.Thread(target=httpd.serve_forever)
        thread.start()
        yield lambda path: f"http://127.0.0.1:{httpd.server_port}/{path}"
        httpd.shutdown()
        thread.join()


async def test_a_url_is_fetched_and_redirects_are_followed(tmp_path: Path, server: Callable[[str], str]) -> None:
    for path in ("all.jsonl.zst", "moved/all.jsonl.zst"):
        feed = open_feed(server(path), spool=tmp_path)
        assert isinstance(feed, UrlFeed)
        assert [json.loads(data)["id"] for _, data in await read(feed)] == ["A-1", "A-2"]


@pytest.mark.parametrize(
    ("path", "family"),
    [("nothing", Unavailable), ("moved", Unavailable), ("ftp", Unsupported), ("all.jsonl.zst/cut", Unavailable)],
)
async def test_what_cannot_be_fetched_whole_is_an_error(
    tmp_path: Path, server: Callable[[str], str], path: str, family: type[Exception]
) -> None:
    with pytest.raises(family):
        await read(open_feed(server(path), spool=tmp_path))
    assert left_in(tmp_path) == []


async def test_no_answer_is_unavailable(tmp_path: Path) -> None:
    with pytest.raises(Unavailable):
        await read(open_feed("http://127.0.0.1:1/all.zip", spool=tmp_path))
