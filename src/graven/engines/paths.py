"""Owns what a short command asks of the disk, by paths as strings.

``pathlib`` takes as long to load as a small file takes to be tested (ADR 0008); where a folder of many files is walked
it is used all the same.
"""

from __future__ import annotations

import os

__all__ = ["exists", "home", "is_file", "is_folder", "names", "read", "working"]

# PTH asks for pathlib, which this module stands in for.


def exists(path: str) -> bool:
    """Say whether something is there."""
    return os.path.exists(path)  # noqa: PTH110 -- as above


def is_file(path: str) -> bool:
    """Say whether a file is there, or a link to one."""
    return os.path.isfile(path)  # noqa: PTH113 -- as above


def is_folder(path: str) -> bool:
    """Say whether a folder is there, or a link to one."""
    return os.path.isdir(path)  # noqa: PTH112 -- as above


def names(folder: str) -> list[str]:
    """Give what lies in a folder, in the order of the names' bytes.

    Raises:
        OSError: it cannot be read.
    """
    with os.scandir(folder) as entries:
        return sorted((entry.name for entry in entries), key=os.fsencode)


def read(path: str, most: int = -1) -> bytes:
    """Read a file, or its first so many bytes.

    Raises:
        OSError: it cannot be read.
    """
    with open(path, "rb") as file:  # noqa: PTH123 -- as above
        return file.read(most)


def home() -> str:
    """Give the user's own folder."""
    return os.path.expanduser("~")  # noqa: PTH111 -- as above


def working() -> str:
    """Give the working folder."""
    return os.getcwd()  # noqa: PTH109 -- as above
