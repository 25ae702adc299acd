"""Owns Go's layouts of time: texts that write the reference moment, Mon Jan 2 15:04:05 MST 2006, as a pattern."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, timezone, tzinfo

__all__ = ["NAMED", "Moment", "format_time", "parse_time"]

NAMED = {
    "ANSIC": "Mon Jan _2 15:04:05 2006",
    "UnixDate": "Mon Jan _2 15:04:05 MST 2006",
    "RubyDate": "Mon Jan 02 15:04:05 -0700 2006",
    "RFC822": "02 Jan 06 15:04 MST",
    "RFC822Z": "02 Jan 06 15:04 -0700",
    "RFC850": "Monday, 02-Jan-06 15:04:05 MST",
    "RFC1123": "Mon, 02 Jan 2006 15:04:05 MST",
    "RFC1123Z": "Mon, 02 Jan 2006 15:04:05 -0700",
    "RFC3339": "2006-01-02T15:04:05Z07:00",
    "RFC3339Nano": "2006-01-02T15:04:05.999999999Z07:00",
}
_MONTHS = [
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
    "December",
]  # fmt: skip
_DAYS = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"]
_TOKEN = re.compile(
    r"January|Jan|Monday|Mon|MST|2006|__2|002|01|02|03|04|05|06|15|_2006|_2|PM|pm"
    r"|Z070000|Z07:00:00|Z0700|Z07:00|Z07|-070000|-07:00:00|-0700|-07:00|-07"
    r"|[.,]0+(?![0-9])|[.,]9+(?![0-9])|1|2|3|4|5"
)


@dataclass(frozen=True, slots=True)
class Moment:
    """A moment with its nanoseconds, which ``datetime`` has not."""

    at: datetime
    """To the second, with its zone."""
    nanos: int = 0


def _tokens(layout: str) -> list[tuple[str, str]]:
    """Cut a layout into what stands for a part of a moment, and plain text."""
    out, at = [], 0
    for match in _TOKEN.finditer(layout):
        if match.start() > at:
            out.append(("text", layout[at : match.start()]))
        token = match.group()
        if token == "_2006":  # noqa: S105 - a token of a layout
            out += [("text", "_"), ("2006", "2006")]
        else:
            out.append((token, token))
        at = match.end()
    if at < len(layout):
        out.append(("text", layout[at:]))
    return out


def _offset(moment: Moment, token: str) -> str:
    seconds = int((moment.at.utcoffset() or timedelta()).total_seconds())
    if token.startswith("Z") and seconds == 0:
        return "Z"
    sign, seconds = ("-" if seconds < 0 else "+"), abs(seconds)
    mark = ":" if ":" in token else ""
    parts = [f"{seconds // 3600:02d}", f"{seconds // 60 % 60:02d}", f"{seconds % 60:02d}"]
    digits = len(token.replace(":", "")) - 1
    return sign + mark.join(parts[: digits // 2])


def _zone(moment: Moment) -> str:
    name = moment.at.tzname() or ""
    return _offset(moment, "-0700") if not name or name.startswith(("UTC+", "UTC-", "+", "-")) else name


_WRITE: dict[str, Callable[[Moment], str]] = {
    "January": lambda m: _MONTHS[m.at.month - 1],
    "Jan": lambda m: _MONTHS[m.at.month - 1][:3],
    "1": lambda m: str(m.at.month),
    "01": lambda m: f"{m.at.month:02d}",
    "Monday": lambda m: _DAYS[m.at.weekday()],
    "Mon": lambda m: _DAYS[m.at.weekday()][:3],
    "2": lambda m: str(m.at.day),
    "_2": lambda m: f"{m.at.day:2d}",
    "02": lambda m: f"{m.at.day:02d}",
    "002": lambda m: f"{m.at.timetuple().tm_yday:03d}",
    "__2": lambda m: f"{m.at.timetuple().tm_yday:3d}",
    "15": lambda m: f"{m.at.hour:02d}",
    "3": lambda m: str(m.at.hour % 12 or 12),
    "03": lambda m: f"{m.at.hour % 12 or 12:02d}",
    "4": lambda m: str(m.at.minute),
    "04": lambda m: f"{m.at.minute:02d}",
    "5": lambda m: str(m.at.second),
    "05": lambda m: f"{m.at.second:02d}",
    "2006": lambda m: f"{m.at.year:04d}",
    "06": lambda m: f"{m.at.year % 100:02d}",
    "PM": lambda m: "PM" if m.at.hour >= 12 else "AM",
    "pm": lambda m: "pm" if m.at.hour >= 12 else "am",
    "MST": _zone,
}


def format_time(moment: Moment, layout: str) -> str:
    """Write a moment.

    >>> format_time(Moment(datetime(2020, 2, 29, 15, 4, tzinfo=UTC), 120_000_000), "Jan _2, 3:04.000pm (MST)")
    'Feb 29, 3:04.120pm (UTC)'
    """
    return "".join(_written(moment, token, text) for token, text in _tokens(layout))


def _written(moment: Moment, token: str, text: str) -> str:
    if token == "text":  # noqa: S105 - a token of a layout
        return text
    if token in _WRITE:
        return _WRITE[token](moment)
    if token[0] in ".,":
        digits = f"{moment.nanos:09d}"[: len(token) - 1]
        if token[1] == "0":
            return token[0] + digits.ljust(len(token) - 1, "0")
        digits = digits.rstrip("0")
        return token[0] + digits if digits else ""
    return _offset(moment, token)


_READ = {
    "January": "|".join(_MONTHS),
    "Jan": "|".join(month[:3] for month in _MONTHS),
    "Monday": "|".join(_DAYS),
    "Mon": "|".join(day[:3] for day in _DAYS),
    "1": r"\d{1,2}", "01": r"\d{2}", "2": r" ?\d{1,2}", "_2": r" ?\d{1,2}", "02": r"\d{2}", "002": r"\d{3}",
    "__2": r" {0,2}\d{1,3}", "15": r"\d{2}", "3": r"\d{1,2}", "03": r"\d{2}", "4": r"\d{1,2}", "04": r"\d{2}",
    "5": r"\d{1,2}", "05": r"\d{2}", "2006": r"\d{4}", "06": r"\d{2}", "PM": "AM|PM", "pm": "am|pm",
    "MST": r"[A-Z]{3,5}|[+-]\d{2}(?:\d{2})?",
    "Z07:00": r"Z|[+-]\d{2}:\d{2}", "Z0700": r"Z|[+-]\d{4}", "Z07": r"Z|[+-]\d{2}",
    "Z07:00:00": r"Z|[+-]\d{2}:\d{2}:\d{2}", "Z070000": r"Z|[+-]\d{6}", "-07:00:00": r"[+-]\d{2}:\d{2}:\d{2}",
    "-070000": r"[+-]\d{6}", "-07:00": r"[+-]\d{2}:\d{2}", "-0700": r"[+-]\d{4}", "-07": r"[+-]\d{2}",
}  # fmt: skip
_FOLDED = frozenset({"January", "Jan", "Monday", "Mon"})


@dataclass(slots=True)
class _Parts:
    """What was read of a moment."""

    year: int = 0
    month: int = 1
    day: int = 1
    hour: int = 0
    minute: int = 0
    second: int = 0
    nanos: int = 0
    afternoon: bool | None = None
    yearday: int = 0
    zone: tzinfo = field(default=UTC)


def parse_time(text: str, layout: str) -> Moment:
    """Read a moment that is written as a layout says.

    Raises:
        ValueError: it is not.
    """
    tokens = _tokens(layout)
    expression, groups = "", []
    for at, (token, plain) in enumerate(tokens):
        if token == "text":  # noqa: S105 - a token of a layout
            expression += re.escape(plain).replace(r"\ ", " ")
        elif token[0] in ".,":
            groups.append(token)
            expression += rf"([.,]\d{{{len(token) - 1}}})" if token[1] == "0" else r"((?:[.,]\d+)?)"
        else:
            groups.append(token)
            expression += f"((?i:{_READ[token]}))" if token in _FOLDED else f"({_READ[token]})"
            following = tokens[at + 1][0] if at + 1 < len(tokens) else ""
            if token in ("05", "5") and following[:1] not in (".", ","):
                groups.append(".9")
                expression += r"((?:[.,]\d+)?)"
    match = re.fullmatch(expression, text, re.ASCII)
    if match is None:
        raise ValueError(f'parsing time "{text}" as "{layout}": cannot parse "{text}" as "{layout}"')
    parts = _Parts()
    for token, part in zip(groups, match.groups(), strict=True):
        _take(parts, token, part)
    return _moment(parts, text)


_NUMBERS = {
    "1": "month", "01": "month", "2": "day", "_2": "day", "02": "day", "002": "yearday", "__2": "yearday", "15": "hour",
    "3": "hour", "03": "hour", "4": "minute", "04": "minute", "5": "second", "05": "second", "2006": "year",
}  # fmt: skip


def _take(parts: _Parts, mark: str, text: str) -> None:
    if mark in _NUMBERS:
        setattr(parts, _NUMBERS[mark], int(text))
    elif mark == "06":
        parts.year = int(text) + (1900 if int(text) >= 69 else 2000)
    elif mark in ("January", "Jan"):
        parts.month = [month[:3].lower() for month in _MONTHS].index(text[:3].lower()) + 1
    elif mark in ("PM", "pm"):
        parts.afternoon = text.lower() == "pm"
    elif mark[0] in ".,":
        parts.nanos = int(text[1:10].ljust(9, "0")) if text else 0
    elif mark[0] in "Z-" or (mark == "MST" and text[0] in "+-"):
        parts.zone = _read_offset(text)


def _read_offset(text: str) -> tzinfo:
    if text == "Z":
        return UTC
    digits = text[1:].replace(":", "").ljust(6, "0")
    if int(digits[:2]) > 24 or int(digits[2:4]) > 59:
        raise ValueError(f'parsing time "{text}": time zone offset out of range')
    offset = timedelta(hours=int(digits[:2]), minutes=int(digits[2:4]), seconds=int(digits[4:]))
    return timezone(-offset if text[0] == "-" else offset) if offset else UTC


def _moment(parts: _Parts, text: str) -> Moment:
    hour = parts.hour
    if parts.afternoon is not None:
        hour = hour % 12 + (12 if parts.afternoon else 0)
    try:
        at = datetime(max(parts.year, 1), parts.month, parts.day, hour, parts.minute, parts.second, tzinfo=parts.zone)
    except ValueError as error:
        raise ValueError(f'parsing time "{text}": {error}') from None
    if parts.yearday:
        at = at.replace(month=1, day=1) + timedelta(days=parts.yearday - 1)
    return Moment(at, parts.nanos)
