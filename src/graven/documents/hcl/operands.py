"""Owns what operators stand between (``hclsyntax/spec.md``, "Expression Terms"), and the names and indexes after it."""

from __future__ import annotations

import re
from typing import Any

from graven.documents.hcl.templates import Templates
from graven.documents.hcl.tokens import Token
from graven.documents.hcl.tree import (
    Anonymous,
    Call,
    Expression,
    For,
    Index,
    Literal,
    Object,
    Parentheses,
    Splat,
    Template,
    Traversal,
    Tuple,
    Unary,
)

__all__ = ["Operands"]

_NUMBER = re.compile(r"[0-9]+(\.[0-9]*)?([eE][+-]?[0-9]+)?")
_WORDS = {"true": True, "false": False, "null": None}
_EXACT = 1 << 53


class Operands(Templates):
    """Reads operands."""

    def operand(self) -> Expression:
        """Read a term and the traversal after it."""
        return self._traversed(self._term())

    def _term(self) -> Expression:
        kind, start, end = self.peek()
        if kind == "ident":
            return self._named(self.read())
        if kind == "number":
            self.read()
            return Literal(start, end, self._number(start, end))
        if kind in {"quote", "heredoc"}:
            return self.template()
        if kind in {"-", "!"}:
            self.read()
            with self.within(newlines=self.newlines):
                return Unary(start, kind, self.operand())
        if kind == "[":
            return self._tuple()
        if kind == "{":
            return self._object()
        if kind != "(":
            raise self.unexpected("a value")
        self.read()
        with self.within(newlines=False):
            inner = self.expression()
            closing = self.expect(")")
        return Parentheses(start, closing[2], inner)

    def _number(self, start: int, end: int) -> int | float:
        """Take the numbers that conftest gives: what a double cannot hold exactly is the nearest double."""
        text = self.text[start:end]
        if not _NUMBER.fullmatch(text) or len(text) > 4000:
            raise self.source.malformed(start, f"got {text[:40]}, expected a number")
        if text.isdecimal() and len(text) < 16:
            return int(text)
        value = float(text)
        if value == float("inf"):
            raise self.source.malformed(start, f"got the number {text[:40]}, which is beyond what a double can hold")
        return int(value) if value.is_integer() and abs(value) <= _EXACT else value

    def _named(self, token: Token) -> Expression:
        name = self.spelling(token)
        if self.kind() in {"(", "::"}:
            return self._call(token)
        if name in _WORDS:
            return Literal(token[1], token[2], _WORDS[name])
        return Traversal(token[1], token[2], name, [])

    def _call(self, token: Token) -> Expression:
        name = self.spelling(token)
        while self.kind() == "::":
            self.read()
            name += "::" + self.spelling(self.expect("ident", "the name of a function"))
        self.expect("(")
        arguments: list[Expression] = []
        spread = False
        with self.within(newlines=False):
            while self.kind() != ")" and not spread:
                arguments.append(self.expression())
                if self.kind() == "...":
                    self.read()
                    spread = True
                elif self.kind() != ")":
                    self.expect(",", ", or )")
            closing = self.expect(")")
        return Call(token[1], closing[2], name, arguments, spread=spread)

    def _tuple(self) -> Expression:
        opening = self.read()
        items: list[Expression] = []
        with self.within(newlines=False):
            if self.word() == "for":
                return self._for(opening, "]")
            while self.kind() != "]":
                items.append(self.expression())
                if self.kind() != "]":
                    self.expect(",", ", or ]")
            closing = self.read()
        return Tuple(opening[1], closing[2], items)

    def _object(self) -> Expression:
        opening = self.read()
        items: list[tuple[Expression, Expression]] = []
        with self.within(newlines=False):
            if self.word() == "for":
                return self._for(opening, "}")
            self.newlines = True
            while self.kind() != "}":
                if self.kind() == "newline":
                    self.read()
                    continue
                items.append(self._item())
            closing = self.read()
        return Object(opening[1], closing[2], items)

    def _item(self) -> tuple[Expression, Expression]:
        key = self.expression()
        if self.kind() not in {"=", ":"}:
            raise self.unexpected("= or : after the key")
        self.read()
        value = self.expression()
        if self.kind() not in {"}", ",", "newline"}:
            raise self.unexpected("a comma, the end of the line or }")
        if self.kind() != "}":
            self.read()
        return key, value

    def _for(self, opening: Token, closing: str) -> Expression:
        self.read()
        with self.within(newlines=False):
            names = self.names()
            collection = self.expression()
            self.expect(":")
            value = self.expression()
            loop = For(opening[1], 0, names, collection, value)
            loop.makes_object = closing == "}"
            if loop.makes_object:
                self.expect("=>", "=> after the key")
                loop.key, loop.value = value, self.expression()
                if self.kind() == "...":
                    self.read()
                    loop.group = True
            if self.word() == "if":
                self.read()
                loop.condition = self.expression()
            loop.end = self.expect(closing)[2]
        return loop

    def _traversed(self, found: Expression) -> Expression:
        """Read the names and indexes after a term, for as long as there are any."""
        while self.kind() in {".", "["}:
            found = self._dotted(found) if self.read()[0] == "." else self._bracketed(found)
        return found

    def _dotted(self, found: Expression) -> Expression:
        if self.kind() != "*":
            end, step = self._step()
            return _stepped(found, step, end)
        star = self.read()
        anonymous = Anonymous(star[1] - 1, star[2])
        each: Expression = anonymous
        while self.kind() == ".":
            self.read()
            end, step = self._step()
            each = _stepped(each, step, end)
        return Splat(found, each, anonymous, each.end)

    def _step(self) -> tuple[int, str | int | float]:
        kind, start, end = self.peek()
        if kind == "number":
            self.read()
            if "." in self.text[start:end]:
                raise self.source.malformed(start, "got two indexes after dots", "write each index in brackets")
            return end, self._number(start, end)
        return end, self.spelling(self.expect("ident", "a name"))

    def _bracketed(self, found: Expression) -> Expression:
        opening = self.tokens[self.at - 1][1]
        if self.kind() == "*":
            self.read()
            end = self.expect("]")[2]
            anonymous = Anonymous(opening, end)
            with self.within(newlines=self.newlines):
                each = self._traversed(anonymous)
            return Splat(found, each, anonymous, each.end)
        with self.within(newlines=False):
            key = self.expression()
            end = self.expect("]")[2]
        if isinstance(key, Literal):
            return _stepped(found, key.value, end)
        if isinstance(key, Template) and key.literal():
            return _stepped(found, getattr(key.parts[0], "value", ""), end)
        return Index(end, found, key)


def _stepped(found: Expression, step: Any, end: int) -> Expression:
    if isinstance(found, Traversal):
        found.steps.append(step)
        found.end = end
        return found
    return Traversal(found.start, end, found, [step])
