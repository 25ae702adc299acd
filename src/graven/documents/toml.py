"""Owns the reading of TOML 1.0 and 1.1; dates and times become strings as RFC 3339 writes them.

Times without an offset get ``Z``, days without a time midnight, times without a day the year 0, as in conftest.
"""

from __future__ import annotations

import math
import re
import tomllib
from datetime import date, datetime, time, timedelta
from functools import cached_property
from typing import Any

from graven.documents.faults import MAX_DEPTH, Text, decoded, too_deep, unreadable
from graven.documents.position import Document, Path, Position
from graven.documents.strconv import whole
from graven.documents.tomledition import Earlier
from graven.documents.tomlplaces import places
from graven.errors import TooLarge

__all__ = ["parse"]

_FRACTION = re.compile(r"[-0-9]*[Tt ]?[0-9:]+(\.[0-9]{1,9})")
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
        found = _loaded(text, file)
    except RecursionError:
        raise TooLarge("TOML nested too deep", where=file) from None
    except ValueError as e:
        raise unreadable(f"no TOML: {e}", file) from None
    source = _Source(text, file)
    return (Document(source.plain(found, ()), lambda: source.places, file),)


def _loaded(text: str, file: str) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        earlier = Earlier(text)
    try:
        return tomllib.loads(earlier.text)
    except tomllib.TOMLDecodeError as e:
        at = _AT.search(str(e))
        offset = Text(earlier.text).offset(int(at[1]), int(at[2])) if at and at[1] else len(earlier.text)
        raise Text(text, file).fault(f"no TOML: {_AT.sub('', str(e))}", earlier.origin(offset)) from None


class _Source:
    """Makes values what JSON can say, and looks at the text where they do not tell."""

    def __init__(self, text: str, file: str) -> None:
        self.text = text
        self.file = file

    @cached_property
    def places(self) -> dict[Path, Position]:
        """The place of each value."""
        return places(self.text)

    def plain(self, value: Any, path: Path) -> Any:
        """Give the value that JSON has for one of TOML."""
        if len(path) > MAX_DEPTH:
            raise too_deep(self.file, Position(1, 1))
        if isinstance(value, dict):
            return {key: self.plain(each, (*path, key)) for key, each in value.items()}
        if isinstance(value, list):
            return [self.plain(each, (*path, index)) for index, each in enumerate(value)]
        if isinstance(value, float):
            if not math.isfinite(value):
                message = f"got {value}, expected a number that JSON can say"
                raise unreadable(message, self.file, self.places.get(path))
            return whole(value)
        if isinstance(value, int) and not -(1 << 63) <= value < 1 << 63:
            raise unreadable("got an integer of more than 64 bits", self.file, self.places.get(path))
        if isinstance(value, datetime | time) and value.microsecond:
            return _moment(value.replace(microsecond=0), self._fraction(self.places[path]))
        return _moment(value) if isinstance(value, date | time) else value

    def _fraction(self, place: Position) -> str:
        """Give the fraction of a second as it is written, up to nanoseconds, of which Python keeps less."""
        found = _FRACTION.match(self.text.split("\n")[place.line - 1], place.column - 1)
        return found[1].rstrip("0") if found else ""


def _moment(value: date | time, fraction: str = "") -> str:
    if isinstance(value, datetime):
        bare = value.replace(tzinfo=None).isoformat()
        offset = value.utcoffset()
    elif isinstance(value, date):
        bare, offset = f"{value.isoformat()}T00:00:00", None
    else:
        bare, offset = f"0000-01-01T{value.isoformat()}", None
    return bare + fraction + (_offset(offset) if offset else "Z")


def _offset(offset: timedelta) -> str:
    minutes = round(offset.total_seconds() / 60)
    return f"{'-' if minutes < 0 else '+'}{abs(minutes) // 60:02}:{abs(minutes) % 60:02}"
