"""Owns Dockerfiles, in the form of conftest: a list in a list, of ``{Cmd, SubCmd, JSON, Flags, Value, Stage}``.

Read as BuildKit's front end does (moby/buildkit, ``frontend/dockerfile/parser``): directives at the top, continued
lines, heredocs, comments as commands before their instruction. Names are not replaced by their values.
"""

from __future__ import annotations

import re
from typing import Any, NamedTuple

from graven.documents.docker.rules import check
from graven.documents.docker.words import SPACES, Arguments, BadInstruction, arguments, heredocs, split
from graven.documents.position import Document, Path, Position
from graven.errors import Malformed, TooLarge

__all__ = ["parse"]

MAX_BYTES = 4 << 20
MAX_LINE = 65_535
_DIRECTIVE = re.compile(r"#\s*([a-zA-Z][a-zA-Z0-9]*)\s*=\s*(.+?)\s*", re.ASCII)
_LOST = re.compile("[\ud800-\udfff]")
_CONTINUED = {sign: re.compile(rf"(?:(?<=[^{re.escape(sign)}])|^){re.escape(sign)}[ \t]*\Z") for sign in "\\`"}
_CARRIERS = frozenset({"add", "copy", "run"})


class _Instruction(NamedTuple):
    """An instruction, put together from its lines; the last of them is ``end``."""

    text: str
    comments: list[tuple[str, int]]
    start: int
    end: int


def parse(data: bytes, *, file: str = "") -> tuple[Document, ...]:
    r"""Read a file, which is always one document.

    >>> [[found]] = parse(b"FROM base\n")[0].value
    >>> found
    {'Cmd': 'from', 'SubCmd': '', 'JSON': False, 'Flags': [], 'Value': ['base'], 'Stage': 0}

    Raises:
        Malformed: there is an instruction that BuildKit refuses, or none at all.
        TooLarge: there are more bytes than the limits, in all or in a line.
    """
    if len(data) > MAX_BYTES:
        raise TooLarge(f"got {len(data)} bytes, at most {MAX_BYTES}", where=file)
    reader = _Reader(data.removeprefix(b"\xef\xbb\xbf").decode("utf-8", "surrogateescape"), file)
    return (Document([reader.commands()], reader.places, file),)


class _Reader:
    """Goes through the lines of one file."""

    def __init__(self, text: str, file: str) -> None:
        self.file = file
        self.lines = text.split("\n")
        self.at = 0
        self.escape = "\\"
        self.directives: set[str] | None = set()
        self.found: list[dict[str, Any]] = []
        self.spans: list[tuple[int, int]] = []
        self.stages = 0

    def commands(self) -> list[dict[str, Any]]:
        """Give all instructions and the comments before them."""
        while (instruction := self._next()) is not None:
            try:
                self._add(instruction)
            except BadInstruction as e:
                raise self._malformed(str(e), instruction.start) from e
        if not self.found:
            raise self._malformed("got a file without instructions", max(len(self.lines) - 1, 0))
        return self.found

    def _malformed(self, message: str, line: int) -> Malformed:
        at = Position(line + 1, _indent(self.lines[line]) + 1)
        return Malformed(message, where=f"{self.file + ': ' if self.file else ''}{at}")

    def _line(self) -> str | None:
        if self.at >= len(self.lines) or (self.at == len(self.lines) - 1 and not self.lines[-1]):
            return None
        line = self.lines[self.at]
        if len(line.encode("utf-8", "surrogateescape")) > MAX_LINE:
            raise TooLarge(f"got a line of more than {MAX_LINE} bytes", where=f"{self.file}: line {self.at + 1}")
        self.at += 1
        return line.rstrip("\r")

    def _next(self) -> _Instruction | None:
        comments: list[tuple[str, int]] = []
        while (line := self._line()) is not None:
            start = self.at - 1
            stripped = line.lstrip(SPACES)
            if self._directive(stripped):
                continue
            if stripped.startswith("#"):
                text = line[1:].strip(SPACES)
                comments = [*comments, (text, start)] if text else []
                continue
            text, ends = self._continued(stripped)
            if text or not ends:
                return _Instruction(text if ends else self._joined(text), comments, start, self.at - 1)
        return None

    def _directive(self, line: str) -> bool:
        """Take a parser directive, which can only stand before all else."""
        if self.directives is None:
            return False
        match = _DIRECTIVE.fullmatch(line)
        name = match[1].lower() if match else ""
        if match is None or name not in {"syntax", "escape", "check"}:
            self.directives = None
            return False
        if name in self.directives:
            raise self._malformed(f"got the directive {name} twice", self.at - 1)
        self.directives.add(name)
        if name == "escape":
            if match[2] not in _CONTINUED:
                raise self._malformed(f"got the escape character {match[2][:40]!r}, expected \\ or `", self.at - 1)
            self.escape = match[2]
        return True

    def _continued(self, line: str) -> tuple[str, bool]:
        match = _CONTINUED[self.escape].search(line)
        return (line, True) if match is None else (line[: match.start()], False)

    def _joined(self, first: str) -> str:
        """Join the lines of an instruction; comments and empty lines among them are left out."""
        parts, ends = [first], False
        while not ends and (line := self._line()) is not None:
            stripped = line.lstrip(SPACES)
            if stripped and not stripped.startswith("#"):
                text, ends = self._continued(line)
                parts.append(text)
        return "".join(parts)

    def _add(self, instruction: _Instruction) -> None:
        command, flags, rest = split(instruction.text, self.escape)
        name, inner = command.lower(), ""
        given = Arguments(None)
        if name == "onbuild" and rest:
            inner, _, inner_rest = split(rest, self.escape)
            if inner.upper() in {"ONBUILD", "FROM", "MAINTAINER"}:
                raise BadInstruction(f"got ONBUILD {inner.upper()}, which is not allowed")
            given = arguments(inner, inner_rest, self.escape)
            check(name, flags, Arguments([inner]))
        else:
            given = Arguments(None) if name == "onbuild" else arguments(command, rest, self.escape)
            check(name, flags, given)
        if (inner or name).lower() in _CARRIERS and not given.json and "<<" in instruction.text:
            for mark, tabs in heredocs(instruction.text):
                self._skip(mark, tabs=tabs)
        self.stages += name == "from"
        for text, line in instruction.comments:
            self._append("comment", "", Arguments([text]), None, (line, line))
        self._append(name, inner, given, flags, (instruction.start, instruction.end))

    def _skip(self, mark: str, *, tabs: bool) -> None:
        while (line := self._line()) is not None:
            if (line.lstrip("\t") if tabs else line) == mark:
                return
        raise BadInstruction(f"got a heredoc without its end, expected a line {mark[:40]}")

    def _append(self, name: str, inner: str, given: Arguments, flags: list[str] | None, span: tuple[int, int]) -> None:
        self.spans.append(span)
        self.found.append(
            {
                "Cmd": _plain(name),
                "SubCmd": _plain(inner),
                "JSON": given.json,
                "Flags": None if flags is None else [_plain(one) for one in flags],
                "Value": None if given.words is None else [_plain(one) for one in given.words],
                "Stage": max(self.stages - 1, 0),
            }
        )

    def places(self) -> dict[Path, Position]:
        """Give the place of each instruction, and of its flags and arguments where they stand as they are written."""
        found: dict[Path, Position] = {(): Position(1, 1)}
        for index, (command, (start, end)) in enumerate(zip(self.found, self.spans, strict=True)):
            line, column = start, _indent(self.lines[start])
            found[0, index] = Position(line + 1, column + 1)
            for key in ("Flags", "Value"):
                for at, word in enumerate(command[key] or ()):
                    place = self._find(word, (line, column), end)
                    if place:
                        line, column = place
                        found[0, index, key, at] = Position(line + 1, column + 1)
                        column += len(word)
        return found

    def _find(self, word: str, after: tuple[int, int], end: int) -> tuple[int, int] | None:
        line, column = after
        while word and line <= end:
            at = self.lines[line].find(word, column)
            if at >= 0:
                return line, at
            line, column = line + 1, 0
        return None


def _plain(text: str) -> str:
    return text if text.isascii() else _LOST.sub("\ufffd", text)


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip(SPACES))
