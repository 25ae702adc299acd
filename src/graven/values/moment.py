"""Moments (RFC 3339, UTC, microseconds) and identifiers that sort by moment (UUIDv7, RFC 9562 section 5.7)."""

from __future__ import annotations

import re
import uuid
from datetime import UTC, datetime

from graven.errors import Malformed

__all__ = ["format_moment", "parse_moment", "uuid7"]

_RFC3339 = re.compile(r"(\d{4}-\d\d-\d\d)[Tt ](\d\d:\d\d:\d\d)(\.\d+)?([Zz]|[+-]\d\d:\d\d)")


def format_moment(moment: datetime) -> str:
    """Write a moment in UTC with six digits of microseconds.

    >>> format_moment(datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC))
    '2026-01-02T03:04:05.000000Z'
    """
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def parse_moment(text: str) -> datetime:
    """Read an RFC 3339 date-time; digits beyond the microsecond are dropped.

    Raises:
        Malformed: it is none, or names a day that does not exist.
    """
    match = _RFC3339.fullmatch(text)
    if not match:
        raise Malformed(f"got {text[:60]!r}, expected a date and time such as 2026-01-02T03:04:05Z (RFC 3339)")
    date, time, fraction, zone = match.groups()
    zone = "+00:00" if zone in "Zz" else zone
    try:
        return datetime.fromisoformat(f"{date}T{time}.{(fraction or '.0')[1:7]:0<6}{zone}").astimezone(UTC)
    except (ValueError, OverflowError) as e:
        raise Malformed(f"got {text!r}, expected a moment that exists: {e}") from e


def uuid7(moment: datetime, entropy: bytes) -> str:
    """Make a UUIDv7 of a moment and ten random bytes.

    Raises:
        Malformed: fewer or more than ten bytes.
    """
    if len(entropy) != 10:
        raise Malformed(f"got {len(entropy)} bytes of entropy, expected 10")
    milliseconds = int(moment.timestamp() * 1000)
    value = (milliseconds << 80) | int.from_bytes(entropy, "big")
    value = (value & ~(0xF << 76)) | (0x7 << 76)
    value = (value & ~(0x3 << 62)) | (0x2 << 62)
    return str(uuid.UUID(int=value))
