r"""Owns what TOML 1.1 adds to 1.0: it is written as 1.0 has it, for ``tomllib``, and every offset knows where it was.

Newlines, comments and a last comma within inline tables become blanks, ``\e`` and ``\xHH`` become ``\u00HH``, a time
without seconds gets them. All else is left to ``tomllib``, faults included.
"""

from __future__ import annotations

import re
from bisect import bisect_right

__all__ = ["Earlier"]

_TOKEN = re.compile(
    r'''(?P<basic>"""(?:[^"\\]|\\.|"(?!""))*+"{3,5}|"(?:[^"\\\n]|\\.)*+")'''
    r"""|(?P<raw>\'\'\'(?:[^']|'(?!''))*+'{3,5}|'[^'\n]*+')"""
    r"|(?P<blank>[ \t]+)|(?P<gap>\n|\#[^\n]*)|(?P<mark>[\[\]{},=])"
    r"|(?P<word>[^\s,\[\]{}\#=\"']+(?:[ ][0-9][^\s,\[\]{}\#=\"']*)?)|(?P<rest>[\"'].*|.)",
    re.DOTALL,
)
"""A quote that is never closed takes what follows, so that the text is read once."""
_ESCAPE = re.compile(r"\\(?:(e)|x([0-9A-Fa-f]{2})|.)", re.DOTALL)
_MINUTES = re.compile(r"\A(?:[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt ])?[0-9]{2}:[0-9]{2}(?![0-9:.])")
_BETWEEN = ("{", ",", "value")
"""What a newline may follow in an inline table."""


class Earlier:
    r"""A text as TOML 1.0 writes it.

    >>> Earlier('a = {\n b = "\\e",\n}\nc = 07:32').text
    'a = {  b = "\\u001B"  }\nc = 07:32:00'
    """

    def __init__(self, text: str) -> None:
        self._pieces: list[str] = []
        self._comma = 0
        self._grown = 0
        self._shifts: list[tuple[int, int]] = [(0, 0)]
        """From which offset on how many characters were put in before."""
        self._tables: list[str] = []
        """Of each bracket that is open: ``[``, or what came last within the inline table."""
        for found in _TOKEN.finditer(text):
            getattr(self, f"_{found.lastgroup}")(found)
        self.text = "".join(self._pieces)

    def origin(self, offset: int) -> int:
        """Give the offset in the text as it was written."""
        return offset - self._shifts[bisect_right(self._shifts, (offset, self._grown)) - 1][1]

    def _keep(self, found: re.Match[str]) -> None:
        self._pieces.append(found[0])

    _blank = _rest = _keep

    def _put(self, found: re.Match[str], instead: str) -> None:
        self._pieces.append(instead)
        if len(instead) != len(found[0]):
            self._grown += len(instead) - len(found[0])
            self._shifts.append((found.end() + self._grown, self._grown))

    def _follow(self, what: str) -> None:
        if self._tables and self._tables[-1] != "[":
            self._tables[-1] = what

    def _gap(self, found: re.Match[str]) -> None:
        within = self._tables and self._tables[-1] in _BETWEEN
        self._pieces.append(" " * len(found[0]) if within else found[0])

    def _mark(self, found: re.Match[str]) -> None:
        mark = found[0]
        if mark in "[{":
            self._tables.append(mark)
        elif mark in "]}" and self._tables:
            if mark == "}" and self._tables[-1] == ",":
                self._pieces[self._comma] = " "
            self._tables.pop()
            self._follow("value")
        else:
            self._comma = len(self._pieces)
            self._follow(mark if mark == "=" or self._ended() else "key")
        self._pieces.append(mark)

    def _ended(self) -> bool:
        return bool(self._tables) and self._tables[-1] == "value"

    def _basic(self, found: re.Match[str]) -> None:
        self._put(found, _ESCAPE.sub(_escape, found[0]))
        self._scalar()

    def _raw(self, found: re.Match[str]) -> None:
        self._keep(found)
        self._scalar()

    def _word(self, found: re.Match[str]) -> None:
        self._put(found, _MINUTES.sub(r"\g<0>:00", found[0], count=1) if ":" in found[0] else found[0])
        self._scalar()

    def _scalar(self) -> None:
        if self._tables:
            self._follow("value" if self._tables[-1] == "=" else "key")


def _escape(found: re.Match[str]) -> str:
    return r"\u001B" if found[1] else rf"\u00{found[2]}" if found[2] else found[0]
