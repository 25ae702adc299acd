"""Owns the binary form of a message of Protocol Buffers: it is written as the text form, which ``textproto`` reads.

What stands twice is merged as the wire format has it: the last scalar counts, parts of one message are one, and of a
``oneof`` the last member. Numbers that the definition does not have are passed over, once they are well-formed.
"""

from __future__ import annotations

import struct
from dataclasses import replace
from typing import Any

from graven.documents.faults import MAX_NESTED
from graven.documents.proto import SCALARS, Enum, Field, Message, Schema

__all__ = ["text_of"]

_VARINT, _EIGHT, _BYTES, _GROUP, _END, _FOUR = range(6)
_FORMATS = {
    "double": "<d", "fixed64": "<Q", "sfixed64": "<q", "float": "<f", "fixed32": "<I", "sfixed32": "<i",
}  # fmt: skip


def text_of(data: bytes, message: Message, schema: Schema) -> str:
    """Write the bytes of a message as text.

    Raises:
        ValueError: they are no such bytes.
    """
    reader = _Reader(data, schema)
    text = reader.message(message, 0, 0)
    if reader.at < len(data):
        raise ValueError("a group ends that never began")
    return text


class _Seen:
    """What was read of one field."""

    __slots__ = ("data", "field", "name", "parts", "texts")

    def __init__(self, name: str, field: Field) -> None:
        self.name = name
        self.field = field
        self.texts: list[str] = []
        self.parts: list[bytes] = []
        """Messages, of a list or a map."""
        self.data = b""
        """The parts of the one message that it holds."""


class _Reader:
    """Goes through bytes from left to right."""

    def __init__(self, data: bytes, schema: Schema) -> None:
        self.data = data
        self.schema = schema
        self.at = 0
        self.ended = 0
        """Where the end of the last group begins."""

    def message(self, message: Message, group: int, depth: int) -> str:
        """Write the fields up to the end, or to the end of a group."""
        if depth > MAX_NESTED:
            raise ValueError(f"more than {MAX_NESTED} messages stand within one another")
        known = self._known(message)
        seen: dict[int, _Seen] = {}
        while self.at < len(self.data):
            begin = self.at
            tag = self._varint()
            number, wire = tag >> 3, tag & 7
            if wire == _END and number == group:
                self.ended = begin
                break
            if not 0 < number < 1 << 29 or wire in {_END, 6, 7}:
                raise ValueError("a tag is none")
            data = self._skip(number, wire, depth)
            if number in known:
                self._note(seen, number, _Seen(*known[number]), wire, data)
        else:
            if group:
                raise ValueError("a group never ends")
        return " ".join(self._written(each, depth) for each in seen.values())

    def _known(self, message: Message) -> dict[int, tuple[str, Field]]:
        found = {each.number: (each.name, each) for each in message.fields.values()}
        for name, (extended, each) in self.schema.extensions.items():
            if self.schema.find(extended, each.scope) is message:
                found[each.number] = (f"[{name}]", each)
        return found

    def _note(self, seen: dict[int, _Seen], number: int, fresh: _Seen, wire: int, data: bytes) -> None:
        kind = self._kind(fresh.field)
        several = fresh.field.repeated or bool(fresh.field.key)
        packed = wire == _BYTES and several and kind not in {_BYTES, _GROUP}
        if not packed and wire != kind and not (kind == _GROUP and wire == _BYTES):
            return
        for other, each in list(seen.items()):
            if fresh.field.choice and each.field.choice == fresh.field.choice and other != number:
                del seen[other]
        noted = seen.setdefault(number, fresh)
        if kind == _GROUP:
            if several:
                noted.parts.append(data)
            else:
                noted.data += data
            return
        inner = _Reader(data, self.schema)
        found: list[str] = []
        while inner.at < len(data) or (not packed and not found):
            found.append(inner.scalar(fresh.field.kind, kind))
        noted.texts = noted.texts + found if several else found

    def _kind(self, field_: Field) -> int:
        """Give the form in which a field stands; of messages that of groups, for which bytes may stand as well."""
        if field_.key:
            return _GROUP
        if field_.kind not in SCALARS:
            return _VARINT if isinstance(self.schema.find(field_.kind, field_.scope), Enum) else _GROUP
        if field_.kind in _FORMATS:
            return _EIGHT if struct.calcsize(_FORMATS[field_.kind]) == 8 else _FOUR
        return _BYTES if field_.kind in {"string", "bytes"} else _VARINT

    def _written(self, seen: _Seen, depth: int) -> str:
        if self._kind(seen.field) != _GROUP:
            return " ".join(f"{seen.name}: {text}" for text in seen.texts)
        kind: Any = self.schema.find(seen.field.kind, seen.field.scope)
        if seen.field.key:
            parts = {
                "key": Field("key", seen.field.key, seen.field.scope, number=1),
                "value": replace(seen.field, name="value", key="", number=2, repeated=False),
            }
            kind = Message("", parts)
        if kind is None:
            raise ValueError(f"{seen.field.kind} is not defined")
        inner = (_Reader(each, self.schema).message(kind, 0, depth + 1) for each in seen.parts or [seen.data])
        return " ".join(f"{seen.name} {{ {text} }}" for text in inner)

    def scalar(self, kind: str, wire: int) -> str:
        """Write one value that is no message."""
        if kind in _FORMATS:
            size = 8 if wire == _EIGHT else 4
            return repr(struct.unpack(_FORMATS[kind], self._taken(size))[0])
        if kind == "string":
            self.data.decode()
        if wire == _BYTES:
            return '"' + "".join(f"\\x{byte:02x}" for byte in self._taken(len(self.data) - self.at)) + '"'
        number = self._varint()
        if kind == "bool":
            return "true" if number else "false"
        bits = 64 if kind.endswith("64") else 32
        number &= (1 << bits) - 1
        if kind in {"sint32", "sint64"}:
            return str((number >> 1) ^ -(number & 1))
        return str(number - (1 << bits) if kind[0] != "u" and number >> bits - 1 else number)

    def _skip(self, number: int, wire: int, depth: int) -> bytes:
        """Give the bytes of a value, without what frames them."""
        start = self.at
        if wire == _VARINT:
            self._varint()
        elif wire == _GROUP:
            self.message(Message(""), number, depth + 1)
            return self.data[start : self.ended]
        else:
            return self._taken({_EIGHT: 8, _FOUR: 4}.get(wire) or self._varint())
        return self.data[start : self.at]

    def _taken(self, size: int) -> bytes:
        self.at += size
        if self.at > len(self.data):
            raise ValueError("the bytes end within a value")
        return self.data[self.at - size : self.at]

    def _varint(self) -> int:
        found = 0
        for shift in range(0, 70, 7):
            byte = self._taken(1)[0]
            found |= (byte & 0x7F) << shift
            if byte < 0x80:
                break
        else:
            raise ValueError("a number is too long")
        if found >> 64:
            raise ValueError("a number is too long")
        return found
