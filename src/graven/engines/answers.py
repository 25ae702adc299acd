"""What registries answer when something went wrong, as one of our own families; nothing of httpx gets past here."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping

import httpx

from graven.errors import (
    HTTP_STATUS,
    Conflict,
    Forbidden,
    GravenError,
    Malformed,
    Mismatch,
    NotFound,
    TooLarge,
    Unauthenticated,
    Unavailable,
    Unsupported,
)

__all__ = ["checked", "reached"]

_BY_CODE: Mapping[str, type[GravenError]] = {
    "BLOB_UNKNOWN": NotFound,
    "BLOB_UPLOAD_UNKNOWN": NotFound,
    "DENIED": Forbidden,
    "DIGEST_INVALID": Mismatch,
    "MANIFEST_BLOB_UNKNOWN": Malformed,
    "MANIFEST_INVALID": Malformed,
    "MANIFEST_UNKNOWN": NotFound,
    "NAME_INVALID": Malformed,
    "NAME_UNKNOWN": NotFound,
    "SIZE_INVALID": Mismatch,
    "TOOMANYREQUESTS": Unavailable,
    "UNAUTHORIZED": Unauthenticated,
    "UNSUPPORTED": Unsupported,
}
_BY_STATUS = {409: Conflict, 413: TooLarge, 416: Mismatch, 429: Unavailable} | {
    status: family for family, status in HTTP_STATUS.items() if status in (401, 403, 404, 405)
}
_HINTS: Mapping[type[GravenError], str] = {
    Unauthenticated: "set GRAVEN_TOKEN, or log in to the registry with 'docker login' or 'oras login'",
    Unavailable: "try again, or look at the registry's own log",
}
_MOST = 64 << 10


@contextlib.contextmanager
def reached(url: str) -> Iterator[None]:
    """Turn what httpx raises into families.

    Raises:
        Unavailable: the registry cannot be reached, or broke off.
    """
    try:
        yield
    except (httpx.HTTPError, httpx.InvalidURL, OSError) as e:
        raise Unavailable(
            f"no answer from {url}: {str(e) or type(e).__name__}", where=url, hint="is the registry up at that address?"
        ) from e


def checked(response: httpx.Response) -> httpx.Response:
    """Give back a response that is no error.

    Raises:
        GravenError: of the family that the registry's error code, or else its status, tells.
    """
    if not response.is_error:
        return response
    code, message = _told(response)
    status = response.status_code
    kind = Conflict if status == 409 else _BY_CODE.get(code) or _BY_STATUS.get(status)
    kind = kind or (Unavailable if status >= 500 else Malformed)
    what = f"{code}: {message}" if code else f"got {status} {response.reason_phrase}".rstrip()
    where = f"{response.request.method} {response.request.url.copy_with(query=None)}"
    raise kind(what, where=where, hint=_HINTS.get(kind, ""), detail={"code": code, "status": status})


def _told(response: httpx.Response) -> tuple[str, str]:
    try:
        response.read()
        first = response.json()["errors"][0]
        return str(first.get("code", "")), str(first.get("message", ""))[:_MOST]
    except (ValueError, KeyError, IndexError, TypeError, AttributeError):
        return "", ""
