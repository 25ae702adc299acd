"""Real OSV records beside the repository (``../shared/data/osv``), for tests; they skip where it is absent."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import zstandard

FOLDER = Path(__file__).parents[2] / "shared" / "data" / "osv"
RECORD_FILES = tuple(
    sorted(path for path in FOLDER.glob("*.jsonl.zst") if not path.name.startswith("cve-enrich"))
    if FOLDER.is_dir()
    else ()
)
needs_corpus = pytest.mark.skipif(not RECORD_FILES, reason="../shared/data/osv is absent: no real advisories to read")


def lines(name: str) -> Iterator[bytes]:
    """Give the lines of a compressed file."""
    with (FOLDER / name).open("rb") as file, zstandard.ZstdDecompressor().stream_reader(file) as reader:
        yield from (line.rstrip(b"\n") for line in io.BufferedReader(reader))


@cache
def records(name: str) -> tuple[bytes, ...]:
    return tuple(lines(name))


def kev() -> Any:
    with (FOLDER / "kev.json.zst").open("rb") as file, zstandard.ZstdDecompressor().stream_reader(file) as reader:
        return json.loads(reader.read())
