"""Every case of ``tests/vectors/documents``, and random texts of each format, through the conftest that is installed and through us."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING, Any

import pytest

from grammars import GRAMMARS, damaged, written
from graven.documents import parse
from graven.errors import GravenError, Unsupported
from parsing import INCLUDED, INCLUDING, PROTOS, VECTORS, Case, cases, same

if TYPE_CHECKING:
    from interop.conftest import Peer

pytestmark = pytest.mark.interop

REFUSED = object()
UNREAD = object()
"""What we say of a part that is there and is not read, about which both may differ."""
TEXTS = 60
SPOILED = 8
LONGEST = 4000
BY_CHANCE = {"xml", "hocon", "nginx", "edn", "cyclonedx", "groovy"}
"""Formats of which conftest reads what is broken, as the page of the formats says; their spoiled texts prove nothing."""


def theirs(peer: Peer, parser: str, *paths: Path) -> Any:
    env = {**os.environ, "CONFTEST_PROTO_FILE_DIRS": str(VECTORS / "protos")}
    words = ["bash", "-c", 'ulimit -v 6000000; exec "$0" "$@"', peer("conftest"), "parse", "--parser", parser]
    done = subprocess.run([*words, *map(str, paths)], capture_output=True, check=False, env=env, timeout=60)
    return json.loads(done.stdout) if done.returncode == 0 else REFUSED


def ours(parser: str, data: bytes) -> Any:
    try:
        found = [document.value for document in parse(data, file="case", parser=parser, protos=PROTOS)]
    except GravenError as e:
        return UNREAD if isinstance(e, Unsupported) else REFUSED
    value = found[0] if len(found) == 1 else found
    if parser == "cyclonedx" and data.lstrip()[:1] == b"<":  # conftest leaves both unset
        value = dict(value) | {"bomFormat": "", "specVersion": "SpecVersion(0)"}
    return value


@pytest.mark.parametrize("case", [case for case in cases() if not case.differs], ids=lambda case: case.name)
def test_both_make_the_same_of_a_file(case: Case, tmp_path: Path, peer: Peer) -> None:
    path = tmp_path / "case"
    path.write_bytes(case.data)
    found, wanted = ours(case.parser, case.data), theirs(peer, case.parser, path)
    assert (wanted is REFUSED) == (found is REFUSED or found is UNREAD)
    assert wanted is REFUSED or same(found, wanted)


@pytest.mark.parametrize("parser", GRAMMARS)
def test_both_make_the_same_of_random_texts(parser: str, tmp_path: Path, peer: Peer) -> None:
    random = Random(f"{parser} 1")  # noqa: S311 - texts, no secrets
    texts = [text.encode() for _ in range(TEXTS) if len(text := written(parser, random)) < LONGEST]
    if parser not in BY_CHANCE:
        texts += [damaged(text.decode(), random).encode("utf-8", "replace") for text in texts[:SPOILED]]
    paths = [tmp_path / f"{index}" for index in range(len(texts))]
    for path, data in zip(paths, texts, strict=True):
        path.write_bytes(data)
    found = {path: ours(parser, path.read_bytes()) for path in paths}
    read = [path for path in paths if found[path] is not REFUSED and found[path] is not UNREAD]
    assert read
    wanted = theirs(peer, parser, *read)
    wanted = {str(read[0]): wanted} if len(read) == 1 else wanted
    assert wanted is not REFUSED, [path.read_text() for path in read if theirs(peer, parser, path) is REFUSED]
    assert [path.read_text() for path in read if not same(found[path], wanted[str(path)])] == []
    refused = [path for path in paths if found[path] is REFUSED][:SPOILED]
    assert [path.read_text() for path in refused if theirs(peer, parser, path) is not REFUSED] == []


def test_conftest_includes_what_we_include(tmp_path: Path, peer: Peer, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, text in INCLUDED.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    monkeypatch.chdir(tmp_path)
    for text, wanted in INCLUDING.items():
        Path("case").write_text(text)
        found = theirs(peer, "hocon", Path("case"))
        assert (text, found) == (text, REFUSED if wanted is None else wanted)
