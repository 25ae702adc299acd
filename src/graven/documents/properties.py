"""Owns the reading of Java's ``.properties``: keys and values, all of them strings, references not followed."""

from __future__ import annotations

import re
from collections.abc import Iterator

from graven.documents.faults import Text, decoded
from graven.documents.position import Document, Path, Position

__all__ = ["parse"]

_BEFORE = re.compile(r"[ \f\t\r\n]*+")
_COMMENT = re.compile(r"[#!][^\r\n]*")
_KEY = re.compile(r"(?:\\(?:u[0-9a-fA-F]{4}|[^u])|[^\\ \f\t\r\n:=])+", re.DOTALL)
_BETWEEN = re.compile(r"[ \f\t]*+[:=]?[ \f\t]*+")
_VALUE = re.compile(r"(?:\\(?:u[0-9a-fA-F]{4}|[\r\n][ \f\t]*|[^u\r\n])|[^\\\r\n])*")
_ESCAPE = re.compile(r"\\(?:u([0-9a-fA-F]{4})|([\r\n])[ \f\t]*|(.))", re.DOTALL)
_KEY_ESCAPE = re.compile(r"\\(?:u([0-9a-fA-F]{4})|()(.))", re.DOTALL)
_LETTERS = {"f": "\f", "n": "\n", "r": "\r", "t": "\t"}
_REFERENCE = re.compile(r"\$\{([^}]*)(\}?)")


def parse(data: bytes, *, file: str = "") -> tuple[Document, ...]:
    r"""Read the properties.

    >>> [found] = parse(b"# x\ngreeting = hello \\\n   world\n")
    >>> found.value, str(found.position(("greeting",)))
    ({'greeting': 'hello world'}, 'line 2, column 12')

    Raises:
        Malformed: an escape is wrong, a key is missing, or references go in a circle; says line and column.
    """
    text = Text(decoded(data, file), file)
    values: dict[str, str] = {}
    places: dict[Path, Position] = {(): Position(1, 1)}
    offsets: dict[str, int] = {}
    for key, value, offset in _pairs(text):
        values[key] = value
        offsets[key] = offset
        places[(key,)] = text.position(offset)
    _check(values, offsets, text)
    return (Document(values, places, file),)


def _pairs(text: Text) -> Iterator[tuple[str, str, int]]:
    whole = text.text
    at = 0
    while (at := _end(_BEFORE, whole, at)) < len(whole):
        if comment := _COMMENT.match(whole, at):
            at = comment.end()
            continue
        key = _KEY.match(whole, at)
        if not key:
            bad = "an escape that is none" if whole[at] == "\\" else "a value without a key"
            raise text.fault(f"got {bad}, expected a key", at)
        start = _end(_BETWEEN, whole, key.end())
        end = _end(_VALUE, whole, start)
        for place in (key.end(), end):
            if whole[place : place + 1] == "\\":
                raise text.fault("got an escape that is none", place)
        yield _plain(_KEY_ESCAPE, key[0]), _plain(_ESCAPE, whole[start:end]), start
        at = end


def _end(pattern: re.Pattern[str], text: str, at: int) -> int:
    found = pattern.match(text, at)
    return found.end() if found else at


def _plain(escape: re.Pattern[str], text: str) -> str:
    return escape.sub(_unescaped, text) if "\\" in text else text


def _unescaped(found: re.Match[str]) -> str:
    code, line_end, char = found.groups()
    if code:
        number = int(code, 16)
        return "\ufffd" if 0xD800 <= number < 0xE000 else chr(number)
    return "" if line_end else _LETTERS.get(char, char)


def _check(values: dict[str, str], offsets: dict[str, int], text: Text) -> None:
    """Refuse what conftest refuses: a reference that is not closed, or that comes back to where it started."""
    settled: set[str] = set()
    for first in values:
        path: dict[str, Iterator[str]] = {}
        waiting = [first]
        while waiting:
            key = waiting[-1]
            if key not in path:
                path[key] = iter(_references(values[key], offsets[key], text))
            following = next((each for each in path[key] if each in values and each not in settled), None)
            if following is None:
                settled.add(waiting.pop())
                del path[key]
            elif following in path:
                raise text.fault(f"the reference to {following!r} goes in a circle", offsets[key])
            else:
                waiting.append(following)


def _references(value: str, offset: int, text: Text) -> list[str]:
    if "${" not in value:
        return []
    found = _REFERENCE.findall(value)
    if any(not closed for _, closed in found):
        raise text.fault("got ${ that is never closed", offset)
    return [name for name, _ in found]
