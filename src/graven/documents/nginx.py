"""Owns the reading of nginx' configuration: directives with their parameters and blocks, without comments.

As the library gonginx has it: servers stand behind the other directives of ``http`` and of ``upstream``, ``http`` and
``server`` with a block have no parameters, the parameters of a server of an upstream are its address, then those with
``=`` by name, then the others; the code of a Lua block is left out. Any name of a directive is taken, since modules
bring their own. Files that are included are not read.
"""

from __future__ import annotations

import re
from typing import Any

from graven.documents.faults import MAX_NESTED, Text, decoded, too_deep
from graven.documents.position import Document, Path, Position

__all__ = ["parse"]

_TOKEN = re.compile(
    r"""(?P<blank>[ \t\r\n]+|\#[^\r\n]*)|(?P<mark>[;{}])"""
    r"""|(?P<quoted>"(?:\\"|[^"])*+"|'(?:\\'|[^'])*+'|`(?:\\`|[^`])*+`)"""
    r"""|(?P<word>(?!["'`])(?:\$\{[^ \t\r\n;}\0]*\}?|[^ \t\r\n;{}\0])+)"""
)
_LUA = re.compile(r"#[^\r\n]*|[{}]")
_KEY = re.compile("([^=]*)=")


class _Directive:
    """One directive: its words with their offsets, and its block if it has one."""

    __slots__ = ("block", "block_at", "words")

    def __init__(self, word: str, at: int) -> None:
        self.words = [(word, at)]
        self.block: list[_Directive] | None = None
        self.block_at = at

    @property
    def name(self) -> str:
        return self.words[0][0]


def parse(data: bytes, *, file: str = "") -> tuple[Document, ...]:
    r"""Read the directives.

    >>> [found] = parse(b"http {\n  listen 80; # why\n}\n")
    >>> found.value["directives"][0]["block"]
    {'directives': [{'name': 'listen', 'parameters': ['80']}]}

    Raises:
        Malformed: a quote or a block is not closed, or something stands where it cannot; says line and column.
        TooLarge: it nests too deep.
    """
    text = Text(decoded(data, file), file)
    found = _Reader(text).read()
    value = {"directives": [_value(each) for each in found]}
    return (Document(value, lambda: _places(found, text), file),)


class _Reader:
    """Goes through the words of a text."""

    def __init__(self, text: Text) -> None:
        self.text = text
        self.blocks: list[list[_Directive]] = [[]]
        self.current: _Directive | None = None

    def read(self) -> list[_Directive]:
        """Give the directives at the top."""
        at = 0
        while at < len(self.text.text):
            found = _TOKEN.match(self.text.text, at)
            if not found:
                raise self.text.fault("got a quote that is never closed, or no text", at)
            if found.lastgroup == "mark":
                at = self._mark(found[0], at)
                continue
            if found.lastgroup != "blank" and self.current:
                self.current.words.append((found[0], at))
            elif found.lastgroup != "blank":
                self.current = _Directive(found[0], at)
            at = found.end()
        if self.current or len(self.blocks) > 1:
            raise self.text.fault("got the end within a directive or a block, expected ';' or '}'", at)
        return _checked(self.blocks[0], self.text)

    def _mark(self, mark: str, at: int) -> int:
        """Take a ``;`` or a brace, and say where to go on."""
        directive, self.current = self.current, None
        if mark == "{" and directive:
            return self._open(directive, at)
        if mark == ";" and directive:
            self.blocks[-1].append(directive)
        elif mark == "}" and not directive and len(self.blocks) > 1:
            self.blocks.pop()
        elif mark != ";":
            raise self.text.fault(f"got {mark!r} where it cannot stand", at)
        return at + 1

    def _open(self, directive: _Directive, at: int) -> int:
        self.blocks[-1].append(directive)
        directive.block, directive.block_at = [], at
        if directive.name.endswith("_by_lua_block"):
            return _lua_end(self.text, at + 1)
        self.blocks.append(directive.block)
        if len(self.blocks) > MAX_NESTED:
            raise too_deep(self.text.file, self.text.position(at), MAX_NESTED)
        return at + 1


def _lua_end(text: Text, at: int) -> int:
    depth = 1
    for found in _LUA.finditer(text.text, at):
        depth += {"{": 1, "}": -1}.get(found[0], 0)
        if not depth:
            return found.end()
    raise text.fault("got a block of Lua that is never closed", at)


def _checked(directives: list[_Directive], text: Text) -> list[_Directive]:
    """Refuse what gonginx refuses, and bring directives and parameters into its order."""
    waiting = [directives]
    while waiting:
        block = waiting.pop()
        for each in block:
            count = len(each.words) - 1
            if each.name == "location" and each.block is not None and count not in (1, 2):
                raise text.fault("got a location with none or more than two parameters", each.words[0][1])
            if each.name == "upstream" and each.block is not None and not count:
                raise text.fault("got an upstream without a name", each.words[0][1])
            if each.name == "include" and (count != 1 or each.block is not None):
                raise text.fault("got an include without exactly one file", each.words[0][1])
            _arrange(each)
            if each.block:
                waiting.append(each.block)
    return directives


def _arrange(directive: _Directive) -> None:
    if directive.name in {"http", "upstream"} and directive.block:
        last = [
            each.name == "server" and (each.block is not None or directive.name != "http") for each in directive.block
        ]
        order = sorted(range(len(last)), key=last.__getitem__)
        directive.block[:] = [directive.block[index] for index in order]
    if directive.block is not None and directive.name in {"http", "server"}:
        del directive.words[1:]
    elif directive.block is not None and directive.name == "upstream":
        del directive.words[2:]
    elif directive.name == "server" and directive.block is None:
        named = {found[1]: word for word in directive.words[2:] if (found := _KEY.match(word[0]))}
        flags = [word for word in directive.words[2:] if "=" not in word[0]]
        directive.words[2:] = [named[key] for key in sorted(named)] + flags


def _value(directive: _Directive) -> dict[str, Any]:
    found: dict[str, Any] = {"name": directive.name}
    if len(directive.words) > 1:
        found["parameters"] = [word for word, _ in directive.words[1:]]
    if directive.block is not None:
        found["block"] = {"directives": [_value(each) for each in directive.block]}
    return found


def _places(directives: list[_Directive], text: Text) -> dict[Path, Position]:
    places: dict[Path, Position] = {(): Position(1, 1), ("directives",): Position(1, 1)}
    waiting: list[tuple[Path, _Directive]] = [(("directives", at), each) for at, each in enumerate(directives)]
    while waiting:
        path, directive = waiting.pop()
        places[path] = places[(*path, "name")] = text.position(directive.words[0][1])
        for index, (_, at) in enumerate(directive.words[1:]):
            places.setdefault((*path, "parameters"), text.position(at))
            places[(*path, "parameters", index)] = text.position(at)
        if directive.block is not None:
            below = (*path, "block", "directives")
            places[(*path, "block")] = places[below] = text.position(directive.block_at)
            waiting += [((*below, index), each) for index, each in enumerate(directive.block)]
    return places
