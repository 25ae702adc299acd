"""OCI error bodies (distribution-spec, "Error Codes"): ``{"errors": [{"code", "message", "detail"}]}``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from graven.errors import (
    Conflict,
    Forbidden,
    GravenError,
    Malformed,
    Mismatch,
    NotFound,
    Refused,
    TooLarge,
    Unauthenticated,
    Unavailable,
    Unsupported,
)

__all__ = ["shape"]

_CODES: Mapping[type[GravenError], Mapping[str, str]] = {
    NotFound: {
        "": "NAME_UNKNOWN",
        "repository": "NAME_UNKNOWN",
        "manifest": "MANIFEST_UNKNOWN",
        "blob": "BLOB_UNKNOWN",
        "upload": "BLOB_UPLOAD_UNKNOWN",
    },
    Conflict: {"": "DENIED"},
    Malformed: {"": "MANIFEST_INVALID", "missing": "MANIFEST_BLOB_UNKNOWN", "upload": "BLOB_UPLOAD_INVALID"},
    Mismatch: {"": "DIGEST_INVALID", "size": "SIZE_INVALID", "offset": "BLOB_UPLOAD_INVALID"},
    Unauthenticated: {"": "UNAUTHORIZED"},
    Forbidden: {"": "DENIED"},
    Refused: {"": "DENIED"},
    TooLarge: {"": "SIZE_INVALID"},
    Unsupported: {"": "UNSUPPORTED"},
    Unavailable: {"": "UNAVAILABLE"},
    GravenError: {"": "UNKNOWN"},
}
_BY_PLACE = {"name": "NAME_INVALID", "tag": "TAG_INVALID", "digest": "DIGEST_INVALID"}
"""What cannot be read is told by where it stood; ``TAG_INVALID`` is Docker's, for what OCI has no code for."""


def shape(error: GravenError, request: str) -> dict[str, Any]:
    """Make the body of an error; one entry for each blob that a manifest misses.

    >>> shape(NotFound("no blob", detail={"kind": "blob"}), "r1")["errors"][0]["code"]
    'BLOB_UNKNOWN'
    """
    detail = {name: value for name, value in error.detail.items() if name != "missing"}
    told = {"where": error.where, "request_id": request, **detail}
    message = f"{error.message}: {error.hint}" if error.hint else error.message
    code = _code(error)
    missing = error.detail.get("missing")
    if isinstance(missing, list) and missing:
        return {"errors": [{"code": code, "message": message, "detail": {**told, "digest": one}} for one in missing]}
    return {"errors": [{"code": code, "message": message, "detail": told}]}


def _code(error: GravenError) -> str:
    if isinstance(error, Malformed) and error.where in _BY_PLACE:
        return _BY_PLACE[error.where]
    codes = next(_CODES[family] for family in type(error).__mro__ if family in _CODES)
    return codes.get(str(error.detail.get("kind", "")), codes[""])
