"""Owns the words of VCL, cut as the library go-vcl cuts them.

A text ends at the next quote that no slash follows, or at a semicolon; ``"10.0.0.0"/8`` is one word.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from graven.documents.faults import Text

__all__ = ["Token", "tokens"]

_TOKEN = re.compile(
    r"""(?P<blank>[ \t\r\n]+)|(?P<comment>(?:\#|//)[^\n]*|/\*)|(?P<text>"[^";]*(?:"/[^";]*)*[";]?)"""
    r"""|(?P<percent>[0-9]+%)|(?P<number>[0-9]+)|(?P<word>[A-Za-z_.][A-Za-z_.0-9]*)|(?P<mark>==|&&|\|\||\*/|.)""",
    re.DOTALL,
)
_KEYWORDS = frozenset(
    ("sub", "call", "true", "false", "if", "else", "return", "table", "import", "acl", "backend", "director")
)
_MARKS = frozenset("=:~,;(){}!+")


class Token(NamedTuple):
    """A word: its kind, what it says, and where it begins."""

    kind: str
    text: str
    at: int


def tokens(text: Text) -> Iterator[Token]:
    """Give the words, and ``EOF`` twice.

    Raises:
        Malformed: a comment or a text is not closed.
    """
    at = 0
    while found := _TOKEN.match(text.text, at):
        word, kind = found[0], found.lastgroup
        start, at = at, found.end()
        if kind == "comment":
            if word == "/*":
                close = text.text.find("*/", at)
                if close < 0:
                    raise text.fault("got a comment that is never closed", start)
                at = close + 2
            yield Token("comment", word, start)
        elif kind == "text":
            yield _quoted(text, word, start)
        elif kind in {"percent", "number"}:
            yield Token("PERCENTAGE" if kind == "percent" else "INT", word, start)
        elif kind == "word":
            yield Token(word if word in _KEYWORDS else "IDENT", word, start)
        elif kind == "mark":
            yield Token(word if word in _MARKS else "OTHER", word, start)
    for _ in range(2):
        yield Token("EOF", "", len(text.text))


def _quoted(text: Text, word: str, start: int) -> Token:
    if word[-1] not in '";' or len(word) == 1:
        raise text.fault("got a quote that is never closed", start)
    inner = word[1:-1]
    return Token("CIDR", f'"{inner}', start) if "/" in inner else Token("STRING", inner, start)
