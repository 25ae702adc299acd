"""Canonical JSON (RFC 8785): one value, one sequence of bytes; and strict reading."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterable
from typing import Any

import orjson
import rfc8785

from graven.errors import Malformed

__all__ = ["dumps", "loads"]

_QUICKLY = (
    orjson.OPT_SORT_KEYS
    | orjson.OPT_STRICT_INTEGER
    | orjson.OPT_PASSTHROUGH_SUBCLASS
    | orjson.OPT_PASSTHROUGH_DATACLASS
    | orjson.OPT_PASSTHROUGH_DATETIME
)
_SCALARS = frozenset({str, int, bool, type(None)})
_HALF = re.compile(r"\\u[dD][89a-fA-F]")
"""What may be an escaped surrogate: two of them are a character, and one alone is written in no encoding (RFC 7493)."""
_MAX_DEPTH = 200
"""Deeper JSON is refused before Python's own recursion limit is met."""


def dumps(value: Any) -> bytes:
    r"""Write a value as canonical JSON.

    >>> dumps({"b": 1, "a": [True, None, "é"]})
    b'{"a":[true,null,"\xc3\xa9"],"b":1}'

    Raises:
        Malformed: it holds what JSON cannot say, or an integer beyond 2^53 - 1.
    """
    try:
        if _is_plain(value):
            return orjson.dumps(value, option=_QUICKLY)
    except (TypeError, RecursionError):
        pass  # the slow way says what is wrong with it
    try:
        return rfc8785.dumps(value)
    except (rfc8785.CanonicalizationError, UnicodeError, RecursionError) as e:
        raise Malformed(f"no canonical JSON for this value: {e}") from e


def loads(data: bytes | str, *, where: str = "") -> Any:
    """Read JSON; unlike the standard library's, refuse duplicate keys, NaN, half characters and what nests too deep.

    Raises:
        Malformed: it is not JSON in that sense; says line and column.
    """
    try:
        text = data if isinstance(data, str) else data.decode("utf-8")
        value = json.loads(text, object_pairs_hook=_unique, parse_float=_finite, parse_constant=_refuse)
        if _HALF.search(text):
            json.dumps(value, ensure_ascii=False).encode()
    except UnicodeEncodeError as e:
        raise Malformed("JSON with half a character: a surrogate without its other", where=where) from e
    except json.JSONDecodeError as e:
        raise Malformed(f"not JSON: {e.msg} at line {e.lineno}, column {e.colno}", where=where) from e
    except UnicodeDecodeError as e:
        raise Malformed(f"not UTF-8 at byte {e.start}", where=where) from e
    except RecursionError as e:
        raise Malformed("JSON nested too deep", where=where) from e
    except ValueError as e:
        raise Malformed(f"not JSON: {e}", where=where) from e
    _check_depth(value, where)
    return value


def _is_plain(value: Any) -> bool:
    """Tell whether the quick writer gives the same bytes: ASCII keys sort alike in all orders, no number is real."""
    kind = type(value)
    if kind in _SCALARS:
        return True
    if kind is dict:
        return all(type(key) is str and key.isascii() for key in value) and all(map(_is_plain, value.values()))
    return (kind is list or kind is tuple) and all(map(_is_plain, value))


def _unique(pairs: Iterable[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, value in pairs:
        if key in found:
            raise ValueError(f"the key {key[:80]!r} stands twice in one object")
        found[key] = value
    return found


def _refuse(constant: str) -> None:
    raise ValueError(f"{constant} is no JSON number")


def _finite(text: str) -> float:
    """Read a number; 1e999 would be written as no JSON."""
    found = float(text)
    if not math.isfinite(found):
        raise ValueError(f"the number {text[:40]} is too large")
    return found


def _check_depth(value: Any, where: str) -> None:
    level: list[Any] = [value]
    for _ in range(_MAX_DEPTH):
        level = [
            child
            for parent in level
            if isinstance(parent, dict | list)
            for child in (parent.values() if isinstance(parent, dict) else parent)
        ]
        if not level:
            return
    raise Malformed(f"JSON nested deeper than {_MAX_DEPTH}", where=where)
