"""Owns the reading of TOML 1.0; dates and times become strings as RFC 3339 writes them.

Times without an offset get ``Z``, days without a time midnight, times without a day the year 0, as in conftest.
"""

from __future__ import annotations

import math
import re
import tomllib
from datetime import date, datetime, time, timedelta
from typing import Any

from graven.documents.faults import MAX_DEPTH, decoded, too_deep, unreadable
from graven.documents.position import Document, Position
from graven.documents.strconv import whole
from graven.documents.tomlplaces import places
from graven.errors import TooLarge

__all__ = ["parse"]

_AT = re.compile(r" \(at (?:line (\d+), column (\d+)|end of document)\)\Z")


def parse(data: bytes, *, file: str = "") -> tuple[Document, ...]:
    r"""Read the table that a text is.

    >>> [found] = parse(b"[a]\nb = [1, 1979-05-27]\n")
    >>> found.value, str(found.position(("a", "b", 1)))
    ({'a': {'b': [1, '1979-05-27T00:00:00Z']}}, 'line 2, column 9')

    Raises:
        Malformed: it is no TOML, or has a number that JSON cannot say; says line and column.
        TooLarge: it nests too deep.
    """
    text = decoded(data, file).replace("\r\n", "\n")
    try:
        found = tomllib.loads(text)
    except tomllib.TOMLDecodeError as e:
        at = _AT.search(str(e))
        end = Position(text.count("\n") + 1, len(text) - text.rfind("\n"))
        place = Position(int(at[1]), int(at[2])) if at and at[1] else end
        raise unreadable(f"no TOML: {_AT.sub('', str(e))}", file, place) from None
    except RecursionError:
        raise TooLarge("TOML nested too deep", where=file) from None
    except ValueError as e:
        raise unreadable(f"no TOML: {e}", file) from None
    return (Document(_plain(found, (), text, file), lambda: places(text), file),)


def _plain(value: Any, path: tuple[str | int, ...], text: str, file: str) -> Any:
    if len(path) > MAX_DEPTH:
        raise too_deep(file, Position(1, 1))
    if isinstance(value, dict):
        return {key: _plain(each, (*path, key), text, file) for key, each in value.items()}
    if isinstance(value, list):
        return [_plain(each, (*path, index), text, file) for index, each in enumerate(value)]
    if isinstance(value, float):
        if not math.isfinite(value):
            raise unreadable(f"got {value}, expected a number that JSON can say", file, places(text).get(path))
        return whole(value)
    if isinstance(value, int) and not -(1 << 63) <= value < 1 << 63:
        raise unreadable("got an integer of more than 64 bits", file, places(text).get(path))
    return _moment(value) if isinstance(value, date | time) else value


def _moment(value: date | time) -> str:
    if isinstance(value, datetime):
        bare = value.replace(tzinfo=None).isoformat()
        offset = value.utcoffset()
    elif isinstance(value, date):
        bare, offset = f"{value.isoformat()}T00:00:00", None
    else:
        bare, offset = f"0000-01-01T{value.isoformat()}", None
    if "." in bare:
        bare = bare.rstrip("0")
    return bare + (_offset(offset) if offset else "Z")


def _offset(offset: timedelta) -> str:
    minutes = round(offset.total_seconds() / 60)
    return f"{'-' if minutes < 0 else '+'}{abs(minutes) // 60:02}:{abs(minutes) % 60:02}"
