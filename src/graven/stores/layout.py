"""Where everything lies in the data folder; pure functions of names.

DIR/
  lock                              held while a server runs; has its PID
  graven.db                         journal and tables (SQLite, WAL)
  objects/<algorithm>/<2 hex>/<hex> immutable bytes by digest
  uploads/<uuid>                    uploads that are not finished
  log/                              checkpoint, tiles and entry bundles (C2SP tlog-tiles)
  keys/                             graven's own keys, mode 0600
  cache/<2 hex>/<hex>               what can be computed again
"""

from __future__ import annotations

import hashlib
from pathlib import Path

from graven.values import Digest

__all__ = ["cache_entry", "cache_folder", "database", "keys", "lock", "log", "object_file", "upload_file", "uploads"]


def lock(data: Path) -> Path:
    """Give the file that says who runs on this folder."""
    return data / "lock"


def database(data: Path) -> Path:
    """Give the database of journal and tables."""
    return data / "graven.db"


def object_file(data: Path, digest: Digest) -> Path:
    """Give the file of an object."""
    return data / "objects" / digest.algorithm / digest.hex[:2] / digest.hex


def uploads(data: Path) -> Path:
    """Give the folder of uploads, on the same file system as the objects."""
    return data / "uploads"


def upload_file(data: Path, upload: str) -> Path:
    """Give the file of an upload."""
    return uploads(data) / upload


def log(data: Path) -> Path:
    """Give the folder of the sealed log."""
    return data / "log"


def keys(data: Path) -> Path:
    """Give the folder of graven's own keys."""
    return data / "keys"


def cache_folder(data: Path) -> Path:
    """Give the folder of what can be computed again."""
    return data / "cache"


def cache_entry(data: Path, key: str) -> Path:
    """Give the file of a cached result."""
    name = hashlib.sha256(key.encode()).hexdigest()
    return cache_folder(data) / name[:2] / name
