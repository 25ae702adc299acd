"""Owns the reading of JSON with comments: ``//`` and ``#`` up to the end of a line, and ``/* */``.

Comments become blanks, so that all places stay; what is left is JSON, so that a comma before a bracket is refused.
"""

from __future__ import annotations

import re

from graven.documents.faults import decoded
from graven.documents.json import places, read
from graven.documents.position import Document

__all__ = ["parse"]

_PART = re.compile(r'"(?:[^"\\]|\\.)*+(?:"|\Z)|//[^\n]*|\#[^\n]*|/\*.*?(?:\*/|\Z)', re.DOTALL)
_VISIBLE = re.compile(r"[^\n]")


def parse(data: bytes, *, file: str = "") -> tuple[Document, ...]:
    r"""Read the one value of a text.

    >>> [found] = parse(b'{ // the port\n "port": 80 }')
    >>> found.value, str(found.position(("port",)))
    ({'port': 80}, 'line 2, column 10')

    Raises:
        Malformed: it is no JSON but for the comments; says line and column.
        TooLarge: it nests too deep.
    """
    text = _PART.sub(_blanked, decoded(data, file))
    return (Document(read(text, file), lambda: places(text), file),)


def _blanked(part: re.Match[str]) -> str:
    found = part[0]
    return found if found[0] == '"' or (found[:2] == "/*" and found[-2:] != "*/") else _VISIBLE.sub(" ", found)
