"""Owns the reading of HOCON: objects as objects, every other value as the text that the library go-akka prints of it.

So lists become their text, texts with blanks keep quotes around them, and what reads as a number or a boolean is one.
Substitutions are resolved within the file alone; ``include`` and ``+=`` are ``Unsupported``. Values at the top that are
no objects are read as all others, where conftest breaks down; a substitution stands for the last value of its path.
"""

from __future__ import annotations

import re
from typing import Any, NamedTuple

from graven.documents.faults import MAX_NESTED, Text, decoded, too_deep
from graven.documents.position import Document, Path, Position
from graven.documents.strconv import typed
from graven.errors import TooLarge, Unsupported

__all__ = ["parse"]

_SPACE = re.compile(r"(?:[ \t\n\v\f\r\xa0]|(?:\#|//)[^\n]*)*+")
_GAP = re.compile(r"[ \t]*+")
_KEY = re.compile(r"""(?:(?!//)[^$"{}\[\]:=,+\#`^?!@*&\\.\n])+""")
_PART = re.compile(
    r'''(?P<long>"""(?:(?!""").)*+""")|(?P<quoted>"(?:[^"\\]|\\["\\/bfnrt]|\\u[0-9a-fA-F]{4})*+")'''
    r"""|(?P<mark>[{\[])|\$\{(?P<optional>\??)(?P<path>[^}\n]*)\}|(?P<word>(?:(?!//)[^$"{}\[\]:=,+\#`^?!@*&\\\s])+)""",
    re.DOTALL,
)
_ESCAPE = re.compile(r"\\(?:u([0-9a-fA-F]{4})|(.))")
_LETTERS = {"b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t"}
_UNKNOWN = "<<unknown value>>"
"""What go-akka writes for an empty list, and for an optional substitution of nothing."""
_MAX_TEXT = 1 << 24
_MAX_FOLLOWED = 20_000


class _Reference(NamedTuple):
    """A substitution, and what the key had before."""

    path: str
    optional: bool
    at: int
    before: _Value | None


class _Value:
    """What a key stands for: an object, or pieces that make a text or a list."""

    __slots__ = ("at", "items", "pieces")

    def __init__(self, at: int) -> None:
        self.at = at
        self.items: dict[str, _Value] | None = None
        self.pieces: list[str | list[_Value] | _Reference] = []


def parse(data: bytes, *, file: str = "") -> tuple[Document, ...]:
    r"""Read the object that a text is.

    >>> [found] = parse(b"web { port = 80\n hosts = [a, b]\n name = two words }")
    >>> found.value, str(found.position(("web", "hosts")))
    ({'web': {'port': 80, 'hosts': '[a,b]', 'name': '"two words"'}}, 'line 2, column 10')

    Raises:
        Malformed: it is no HOCON, or a substitution leads nowhere or in a circle; says line and column.
        Unsupported: it uses ``include`` or ``+=``.
        TooLarge: it nests too deep.
    """
    text = Text(decoded(data, file), file)
    root = _Reader(text).read()
    writer = _Writer(root, text)
    value = writer.object(root, ())
    return (Document(value, writer.places, file),)


class _Reader:
    """Goes through the text from left to right."""

    def __init__(self, text: Text) -> None:
        self.text = text
        self.at = 0

    def read(self) -> _Value:
        """Give the object at the top, with or without braces."""
        root = _Value(0)
        root.items = {}
        self._skip()
        braces = self._take("{")
        self._entries(root, 1)
        if braces and not self._take("}"):
            raise self.text.fault("got the end, expected '}'", self.at)
        self._skip()
        if self.at < len(self.text.text):
            raise self.text.fault("got something that is no key", self.at)
        return root

    def _skip(self) -> None:
        found = _SPACE.match(self.text.text, self.at)
        self.at = found.end() if found else self.at

    def _take(self, mark: str) -> bool:
        here = self.text.text.startswith(mark, self.at)
        self.at += len(mark) * here
        return here

    def _entries(self, owner: _Value, depth: int) -> None:
        if depth > MAX_NESTED:
            raise too_deep(self.text.file, self.text.position(self.at), MAX_NESTED)
        while True:
            self._skip()
            while self._take(","):
                self._skip()
            if self.at >= len(self.text.text) or self.text.text[self.at] == "}":
                return
            self._entry(owner, depth)

    def _entry(self, owner: _Value, depth: int) -> None:
        start = self.at
        keys = self._keys()
        if keys == ["include"] and self.text.text.startswith('"', self.at):
            raise Unsupported("include is not read", where=self.text.fault("", start).where)
        for key in keys[:-1]:
            owner = self._child(owner, key, start)
            owner.items = {} if owner.items is None else owner.items
            owner.pieces = []
        if owner.items is None:
            raise self.text.fault("got a key outside of an object", start)
        before = owner.items.get(keys[-1])
        if self.text.text.startswith("+=", self.at):
            raise Unsupported("+= is not read", where=self.text.fault("", self.at).where)
        if not self.text.text.startswith("{", self.at) and not (self._take("=") or self._take(":")):
            raise self.text.fault("got a key without a value, expected '=', ':' or '{'", self.at)
        owner.items[keys[-1]] = self._value(before, depth)

    def _child(self, owner: _Value, key: str, at: int) -> _Value:
        if owner.items is None:
            raise self.text.fault("got a key outside of an object", at)
        return owner.items.setdefault(key, _Value(at))

    def _keys(self) -> list[str]:
        found = []
        while True:
            self._skip()
            quoted = _PART.match(self.text.text, self.at)
            plain = _KEY.match(self.text.text, self.at)
            if quoted and quoted["quoted"]:
                found.append(_unescaped(quoted["quoted"][1:-1]))
                self.at = quoted.end()
            elif plain and plain[0].strip():
                found.append(plain[0].strip())
                self.at = plain.end()
            else:
                raise self.text.fault("got something that is no key", self.at)
            self._skip()
            if not self._take("."):
                return found

    def _value(self, before: _Value | None, depth: int) -> _Value:
        """Read a value: what stands beside one another is one text, objects are merged into what was there."""
        self._skip()
        value = _Value(self.at)
        gap = ""
        while found := _PART.match(self.text.text, self.at):
            start, self.at = self.at, found.end()
            if found["mark"] == "{":
                self._merge(value, before, depth)
            elif value.items is not None:
                raise self.text.fault("got something beside an object", start)
            elif found["mark"]:
                value.pieces.append(self._list(depth))
            else:
                value.pieces.append(gap + _text(found) if not found["path"] else gap)
                if found["path"]:
                    value.pieces.append(_Reference(found["path"].strip(), bool(found["optional"]), start, before))
            space = _GAP.match(self.text.text, self.at)
            gap = space[0] if space else ""
            self.at += len(gap)
        if gap and value.pieces == ["null"]:
            value.pieces = ["null "]  # a blank behind it makes it a text in go-akka
        if self.at < len(self.text.text) and self.text.text[self.at] not in "\r\n,}]#/":
            raise self.text.fault("got something that is no value", self.at)
        if value.items is None and not value.pieces:
            raise self.text.fault("got no value", self.at)
        value.pieces = [piece for piece in value.pieces if piece != ""] or ([""] if value.items is None else [])
        return value

    def _merge(self, value: _Value, before: _Value | None, depth: int) -> None:
        if value.pieces:
            raise self.text.fault("got an object beside something else", self.at - 1)
        if value.items is None:
            value.items = dict(before.items) if before and before.items is not None else {}
        self._entries(value, depth + 1)
        if not self._take("}"):
            raise self.text.fault("got the end, expected '}'", self.at)

    def _list(self, depth: int) -> list[_Value]:
        if depth >= MAX_NESTED:
            raise too_deep(self.text.file, self.text.position(self.at), MAX_NESTED)
        found = []
        self._skip()
        while not self._take("]"):
            if self.at >= len(self.text.text):
                raise self.text.fault("got the end, expected ']'", self.at)
            found.append(self._value(None, depth + 1))
            self._skip()
            self._take(",")
            self._skip()
        return found


def _text(found: re.Match[str]) -> str:
    if found["long"]:
        return found["long"][3:-3]
    return _unescaped(found["quoted"][1:-1]) if found["quoted"] else found["word"]


def _unescaped(text: str) -> str:
    return _ESCAPE.sub(lambda found: "\\u" + found[1].lower() if found[1] else _LETTERS.get(found[2], found[2]), text)


class _Writer:
    """Follows the substitutions and writes the values."""

    def __init__(self, root: _Value, text: Text) -> None:
        self.root = root
        self.text = text
        self.places: dict[Path, Position] = {}
        self.following: list[int] = []
        self.followed = 0

    def object(self, value: _Value, path: Path) -> dict[str, Any]:
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

    def _target(self, value: _Value) -> _Value:
        """Give the object that a lone substitution leads to, or the value itself."""
        if value.items is None and len(value.pieces) == 1 and isinstance(value.pieces[0], _Reference):
            found = self._resolve(value.pieces[0])
            if found is not None and found.items is not None:
                self._enter(value.pieces[0])
                return found
        return value

    def _leave(self, value: _Value, target: _Value) -> None:
        if target is not value:
            self.following.pop()

    def _enter(self, reference: _Reference) -> None:
        if reference.at in self.following or len(self.following) > MAX_NESTED:
            raise self.text.fault(f"the substitution {reference.path!r} goes in a circle", reference.at)
        self.followed += 1
        if self.followed > _MAX_FOLLOWED:
            raise TooLarge(f"substitutions are followed more than {_MAX_FOLLOWED} times", where=self.text.file)
        self.following.append(reference.at)

    def _resolve(self, reference: _Reference) -> _Value | None:
        found: _Value | None = self.root
        for key in re.findall(r'"([^"]*)"|([^."]+)', reference.path):
            found = (found.items or {}).get(key[0] or key[1]) if found else None
        if found and any(isinstance(piece, _Reference) and piece.at == reference.at for piece in found.pieces):
            found = reference.before
        if found is None and not reference.optional:
            raise self.text.fault(f"the substitution {reference.path!r} leads nowhere in this file", reference.at)
        return reference.before if found is None else found

    def _shown(self, value: _Value, indent: int) -> str:
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

    def _absent(self, piece: str | list[_Value] | _Reference) -> bool:
        if not isinstance(piece, _Reference):
            return False
        target = self._resolve(piece)
        if target is None or target.items is not None:
            return target is None
        self._enter(piece)
        found = all(map(self._absent, target.pieces))
        self.following.pop()
        return found

    def _lists(self, value: _Value) -> list[_Value] | None:
        found: list[_Value] | None = None
        for piece in value.pieces:
            part = piece if isinstance(piece, list) else None
            if isinstance(piece, _Reference) and (target := self._resolve(piece)):
                self._enter(piece)
                part = self._lists(target)
                self.following.pop()
            if part is not None:
                found = (found or []) + part
        return found

    def _string(self, value: _Value) -> str:
        found = ""
        for piece in value.pieces:
            if isinstance(piece, str):
                found += piece
            elif isinstance(piece, _Reference) and (target := self._resolve(piece)):
                self._enter(piece)
                text = self._shown(target, 0) if target.items is not None else self._string(target).strip()
                found += text
                self.following.pop()
            if len(found) > _MAX_TEXT:
                raise TooLarge("substitutions say more than is read", where=self.text.file)
        return found


def _quoted(text: str) -> str:
    return f'"{text}"' if " " in text or "\t" in text else text
