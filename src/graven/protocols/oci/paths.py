"""What stands in the paths, queries and headers of OCI requests, and how pages link to the next."""

from __future__ import annotations

import re
from functools import lru_cache
from urllib.parse import quote, urlencode

from starlette.requests import Request

from graven.errors import Malformed
from graven.values import Digest, RepositoryName, repository_name, tag

__all__ = ["content_range", "count", "digest", "length", "next_page", "reference", "repository"]

_name = lru_cache(maxsize=1024)(repository_name)  # each request reads it twice: for its guard and for its work
_CONTENT_RANGE = re.compile(r"(?:bytes )?([0-9]{1,19})-([0-9]{1,19})(?:/(?:\d+|\*))?")


def repository(request: Request) -> RepositoryName:
    """Read the repository's name.

    Raises:
        Malformed: it is none.
    """
    return _name(request.path_params["name"])


def reference(request: Request) -> str:
    """Read a tag or a digest.

    Raises:
        Malformed: it is neither.
    """
    text = str(request.path_params["reference"])
    return str(Digest.parse(text)) if ":" in text else tag(text)


def digest(text: str | None) -> Digest:
    """Read a digest that must be there.

    Raises:
        Malformed: it is missing, or none.
    """
    if not text:
        raise Malformed("got no digest, expected ?digest=ALGORITHM:HEX", where="digest")
    return Digest.parse(text)


def count(request: Request, default: int, most: int) -> int:
    """Read ``n``, the length of a page.

    Raises:
        Malformed: it is no number.
    """
    text = request.query_params.get("n")
    if text is None:
        return default
    if not text.isascii() or not text.isdigit() or len(text) > 9:
        raise Malformed(f"got n={text[:40]!r}, expected a number", where="n", detail={"kind": "upload"})
    return min(int(text), most)


def content_range(request: Request) -> tuple[int, int] | None:
    """Read the Content-Range of a chunk: first and last byte.

    Raises:
        Malformed: it is not of the form ``<start>-<end>``.
    """
    text = request.headers.get("content-range")
    if text is None:
        return None
    match = _CONTENT_RANGE.fullmatch(text.strip())
    if match is None or int(match[1]) > int(match[2]):
        raise Malformed(
            f"got the Content-Range {text[:60]!r}, expected START-END", where="Content-Range", detail={"kind": "upload"}
        )
    return int(match[1]), int(match[2])


def length(request: Request) -> int | None:
    """Read Content-Length, if there is one; the server has checked its form."""
    text = request.headers.get("content-length")
    return None if text is None or not text.isdigit() else int(text)


def next_page(request: Request, **changes: str | int) -> dict[str, str]:
    """Make the ``Link`` to the next page (RFC 5988), with the query of this one and what changes in it."""
    query = {**request.query_params, **{name: str(value) for name, value in changes.items()}}
    return {"Link": f'<{quote(request.url.path)}?{urlencode(query)}>; rel="next"'}
