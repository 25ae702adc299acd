"""Owns how the names of files are shortened where a trace's places would be wide: by what they have in common."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

__all__ = ["shortened"]

_IDEAL = 64
_DOTS = 3


def shortened(places: Iterable[tuple[str, int]]) -> dict[str, str]:
    """Give for each file how it is written.

    >>> shortened([("a/b.rego", 1)])
    {'a/b.rego': 'a/b.rego'}
    """
    longest, files = 0, dict[str, str]()
    for file, row in places:
        name = file or "query"
        longest = max(longest, len(name.encode()) + 1 + len(str(row)))
        if file:
            files[file] = file
    if not files or longest <= _IDEAL:
        return files
    common = _common([_folders(file) for file in files])
    spare = _IDEAL - (longest - len(common.encode()) + _DOTS)
    if spare > 0:
        common = "" if spare > len(common) else common[: len(common) - spare]
    if len(common) > _DOTS:
        return {file: file.replace(common, "...", 1) for file in files}
    return files


def _folders(file: str) -> str:
    """Give the folders of a file without the first."""
    folder = file.rpartition("/")[0] if "/" in file else "."
    folder = folder or "/"
    folder = folder.removeprefix("/")
    first = folder.find("/")
    return folder[first + 1 :] if first > 0 else folder


def _common(texts: Sequence[str]) -> str:
    """Give the longest text that is in all, the first of those that are as long."""
    if len(texts) == 1:
        return texts[0]
    first = min(texts, key=len)
    for length in range(len(first), 0, -1):
        for at in range(len(first) - length + 1):
            part = first[at : at + length]
            if all(part in text for text in texts):
                return part
    return ""
