"""Blocks of ``Key: value`` lines with continuations: Debian control files, Python core metadata (RFC 822 style)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from io import StringIO

__all__ = ["paragraphs", "shown"]

_MAX_TEXT = 400


def paragraphs(text: str, keys: frozenset[str]) -> Iterator[Mapping[str, Sequence[str]]]:
    r"""Give, for each block, the values of the wanted keys (in lower case), each time a key stands there.

    >>> [dict(p) for p in paragraphs("Name: six\nX: y\n\nName: b\n more\n", frozenset({"name"}))]
    [{'name': ['six']}, {'name': ['b']}]
    """
    found: dict[str, list[str]] = {}
    for line in StringIO(text):
        if not line.strip():
            if found:
                yield found
                found = {}
            continue
        if line[0] in " \t":
            continue
        key, colon, value = line.partition(":")
        if colon and (key := key.lower()) in keys:
            found.setdefault(key, []).append(shown(value))
    if found:
        yield found


def shown(value: object) -> str:
    """Give declared text in one line, bounded; nothing for what is no text."""
    if not isinstance(value, str):
        return ""
    # Quadratic or huge values come only from hostile files: cut before anything else is done with them.
    return " ".join(value[: 4 * _MAX_TEXT].split())[:_MAX_TEXT]
