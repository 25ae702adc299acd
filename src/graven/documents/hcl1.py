"""Owns HCL version 1 in the form that conftest gives it: each level of keys is a list of objects.

As hashicorp/hcl v1.0.0 decodes it (``decoder.go``): blocks of one name are gathered, and an argument that is set twice
keeps the type that it had first. Its JSON syntax is left to the parser ``json``.
"""

from __future__ import annotations

import re
from typing import Any

from graven.documents.hcl.first import Item, Literal, Node, items
from graven.documents.hcl.source import Source, read
from graven.documents.position import Document, Path, Position
from graven.errors import Malformed, Unsupported

__all__ = ["parse"]

_ABSENT: Any = object()


def parse(data: bytes, *, file: str = "") -> tuple[Document, ...]:
    r"""Read a file, which is always one document.

    >>> parse(b'resource "a" "b" {\n  x = [1]\n}\n')[0].value
    {'resource': [{'a': [{'b': [{'x': [1]}]}]}]}

    Raises:
        Malformed: it is no HCL 1.
        TooLarge: it is longer, or nested deeper, than the limits.
        Unsupported: it is written in JSON.
    """
    if data.lstrip().startswith(b"{"):
        raise Unsupported("got HCL 1 in its JSON syntax", where=file, hint="read it with --parser json")
    if data.startswith(b"\xef\xbb\xbf"):
        raise Malformed(
            "got a byte order mark, which HCL 1 has not", where=f"{file + ': ' if file else ''}line 1, column 1"
        )
    source = read(data.replace(b"\r\n", b"\n"), file)
    decoder = _Decoder(source)
    return (Document(decoder.mapping(items(source), ()), decoder.places, file),)


class _Maps(list[Any]):
    """A list that holds objects only."""


class _Decoder:
    """Decodes items, and keeps the offsets of their texts."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.offsets: dict[Path, int] = {(): 0}

    def places(self) -> dict[Path, Position]:
        """Give the place of each value."""
        return {path: self.source.position(offset) for path, offset in self.offsets.items()}

    def mapping(self, given: list[Item], path: Path) -> dict[str, Any]:
        """Decode items into an object."""
        found: dict[str, Any] = {}
        done: set[str] = set()
        alike: dict[str, list[Item]] = {}
        for item in given:
            alike.setdefault(item.keys[0][0].casefold() if item.keys else "", []).append(item)
        for item in given:
            if not item.keys:
                raise self.source.malformed(item.value.start, "got blocks of one name with more and with fewer labels")
            name, offset = item.keys[0]
            if name in done:
                continue
            is_object = isinstance(item.value, Node) and item.value.is_object
            self.offsets.setdefault((*path, name), offset if is_object else item.value.start)
            if len(item.keys) == 1:
                found[name] = self._value(item.value, found.get(name, _ABSENT), (*path, name))
            else:
                done.add(name)
                below = [Item(one.keys[1:], one.value) for one in alike[name.casefold()]]
                found[name] = self._gathered(below, found.get(name, _ABSENT), (*path, name))
        return found

    def _value(self, node: Literal | Node, old: Any, path: Path) -> Any:
        if isinstance(node, Literal):
            return node.value if old is _ABSENT else self._again(node, old)
        if old is not _ABSENT and not isinstance(old, list):
            raise self._other(node)
        if node.is_object:
            into: list[Any] = _Maps() if old is _ABSENT else old
            self.offsets[*path, len(into)] = node.start
            into.append(self.mapping(node.items, (*path, len(into))))
            return into
        return self._list(node, [] if old is _ABSENT else old, path)

    def _list(self, node: Node, into: list[Any], path: Path) -> list[Any]:
        for one in node.items:
            at = (*path, len(into))
            self.offsets[at] = one.start
            if isinstance(one, Node) and one.is_object:
                into.append(self.mapping(one.items, at))
            elif isinstance(into, _Maps):
                raise self._other(one)
            else:
                into.append(one.value if isinstance(one, Literal) else self._list(one, [], at))
        return into

    def _gathered(self, given: list[Item], old: Any, path: Path) -> list[Any]:
        """Decode blocks of one name, each into an object of its own."""
        if old is not _ABSENT and not isinstance(old, list):
            raise self._other(given[0].value)
        into: list[Any] = _Maps() if old is _ABSENT else old
        for one in given:
            self.offsets[*path, len(into)] = one.keys[0][1] if one.keys else one.value.start
            into.append(self.mapping([one], (*path, len(into))))
        return into

    def _again(self, node: Literal, old: Any) -> Any:
        """Give a value that is set once more, in the type that it has."""
        new = node.value
        kind = type(old)
        if type(new) is kind:
            return new
        if kind is float and type(new) is int:
            return float(new)
        if kind is str and type(new) is int:
            return node.text
        if kind is int and isinstance(new, str) and re.fullmatch(r"[+-]?(0|[1-9][0-9]{0,17})", new):
            return int(new)
        raise self._other(node)

    def _other(self, node: Literal | Node) -> Malformed:
        return self.source.malformed(node.start, "got a name that is set once more, to a value of another type")
