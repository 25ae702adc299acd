"""push, pull and ls against a real server: what goes in comes out, and what is refused says so by its exit code."""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from flows.registry import manifest
from graven.catalogue import oci
from graven.engines.layout import LayoutWriter
from graven.values import Descriptor, Digest
from served import Served

Serve = Callable[..., Served]


def layout(folder: Path, *layers: bytes) -> Digest:
    writer, document = LayoutWriter(folder), manifest(*layers)
    for data in (b"{}", *layers, document):
        writer.put(Digest.of(data), [data])
    writer.finish(Descriptor(oci.IMAGE_MANIFEST, Digest.of(document), len(document)), "1.0")
    return Digest.of(document)


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """One server for all tests here; each has repositories of its own."""
    started = Served(tmp_path_factory.mktemp("push")).start()
    yield started
    started.stop()


@pytest.fixture(autouse=True)
def here(monkeypatch: pytest.MonkeyPatch, served: Served, tmp_path: Path) -> None:
    """Let commands run in the folder of the test."""
    token = served.token
    monkeypatch.setattr(served, "folder", tmp_path)
    (tmp_path / "admin.token").write_text(token)


def test_an_image_goes_in_and_comes_out(served: Served, tmp_path: Path) -> None:
    digest = layout(tmp_path / "image", b"one")
    told = served.json("push", "image", "app/web:1.0")
    assert (told["digest"], told["manifests"], told["blobs"]) == (str(digest), 1, 2)
    assert str(digest) in served.graven("push", "image", f"{served.host}/app/web:1.0")
    for reference in ("app/web:1.0", f"app/web@{digest}", f"{served.host}/app/web:1.0"):
        assert served.json("pull", reference, "back")["digest"] == str(digest)
    assert (tmp_path / "back" / "blobs" / "sha256" / digest.hex).read_bytes() == manifest(b"one")
    listed = served.json("ls", "app/web")
    assert (listed["tags"], listed["files"]) == (["1.0"], [])
    assert "app/web" in [one["name"] for one in served.json("ls")["repositories"]]
    assert "1.0" in served.graven("ls", "app/web")


def test_a_file_goes_in_once_and_comes_out(served: Served, tmp_path: Path) -> None:
    (tmp_path / "tool.tar.gz").write_bytes(b"contents")
    told = served.json("push", "--file", "tool.tar.gz", "tools/tool:2.1")
    assert told["digest"] == str(Digest.of(b"contents"))
    served.graven("pull", "--file", "tools/tool:2.1", "downloads")
    assert (tmp_path / "downloads" / "tool.tar.gz").read_bytes() == b"contents"
    assert "tool.tar.gz" in served.graven("ls", "tools")
    (tmp_path / "tool.tar.gz").write_bytes(b"other")
    refused = served.graven("push", "--file", "tool.tar.gz", "tools/tool:2.1", code=1)
    assert "stays so" in refused
    assert "new version" in refused


def test_a_tag_does_not_move_and_the_exit_code_says_so(served: Served, tmp_path: Path) -> None:
    layout(tmp_path / "image", b"one")
    layout(tmp_path / "other", b"two")
    served.graven("push", "image", "moved/web:1.0")
    assert "immutable" in served.graven("push", "other", "moved/web:1.0", code=1)
    error = served.json("push", "other", "moved/web:1.0", code=1)["error"]
    assert error["code"] == "conflict"


def test_what_is_not_there_or_cannot_be_read_is_told_in_one_line(served: Served, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no layout")
    layout(tmp_path / "image", b"one")
    for words in (
        ("push", "nothing", "app/web:1.0"),
        ("push", "file", "app/web:1.0"),
        ("push", "image", "app/web"),
        ("push", "image", "APP/web:1.0"),
        ("push", "--name", "2.0", "image", "app/web:1.0"),
        ("push", "--file", "nothing", "tools/x:1"),
        ("push", "--file", "file", "tools"),
        ("pull", "nobody/here:nothing", "back"),
        ("pull", "--file", "tools/x:1", "back"),
        ("ls", "nobody/here"),
    ):
        told = served.graven(*words, code=3)
        assert told.startswith("graven: "), told
        assert told.count("\n") == 1, told


def test_a_digest_that_the_layout_has_not_is_refused(served: Served, tmp_path: Path) -> None:
    layout(tmp_path / "image", b"one")
    assert "expected" in served.graven("push", "image", f"app/web@{Digest.of(b'other')}", code=1)


def test_the_token_goes_to_its_own_server_only(serve: Serve, tmp_path: Path) -> None:
    first, second = serve(), serve()
    layout(tmp_path / "image", b"one")
    told = first.graven("push", str(tmp_path / "image"), f"{second.host}/app/web:1.0", code=3)
    assert "401" in told
    assert "login" in told
    auth = b64encode(f"anybody:{second.token}".encode()).decode()
    config = {"auths": {second.host: {"auth": auth}}}
    (tmp_path / "config.json").write_text(json.dumps(config))
    first.environ["DOCKER_CONFIG"] = str(tmp_path)
    first.graven("push", str(tmp_path / "image"), f"{second.host}/app/web:1.0")
    assert second.json("ls", "app/web")["tags"] == ["1.0"]
