"""Owns the reading of text of Protocol Buffers, whose message a comment names: ``# proto-message: pkg.Message``.

The definitions are handed in, and read by ``proto``. The value is the JSON form with the names of the definition, in
which integers of 64 bits are strings. The bytes of an ``Any`` are read by ``protowire``.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from graven.documents import protoknown
from graven.documents.faults import MAX_NESTED, Text, decoded, too_deep, unreadable
from graven.documents.position import Document, Path, Position
from graven.documents.proto import SCALARS, Enum, Field, Message, Schema, read
from graven.documents.protowire import text_of
from graven.documents.strconv import single, whole
from graven.errors import GravenError, Malformed, NotFound

__all__ = ["parse"]

_NAMED = re.compile(r"#[ \t\f\r]+proto-message:[ \t\f\r]+([a-zA-Z0-9_.]+)")
_TOKEN = re.compile(
    r"""(?P<blank>\s+|\#[^\n]*)|(?P<text>"(?:[^"\\\n]|\\.)*+"|'(?:[^'\\\n]|\\.)*+')"""
    r"""|(?P<word>[A-Za-z_][A-Za-z0-9_]*|-?\s*(?:[0-9][0-9A-Za-z.]*(?:(?<=[eE])[+-][0-9]+[fF]?)?"""
    r"""|\.[0-9]+(?:[eE][+-]?[0-9]+)?[fF]?|[A-Za-z_]+))|(?P<mark>[\[\]{}<>:,;/.])"""
)
_ESCAPE = re.compile(r"\\(?:([0-7]{1,3})|[xX]([0-9a-fA-F]{1,2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|(.))", re.DOTALL)
_LETTERS = {"a": 7, "b": 8, "f": 12, "n": 10, "r": 13, "t": 9, "v": 11, "?": 63, "\\": 92, "'": 39, '"': 34}
_FLOAT = re.compile(r"-?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?[fF]?")
_INTEGER = re.compile(r"(-?)(0[xX][0-9a-fA-F]+|0[0-7]+|[1-9][0-9]*|0)")
_TRUTHS = {"true": True, "True": True, "t": True, "false": False, "False": False, "f": False}
_INFINITY = float("inf")
_NO_NAME = frozenset("]{}<>:,;")
_CLOSERS = {"{": "}", "<": ">"}


def parse(data: bytes, *, file: str = "", protos: Mapping[str, bytes] | None = None) -> tuple[Document, ...]:
    r"""Read a message; the definitions are given by the names of their files.

    >>> proto = b'syntax = "proto3"; package a; message B { string name = 1; repeated int64 ids = 2; }'
    >>> [found] = parse(b'# proto-message: a.B\nname: "x"\nids: [1, 2]', protos={"a.proto": proto})
    >>> found.value, str(found.position(("ids", 1)))
    ({'name': 'x', 'ids': ['1', '2']}, 'line 3, column 10')

    Raises:
        Malformed: it is no text of that message, or names none; says line and column.
        NotFound: the definitions have no such message.
        TooLarge: it nests too deep.
    """
    text = Text(decoded(data, file), file)
    named = _NAMED.search(text.text)
    if not named:
        raise text.fault("got no comment that names the message", 0, hint="add '# proto-message: package.Message'")
    schema = read({"google/protobuf": protoknown.SOURCE, **(protos or {})})
    message = schema.types.get(named[1])
    if not isinstance(message, Message) or message.name.startswith("google.protobuf."):
        hint = "name the folder of its definition with --proto-file-dirs"
        raise NotFound(f"no message {named[1]!r} is defined", where=text.fault("", named.start(1)).where, hint=hint)
    reader = _Reader(text, schema)
    return (Document(reader.message(message, (), ""), reader.places, file),)


class _Reader:
    """Goes through the words of a text."""

    def __init__(self, text: Text, schema: Schema, within: int = 0) -> None:
        self.text = text
        self.schema = schema
        self.within = within
        """In how many bytes of other messages this text stood."""
        self.places: dict[Path, Position] = {}
        self.words: list[tuple[str, str, int]] = []
        at = 0
        while at < len(text.text):
            found = _TOKEN.match(text.text, at)
            if not found:
                raise text.fault("got no text of a message", at)
            if found.lastgroup != "blank":
                self.words.append((str(found.lastgroup), found[0], at))
            at = found.end()
        self.words.append(("end", "", at))
        self.at = 0

    def _take(self, *marks: str) -> str:
        """Take the next word if it is one of these."""
        word = self.words[self.at][1]
        if word and word in marks:
            self.at += 1
            return word
        return ""

    def _fault(self, message: str) -> Malformed:
        return self.text.fault(f"got {self.words[self.at][1][:40]!r}: {message}", self.words[self.at][2])

    def message(self, message: Message, path: Path, closer: str) -> dict[str, Any]:
        """Read fields up to the closing mark."""
        if len(path) > MAX_NESTED:
            raise too_deep(self.text.file, self.text.position(self.words[self.at][2]), MAX_NESTED)
        found: dict[str, Any] = {}
        seen: set[str] = set()
        self.places[path] = self.text.position(self.words[self.at][2])
        while not (self._take(closer) if closer else self.words[self.at][0] == "end"):
            if message.name == protoknown.ANY and (self.words[self.at][1] == "[" or "@type" in found):
                self._any(found, path)
            else:
                self._field(message, found, seen, path)
            self._take(",", ";")
        if message.name == protoknown.ANY and seen:
            return self._inside(found, path)
        for each in message.fields.values():
            if each.required and each.name not in seen:
                raise self._fault(f"the required field {each.name!r} of {message.name} is missing")
        return found

    def _field(self, message: Message, found: dict[str, Any], seen: set[str], path: Path) -> None:
        at = self.words[self.at][2]
        field = self._extension(message) if self.words[self.at][1] == "[" else self._known(message)
        name = field.name
        once = field.choice or (name if not field.repeated and not field.key else "")
        if once and once in seen:
            raise self._fault("it is set twice")
        seen |= {once, name}
        colon = self._take(":")
        below = (*path, name)
        if field.key:
            self._several(lambda: self._pair(field, found.setdefault(name, {}), below))
            self.places.setdefault(below, self.text.position(at))
        elif field.repeated:
            values = found.setdefault(name, [])
            self.places.setdefault(below, self.text.position(at))
            if not colon and self.words[self.at][1] == "[" and self._scalar(field):
                raise self._fault("expected ':'")
            self._several(lambda: values.append(self._value(field, (*below, len(values)), colon)))
            if not values:
                del found[name], self.places[below]
        else:
            value = self._value(field, below, colon)
            if field.present or self._is_message(field) or not self._zero(field, value):
                found[name] = value
            else:
                self.places.pop(below, None)

    def _known(self, message: Message) -> Field:
        kind, name, _ = self.words[self.at]
        field = message.fields.get(name)
        if kind != "word" or field is None:
            raise self._fault(f"expected a field of {message.name}")
        self.at += 1
        return field

    def _bracketed(self) -> str:
        found = ""
        while not self._take("]"):
            if self.words[self.at][0] not in {"word", "mark"} or self.words[self.at][1] in _NO_NAME:
                raise self._fault("expected a name in brackets")
            self.at += 1
            found += self.words[self.at][1] if self.words[self.at][1] != "]" else ""
        return found

    def _extension(self, message: Message) -> Field:
        name = self._bracketed()
        extended, field = self.schema.extensions.get(name, ("", None))
        if field is None or self.schema.find(extended, field.scope) is not message:
            self.at -= 1
            raise self._fault(f"expected an extension of {message.name}")
        return replace(field, name=f"[{name}]")

    def _any(self, found: dict[str, Any], path: Path) -> None:
        """Read the message that stands in an ``Any``, behind the address of its type."""
        if found or self.words[self.at][1] != "[":
            raise self._fault("it holds a message already")
        place = self.text.position(self.words[self.at][2])
        address = self._bracketed()
        kind = self._addressed(address)
        self._take(":")
        apart = protoknown.has_form(kind.name) or kind.name == protoknown.ANY
        below = (*path, "value") if apart else path
        value = self._value(Field("", f".{kind.name}", ""), below, ":")
        found["@type"] = address
        self.places[(*path, "@type")] = place
        found.update({"value": value} if apart else value)

    def _addressed(self, address: str) -> Message:
        """Find a message of a file by its address; those within messages have none in conftest."""
        name = address.rpartition("/")[2]
        kind = self.schema.types.get(name)
        if not isinstance(kind, Message) or isinstance(self.schema.types.get(name.rpartition(".")[0]), Message):
            raise self._fault(f"no message {address[:80]!r} is defined")
        return kind

    def _inside(self, given: dict[str, Any], path: Path) -> dict[str, Any]:
        """Read the bytes of a message, which stand where the ``Any`` stands."""
        place = self.places[path]
        for name in given:
            del self.places[(*path, name)]
        if not given:
            return {}
        address = given.get("type_url", "")
        kind = self._addressed(address)
        if self.within >= MAX_NESTED:
            raise too_deep(self.text.file, place, MAX_NESTED)
        try:
            inner = Text(text_of(base64.b64decode(given.get("value", "")), kind, self.schema))
            value = _Reader(inner, self.schema, self.within + 1).message(kind, (), "")
            if protoknown.has_form(kind.name):
                value = {"value": protoknown.shown(kind.name, value)}
            elif kind.name == protoknown.ANY:
                value = {"value": value}
        except (ValueError, GravenError) as e:
            reason = e.message if isinstance(e, GravenError) else e
            raise unreadable(f"got no bytes of {kind.name}: {reason}", self.text.file, place) from None
        found = {"@type": address, **value}
        self.places.update(dict.fromkeys(_parts(found, path), place))
        return found

    def _scalar(self, field: Field) -> bool:
        return not self._is_message(field)

    def _is_message(self, field: Field) -> bool:
        return field.kind not in SCALARS and isinstance(self.schema.find(field.kind, field.scope), Message)

    def _several(self, one: Any) -> None:
        if not self._take("["):
            one()
            return
        while not self._take("]"):
            one()
            if not self._take(",") and self.words[self.at][1] != "]":
                raise self._fault("expected ',' or ']'")

    def _pair(self, field: Field, found: dict[str, Any], path: Path) -> None:
        opener = self._take(*_CLOSERS)
        if not opener:
            raise self._fault("expected '{'")
        parts = {
            "key": Field("key", field.key, field.scope, present=True),
            "value": Field("value", field.kind, field.scope, present=True),
        }
        kept, self.places = self.places, {}
        pair = self.message(Message(f"an entry of {field.name}", parts), (), _CLOSERS[opener])
        inner, self.places = self.places, kept
        key, value = (pair[each] if each in pair else self._default(parts[each]) for each in ("key", "value"))
        name = {True: "true", False: "false"}.get(key, str(key)) if isinstance(key, bool) else str(key)
        found[name] = value
        for place, position in inner.items():
            if place[:1] == ("value",):
                self.places[(*path, name, *place[1:])] = position
        self.places.setdefault((*path, name), inner[()])

    def _default(self, field: Field) -> Any:
        kind = self.schema.find(field.kind, field.scope)
        if isinstance(kind, Enum):
            return next(iter(kind.values), 0)
        if isinstance(kind, Message):
            return self._shown(kind, {}, self.at) if protoknown.has_form(kind.name) else {}
        if field.kind in {"string", "bytes"}:
            return ""
        return False if field.kind == "bool" else "0" if field.kind.endswith("64") else 0

    def _zero(self, field: Field, value: Any) -> bool:
        kind = self.schema.find(field.kind, field.scope) if field.kind not in SCALARS else None
        if isinstance(kind, Enum):
            return value == 0 or kind.values.get(str(value)) == 0
        if isinstance(value, float):
            return False  # a zero has no sign only where it is an integer
        return value in ("", False, 0) or (field.kind.endswith("64") and value == "0")

    def _value(self, field: Field, path: Path, colon: str) -> Any:
        self.places[path] = self.text.position(self.words[self.at][2])
        if field.kind not in SCALARS:
            kind = self.schema.find(field.kind, field.scope)
            if isinstance(kind, Message):
                return self._below(kind, path)
            if not isinstance(kind, Enum) or not colon:
                raise self._fault(f"expected a value of {field.kind}")
            return self._enum(kind)
        if not colon:
            raise self._fault("expected ':'")
        if field.kind in {"string", "bytes"}:
            return self._text(field.kind)
        return self._number(field.kind)

    def _below(self, kind: Message, path: Path) -> Any:
        start = self.at
        opener = self._take(*_CLOSERS)
        if not opener:
            raise self._fault("expected '{'")
        if not protoknown.has_form(kind.name):
            return self.message(kind, path, _CLOSERS[opener])
        kept, self.places = self.places, {}
        value = self.message(kind, path, _CLOSERS[opener])
        place, self.places = self.places[path], kept
        form = self._shown(kind, value, start)
        self.places.update(dict.fromkeys(_parts(form, path), place))
        return form

    def _shown(self, kind: Message, value: dict[str, Any], start: int) -> Any:
        try:
            return protoknown.shown(kind.name, value)
        except ValueError as e:
            self.at = start
            raise self._fault(str(e)) from None

    def _enum(self, kind: Enum) -> Any:
        word = self.words[self.at][1]
        self.at += 1
        if word in kind.values:
            return word
        found = _INTEGER.fullmatch(word)
        if not found:
            self.at -= 1
            raise self._fault(f"expected a value of {kind.name}")
        number = _integer(found)
        return next((name for name, each in kind.values.items() if each == number), number)

    def _text(self, kind: str) -> str:
        found = b""
        if self.words[self.at][0] != "text":
            raise self._fault("expected a text in quotes")
        while self.words[self.at][0] == "text":
            try:
                found += _unescaped(self.words[self.at][1][1:-1])
                if kind == "string":
                    found.decode()
            except ValueError:
                raise self._fault("it has an escape that is none, or is no UTF-8") from None
            self.at += 1
        return found.decode() if kind == "string" else base64.b64encode(found).decode()

    def _number(self, kind: str) -> Any:
        word = "".join(self.words[self.at][1].split())
        found: Any = None
        if kind == "bool":
            number = _INTEGER.fullmatch(word)
            found = {0: False, 1: True}.get(_integer(number)) if number else _TRUTHS.get(word)
        elif kind in {"double", "float"}:
            found = _real(word, kind)
        elif integer := _INTEGER.fullmatch(word):
            found = _integer(integer)
            bits = 64 if kind.endswith("64") else 32
            low = 0 if kind[0] == "u" or kind.startswith("fixed") else -(1 << bits - 1)
            if not low <= found < (1 << bits) + low:
                raise self._fault(f"expected a number of {bits} bits")
            found = str(found) if bits == 64 else found
        if found is None:
            raise self._fault(f"expected a value of {kind}")
        self.at += 1
        return found


def _parts(value: Any, path: Path) -> Iterator[Path]:
    """Give the path of a value and of all within it."""
    yield path
    pairs = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, each in pairs:
        yield from _parts(each, (*path, key))


def _integer(found: re.Match[str]) -> int:
    digits = found[2]
    if len(digits) > 40:
        return 1 << 100
    base = 16 if digits[:2].lower() == "0x" else 8 if len(digits) > 1 and digits[0] == "0" else 10
    number = int(digits, base)
    return -number if found[1] else number


def _real(word: str, kind: str) -> Any:
    bare = word.lower().lstrip("-")
    if bare in {"inf", "infinity"} or word.lower() == "nan":
        return "NaN" if bare == "nan" else "-Infinity" if word[0] == "-" else "Infinity"
    if not _FLOAT.fullmatch(word):
        return None
    number = float(word.rstrip("fF"))
    number = single(number) if kind == "float" else number
    if number in {_INFINITY, -_INFINITY}:
        return "Infinity" if number > 0 else "-Infinity"
    return -0.0 if not number and word[0] == "-" else whole(number)


def _unescaped(text: str) -> bytes:
    found, last = b"", 0
    for escape in _ESCAPE.finditer(text):
        octal, hexadecimal, short, long, letter = escape.groups()
        found += text[last : escape.start()].encode()
        if octal or hexadecimal:
            found += bytes([int(octal, 8) if octal else int(hexadecimal, 16)])
        elif short or long:
            found += chr(int(short or long, 16)).encode()
        elif letter in _LETTERS:
            found += bytes([_LETTERS[letter]])
        else:
            raise ValueError("unknown escape")
        last = escape.end()
    return found + text[last:].encode()
