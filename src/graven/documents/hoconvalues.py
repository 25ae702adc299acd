"""Owns what the keys of HOCON stand for, and how go-akka writes it: lists are texts, and blanks bring quotes."""

from __future__ import annotations

import re
from typing import Any, NamedTuple

from graven.documents.faults import MAX_NESTED, Text
from graven.documents.position import Path, Position
from graven.documents.strconv import typed
from graven.errors import TooLarge

__all__ = ["Piece", "Reference", "Value", "Writer", "found_at"]

_UNKNOWN = "<<unknown value>>"
"""What go-akka writes for an empty list, and for an optional substitution of nothing."""
_MAX_TEXT = 1 << 24
_MAX_FOLLOWED = 20_000


class Reference(NamedTuple):
    """A substitution, and what the key had before; ``own`` is one of ``+=``, which stands for just that."""

    path: str
    at: int
    before: Value | None
    optional: bool = False
    own: bool = False


class Value:
    """What a key stands for: an object, or pieces that make a text or a list."""

    __slots__ = ("at", "items", "pieces")

    def __init__(self, at: int) -> None:
        self.at = at
        self.items: dict[str, Value] | None = None
        self.pieces: list[Piece] = []


Piece = str | list[Value] | Reference


def found_at(root: Value, path: str) -> Value | None:
    """Give what a dotted path leads to."""
    found: Value | None = root
    for key in re.findall(r'"([^"]*)"|([^."]+)', path):
        found = (found.items or {}).get(key[0] or key[1]) if found else None
    return found


class Writer:
    """Follows the substitutions and writes the values."""

    def __init__(self, root: Value, text: Text) -> None:
        self.root = root
        self.text = text
        self.places: dict[Path, Position] = {}
        self.following: list[Reference] = []
        self.followed = 0

    def object(self, value: Value, path: Path) -> dict[str, Any]:
        """Give an object, all its values resolved."""
        found: dict[str, Any] = {}
        self.places[path] = self.text.position(value.at)
        for key, each in (value.items or {}).items():
            target = self._target(each)
            below = (*path, key)
            if target.items is not None:
                found[key] = self.object(target, below)
                self._leave(each, target)
            else:
                self._leave(each, target)
                self.places[below] = self.text.position(each.at)
                found[key] = typed(self._shown(each, 0))
        return found

    def _target(self, value: Value) -> Value:
        """Give the object that a lone substitution leads to, or the value itself."""
        if value.items is None and len(value.pieces) == 1 and isinstance(value.pieces[0], Reference):
            found = self._resolve(value.pieces[0])
            if found is not None and found.items is not None:
                self._enter(value.pieces[0])
                return found
        return value

    def _leave(self, value: Value, target: Value) -> None:
        if target is not value:
            self.following.pop()

    def _enter(self, reference: Reference) -> None:
        if any(each is reference for each in self.following) or len(self.following) > MAX_NESTED:
            raise self.text.fault(f"the substitution {reference.path!r} goes in a circle", reference.at)
        self.followed += 1
        if self.followed > _MAX_FOLLOWED:
            raise TooLarge(f"substitutions are followed more than {_MAX_FOLLOWED} times", where=self.text.file)
        self.following.append(reference)

    def _resolve(self, reference: Reference) -> Value | None:
        if reference.own and not reference.before:
            raise self.text.fault("got '+=' for a key that has no value before it", reference.at)
        found = reference.before if reference.own else found_at(self.root, reference.path)
        if found and any(piece is reference for piece in found.pieces):
            found = reference.before
        if found is None and not reference.optional:
            raise self.text.fault(f"the substitution {reference.path!r} leads nowhere in this file", reference.at)
        return reference.before if found is None else found

    def _shown(self, value: Value, indent: int) -> str:
        """Write a value as go-akka does."""
        if value.items is not None:
            lines = [
                f"{'  ' * (indent + 1)}{_quoted(key)} : {self._shown(each, indent + 1)}\r\n"
                for key, each in value.items.items()
            ]
            return f"{{\r\n{''.join(lines)}{'  ' * indent}}}"
        lists = self._lists(value)
        if lists == [] or (lists is None and all(self._absent(piece) for piece in value.pieces)):
            return _UNKNOWN
        if lists is not None:
            return "[" + ",".join(self._shown(each, indent + 1) for each in lists) + "]"
        text = self._string(value)
        text = "" if text == "null" else text.strip()
        return _quoted(text) if text else '""'

    def _absent(self, piece: Piece) -> bool:
        if not isinstance(piece, Reference):
            return False
        target = self._resolve(piece)
        if target is None or target.items is not None:
            return target is None
        self._enter(piece)
        found = all(map(self._absent, target.pieces))
        self.following.pop()
        return found

    def _lists(self, value: Value) -> list[Value] | None:
        found: list[Value] | None = None
        for piece in value.pieces:
            part = piece if isinstance(piece, list) else None
            if isinstance(piece, Reference) and (target := self._resolve(piece)):
                self._enter(piece)
                part = self._lists(target)
                self.following.pop()
            if part is not None:
                found = (found or []) + part
        return found

    def _string(self, value: Value) -> str:
        found = ""
        for piece in value.pieces:
            if isinstance(piece, str):
                found += piece
            elif isinstance(piece, Reference) and (target := self._resolve(piece)):
                self._enter(piece)
                text = self._shown(target, 0) if target.items is not None else self._string(target).strip()
                found += "" if text == "null" else text
                self.following.pop()
            if len(found) > _MAX_TEXT:
                raise TooLarge("substitutions say more than is read", where=self.text.file)
        return found


def _quoted(text: str) -> str:
    return f'"{text}"' if " " in text or "\t" in text else text
