"""Owns the words of HCL (``hclsyntax/spec.md``, "Lexical Elements"), with strings and heredocs cut at templates.

A token is its kind and where it starts and ends. The kind of an operator is its own text. Comments are dropped; one
that takes the end of its line with it leaves a ``newline``.
"""

from __future__ import annotations

import re

from graven.documents.hcl.source import Source

__all__ = ["Token", "tokens"]

Token = tuple[str, int, int]

# Said by what it has not: a set of so many characters takes 15 ms to compile, its complement less than one.
_WORD = r"[^\x00-@\[-^`{-\x7f\ud800-\udfff][^\x00-,./:-@\[-^`{-\x7f\ud800-\udfff]*"
_MAIN = re.compile(
    rf"""[ \t]*(?:(?P<newline>\r?\n)
    |(?P<ident>{_WORD})
    |(?P<number>[0-9](?:(?:[0-9.]|[eE][+-]?[0-9])*(?:[0-9]|[eE][+-]?[0-9]))?)
    |(?P<quote>")
    |(?P<heredoc><<-?(?P<marker>{_WORD})\r?\n)
    |(?P<comment>\#[^\n]*\n?|//[^\n]*\n?|/\*[\s\S]*?\*/)
    |(?P<unclosed>/\*)
    |(?P<op>==|!=|>=|<=|&&|\|\||::|\.\.\.|=>|~\}}|[\[\]().,*/%+\-=<>!?:{{}}])
    |(?P<eof>\Z))""",
    re.VERBOSE,
)
_QUOTED = re.compile(
    r"""(?P<interp>\$\{~?)|(?P<control>%\{~?)|(?P<endquote>")
    |(?P<lit>\$\$\{~?|%%\{~?|[$%]|(?:\\[^\r\n\ud800-\udfff]|[^$%"\\\r\n\ud800-\udfff])+)""",
    re.VERBOSE,
)
_HEREDOC = re.compile(
    r"(?P<interp>\$\{~?)|(?P<control>%\{~?)|(?P<lit>(?:\$\$\{~?|%%\{~?|[$%]|[^$%\r\n\ud800-\udfff]+)?(?P<eol>\r?\n)?)"
)
_MAIN_MODE, _QUOTED_MODE, _HEREDOC_MODE = range(3)


def tokens(source: Source) -> list[Token]:
    """Cut a text into tokens; the last is ``eof``.

    >>> [kind for kind, _, _ in tokens(Source('a = "x${b}"'))]
    ['ident', '=', 'quote', 'lit', 'interp', 'ident', 'seqend', 'endquote', 'eof']

    Raises:
        Malformed: there is a character or an unclosed comment that no configuration has.
    """
    return _Lexer(source).run()


class _Lexer:
    """Cuts a text, with a stack of what is open: code between braces, quotes, heredocs."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.text = source.text
        self.at = 0
        self.found: list[Token] = []
        self.modes = [_MAIN_MODE]
        self.braces = [0]
        self.markers: list[str] = []
        self.at_start: list[bool] = []

    def run(self) -> list[Token]:
        readers = (self._main, self._quoted, self._heredoc)
        while readers[self.modes[-1]]():
            pass
        return self.found

    def _main(self) -> bool:
        match = _MAIN.match(self.text, self.at)
        if match is None:
            raise self._strange()
        kind = match.lastgroup or ""
        start, self.at = match.start(kind), match.end()
        if kind == "op":
            kind = self._operator(match.group(kind))
        elif kind == "comment":
            if self.text[self.at - 1] != "\n":
                return True
            kind = "newline"
        elif kind in {"ident", "heredoc"}:
            self._check_word(start, match.group(kind))
        elif kind == "unclosed":
            raise self.source.malformed(start, "got a comment without end, expected */")
        self.found.append((kind, start, self.at))
        if kind == "quote":
            self.modes.append(_QUOTED_MODE)
        elif kind == "heredoc":
            self.modes.append(_HEREDOC_MODE)
            self.markers.append(match.group("marker"))
            self.at_start.append(True)
        return kind != "eof"

    def _operator(self, text: str) -> str:
        if text == "{":
            self.braces[-1] += 1
        elif text in {"}", "~}"}:
            if self.braces[-1] == 0 and len(self.modes) > 1:
                self.modes.pop()
                self.braces.pop()
                return "seqend"
            self.braces[-1] -= 1
        return text

    def _check_word(self, start: int, text: str) -> None:
        if text.isascii():
            return
        for offset, one in enumerate(text.removeprefix("<<").strip()):
            if one != "-" and not ("a" + one).isidentifier():
                raise self.source.malformed(start + offset, f"got the character {one!r}, which has no meaning here")

    def _strange(self) -> Exception:
        at = self.at
        while self.text[at : at + 1] in {" ", "\t"}:
            at += 1
        one = self.text[at]
        if "\udc80" <= one <= "\udcff":
            return self.source.malformed(at, f"got the byte 0x{ord(one) - 0xDC00:02x}, expected text in UTF-8")
        hint = {"'": 'quote with "', "`": 'quote with "', ";": "end an argument with its line"}.get(one, "")
        return self.source.malformed(at, f"got the character {one!r}, which has no meaning here", hint)

    def _quoted(self) -> bool:
        match = _QUOTED.match(self.text, self.at)
        if match is None:
            raise self._broken_string()
        kind = match.lastgroup or ""
        self.found.append((kind, self.at, match.end()))
        self.at = match.end()
        if kind == "endquote":
            self.modes.pop()
        elif kind != "lit":
            self._open_template()
        return True

    def _broken_string(self) -> Exception:
        if self.text[self.at : self.at + 1] in {"\r", "\n"}:
            hint = "write \\n, or a heredoc"
            return self.source.malformed(self.at, 'got the end of the line inside a string, expected "', hint)
        if self.at >= len(self.text) or self.text[self.at] == "\\":
            return self.source.malformed(self.at, 'got the end of the text inside a string, expected "')
        return self._strange()

    def _open_template(self) -> None:
        self.modes.append(_MAIN_MODE)
        self.braces.append(0)
        if self.at_start:
            self.at_start[-1] = False

    def _heredoc(self) -> bool:
        match = _HEREDOC.match(self.text, self.at)
        assert match is not None  # noqa: S101 - the last alternative matches the empty string
        start, self.at = self.at, match.end()
        if match.group("lit") is None:
            self.found.append((match.lastgroup or "", start, self.at))
            self._open_template()
            return True
        if start == self.at:
            raise self._broken_heredoc()
        end = match.start("eol")
        if end >= 0 and self.at_start[-1] and self.text[start:end].strip() == self.markers[-1]:
            self.found += (("endheredoc", start, end), ("newline", end, self.at))
            self.modes.pop()
            self.markers.pop()
            self.at_start.pop()
            return True
        self.at_start[-1] = end >= 0
        self.found.append(("lit", start, self.at))
        return True

    def _broken_heredoc(self) -> Exception:
        if self.at >= len(self.text):
            return self.source.malformed(
                self.at, f"got the end of the text inside a heredoc, expected a line {self.markers[-1]}"
            )
        return self._strange()
