"""Owns the tokens of GraphQL (October 2021, section 2.1) with the places that OPA's parser names."""

from __future__ import annotations

import re
from dataclasses import dataclass

__all__ = ["Token", "tokens"]

_IGNORED = re.compile(r"(?:[ \t,\ufeff\r\n]|#[^\r\n]*)*")
_COMMENT = re.compile(r"#[^\r\n]*")
_WORD = re.compile(r"[_A-Za-z][_0-9A-Za-z]*")
_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?")
_BROKEN = re.compile(
    r"-?(?:0(?=[0-9])|(?:0|[1-9][0-9]*)(?:\.[0-9]+)?[eE][+-]?(?![0-9])|(?:0|[1-9][0-9]*)\.(?![0-9])|(?![0-9]))"
)
"""A number as far as it is one."""
_PUNCTUATION = re.compile(r"\.\.\.|[!$&():=@\[\]{}|]")
_STRING = re.compile(r'"((?:[^"\\\x00-\x08\x0a-\x1f]|\\(?:["\\/bfnrt]|u[0-9A-Fa-f]{4}))*)"')
_BLOCK = re.compile(r'"""((?:\\"""|(?!""")[^\x00-\x08\x0b\x0c\x0e-\x1f])*)"""', re.DOTALL)
_ESCAPE = re.compile(r"\\(u([0-9A-Fa-f]{4})|.)")
_LETTERS = {"b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t"}
_LINE = re.compile(r"\r\n|\r|\n")


@dataclass(frozen=True, slots=True)
class Token:
    """A token: the sign itself for punctuation, else its kind; and where it begins."""

    kind: str
    value: str
    row: int
    column: int
    comments: tuple[str, ...] = ()
    """Those that stand before it."""

    def __str__(self) -> str:
        escaped = self.value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
        return f'{self.kind} "{escaped}"' if self.value else self.kind


def tokens(text: str) -> list[Token]:
    """Cut a text into tokens; the last one is ``<EOF>``, or ``<Invalid>`` where no token can be read.

    >>> [token.kind for token in tokens("{ a(b: 1) }")]
    ['{', 'Name', '(', 'Name', ':', 'Int', ')', '}', '<EOF>']
    """
    found: list[Token] = []
    at, row, start = 0, 1, 0
    while True:
        ignored = _IGNORED.match(text, at)
        end = ignored.end() if ignored else at
        for line in _LINE.finditer(text, at, end):
            row, start = row + 1, line.end()
        comments = tuple(_COMMENT.findall(text[at:end]))
        if end >= len(text):
            found.append(Token("<EOF>", "", row, end - start + 1, comments))
            return found
        kind, value, after = _read(text, end)
        if kind == "<Invalid>":
            for line in _LINE.finditer(text, end, after):
                row, start = row + 1, line.end()
            found.append(Token(kind, "", row, after - start + 1, comments))
            return found
        column = end - start + 1 + (kind in ("String", "BlockString"))  # a string begins behind its quote
        found.append(Token(kind, value, row, column, comments))
        for line in _LINE.finditer(text, end, after):
            row, start = row + 1, line.end()
        at = after


def _read(text: str, at: int) -> tuple[str, str, int]:
    if found := _PUNCTUATION.match(text, at):
        return found[0], "", found.end()
    if found := _WORD.match(text, at):
        return "Name", found[0], found.end()
    if (found := _BROKEN.match(text, at)) and found[0]:
        return "<Invalid>", "", found.end()
    if found := _NUMBER.match(text, at):
        return "Float" if found[1] or found[2] else "Int", found[0], found.end()
    if text.startswith('"""', at):
        found = _BLOCK.match(text, at)
        return (
            ("BlockString", _dedented(found[1]), found.end())
            if found
            else ("<Invalid>", "", _readable(text, at, _BLOCK))
        )
    if found := _STRING.match(text, at):
        return "String", _ESCAPE.sub(_unescaped, found[1]), found.end()
    return "<Invalid>", "", _readable(text, at, _STRING) if text[at] == '"' else at


def _readable(text: str, at: int, string: re.Pattern[str]) -> int:
    """Say how far a string can be read that has no end."""
    found = re.compile(string.pattern.rstrip('"'), string.flags).match(text, at)
    end = found.end() if found else at
    return end + 1 if text.startswith("\\", end) else end


def _unescaped(found: re.Match[str]) -> str:
    if found[2]:
        code = int(found[2], 16)
        return "\ufffd" if 0xD800 <= code <= 0xDFFF else chr(code)
    return _LETTERS.get(found[1], found[1])


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip(" \t"))


def _dedented(raw: str) -> str:
    """Take the common indentation and the blank lines at both ends from a block string."""
    lines = _LINE.sub("\n", raw.replace('\\"""', '"""')).split("\n")
    indents = [_indent(line) for line in lines if line.strip(" \t")]
    common = min(indents, default=0)
    lines[1:] = [line[common:] for line in lines[1:]]
    while lines and not lines[0].strip(" \t"):
        lines.pop(0)
    while lines and not lines[-1].strip(" \t"):
        lines.pop()
    return "\n".join(lines)
