"""Owns the reading of HOCON: objects as objects, every other value as the text that the library go-akka prints of it.

So lists become their text, texts with blanks keep quotes around them, and what reads as a number or a boolean is one.
Substitutions are resolved within the file, and what it includes, alone. Values at the top that are no objects are read
as all others, where conftest breaks down; a substitution stands for the last value of its path.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from graven.documents.faults import MAX_NESTED, Text, decoded, too_deep
from graven.documents.hoconvalues import Piece, Reference, Value, Writer, found_at
from graven.documents.position import Document
from graven.errors import NotFound, TooLarge

__all__ = ["Include", "parse"]

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
_MAX_INCLUDES = 100
_MAX_WITHIN = 10

Include = Callable[[str], bytes]
"""Gives the bytes of a file that is named in an ``include``."""


def parse(data: bytes, *, file: str = "", include: Include | None = None) -> tuple[Document, ...]:
    r"""Read the object that a text is; ``include`` gives the bytes of a file that it names.

    >>> [found] = parse(b"web { port = 80\n hosts = [a, b]\n name = two words }")
    >>> found.value, str(found.position(("web", "hosts")))
    ({'web': {'port': 80, 'hosts': '[a,b]', 'name': '"two words"'}}, 'line 2, column 10')

    Raises:
        Malformed: it is no HOCON, or a substitution leads nowhere or in a circle; says line and column.
        NotFound: a file that it includes is not there.
        TooLarge: it nests too deep.
    """
    text = Text(decoded(data, file), file)
    root = _Reader(text, _Includes(include)).read()
    writer = Writer(root, text)
    value = writer.object(root, ())
    return (Document(value, writer.places, file),)


class _Includes:
    """The files that a document includes, of which there are not too many."""

    def __init__(self, read: Include | None) -> None:
        self.open: list[int] = []
        self.count = 0
        self._read = read

    def read(self, name: str, where: str) -> Text:
        """Give the text of a file."""
        self.count += 1
        if self.count > _MAX_INCLUDES or len(self.open) >= _MAX_WITHIN:
            limits = f"more than {_MAX_INCLUDES} files included, or {_MAX_WITHIN} within one another"
            raise TooLarge(f"got {limits}", where=where, hint="does a file include itself?")
        if not self._read:
            raise NotFound(f"the file {name!r} is included, and no files are read here", where=where)
        return Text(decoded(self._read(name), name), name)


class _Reader:
    """Goes through the text from left to right; what is included has the place of the ``include``."""

    def __init__(self, text: Text, includes: _Includes, path: tuple[str, ...] = (), depth: int = 1) -> None:
        self.text = text
        self.at = 0
        self.includes = includes
        self.outer = includes.open[0] if includes.open else None
        self.path = path
        self.above = "".join(f"{key}." for key in path)
        """Where what this text says is put: what its substitutions are relative to."""
        self.depth = depth
        self.lists = 0
        self.needed: dict[str, int] = {}
        """The paths of substitutions that must lead somewhere, and where these stand."""

    def read(self) -> Value:
        """Give the object at the top, with or without braces."""
        root = Value(self._place(0))
        root.items = {}
        self._skip()
        braces = self._take("{")
        self._entries(root, self.depth)
        if braces and not self._take("}"):
            raise self.text.fault("got the end, expected '}'", self.at)
        self._skip()
        if self.at < len(self.text.text):
            raise self.text.fault("got something that is no key", self.at)
        return root

    def _place(self, at: int) -> int:
        return at if self.outer is None else self.outer

    def _skip(self) -> None:
        found = _SPACE.match(self.text.text, self.at)
        self.at = found.end() if found else self.at

    def _take(self, mark: str) -> bool:
        here = self.text.text.startswith(mark, self.at)
        self.at += len(mark) * here
        return here

    def _entries(self, owner: Value, depth: int) -> None:
        if depth > MAX_NESTED:
            raise too_deep(self.text.file, self.text.position(self.at), MAX_NESTED)
        while True:
            self._skip()
            while self._take(","):
                self._skip()
            if self.at >= len(self.text.text) or self.text.text[self.at] == "}":
                return
            self._entry(owner, depth)

    def _entry(self, owner: Value, depth: int) -> None:
        start = self.at
        keys = self._keys()
        included = _PART.match(self.text.text, self.at) if keys[-1] == "include" else None
        if included and included["quoted"]:
            self.at = included.end()
            self._include(self._within(owner, keys[:-1], start), included, start, depth)
        else:
            self._assign(self._within(owner, keys[:-1], start), keys, start, depth)

    def _assign(self, owner: Value, keys: list[str], start: int, depth: int) -> None:
        if owner.items is None:
            raise self.text.fault("got a key outside of an object", start)
        before = owner.items.get(keys[-1])
        adds = self._take("+=")
        if not adds and not self.text.text.startswith("{", self.at) and not (self._take("=") or self._take(":")):
            raise self.text.fault("got a key without a value, expected '=', ':', '+=' or '{'", self.at)
        if adds and self.lists:
            raise self.text.fault("got '+=' within a list", self.at - 2)
        outer, self.path = self.path, (*self.path, *keys)
        owner.items[keys[-1]] = self._value(before, depth, adds=adds)
        self.path = outer

    def _within(self, owner: Value, keys: list[str], start: int) -> Value:
        for key in keys:
            owner = self._child(owner, key, start)
            owner.items = {} if owner.items is None else owner.items
            owner.pieces = []
        return owner

    def _include(self, owner: Value, named: re.Match[str], start: int, depth: int) -> None:
        """Put in what a file says, but for the keys that are there already."""
        name = _unescaped(named["quoted"][1:-1])
        text = self.includes.read(name, self.text.fault("", start).where)
        self.includes.open.append(self._place(start))
        reader = _Reader(text, self.includes, self.path, depth)
        found = reader.read()
        self.includes.open.pop()
        for path, at in reader.needed.items():
            if found_at(found, path) is None:
                raise text.fault(f"the substitution {path!r} leads nowhere in this file", at)
        _fill(owner, found)

    def _child(self, owner: Value, key: str, at: int) -> Value:
        if owner.items is None:
            raise self.text.fault("got a key outside of an object", at)
        return owner.items.setdefault(key, Value(self._place(at)))

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

    def _value(self, before: Value | None, depth: int, *, adds: bool = False) -> Value:
        """Read a value: what stands beside one another is one text, objects are merged into what was there."""
        self._skip()
        value = Value(self._place(self.at))
        gap = ""
        while found := _PART.match(self.text.text, self.at):
            start, self.at = self.at, found.end()
            if found["mark"] == "{":
                self._merge(value, before, depth)
            elif value.items is not None:
                raise self.text.fault("got something beside an object", start)
            else:
                value.pieces += [gap] if gap else []
                if adds and not (before and before.items is not None):
                    value.pieces.append(Reference(".".join(self.path), self._place(start), before, own=True))
                value.pieces.append(self._piece(found, start, before, depth))
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

    def _piece(self, found: re.Match[str], start: int, before: Value | None, depth: int) -> Piece:
        if found["mark"]:
            return self._list(depth)
        path = (found["path"] or "").strip()
        if not path:
            return _text(found)
        if not found["optional"]:
            self.needed.setdefault(path, start)
        return Reference(self.above + path, self._place(start), before, optional=bool(found["optional"]))

    def _merge(self, value: Value, before: Value | None, depth: int) -> None:
        if value.pieces:
            raise self.text.fault("got an object beside something else", self.at - 1)
        if value.items is None:
            value.items = dict(before.items) if before and before.items is not None else {}
        self._entries(value, depth + 1)
        if not self._take("}"):
            raise self.text.fault("got the end, expected '}'", self.at)

    def _list(self, depth: int) -> list[Value]:
        if depth >= MAX_NESTED:
            raise too_deep(self.text.file, self.text.position(self.at), MAX_NESTED)
        found = []
        self.lists += 1
        self._skip()
        while not self._take("]"):
            if self.at >= len(self.text.text):
                raise self.text.fault("got the end, expected ']'", self.at)
            found.append(self._value(None, depth + 1))
            self._skip()
            self._take(",")
            self._skip()
        self.lists -= 1
        return found


def _fill(owner: Value, more: Value) -> None:
    items = owner.items if owner.items is not None else {}
    for key, value in (more.items or {}).items():
        if key not in items:
            items[key] = value
        elif items[key].items is not None:
            _fill(items[key], value)


def _text(found: re.Match[str]) -> str:
    if found["long"]:
        return found["long"][3:-3]
    return _unescaped(found["quoted"][1:-1]) if found["quoted"] else found["word"]


def _unescaped(text: str) -> str:
    return _ESCAPE.sub(lambda found: "\\u" + found[1].lower() if found[1] else _LETTERS.get(found[2], found[2]), text)
