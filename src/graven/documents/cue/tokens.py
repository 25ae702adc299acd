"""Owns the words of CUE: where each begins, the commas that line ends stand for, texts with expressions in them."""

from __future__ import annotations

import re

from graven.documents.cue.numerals import number
from graven.documents.cue.quoting import Quote, opened
from graven.documents.cue.syntax import Constant
from graven.documents.faults import MAX_NESTED, Text, too_deep
from graven.errors import TooLarge, Unsupported
from graven.record import Record

__all__ = ["Token", "tokens"]


_WORDS = 200_000
"""How many words are read; reading a text of as many takes seconds."""


class Token(Record):
    """A word: its kind, its text or value, and its offset."""

    kind: str
    """``name``, ``atom``, ``text``, ``sign``, ``attribute`` or ``end``."""
    value: object
    at: int


_BLANK = re.compile(r"[ \t\r]++|//[^\n]*+")
_NAME = re.compile(r"_\|_|(?:_?#|_)?(?:[^\W\d_]|[$_])[\w$]*+|_|_?#[\w$]++")
_NUMBER = re.compile(r"0[xXbo][0-9A-Za-z_]*+|\.?[0-9](?:[eE][+-]|[0-9A-Za-z_.])*+")
_SIGN = re.compile(r"\.\.\.|&&|\|\||==|!=|<=|>=|=~|!~|[-+*/&|=<>!(){}\[\],:?.;~]")
_CLOSED = frozenset(")]}?") | {"..."}
_CLOSERS = {"(": ")", "[": "]", "{": "}"}
_CONSTANTS: dict[str, Constant] = {"null": None, "true": True, "false": False}


def tokens(text: Text) -> list[Token]:
    """Cut a text into its words.

    Raises:
        Malformed: there is something that begins no word.
        TooLarge: brackets stand too deep within one another.
    """
    scanner = _Scanner(text)
    found = scanner.until("")
    found.append(Token("end", "", len(text.text)))
    return found


class _Scanner:
    """Goes through a text once."""

    def __init__(self, text: Text) -> None:
        self.text = text
        self.source = text.text
        self.at = 0
        self.depth = 0
        self.count = 0

    def until(self, closer: str) -> list[Token]:
        """Take words up to the bracket that ends them, or to the end of the text."""
        found: list[Token] = []
        brackets: list[str] = []
        while self.at < len(self.source):
            start = self.at
            if self._blank(found):
                continue
            token = self._token()
            if token.kind == "sign" and isinstance(token.value, str):
                if not brackets and closer and token.value == closer:
                    return found
                self._nest(token.value, brackets, start)
            found.append(token)
            self.count += 1
            if self.count > _WORDS:
                where = self.text.fault("", start).where
                raise TooLarge(f"got more than {_WORDS} words", where=where, hint="give the JSON of cue export")
        if closer or brackets:
            raise self.text.fault(f"expected {(brackets or [closer])[-1]!r}, got the end", len(self.source))
        if found and _ends(found[-1]):
            found.append(Token("sign", ",", len(self.source)))
        return found

    def _blank(self, found: list[Token]) -> bool:
        blank = _BLANK.match(self.source, self.at)
        if blank:
            self.at = blank.end()
            return True
        if self.source[self.at] == "\n":
            if found and _ends(found[-1]):
                found.append(Token("sign", ",", self.at))
            self.at += 1
            return True
        return False

    def _nest(self, sign: str, brackets: list[str], at: int) -> None:
        if sign in _CLOSERS:
            brackets.append(_CLOSERS[sign])
            if len(brackets) + self.depth > MAX_NESTED:
                raise too_deep(self.text.file, self.text.position(at), MAX_NESTED)
        elif sign in (")", "]", "}") and (not brackets or brackets.pop() != sign):
            raise self.text.fault(f"got {sign!r}, which nothing opened", at)

    def _token(self) -> Token:
        start, source = self.at, self.source
        quote = opened(self.text, start)
        if quote:
            return self._quoted(quote, start)
        if source[start] == "@":
            return self._attribute(start)
        found = _NUMBER.match(source, start)
        if found:
            self.at = found.end()
            return Token("atom", number(found[0], self.text, start), start)
        found = _NAME.match(source, start)
        if found:
            self.at = found.end()
            if found[0] in _CONSTANTS:
                return Token("atom", _CONSTANTS[found[0]], start)
            return Token("sign" if found[0] == "_|_" else "name", found[0], start)
        found = _SIGN.match(source, start)
        if not found:
            raise self.text.fault(f"got {source[start]!r}, which begins nothing", start)
        self.at = found.end()
        return Token("sign", found[0], start)

    def _attribute(self, start: int) -> Token:
        found = re.compile(r"@[\w$]*+\(").match(self.source, start)
        if not found:
            raise self.text.fault("expected an attribute: @name(…)", start)
        self.at = found.end()
        if found[0] in ("@experiment(", "@extern(", "@embed(", "@if("):
            where = self.text.fault("", start).where
            raise Unsupported(f"got the attribute {found[0][:-1]}, which changes what the text means", where=where)
        self._inner(start)
        return Token("attribute", "", start)

    def _inner(self, at: int) -> list[Token]:
        self.depth += 1
        if self.depth > MAX_NESTED:
            raise too_deep(self.text.file, self.text.position(at), MAX_NESTED)
        found = self.until(")")
        self.depth -= 1
        found.append(Token("end", "", self.at))
        return found

    def _quoted(self, quote: Quote, start: int) -> Token:
        parts: list[object] = []
        self.at = quote.start
        while True:
            part, self.at, more = quote.part(self.at, first=not parts)
            parts.append(part)
            if not more:
                break
            parts.append(self._inner(self.at))
        if len(parts) > 1:
            return Token("text", (quote.binary, parts), start)
        return Token("atom", parts[0], start)


def _ends(token: Token) -> bool:
    if token.kind == "sign":
        return token.value in _CLOSED or token.value == "_|_"
    return True
