"""Pages of a list: ``?after=`` and ``?limit=``."""

from __future__ import annotations

from starlette.requests import Request

from graven.errors import Malformed

__all__ = ["page"]

_USUAL, _MOST = 100, 1000


def page(request: Request) -> tuple[str, int]:
    """Read behind which key to begin, and how many to give.

    Raises:
        Malformed: the limit is no number from 1 to 1000.
    """
    text = request.query_params.get("limit", str(_USUAL))
    if not (text.isascii() and text.isdecimal() and 1 <= int(text[:6]) <= _MOST):
        raise Malformed(f"got {text[:20]!r}, expected a number from 1 to {_MOST}", where="limit")
    return request.query_params.get("after", ""), int(text)
