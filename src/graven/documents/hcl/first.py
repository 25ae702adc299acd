"""Owns the syntax of HCL version 1 (hashicorp/hcl v1.0.0, ``hcl/scanner`` and ``hcl/parser``): words, items, values."""

from __future__ import annotations

import re
from typing import Any, NamedTuple

from graven.documents.hcl.source import MAX_DEPTH, Source

__all__ = ["Item", "Literal", "Node", "items"]


class Literal(NamedTuple):
    """A boolean, a number, a string or a heredoc; ``text`` is how it is written."""

    value: Any
    text: str
    start: int


class Node(NamedTuple):
    """A list, or an object as the list of its items."""

    items: list[Any]
    is_object: bool
    start: int


class Item(NamedTuple):
    """Keys and a value, as ``resource "a" "b" {}`` and ``a = 1`` are."""

    keys: list[tuple[str, int]]
    value: Literal | Node


_TOKEN = re.compile(
    r"""[ \t\r\n]*(?:(?P<comment>(?:\#|//)[^\n]*|/\*[\s\S]*?\*/)
    |(?P<heredoc><<-?\w+\n)
    |(?P<number>-?(?:0[xX][0-9a-fA-F]+|[0-9]+(?:\.[0-9]*)?(?:[eE][+-]?[0-9]*)?)|\.[0-9]+(?:[eE][+-]?[0-9]*)?)
    |(?P<ident>[^\W\d][\w\-.]*)
    |(?P<string>")
    |(?P<sign>[\[\]{},=])
    |(?P<end>\Z))""",
    re.VERBOSE,
)
_ESCAPE = re.compile(r'\\(?:([abfnrtv\\"])|([0-7]{3})|x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8}))')
_ESCAPES = {"a": "\a", "b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v", "\\": "\\", '"': '"'}
_PLAIN = re.compile(r'[^"\\$\n{}]+')
_INTEGER = re.compile(r"(-?)(?:0[xX]([0-9a-fA-F]+)|0([0-7]+)|(0|[1-9][0-9]*))")


def items(source: Source) -> list[Item]:
    """Read a whole file.

    Raises:
        Malformed: it is no HCL 1, as the expressions of version 2 are not.
        TooLarge: it is nested deeper than the limit.
    """
    return _Reader(source).items(top=True)


class _Reader:
    """Reads items, one token ahead."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.text = source.text
        self.at = 0
        self.depth = 0
        self.kind = ""
        self.start = 0
        self.value: Any = None
        self._advance()

    def _advance(self) -> None:
        match = _TOKEN.match(self.text, self.at)
        while match is not None and match.lastgroup == "comment":
            match = _TOKEN.match(self.text, match.end())
        if match is None:
            raise self._strange()
        kind = match.lastgroup or ""
        self.kind, self.start, self.at = kind, match.start(kind), match.end()
        self.value = match[kind]
        if kind == "sign":
            self.kind = self.value
        elif kind == "string":
            self.value = self._string()
        elif kind == "heredoc":
            self.value = self._heredoc(match[kind])

    def _strange(self) -> Exception:
        rest = re.compile(r"[ \t\r\n]*").match(self.text, self.at)
        at = rest.end() if rest else self.at
        if self.text.startswith("/*", at):
            return self.source.malformed(at, "got a comment without end, expected */")
        return self.source.malformed(at, f"got the character {self.text[at : at + 1]!r}, which HCL 1 has not")

    def _string(self) -> str:
        """Read a string; what stands between ``${`` and ``}`` stays as it is written."""
        found: list[str] = []
        braces = 0
        at = self.at
        while True:
            one = self.text[at : at + 1]
            if not one or "\ud800" <= one <= "\udfff" or one == "\0" or (one == "\n" and not braces):
                raise self.source.malformed(at, 'got the end of a line or of the text inside a string, expected "')
            if one == '"' and not braces:
                self.at = at + 1
                return "".join(found).encode("utf-8", "surrogateescape").decode("utf-8", "replace")
            escape = _ESCAPE.match(self.text, at)
            if one == "\\" and escape is None:
                raise self.source.malformed(at, f"got the escape {self.text[at : at + 2]}, which there is not")
            if escape is not None:
                found.append(escape[0] if braces else self._escaped(escape))
                at = escape.end()
                continue
            plain = _PLAIN.match(self.text, at)
            opens = not braces and self.text.startswith("${", at)
            piece = plain[0] if plain else "${" if opens else one
            braces += opens or (braces > 0 and one == "{")
            braces -= braces > 0 and one == "}"
            found.append(piece)
            at += len(piece)

    def _escaped(self, escape: re.Match[str]) -> str:
        if escape[1]:
            return _ESCAPES[escape[1]]
        if escape[2] or escape[3]:
            byte = int(escape[2], 8) if escape[2] else int(escape[3], 16)
            if byte > 0xFF:
                raise self.source.malformed(escape.start(), f"got the escape {escape[0]}, which is no byte")
            return chr(byte) if byte < 0x80 else chr(0xDC00 + byte)
        code = int(escape[4] or escape[5], 16)
        if code > 0x10FFFF:
            raise self.source.malformed(escape.start(), f"got the escape {escape[0]}, which means no character")
        return "\ufffd" if 0xD800 <= code < 0xE000 else chr(code)

    def _heredoc(self, opening: str) -> str:
        mark = opening[2:-1]
        first = self.at
        ending = re.compile(rf"^[ \t\v\f\r]*{re.escape(mark.removeprefix('-'))}\r*\n", re.MULTILINE)
        end = ending.search(self.text, first)
        while end is not None and len(end[0]) <= len(mark):
            end = ending.search(self.text, end.end())
        if end is None:
            raise self.source.malformed(self.start, f"got a heredoc without end, expected a line {mark}")
        self.at = end.end()
        text, indent = self.text[first : end.start()], end[0][: end[0].index(mark.removeprefix("-"))]
        return _unindented(text, indent) if mark.startswith("-") else text + indent

    def items(self, *, top: bool = False) -> list[Item]:
        """Read items up to the end of the object or of the text."""
        found: list[Item] = []
        while self.kind not in {"end", "}"} or (top and self.kind == "}"):
            keys = self._keys()
            if top and self.kind == "end":
                break  # an argument without value at the end of a file is nothing
            found.append(Item(keys, self._value()))
            if self.kind == ",":
                self._advance()
        return found

    def _keys(self) -> list[tuple[str, int]]:
        """Read the keys of an item, and the equals sign if there is one."""
        keys: list[tuple[str, int]] = []
        while self.kind in {"ident", "string"}:
            keys.append((self.value, self.start))
            if len(keys) > MAX_DEPTH:
                raise self.source.too_deep(self.start)
            self._advance()
        if not keys or self.kind not in {"{", "="} or (self.kind == "=" and len(keys) > 1):
            raise self._unexpected("a key" if not keys else "{" if len(keys) > 1 else "{ or =")
        if self.kind == "=":
            self._advance()
        return keys

    def _unexpected(self, what: str) -> Exception:
        got = "the end of the text" if self.kind == "end" else repr(str(self.value)[:40])
        return self.source.malformed(self.start, f"got {got}, expected {what}")

    def _value(self) -> Literal | Node:
        start = self.start
        if self.kind in {"{", "["}:
            self.depth += 1
            if self.depth > MAX_DEPTH:
                raise self.source.too_deep(start)
            found = self._object() if self.kind == "{" else self._list()
            self.depth -= 1
            return found
        value = self.value
        if self.kind == "number":
            value = self._number(value)
        elif self.kind == "ident" and value in {"true", "false"}:
            value = value == "true"
        elif self.kind not in {"string", "heredoc"}:
            raise self._unexpected("a value: HCL 1 has no expressions")
        text = self.text[start : self.at]
        self._advance()
        return Literal(value, text, start)

    def _number(self, text: str) -> int | float:
        whole = _INTEGER.fullmatch(text)
        if whole is None:
            return self._fraction(text)
        found = int(whole[2], 16) if whole[2] else int(whole[3], 8) if whole[3] else int(whole[4][:20])
        if found > (1 << 63) - (not whole[1]):
            raise self.source.malformed(self.start, f"got {text[:40]}, expected a number of at most 64 bits")
        return -found if whole[1] else found

    def _fraction(self, text: str) -> float:
        try:
            found = float(text)
        except ValueError:
            found = float("inf")
        if found in {float("inf"), float("-inf")} or not any(one in text for one in ".eE"):
            raise self.source.malformed(self.start, f"got {text[:40]}, expected a number")
        return found

    def _object(self) -> Node:
        start = self.start
        self._advance()
        found = self.items()
        if self.kind != "}":
            raise self._unexpected("}")
        self._advance()
        return Node(found, True, start)  # noqa: FBT003 - a field of the node

    def _list(self) -> Node:
        start = self.start
        found: list[Any] = []
        self._advance()
        while self.kind != "]":
            if self.kind == ",":
                self._advance()
                continue
            nested = self.kind == "["
            found.append(self._value())
            if not nested and self.kind not in {",", "]"}:
                raise self._unexpected(", or ]")
        self._advance()
        return Node(found, False, start)  # noqa: FBT003 - as above


def _unindented(text: str, indent: str) -> str:
    """Take away the indentation of the end of a heredoc, if no line has less."""
    lines = text.split("\n")
    if not all(line.startswith(indent) for line in lines[:-1]):
        return text
    return "\n".join([line.removeprefix(indent) for line in lines])
