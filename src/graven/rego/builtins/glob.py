"""Owns the globs: a pattern becomes a regular expression of RE2, which takes linear time on any text."""

from __future__ import annotations

from typing import Any

from graven.rego.builtins.protocol import Builtin, BuiltinError, Context, builtin, operand_error
from graven.rego.values import Value, boolean, type_name

__all__ = ["BUILTINS"]

_META = "*?\\[]{}"


class _Pattern:
    """One pass over a glob: ``*`` within delimiters, ``**`` across, ``?``, ``[a-z]``, ``[!abc]``, ``{a,b}``."""

    def __init__(self, pattern: str, delimiters: str) -> None:
        self.pattern = pattern
        self.single = f"[^{_class(delimiters)}]" if delimiters else "."
        self.at = 0

    def run(self) -> str:
        """Give the regular expression.

        Raises:
            BuiltinError: the pattern is no glob.
        """
        text = self._sequence(nested=False)
        if self.at < len(self.pattern):
            raise BuiltinError("unexpected end of alternatives in glob")
        return text

    def _sequence(self, *, nested: bool) -> str:
        out: list[str] = []
        while self.at < len(self.pattern):
            char = self.pattern[self.at]
            if nested and char in ",}":
                break
            self.at += 1
            out.append(self._one(char))
        return "".join(out)

    def _one(self, char: str) -> str:
        if char == "*":
            across = self.pattern[self.at : self.at + 1] == "*"
            while self.pattern[self.at : self.at + 1] == "*":
                self.at += 1
            return ".*" if across else f"{self.single}*"
        if char == "?":
            return self.single
        if char == "[":
            return self._list()
        if char == "{":
            return self._alternatives()
        if char == "\\":
            self.at += 1
            return _escaped(self.pattern[self.at - 1 : self.at])
        return _escaped(char)

    def _list(self) -> str:
        end = self.pattern.find("]", self.at + 1)
        if end < 0:
            raise BuiltinError("unexpected end of input in glob")
        inside = self.pattern[self.at : end]
        self.at = end + 1
        negated = inside.startswith("!")
        inside = inside.removeprefix("!")
        if len(inside) == 3 and inside[1] == "-":
            if inside[0] > inside[2]:
                raise BuiltinError("hi character of a range in glob should be greater than lo character")
            return f"[{'^' if negated else ''}{_class(inside[0])}-{_class(inside[2])}]"
        if not inside:
            raise BuiltinError("unexpected empty list in glob")
        return f"[{'^' if negated else ''}{_class(inside)}]"

    def _alternatives(self) -> str:
        parts = [self._sequence(nested=True)]
        while self.pattern[self.at : self.at + 1] == ",":
            self.at += 1
            parts.append(self._sequence(nested=True))
        if self.at >= len(self.pattern):
            raise BuiltinError("unexpected end of input in glob")
        self.at += 1
        return f"(?:{'|'.join(parts)})"


def _escaped(char: str) -> str:
    return char if char.isalnum() or ord(char or "a") > 127 else f"\\{char}" if char else ""


def _class(chars: str) -> str:
    return "".join(char if char.isalnum() or ord(char) > 127 else f"\\x{{{ord(char):x}}}" for char in chars)


def _compiled(context: Context, pattern: str, delimiters: str) -> Any:
    key = ("glob", pattern, delimiters)
    if key not in context.cache:
        import re2

        options = re2.Options()
        options.log_errors = False
        try:
            context.cache[key] = re2.compile(f"(?s)\\A(?:{_Pattern(pattern, delimiters).run()})\\z", options)
        except re2.error as error:
            raise BuiltinError(f"glob: {error}") from None
    return context.cache[key]


def _match(context: Context, pattern: str, delimiters: Value, text: str) -> Value:
    """Match a text; no delimiters given (an empty array) means the dot, null means none."""
    if delimiters is None:
        marks = ""
    else:
        for each in delimiters:
            if each.__class__ is not str:
                raise operand_error(2, "array of strings", f"array containing {type_name(each)}")
            if len(each) != 1:
                raise BuiltinError("glob delimiters must be one character long")
        marks = "".join(delimiters) or "."
    return boolean(_compiled(context, pattern, marks).search(text) is not None)


def _quote(pattern: str) -> Value:
    return "".join(f"\\{char}" if char in _META else char for char in pattern)


BUILTINS: tuple[Builtin, ...] = (
    builtin("glob.match", _match, contextual=True),
    builtin("glob.quote_meta", _quote),
)
