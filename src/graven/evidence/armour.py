"""Base64 with one spelling (RFC 4648, section 3.5): what is signed in text cannot be changed and mean the same."""

from __future__ import annotations

import base64

from graven.errors import Malformed

__all__ = ["decode", "encode"]


def encode(data: bytes) -> str:
    """Write bytes in the standard alphabet, padded."""
    return base64.b64encode(data).decode()


def decode(text: object, *, where: str) -> bytes:
    """Read base64 of either alphabet, as DSSE asks of readers; padding and last bits must be as writers make them.

    >>> decode("-w==", where="sig") == decode("+w==", where="sig")
    True

    Raises:
        Malformed: it is none, or spelt in another way than a writer spells it.
    """
    if not isinstance(text, str):
        raise Malformed("expected base64", where=where)
    standard = text.replace("-", "+").replace("_", "/")
    try:
        found = base64.b64decode(standard, validate=True)
    except ValueError as e:
        raise Malformed("got no base64", where=where) from e
    if encode(found) != standard:
        raise Malformed("got base64 with bits that say nothing", where=where)
    return found
