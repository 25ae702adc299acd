"""Owns the tokens of Rego. Keywords are identifiers here: which of them are keywords is for the parser to know."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass

from graven.rego.faults import CompileFault, PolicyError, fault
from graven.rego.notation import whole_characters
from graven.rego.tree import Source

__all__ = ["Token", "tokenize"]


@dataclass(slots=True)
class Token:
    """One token: ``kind`` is name, number, string, template, end, or the symbol itself."""

    kind: str
    text: str
    start: int
    end: int
    value: object = None
    """The string that it means; of a template its parts: text, or tokens."""


_PATTERN = re.compile(
    r"""(?P<space>[ \t\r\n]+)
    |(?P<comment>\#[^\n]*)
    |(?P<name>[A-Za-z_][A-Za-z0-9_]*)
    |(?P<number>\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)
    |(?P<string>"(?:[^"\\\n]|\\.)*")
    |(?P<raw>`[^`]*`)
    |(?P<template>\$["`])
    |(?P<symbol>:=|==|!=|<=|>=|[-+*/%&|<>=()\[\]{},;:.])""",
    re.VERBOSE,
)


def tokenize(source: Source) -> tuple[list[Token], list[tuple[int, str]]]:
    """Give the tokens, the last of kind ``end``, and the comments with their offsets.

    Raises:
        CompileFault: a character or string that is no token.
    """
    comments: list[tuple[int, str]] = []
    tokens, end = _scan(source, 0, comments, braced=False)
    tokens.append(Token("end", "", end, end))
    return tokens, comments


def _scan(source: Source, at: int, comments: list[tuple[int, str]], *, braced: bool) -> tuple[list[Token], int]:
    """Read tokens to the end, or to the brace that closes the hole of a template."""
    text, tokens, depth, match = source.text, [], 0, _PATTERN.match
    while at < len(text):
        found = match(text, at)
        if found is None:
            raise CompileFault(_illegal(source, at))
        kind, word, end = found.lastgroup or "", found.group(), found.end()
        if kind == "comment":
            comments.append((at, word))
        elif kind == "symbol":
            depth += (word == "{") - (word == "}")
            if braced and depth < 0:
                break
            tokens.append(Token(word, word, at, end))
        elif kind == "template":
            parts, end = _template(source, end, word[1], comments)
            tokens.append(Token("template", text[at:end], at, end, parts))
        elif kind != "space":
            _check_number(source, kind, word, at)
            value = _string(source, at, word) if kind == "string" else word[1:-1] if kind == "raw" else None
            tokens.append(Token("string" if kind == "raw" else kind, word, at, end, value))
        at = end
    return tokens, at


def _check_number(source: Source, kind: str, word: str, at: int) -> None:
    if kind == "number" and len(word) > 1 and word[0] == "0" and word[1].isdigit():
        raise CompileFault(fault(source, at, "rego_parse_error", "illegal number format: expected no leading zero"))


def _illegal(source: Source, at: int) -> PolicyError:
    char = source.text[at]
    if char in '"`':
        return fault(source, at, "rego_parse_error", "non-terminated string", "close the string on the same line")
    return fault(source, at, "rego_parse_error", f"illegal token: {char!r}", "remove the character")


def _string(source: Source, at: int, word: str) -> str:
    """Read a quoted string; its escapes are JSON's."""
    try:
        return str(json.loads(whole_characters(word)))
    except ValueError:
        error = fault(source, at, "rego_parse_error", "illegal string escape sequence", "escapes are those of JSON")
        raise CompileFault(error) from None


def _template(
    source: Source, at: int, quote: str, comments: list[tuple[int, str]]
) -> tuple[list[str | list[Token]], int]:
    """Read the inside of a template string and give its parts, and where it ends."""
    parts: list[str | list[Token]] = []
    text, begin = source.text, at
    while at < len(text):
        char = text[at]
        if char == quote:
            parts.append(_template_text(source, begin, at, quote))
            return parts, at + 1
        if char == "\n" and quote == '"':
            break
        if char == "\\" and (quote == '"' or text[at + 1 : at + 2] == "{"):
            at += 2
        elif char == "{":
            parts.append(_template_text(source, begin, at, quote))
            tokens, close = _scan(source, at + 1, comments, braced=True)
            tokens.append(Token("end", "", close, close))
            parts.append(tokens)
            at = begin = close + 1
        else:
            at += 1
    raise CompileFault(fault(source, begin, "rego_parse_error", "non-terminated template string", "close it"))


def _template_text(source: Source, begin: int, end: int, quote: str) -> str:
    text = source.text[begin:end].replace("\\{", "{" if quote == "`" else "\\u007b")
    return text if quote == "`" else _string(source, begin, f'"{text}"')
