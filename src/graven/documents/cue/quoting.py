"""Owns the quotes of CUE: texts and bytes on one line or several, raw ones, and what a backslash stands for."""

from __future__ import annotations

import re

from graven.documents.faults import Text

__all__ = ["Quote", "opened"]

_OPENED = re.compile("""(#*)(\"""|'''|"|')""")
_SHORT = {
    "a": "\a",
    "b": "\b",
    "f": "\f",
    "n": "\n",
    "r": "\r",
    "t": "\t",
    "v": "\v",
    **{each: each for each in "/\\\"'"},
}
_CODE = re.compile(r"u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})")
_BYTE = re.compile(r"x([0-9a-fA-F]{2})|([0-7]{3})")


def opened(text: Text, at: int) -> Quote | None:
    """Give the quote that begins at an offset, or None."""
    found = _OPENED.match(text.text, at)
    return Quote(text, found) if found else None


class Quote:
    """A quoted text that is read part by part, up to each expression in it."""

    def __init__(self, text: Text, found: re.Match[str]) -> None:
        self.text = text
        self.marks, self.sign = found[1], found[2]
        self.binary = self.sign[0] == "'"
        self.start = found.end()
        self.indent = ""
        self.lines = len(self.sign) == 3
        if self.lines:
            self._indented(found.end())
        self._plain = re.compile(r'[^\\"\'\n]++')

    def _indented(self, at: int) -> None:
        source = self.text.text
        line = re.compile(r"\r?\n").match(source, at)
        if not line:
            raise self.text.fault("expected the text on a line of its own behind three quotes", at)
        self.start = line.end()
        end = re.compile(rf"^([ \t]*){self.sign}{self.marks}", re.MULTILINE)
        closing = end.search(source, line.end())
        if not closing:
            raise self.text.fault("got a text that is never closed", at)
        self.indent = closing[1]

    def part(self, at: int, *, first: bool) -> tuple[str | bytes, int, bool]:
        """Read up to the end or to an expression: the part, where it ends, whether an expression follows.

        Raises:
            Malformed: it is never closed, or a backslash stands for nothing.
        """
        found: list[str] = []
        at, ended = self._line(at) if self.lines and first else (at, False)
        while not ended:
            plain = self._plain.match(self.text.text, at)
            if plain:
                found.append(plain[0])
                at = plain.end()
            sign = self.text.text[at : at + 1]
            if sign == "\n" and self.lines:
                at, ended = self._turn(at + 1, found)
            elif sign in ("", "\n"):
                raise self.text.fault("got a text that is never closed", at)
            elif sign == "\\" and self.text.text.startswith(self.marks, at + 1):
                at += 1 + len(self.marks)
                if self.text.text.startswith("(", at):
                    return self._made(found), at + 1, True
                escaped, at = self._escape(at)
                found.append(escaped)
            elif not self.lines and self.text.text.startswith(self.sign + self.marks, at):
                at, ended = at + len(self.sign) + len(self.marks), True
            else:
                found.append(sign)
                at += 1
        return self._made(found), at, False

    def _turn(self, at: int, found: list[str]) -> tuple[int, bool]:
        """Go on to the next line; the last line end belongs to the quotes."""
        at, ended = self._line(at)
        if found and found[-1].endswith("\r"):
            found[-1] = found[-1][:-1]
        if not ended:
            found.append("\n")
        return at, ended

    def _line(self, at: int) -> tuple[int, bool]:
        """Pass over the indentation of a line; say whether the closing quotes follow."""
        source = self.text.text
        if source.startswith(self.indent + self.sign + self.marks, at):
            return at + len(self.indent) + len(self.sign) + len(self.marks), True
        if source.startswith(self.indent, at):
            return at + len(self.indent), False
        if re.compile(r"[ \t]*\r?\n").match(source, at):
            return re.compile(r"[ \t]*").match(source, at).end(), False  # type: ignore[union-attr]
        raise self.text.fault("expected the indentation of the closing quotes", at)

    def _escape(self, at: int) -> tuple[str, int]:
        source = self.text.text
        short = _SHORT.get(source[at : at + 1])
        if short and not (short in "\"'" and short != self.sign[0]):
            return short, at + 1
        code = _CODE.match(source, at)
        if code:
            return self._code(code)
        byte = _BYTE.match(source, at) if self.binary else None
        if byte and int(byte[1] or byte[2], 16 if byte[1] else 8) < 256:
            return chr(0xDC00 + int(byte[1] or byte[2], 16 if byte[1] else 8)), byte.end()
        raise self.text.fault(f"got {source[at - 1 : at + 1]!r}, which stands for nothing", at - 1)

    def _code(self, found: re.Match[str]) -> tuple[str, int]:
        code, end = int(found[1] or found[2], 16), found.end()
        if 0xD800 <= code < 0xDC00:
            low = re.compile(rf"\\{self.marks}u([dD][c-fC-F][0-9a-fA-F]{{2}})").match(self.text.text, end)
            if low:
                code, end = 0x10000 + ((code - 0xD800) << 10) + int(low[1], 16) - 0xDC00, low.end()
        if code > 0x10FFFF or 0xD800 <= code < 0xE000:
            raise self.text.fault("got a code that is no character", found.start())
        return chr(code), end

    def _made(self, found: list[str]) -> str | bytes:
        text = "".join(found)
        if not self.binary:
            return text
        return b"".join(bytes([ord(each) - 0xDC00]) if 0xDC00 <= ord(each) < 0xDD00 else each.encode() for each in text)
