"""Owns the builtins on time; the moment that is now was handed in and is one for the whole evaluation."""

from __future__ import annotations

import re
from calendar import monthrange
from datetime import UTC, datetime, timedelta, tzinfo
from fractions import Fraction

from graven.rego.builtins.layouts import NAMED, Moment, format_time, parse_time
from graven.rego.builtins.protocol import Builtin, BuiltinError, Context, builtin, operand_error
from graven.rego.numerals import as_integer
from graven.rego.values import Value, type_name

__all__ = ["BUILTINS"]

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_LEAST, _MOST = -(2**63), 2**63 - 1
_SECOND = 1_000_000_000
_UNITS = {
    "ns": 1, "us": 10**3, "µs": 10**3, "μs": 10**3, "ms": 10**6, "s": _SECOND, "m": 60 * _SECOND, "h": 3600 * _SECOND,
    "d": 86_400 * _SECOND, "w": 7 * 86_400 * _SECOND, "y": 365 * 86_400 * _SECOND,
}  # fmt: skip
_DURATION = re.compile(r"([0-9]+\.?[0-9]*|\.[0-9]+)(ns|us|µs|μs|ms|s|m|h|d|w|y)")


def _nanos(value: Value, position: int = 1) -> int:
    whole = as_integer(value)
    if whole is None:
        raise operand_error(position, "integer number", "floating-point number")
    if not _LEAST <= whole <= _MOST:
        raise BuiltinError("timestamp too big")
    return whole


def _zone(name: str) -> tzinfo:
    if name in ("", "UTC", "Local"):
        return UTC
    from zoneinfo import ZoneInfo

    try:
        return ZoneInfo(name)
    except (ValueError, OSError, KeyError):
        raise BuiltinError(f"unknown time zone {name}") from None


def _at(nanos: int, zone: tzinfo) -> Moment:
    seconds, rest = divmod(nanos, _SECOND)
    return Moment((_EPOCH + timedelta(seconds=seconds)).astimezone(zone), rest)


def _moment(value: Value) -> tuple[Moment, str]:
    """Read a moment, and the layout that may stand behind it."""
    if value.__class__ is not tuple:
        return _at(_nanos(value), UTC), ""
    if not 2 <= len(value) <= 3:
        raise operand_error(1, "either a number or a 2-element array of number and string", "array")
    for item, kind in zip(value, ("number", "string", "string"), strict=False):
        if type_name(item) != kind:
            raise operand_error(1, kind, type_name(item))
    return _at(_nanos(value[0]), _zone(value[1])), value[2] if len(value) == 3 else ""


def _in_range(moment: Moment) -> int:
    delta = moment.at - _EPOCH
    nanos = (delta.days * 86_400 + delta.seconds) * _SECOND + moment.nanos
    if not _LEAST <= nanos <= _MOST:
        raise BuiltinError("time outside of valid range")
    return nanos


def _parse(layout: str, text: str) -> Value:
    try:
        return _in_range(parse_time(text, NAMED.get(layout, layout)))
    except (ValueError, OverflowError) as error:
        raise BuiltinError(str(error)) from None


def _parse_duration(text: str) -> Value:
    """Read a duration of Go, numbers with their units, one behind the other; days, weeks and years are OPA's own."""
    sign = -1 if text.startswith("-") else 1
    rest = text[1:] if text[:1] in ("-", "+") else text
    if rest == "0":
        return 0
    total, at = Fraction(0), 0
    while at < len(rest):
        match = _DURATION.match(rest, at)
        if match is None:
            break
        total += int(Fraction(match.group(1)) * _UNITS[match.group(2)])
        at = match.end()
    if not rest or at < len(rest) or not total <= _MOST:
        raise BuiltinError(f'time: invalid duration "{text}"')
    return sign * int(total)


def _date(value: Value) -> Value:
    at = _moment(value)[0].at
    return (at.year, at.month, at.day)


def _clock(value: Value) -> Value:
    at = _moment(value)[0].at
    return (at.hour, at.minute, at.second)


def _weekday(value: Value) -> Value:
    return format_time(_moment(value)[0], "Monday")


def _format(value: Value) -> Value:
    moment, layout = _moment(value)
    return format_time(moment, NAMED.get(layout, layout) or NAMED["RFC3339Nano"])


def _shifted(at: datetime, years: int, months: int, days: int) -> datetime:
    """Add years, months and days, a day beyond a month's end running over into the next, as Go does."""
    total = at.year * 12 + at.month - 1 + years * 12 + months
    first = at.replace(year=total // 12, month=total % 12 + 1, day=1)
    return first + timedelta(days=at.day - 1 + days)


def _add_date(start: Value, years: Value, months: Value, days: Value) -> Value:
    moment = _at(_nanos(start), UTC)
    steps = [_nanos(value, position) for position, value in ((2, years), (3, months), (4, days))]
    try:
        return _in_range(Moment(_shifted(moment.at, *steps), moment.nanos))
    except (ValueError, OverflowError):
        raise BuiltinError("time outside of valid range") from None


def _difference(left: Value, right: Value) -> Value:
    """Give years, months, days, hours, minutes and seconds between two moments."""
    one, two = _moment(left)[0], _moment(right)[0]
    two = Moment(two.at.astimezone(one.at.tzinfo), two.nanos)
    first, last = (one, two) if (one.at, one.nanos) <= (two.at, two.nanos) else (two, one)
    start, end = first.at, last.at
    parts = [
        end.year - start.year, end.month - start.month, end.day - start.day,
        end.hour - start.hour, end.minute - start.minute, end.second - start.second - (last.nanos < first.nanos),
    ]  # fmt: skip
    for at, size in ((5, 60), (4, 60), (3, 24)):
        if parts[at] < 0:
            parts[at] += size
            parts[at - 1] -= 1
    if parts[2] < 0:
        parts[2] += monthrange(start.year, start.month)[1]
        parts[1] -= 1
    if parts[1] < 0:
        parts[1] += 12
        parts[0] -= 1
    return tuple(parts)


def _now(context: Context) -> Value:
    if context.now_ns is None:
        raise BuiltinError("no moment was given as now", halts=True)
    return context.now_ns


BUILTINS: tuple[Builtin, ...] = (
    builtin("time.now_ns", _now, contextual=True),
    builtin("time.parse_ns", _parse),
    builtin("time.parse_rfc3339_ns", lambda text: _parse("RFC3339", text)),
    builtin("time.parse_duration_ns", _parse_duration),
    builtin("time.date", _date),
    builtin("time.clock", _clock),
    builtin("time.weekday", _weekday),
    builtin("time.format", _format),
    builtin("time.add_date", _add_date),
    builtin("time.diff", _difference),
)
