"""Owns the reading of EDN: collections become lists and objects, everything else the text that Go prints of it.

As in conftest numbers, booleans and ``nil`` (which is ``<nil>``) become strings, and so do sets and tagged values.
Unlike it, what follows the first value is refused, integers with ``N`` are written as integers, and a collection as a
key is refused, of which conftest would print an address.
"""

from __future__ import annotations

import base64
import binascii
import json
import re
from collections.abc import Iterator
from datetime import datetime
from typing import Any, NamedTuple

from graven.documents.faults import MAX_NESTED, Text, decoded, too_deep
from graven.documents.position import Document, Path, Position
from graven.documents.strconv import float_text

__all__ = ["parse"]

_BLANK = re.compile(r"(?:[\s,]|;[^\n]*)*+")
_FIRST = r"(?:[^\W\d]|[.+\-](?![0-9])|[*!?$%&=<>])"
_REST = r"[\w.*+!\-?$%&=<>:\#']"
_NAME = rf"{_REST}*+(?:/{_REST}++)?"
_END = r"""(?=[\s,"{}\[\]()\\;]|\Z)"""
_TOKEN = re.compile(
    rf"""(?P<string>"(?:[^"\\]|\\(?:[bfnrt\\/"]|u[0-9a-fA-F]{{4}}))*+")
    |(?P<mark>\#_|\#\{{|[{{}}\[\]()])
    |(?P<int>[+-]?(?:0|[1-9][0-9]*+)N?{_END})
    |(?P<float>[+-]?(?:0|[1-9][0-9]*+)(?:\.[0-9]++(?:[eE][+-]?[0-9]++)?|[eE][+-]?[0-9]++|(?=M))M?{_END})
    |(?P<char>\\(?:newline|return|space|tab|formfeed|u[0-9a-fA-F]{{4}}|\S){_END})
    |(?P<tag>\#[^\W\d_]{_NAME}{_END})
    |(?P<keyword>:[\w.*+!\-?$%&=<>\#']{_NAME}{_END})
    |(?P<symbol>(?:/|{_FIRST}{_NAME}){_END})
    """,
    re.VERBOSE,
)
_CLOSERS = {"(": ")", "[": "]", "{": "}", "#{": "}"}
_CHARS = {"newline": 10, "return": 13, "space": 32, "tab": 9, "formfeed": 12}


class _Scalar(NamedTuple):
    """Anything that is no list and no object: its kind and what Go prints of it."""

    kind: str
    text: str


def parse(data: bytes, *, file: str = "") -> tuple[Document, ...]:
    """Read the one value of a text.

    >>> [found] = parse(b'{:name "x" :ports [80 443] :on true}')
    >>> found.value, str(found.position((":ports", 1)))
    ({':name': 'x', ':ports': ['80', '443'], ':on': 'true'}, 'line 1, column 23')

    Raises:
        Malformed: it is no EDN, or holds more than one value; says line and column.
        TooLarge: it nests too deep.
    """
    reader = _Reader(Text(decoded(data, file), file))
    value = reader.value((), 0)
    reader.skip()
    if reader.at < len(reader.text.text):
        raise reader.text.fault("got more than one value", reader.at)
    return (Document(_plain(value), reader.places, file),)


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _plain(each) for key, each in value.items()}
    return [_plain(each) for each in value] if isinstance(value, list) else value.text


class _Reader:
    """Goes through the words of a text."""

    def __init__(self, text: Text) -> None:
        self.text = text
        self.at = 0
        self.places: dict[Path, Position] = {}

    def skip(self, depth: int = 0) -> None:
        """Go past blanks, comments and discarded values."""
        while True:
            found = _BLANK.match(self.text.text, self.at)
            self.at = found.end() if found else self.at
            if not self.text.text.startswith("#_", self.at):
                return
            self.at += 2
            self._discard(depth + 1)

    def _discard(self, depth: int) -> None:
        """Go past a value of which nothing matters but where it ends."""
        kind, word = self._word(depth)
        if kind == "tag":
            self._discard(depth + 1)
        elif kind == "mark":
            for _ in self._until(_CLOSERS[word], depth):
                self._discard(depth + 1)

    def _word(self, depth: int) -> tuple[str, str]:
        """Take the next word that is not a closing mark."""
        if depth > MAX_NESTED:
            raise too_deep(self.text.file, self.text.position(self.at), MAX_NESTED)
        self.skip(depth)
        found = _TOKEN.match(self.text.text, self.at)
        if not found or found[0] in {"}", "]", ")"}:
            raise self.text.fault("got something else than a value of EDN", self.at)
        self.at = found.end()
        return str(found.lastgroup), found[0]

    def value(self, path: Path, depth: int) -> Any:
        """Read a value: a list, a dictionary or a scalar."""
        kind, word = self._word(depth)
        start = self.at - len(word)
        self.places[path] = self.text.position(start)
        if kind == "tag":
            return self._tagged(word, start, depth)
        if kind != "mark":
            return self._scalar(kind, word, start)
        if word == "{":
            return self._object(path, depth)
        if word == "#{":
            return _Scalar("set", _set_text([self.value((), depth + 1) for _ in self._until("}", depth)]))
        return [self.value((*path, index), depth + 1) for index in self._until(_CLOSERS[word], depth)]

    def _until(self, closer: str, depth: int) -> Iterator[int]:
        """Count what comes before the closing mark."""
        index = 0
        while True:
            self.skip(depth)
            if self.text.text.startswith(closer, self.at):
                self.at += 1
                return
            yield index
            index += 1

    def _object(self, path: Path, depth: int) -> dict[str, Any]:
        found = {}
        for _ in self._until("}", depth):
            start = self.at
            kept, self.places = self.places, {}
            key = self.value((), depth + 1)
            self.places = kept
            if not isinstance(key, _Scalar) or key.kind == "set":
                raise self.text.fault("got a collection as a key, expected a scalar", start)
            found[key.text] = self.value((*path, key.text), depth + 1)
        return found

    def _tagged(self, word: str, start: int, depth: int) -> _Scalar:
        kept, self.places = self.places, {}
        value = self.value((), depth + 1)
        self.places = kept
        if word not in {"#inst", "#base64"}:
            return _Scalar("tag", f"{word} {_text(value)}")
        fault = self.text.fault(f"got something after {word} that it is not for", start)
        if not isinstance(value, _Scalar) or value.kind != "string":
            raise fault
        try:
            return _Scalar("tag", _instant(value.text) if word == "#inst" else _octets(value.text))
        except ValueError:
            raise fault from None

    def _scalar(self, kind: str, word: str, start: int) -> _Scalar:
        if kind == "string":
            text = json.loads(word, strict=False)
            return _Scalar(kind, re.sub("[\ud800-\udfff]", "\ufffd", text))
        if kind == "symbol" and word == "nil":
            return _Scalar("nil", "<nil>")
        if kind == "int":
            number = int(word.removesuffix("N")) if len(word) < 4000 else 1 << 64
            if not word.endswith("N") and not -(1 << 63) <= number < 1 << 63:
                raise self.text.fault("got an integer of more than 64 bits, expected N behind it", start)
            return _Scalar(kind, str(number) if number != 1 << 64 else word.strip("+N"))
        if kind == "float":
            real = float(word.removesuffix("M"))
            if real in {float("inf"), float("-inf")}:
                raise self.text.fault("got a number beyond what a double holds", start)
            return _Scalar(kind, float_text(real))
        if kind == "char":
            name = word[1:]
            code = _CHARS.get(name, int(name[1:], 16) if len(name) == 5 and name[0] == "u" else ord(name[0]))
            return _Scalar(kind, str(code))
        return _Scalar(kind, word)


def _text(value: Any) -> str:
    """Write a value as Go's %v does."""
    if isinstance(value, list):
        return f"[{' '.join(map(_text, value))}]"
    if isinstance(value, dict):
        return f"map[{' '.join(f'{key}:{_text(each)}' for key, each in sorted(value.items()))}]"
    return str(value.text)


def _set_text(values: list[Any]) -> str:
    unique = {(each.kind, each.text) if isinstance(each, _Scalar) else ("", _text(each)) for each in values}
    ordered = sorted(unique, key=lambda each: (each[0], float(each[1]) if each[0] in {"int", "float"} else 0, each[1]))
    return f"map[{' '.join(f'{text}:true' for _, text in ordered)}]"


_INSTANT = re.compile(
    r"([0-9]{4}-[0-9]{2}-[0-9]{2}T)([0-9]{1,2})(:[0-9]{2}:[0-9]{2})(?:[.,]([0-9]+))?(Z|[+-][0-9]{2}:[0-9]{2})"
)


def _instant(text: str) -> str:
    parts = _INSTANT.fullmatch(text)
    if not parts:
        raise ValueError("no instant")
    day, hour, rest, fraction, zone = parts.groups()
    found = datetime.fromisoformat(f"{day}{hour:0>2}{rest}{zone}")
    behind = f".{fraction[:9]}".rstrip("0") if fraction and fraction[:9].strip("0") else ""
    offset = found.strftime("%z")
    return f"{found:%Y-%m-%d %H:%M:%S}{behind} {offset} {offset if found.utcoffset() else 'UTC'}"


def _octets(text: str) -> str:
    bare = text.replace("\r", "").replace("\n", "")
    if len(bare) % 4:
        raise ValueError("no base64")
    try:
        return f"[{' '.join(map(str, base64.b64decode(bare, validate=True)))}]"
    except binascii.Error:
        raise ValueError("no base64") from None
