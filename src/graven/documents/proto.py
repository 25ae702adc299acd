"""Owns the reading of Protocol Buffers definitions, as far as text of their messages needs: messages, enums, fields.

Options, services, reserved names and extensions that stand within messages are passed over. Imports are found among
the files that are given.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from graven.documents.faults import MAX_NESTED, Text, decoded, too_deep
from graven.documents.position import Position
from graven.errors import Malformed

__all__ = ["SCALARS", "Enum", "Field", "Message", "Schema", "read"]

_SIZED = ("int32", "int64", "uint32", "uint64", "sint32", "sint64", "fixed32", "fixed64", "sfixed32", "sfixed64")
SCALARS = frozenset(("double", "float", "bool", "string", "bytes", *_SIZED))
_TOKEN = re.compile(
    r"""(?P<blank>\s+|//[^\n]*|/\*.*?\*/)|(?P<text>"(?:[^"\\\n]|\\.)*+"|'(?:[^'\\\n]|\\.)*+')"""
    r"""|(?P<word>\.?[A-Za-z_][A-Za-z0-9_]*(?:\.[A-Za-z_][A-Za-z0-9_]*)*+|[0-9][0-9A-Za-z_.+-]*+)|(?P<mark>[^\s"'])""",
    re.DOTALL,
)


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a message."""

    name: str
    kind: str
    """A scalar, or the name of a message or an enum as it is written."""
    scope: str
    """The message in which that name is looked up first."""
    repeated: bool = False
    present: bool = False
    """Whether it is there even when it is zero."""
    key: str = ""
    """The kind of the keys of a map."""
    choice: str = ""
    """The ``oneof`` to which it belongs."""
    required: bool = False
    number: int = 0


@dataclass(frozen=True, slots=True)
class Message:
    """A message: its fields by name."""

    name: str
    fields: dict[str, Field] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Enum:
    """An enumeration: its numbers by name."""

    name: str
    values: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Schema:
    """All that the files define, by full name."""

    types: dict[str, Message | Enum] = field(default_factory=dict)
    extensions: dict[str, tuple[str, Field]] = field(default_factory=dict)
    """What messages are extended by: the message as it is written, and the field."""

    def find(self, name: str, scope: str) -> Message | Enum | None:
        """Find a type by a name as it is written in a scope, from the inside to the outside."""
        if name.startswith("."):
            return self.types.get(name[1:])
        while True:
            found = self.types.get(f"{scope}.{name}" if scope else name)
            if found is not None or not scope:
                return found
            scope = scope.rpartition(".")[0]


def read(protos: Mapping[str, bytes]) -> Schema:
    """Read definitions.

    Raises:
        Malformed: one cannot be read; says file, line and column.
    """
    schema = Schema()
    for file, data in protos.items():
        _Reader(Text(decoded(data, file), file), schema).read()
    return schema


def _words(text: Text) -> Iterator[tuple[str, int]]:
    at = 0
    while at < len(text.text):
        found = _TOKEN.match(text.text, at)
        if not found:
            raise text.fault("got a quote that is never closed", at)
        if found.lastgroup != "blank":
            yield found[0], at
        at = found.end()


class _Reader:
    """Goes through the words of one file."""

    def __init__(self, text: Text, schema: Schema) -> None:
        self.text = text
        self.schema = schema
        self.words = [*_words(text), ("", len(text.text))]
        self.at = 0
        self.implicit = False
        """Whether fields without a label are there only when they are not zero."""

    def read(self) -> None:
        """Read the file into the schema."""
        package = ""
        while self._now():
            word = self._take()
            if word == "syntax":
                self._expect("=")
                self.implicit = self._take().strip("\"'") == "proto3"
                self._expect(";")
            elif word == "package":
                package = self._take()
                self._expect(";")
            else:
                self._definition(word, package, 1)

    def _now(self) -> str:
        return self.words[self.at][0]

    def _take(self) -> str:
        word = self._now()
        if not word:
            raise self._fault("got the end of the file")
        self.at += 1
        return word

    def _expect(self, mark: str) -> None:
        if self._take() != mark:
            self.at -= 1
            raise self._fault(f"got {self._now()[:40]!r}, expected {mark!r}")

    def _fault(self, message: str) -> Malformed:
        return self.text.fault(f"no definition of messages: {message}", self.words[self.at][1])

    def _place(self) -> Position:
        return self.text.position(self.words[self.at][1])

    def _definition(self, word: str, scope: str, depth: int) -> bool:
        """Read what begins with a word; say whether it is anything but a field."""
        if depth > MAX_NESTED:
            raise too_deep(self.text.file, self._place(), MAX_NESTED)
        if word == "message":
            self._message(scope, depth)
        elif word == "enum":
            self._enum(scope)
        elif word in {"import", "option", "reserved", "extensions", "package"}:
            self._past(";")
        elif word == "extend" and depth == 1:
            self._extend(scope)
        elif word in {"service", "extend"}:
            self._past("{")
            self._past("}")
        elif word != ";":
            return False
        return True

    def _past(self, mark: str) -> None:
        """Go past the next mark that is not within braces or brackets."""
        depth = 0
        while True:
            word = self._take()
            if word == mark and not depth:
                return
            depth += (word in {"{", "["}) - (word in {"}", "]"})

    def _message(self, scope: str, depth: int) -> None:
        name = f"{scope}.{self._take()}".strip(".")
        self._body(name, depth)

    def _extend(self, scope: str) -> None:
        extended = self._take()
        self._expect("{")
        found = Message(scope)
        while (word := self._take()) != "}":
            self._field(found, word, "")
        for name, each in found.fields.items():
            self.schema.extensions[f"{scope}.{name}".strip(".")] = (extended, each)

    def _body(self, name: str, depth: int) -> None:
        message = Message(name)
        self.schema.types[name] = message
        self._expect("{")
        while (word := self._take()) != "}":
            if word == "oneof":
                choice = self._take()
                self._expect("{")
                while (word := self._take()) != "}":
                    if word == "option":
                        self._past(";")
                    else:
                        self._field(message, word, choice)
            elif not self._definition(word, name, depth + 1):
                self._field(message, word, "")

    def _field(self, message: Message, word: str, choice: str) -> None:
        label = word if word in {"optional", "repeated", "required"} else ""
        kind = self._take() if label else word
        key = ""
        if kind == "map" and self._now() == "<":
            self._expect("<")
            key = self._take()
            self._expect(",")
            kind = self._take()
            self._expect(">")
        name = self._take()
        self._expect("=")
        number = int(self._now(), 0) if re.fullmatch("0[xX][0-9a-fA-F]{1,8}|[0-9]{1,9}", self._now()) else 0
        if kind == "group":
            kind = f"{message.name}.{name}"
            self._take()
            if self._now() == "[":
                self._take()
                self._past("]")
            self._body(kind, message.name.count(".") + 1)
        else:
            self._past(";")
        present = label in {"optional", "required"} or bool(choice) or not self.implicit
        message.fields[name] = Field(
            name, kind, message.name, repeated=label == "repeated", present=present, key=key, choice=choice,
            required=label == "required", number=number,
        )  # fmt: skip
        if kind == f"{message.name}.{name}":
            message.fields.setdefault(name.lower(), message.fields[name])

    def _enum(self, scope: str) -> None:
        name = f"{scope}.{self._take()}".strip(".")
        found = Enum(name)
        self.schema.types[name] = found
        self._expect("{")
        while (word := self._take()) != "}":
            if word in {"option", "reserved"}:
                self._past(";")
            elif word != ";":
                self._expect("=")
                sign = "-" if self._now() == "-" and self._take() else ""
                number = self._take()
                try:
                    found.values[word] = int(sign + number, 0)
                except ValueError:
                    raise self._fault(f"got {number[:40]!r}, expected a number") from None
                self._past(";")
