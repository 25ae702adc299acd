"""Writes the golden manifest of a file. Run it only to add a version of the generator: the old ones never change."""

from __future__ import annotations

from pathlib import Path

from graven.catalogue import files
from graven.values import Digest

if __name__ == "__main__":
    data = files.manifest_of(Digest.of(b"hello\n"), 6, name="tool", version="1.0", filename="tool.txt")
    Path(__file__).with_name("manifest-v1.json").write_bytes(data)
