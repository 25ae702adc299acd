"""Owns the types of ``google.protobuf`` that have a JSON form of their own: what they hold, and what they become.

The forms are those of the JSON mapping of Protocol Buffers: a time is as RFC 3339 writes it, a duration has seconds.
"""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import Any

__all__ = ["ANY", "SOURCE", "has_form", "shown"]

_PACKAGE = "google.protobuf."
ANY = f"{_PACKAGE}Any"
_WRAPPED = {
    "Double": "double", "Float": "float", "Int64": "int64", "UInt64": "uint64", "Int32": "int32", "UInt32": "uint32",
    "Bool": "bool", "String": "string", "Bytes": "bytes",
}  # fmt: skip
SOURCE = (
    'syntax = "proto3"; package google.protobuf; message Empty {}'
    " message Timestamp { int64 seconds = 1; int32 nanos = 2; }"
    " message Duration { int64 seconds = 1; int32 nanos = 2; }"
    " message FieldMask { repeated string paths = 1; } message Any { string type_url = 1; bytes value = 2; }"
    " message Struct { map<string, Value> fields = 1; } message ListValue { repeated Value values = 1; }"
    " enum NullValue { NULL_VALUE = 0; }"
    " message Value { oneof kind { NullValue null_value = 1; double number_value = 2;"
    " string string_value = 3; bool bool_value = 4; Struct struct_value = 5; ListValue list_value = 6; } }"
    + "".join(f" message {name}Value {{ {kind} value = 1; }}" for name, kind in _WRAPPED.items())
).encode()
"""Their definitions."""
_ZEROS: dict[str, Any] = {"bool": False, "string": "", "bytes": "", "int64": "0", "uint64": "0"}
_PATH = re.compile(r"[a-z0-9]*(?:_[a-z][a-z0-9]*)*(?:\.[a-z0-9]*(?:_[a-z][a-z0-9]*)*)*")
_FIRST = datetime(1970, 1, 1)  # noqa: DTZ001 - the zone is written behind it
_MOST = 315_576_000_000
"""Seconds that a duration may have."""


def has_form(name: str) -> bool:
    """Say whether a message, by its full name, is no plain object in JSON."""
    return name.startswith(_PACKAGE) and name not in {ANY, f"{_PACKAGE}Empty"}


def shown(name: str, value: dict[str, Any]) -> Any:
    """Give the JSON form of one of these messages, from its fields that are set.

    >>> shown("google.protobuf.Duration", {"seconds": "3", "nanos": 500000000})
    '3.500s'

    Raises:
        ValueError: it is beyond what the form can say.
    """
    kind = name.removeprefix(_PACKAGE)
    if kind in {"Timestamp", "Duration"}:
        seconds, nanos = int(value.get("seconds", 0)), int(value.get("nanos", 0))
        return _time(seconds, nanos) if kind == "Timestamp" else _duration(seconds, nanos)
    if kind == "FieldMask":
        return ",".join(map(_camel, value.get("paths", ())))
    if kind == "Value":
        if not value:
            raise ValueError("got a Value without a kind")
        [(set_, found)] = value.items()
        if set_ == "number_value" and isinstance(found, str):
            raise ValueError("got a Value that is no finite number")
        return None if set_ == "null_value" else found
    if kind in {"Struct", "ListValue"}:
        return value.get("fields", {}) if kind == "Struct" else value.get("values", [])
    return value.get("value", _ZEROS.get(_WRAPPED[kind.removesuffix("Value")], 0))


def _time(seconds: int, nanos: int) -> str:
    if not 0 <= nanos < 10**9:
        raise ValueError("got a time whose nanoseconds are no part of a second")
    try:
        found = _FIRST + timedelta(seconds=seconds)
    except OverflowError:
        raise ValueError("got a time before the year 1 or after 9999") from None
    return f"{found.isoformat()}{_fraction(nanos)}Z"


def _duration(seconds: int, nanos: int) -> str:
    if abs(seconds) > _MOST or abs(nanos) >= 10**9 or seconds * nanos < 0:
        raise ValueError("got a duration that is too long, or whose parts have different signs")
    return f"{'-' if seconds < 0 or nanos < 0 else ''}{abs(seconds)}{_fraction(abs(nanos))}s"


def _fraction(nanos: int) -> str:
    """Write nanoseconds with three, six or nine digits, or none."""
    digits = f".{nanos:09}"
    while digits.endswith("000"):
        digits = digits[:-3]
    return "" if digits == "." else digits


def _camel(path: str) -> str:
    if not path or not _PATH.fullmatch(path):
        raise ValueError(f"got the path {path[:40]!r}, expected small letters")
    return re.sub("_([a-z])", lambda found: found[1].upper(), path)
