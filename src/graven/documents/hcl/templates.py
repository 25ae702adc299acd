"""Owns the inside of strings and heredocs (``hclsyntax/spec.md``, "Templates"): texts, interpolations, directives.

Spaces beside ``~`` are taken away here, and so is the indentation of a heredoc that begins with ``<<-``.
"""

from __future__ import annotations

import re
from itertools import groupby
from typing import NamedTuple

from graven.documents.hcl.cursor import Cursor
from graven.documents.hcl.source import MAX_DEPTH
from graven.documents.hcl.tokens import Token
from graven.documents.hcl.tree import Conditional, Expression, For, Join, Literal, Template, Wrapped

__all__ = ["Templates"]

_ESCAPE = re.compile(r"\\(?:u[0-9A-Fa-f]{4}|U[0-9A-Fa-f]{8}|.)|\$\$\{|%%\{", re.DOTALL)
_SIMPLE = {"\\n": "\n", "\\r": "\r", "\\t": "\t", '\\"': '"', "\\\\": "\\", "$${": "${", "%%{": "%{"}


class _Part:
    """A text, an interpolation or a directive, before directives are joined with what they enclose."""

    __slots__ = ("end", "kind", "names", "start", "text", "value")

    def __init__(self, kind: str, token: Token, *, text: str = "", value: Expression | None = None) -> None:
        self.kind, self.start, self.end = kind, token[1], token[2]
        self.text = text
        self.value = value
        self.names = ("", "")


class _Opened(NamedTuple):
    """A directive that waits for its end."""

    part: _Part
    yes: list[Expression]
    no: list[Expression]


class Templates(Cursor):
    """Reads templates."""

    def template(self) -> Expression:
        """Read a quoted string or a heredoc."""
        opening = self.read()
        flush = self.text.startswith("<<-", opening[1])
        parts, end = self._parts("endquote" if opening[0] == "quote" else "endheredoc")
        if flush:
            _unindent(parts)
        parts = _melted(parts)
        if len(parts) == 1 and parts[0].kind == "interp" and parts[0].value is not None:
            return Wrapped(opening[1], end, parts[0].value)
        empty: list[Expression] = [Literal(end, end, "")]
        return Template(opening[1], end, self._folded(parts) or empty)

    def quoted(self) -> str:
        """Read a quoted string without templates, as a label is.

        Raises:
            Malformed: there is a template in it.
        """
        self.read()
        found = ""
        while self.kind() == "lit":
            found += self.unescaped(self.read(), quoted=True)
        if self.kind() in {"interp", "control"}:
            sign = self.text[self.peek()[1]]
            raise self.unexpected("text", f"write {sign}{sign}{{ for {sign}{{")
        self.expect("endquote")
        return found

    def unescaped(self, token: Token, *, quoted: bool) -> str:
        """Give what a piece of text says."""
        text = self.spelling(token)
        if "\\" not in text and "$${" not in text and "%%{" not in text:
            return text

        def said(match: re.Match[str]) -> str:
            escape = match[0]
            if not quoted and escape[0] == "\\":
                return escape
            if escape in _SIMPLE:
                return _SIMPLE[escape]
            code = int(escape.lstrip("\\uU"), 16) if len(escape) > 2 else 0x110000
            if code > 0x10FFFF or 0xD800 <= code < 0xE000:
                raise self.source.malformed(
                    token[1] + match.start(), f"got the escape {escape}, which means no character"
                )
            return chr(code)

        return _ESCAPE.sub(said, text)

    def _parts(self, closing: str) -> tuple[list[_Part], int]:
        found: list[_Part] = []
        trim_left = False
        while self.kind() != closing:
            token = self.read()
            if token[0] == "lit":
                text = self.unescaped(token, quoted=closing == "endquote")
                found.append(_Part("lit", token, text=text.lstrip() if trim_left else text))
                trim_left = False
                continue
            if self.text[token[2] - 1] == "~" and found and found[-1].kind == "lit":
                found[-1].text = found[-1].text.rstrip()
            with self.within(newlines=False):
                found.append(self._directive(token) if token[0] == "control" else self._interpolation(token))
                end = self.expect("seqend")
            trim_left = self.text[end[1]] == "~"
        return found, self.read()[2]

    def _interpolation(self, token: Token) -> _Part:
        return _Part("interp", token, value=self.expression())

    def _directive(self, token: Token) -> _Part:
        word = self.word()
        if word not in {"if", "else", "endif", "for", "endfor"}:
            raise self.unexpected("if, else, endif, for or endfor")
        self.read()
        part = _Part(word, token)
        if word == "if":
            part.value = self.expression()
        elif word == "for":
            part.names = self.names()
            part.value = self.expression()
        part.end = self.peek()[2]
        return part

    def names(self) -> tuple[str, str]:
        """Read the names after ``for`` up to ``in``: that of the key, empty if there is none, and of the value.

        Raises:
            Malformed: something else stands there.
        """
        key, value = "", self.spelling(self.expect("ident", "a name"))
        if self.kind() == ",":
            self.read()
            key, value = value, self.spelling(self.expect("ident", "a name"))
        if self.word() != "in":
            raise self.unexpected("in")
        self.read()
        return key, value

    def _folded(self, parts: list[_Part]) -> list[Expression]:
        """Join directives with what stands up to their ends."""
        into: list[list[Expression]] = [[]]
        opened: list[_Opened] = []
        for part in parts:
            if part.kind == "lit":
                into[-1].append(Literal(part.start, part.end, _normal(part.text)))
            elif part.kind == "interp" and part.value is not None:
                into[-1].append(part.value)
            elif part.kind in {"if", "for"}:
                if len(opened) == MAX_DEPTH:
                    raise self.source.too_deep(part.start)
                opened.append(_Opened(part, [], []))
                into.append(opened[-1].yes)
            elif part.kind == "else" and opened and opened[-1].part.kind == "if" and into[-1] is opened[-1].yes:
                into[-1] = opened[-1].no
            elif opened and part.kind == f"end{opened[-1].part.kind}":
                into.pop()
                into[-1].append(_closed(opened.pop(), part))
            else:
                raise self.source.malformed(part.start, f"got the directive {part.kind}, which ends nothing here")
        if opened:
            open_part = opened[-1].part
            raise self.source.malformed(open_part.start, f"got a directive {open_part.kind} without its end")
        return into[0]


def _closed(opened: _Opened, end: _Part) -> Expression:
    part = opened.part
    assert part.value is not None  # noqa: S101 - a directive that opens has an expression
    yes = _text(opened.yes, part.end)
    if part.kind == "for":
        return Join(For(part.start, end.end, part.names, part.value, yes))
    return Conditional(part.value, yes, _text(opened.no, end.start), start=part.start, end=end.end)


def _text(parts: list[Expression], at: int) -> Template:
    return Template(at, at, parts or [Literal(at, at, "")])


def _melted(parts: list[_Part]) -> list[_Part]:
    """Make one text of each run of texts."""
    found: list[_Part] = []
    for kind, run in groupby(parts, lambda part: part.kind):
        if kind != "lit":
            found += run
            continue
        first, *others = run
        first.text = "".join([first.text, *(part.text for part in others)])
        found.append(first)
    return found


def _unindent(parts: list[_Part]) -> None:
    """Take the indentation of the least indented line from each line; lines of spaces alone do not count."""
    starts: list[_Part] = []
    least: int | None = None
    at_start = True
    for part in parts:
        if at_start:
            text = part.text.lstrip()
            blank = part.kind == "lit" and not text and part.text.endswith("\n")
            if not blank:
                spaces = len(part.text) - len(text)
                least = spaces if least is None else min(least, spaces)
                starts.append(part)
        at_start = part.kind == "lit" and part.text.endswith("\n")
    for part in starts:
        part.text = part.text[least or 0 :]


def _normal(text: str) -> str:
    if text.isascii():
        return text
    from unicodedata import normalize

    return normalize("NFC", text)
