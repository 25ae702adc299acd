"""Owns the formats of JSON Schema that OPA's validator knows; a format that it does not know always holds."""

from __future__ import annotations

import re
from collections.abc import Callable
from ipaddress import IPv4Address, IPv6Address
from urllib.parse import urlsplit

from graven.rego.builtins.layouts import parse_time
from graven.rego.builtins.protocol import BuiltinError, Context
from graven.rego.builtins.regex import compiled

__all__ = ["is_format"]

_LABEL = r"(?:[A-Za-z0-9]|[A-Za-z0-9][A-Za-z0-9\-]{0,61}[A-Za-z0-9])"
_HOSTNAME = re.compile(rf"{_LABEL}(?:\.{_LABEL})*\Z")
_UUID = re.compile(r"(?i)[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\Z")
_BEYOND = "\u0080-\U0010ffff"
_EMAIL = re.compile(rf"(?:[^<>]*<)?[A-Za-z0-9.!#$%&'*+/=?^_`{{|}}~{_BEYOND}-]+@[A-Za-z0-9{_BEYOND}.\[\]:-]+>?\Z")
_POINTER = re.compile(r"(?:/(?:[^~/]|~0|~1)*)*\Z")
_RELATIVE = re.compile(r"(?:0|[1-9][0-9]*)(?:#|(?:/(?:[^~/]|~0|~1)*)*)\Z")
_TIMES = ("15:04:05", "15:04:05Z07:00")
_DATE_TIMES = (*_TIMES, "2006-01-02", "2006-01-02T15:04:05Z07:00")


def _timed(*layouts: str) -> Callable[[str], bool]:
    def check(text: str) -> bool:
        for layout in layouts:
            try:
                parse_time(text, layout)
            except (ValueError, OverflowError):
                continue
            return True
        return False

    return check


def _address(kind: type[IPv4Address | IPv6Address]) -> Callable[[str], bool]:
    def check(text: str) -> bool:
        try:
            kind(text)
        except ValueError:
            return False
        return "%" not in text

    return check


def _uri(text: str) -> bool:
    return _reference(text) and bool(urlsplit(text).scheme)


def _reference(text: str) -> bool:
    if "\\" in text or any(ord(char) <= 0x20 for char in text) or re.search(r"%(?![0-9A-Fa-f]{2})", text):
        return False
    try:
        urlsplit(text)
    except ValueError:
        return False
    return True


_FORMATS: dict[str, Callable[[str], bool]] = {
    "date": _timed("2006-01-02"),
    "time": _timed(*_TIMES),
    "date-time": _timed(*_DATE_TIMES),
    "hostname": lambda text: bool(_HOSTNAME.match(text)) and len(text) < 256,
    "email": lambda text: bool(_EMAIL.match(text)),
    "idn-email": lambda text: bool(_EMAIL.match(text)),
    "ipv4": _address(IPv4Address),
    "ipv6": _address(IPv6Address),
    "uri": _uri,
    "iri": _uri,
    "uri-reference": _reference,
    "iri-reference": _reference,
    "uri-template": lambda text: _reference(re.sub(r"\{[^{}]*\}", "x", text)),
    "uuid": lambda text: bool(_UUID.match(text)),
    "json-pointer": lambda text: bool(_POINTER.match(text)),
    "relative-json-pointer": lambda text: bool(_RELATIVE.match(text)),
}


def is_format(context: Context, name: str, text: str) -> bool:
    """Say whether a string has a format."""
    if name == "regex":
        try:
            compiled(context, text)
        except BuiltinError:
            return False
        return True
    check = _FORMATS.get(name)
    return check is None or check(text)
