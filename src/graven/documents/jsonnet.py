"""Owns what a jsonnet program comes to: the one JSON value that it gives; whoever calls hands in what runs it.

The value is computed, so its parts stand nowhere in the text, and each has the place of the whole.
"""

from __future__ import annotations

from collections.abc import Callable

from graven.documents.faults import decoded
from graven.documents.json import read
from graven.documents.position import Document
from graven.errors import Unsupported

__all__ = ["parse"]


def parse(
    data: bytes, *, file: str = "", evaluate: Callable[[bytes, str], bytes] | None = None
) -> tuple[Document, ...]:
    """Read what ``evaluate`` makes of a program and the name of its file.

    >>> [found] = parse(b"{a: 1 + 1}", evaluate=lambda text, name: b'{"a": 2}')
    >>> found.value, str(found.position(("a",)))
    ({'a': 2}, 'line 1, column 1')

    Raises:
        Malformed: it is no jsonnet, or an error is what it comes to.
        TooLarge: it takes more than it may.
        Unsupported: there is nothing to run it.
    """
    if evaluate is None:
        raise Unsupported("jsonnet is a program, and is not run here", where=file, hint="give the JSON that it makes")
    text = decoded(data, file)
    return (Document(read(decoded(evaluate(text.encode(), file), file), file), {}, file),)
