"""Owns the reading of Varnish's VCL into the objects that the library go-vcl makes of it.

It keeps what a declaration assigns, the entries of lists and tables, and declarations within one another; conditions,
calls and returns are passed over. Where go-vcl breaks down the text is refused, and so is a block that is not closed.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from graven.documents.faults import MAX_NESTED, Text, decoded, too_deep
from graven.documents.position import Document, Path, Position
from graven.documents.vcltokens import Token, tokens

__all__ = ["parse"]

_DECLARATIONS = frozenset({"sub", "acl", "backend", "director", "table"})
_SIMPLE = frozenset({"IDENT", "INT", "PERCENTAGE", "STRING", "CIDR", "true", "false"})


class _Leaf(NamedTuple):
    """A value and where it stands."""

    value: Any
    at: int


class _Block:
    """What stands between braces."""

    __slots__ = ("at", "attributes", "blocks", "flats", "kind", "labels")

    def __init__(self, kind: str, at: int) -> None:
        self.kind = kind
        self.at = at
        self.labels: list[str] = []
        self.attributes: dict[str, _Leaf] = {}
        self.blocks: list[_Block] = []
        self.flats: list[_Leaf | _Block] = []


def parse(data: bytes, *, file: str = "") -> tuple[Document, ...]:
    """Read the declarations.

    >>> [found] = parse(b'backend web { .host = "example.com"; .port = "80"; }')
    >>> found.value, str(found.position(("backend", "web", "host")))
    ({'backend': {'web': {'host': 'example.com', 'port': '80'}}}, 'line 1, column 23')

    Raises:
        Malformed: something stands where it cannot, or is not closed; says line and column.
        TooLarge: it nests too deep.
    """
    text = Text(decoded(data, file), file)
    root = _Block("", 0)
    reader = _Reader(text)
    reader.statements(root, 0)
    if not root.attributes and not root.blocks:
        raise text.fault("got no declaration", 0)
    writer = _Writer(text)
    return (Document(writer.program(root), writer.places, file),)


class _Reader:
    """Takes the words one by one, with a look at the next."""

    def __init__(self, text: Text) -> None:
        self.text = text
        self.words = tokens(text)
        self.now = next(self.words)
        self.then = next(self.words)

    def _next(self) -> None:
        self.now = self.then
        if self.now.kind != "EOF":
            self.then = next(self.words)

    def _take(self, kind: str) -> bool:
        here = self.then.kind == kind
        if here:
            self._next()
        return here

    def statements(self, block: _Block, depth: int) -> None:
        """Read statements up to the closing brace, or to the end at the top."""
        if depth > MAX_NESTED:
            raise too_deep(self.text.file, self.text.position(self.now.at), MAX_NESTED)
        while self.now.kind != "EOF" and (self.now.kind != "}" or not depth):
            self._statement(block, depth)
            self._next()
        if depth and self.now.kind == "EOF":
            raise self.text.fault("got the end within a block, expected '}'", self.now.at)

    def _statement(self, block: _Block, depth: int) -> None:
        kind = self.now.kind
        if kind == "IDENT" and self.then.kind == "=":
            self._assign(block, depth)
        elif kind == "STRING" and self.then.kind == ":":
            self._field(block, depth)
        elif kind == "return":
            if self._take("("):
                self._next()
                self._expression(depth)
                if self._take(")"):
                    self._take(";")
        elif kind == "call":
            self._next()
            self._expression(depth)
            self._take(";")
        elif kind != "comment":
            self._keep(block, self.now, self._expression(depth))
            self._take(";")

    def _assign(self, block: _Block, depth: int) -> None:
        name = self.now
        self._next()
        self._next()
        value = self._expression(depth)
        if isinstance(value, _Block):
            value.kind, value.labels = name.text, []
            block.blocks.append(value)
        elif value is None:
            raise self.text.fault(f"got no value for {name.text!r}, expected one word, text or number", self.now.at)
        else:
            block.attributes[name.text] = value
        self._take(";")

    def _field(self, block: _Block, depth: int) -> None:
        name = self.now
        self._next()
        self._next()
        simple = self.now.kind == "STRING"
        value = self._expression(depth)
        if simple and isinstance(value, _Leaf):
            block.attributes[name.text] = value
        else:
            block.attributes.pop(name.text, None)
        self._take(",")

    def _keep(self, block: _Block, first: Token, value: _Leaf | _Block | None) -> None:
        if isinstance(value, _Block):
            (block.flats if value.kind == "{" else block.blocks).append(value)
        elif value is not None and first.kind in {"STRING", "CIDR", "true", "false", "INT"}:
            block.flats.append(value)

    def _expression(self, depth: int) -> _Leaf | _Block | None:
        """Read an expression: a simple one or a block; None for what is passed over."""
        found = self._prefix(depth)
        while self.then.kind in {"~", "+"}:
            self._next()
            self._next()
            self._prefix(depth)
            found = None
        return found

    def _prefix(self, depth: int) -> _Leaf | _Block | None:
        word = self.now
        if depth > MAX_NESTED:
            raise too_deep(self.text.file, self.text.position(word.at), MAX_NESTED)
        if word.kind in _SIMPLE:
            return self._simple(word)
        if word.kind == "!":
            self._next()
            self._prefix(depth + 1)
        elif word.kind == "(":
            self._next()
            found = self._expression(depth + 1)
            return found if self._take(")") else None
        elif word.kind == "if":
            self._condition(depth)
        elif word.kind in _DECLARATIONS or word.kind == "{":
            return self._block(word, depth)
        return None

    def _simple(self, word: Token) -> _Leaf | None:
        if word.kind in {"true", "false"}:
            return _Leaf(word.kind == "true", word.at)
        if word.kind != "INT":
            return _Leaf(word.text, word.at)
        octal = len(word.text) > 1 and word.text[0] == "0"
        if len(word.text) > 40 or (octal and not set(word.text) <= set("01234567")):
            return None
        number = int(word.text, 8 if octal else 10)
        return _Leaf(number, word.at) if number < 1 << 63 else None

    def _condition(self, depth: int) -> None:
        if not self._take("("):
            return
        self._next()
        self._expression(depth + 1)
        if not self._take(")") or not self._take("{"):
            return
        self._inner(_Block("if", self.now.at), depth)
        if self._take("else") and self._take("{"):
            self._inner(_Block("else", self.now.at), depth)

    def _inner(self, block: _Block, depth: int) -> None:
        self._next()
        self.statements(block, depth + 1)

    def _block(self, word: Token, depth: int) -> _Block:
        block = _Block(word.text, word.at)
        if word.kind != "{":
            while self.then.kind not in {"{", ";"}:
                self._next()
                if self.now.kind == "EOF":
                    raise self.text.fault(f"got {word.text!r} without a block", word.at)
                block.labels.append(self.now.text)
            if self.then.kind == ";":
                raise self.text.fault(f"got {word.text!r} without a block", word.at)
            self._next()
        self._inner(block, depth)
        return block


class _Writer:
    """Makes objects of blocks as go-vcl does, and notes where each value stands."""

    def __init__(self, text: Text) -> None:
        self.text = text
        self.places: dict[Path, Position] = {(): Position(1, 1)}

    def program(self, root: _Block) -> dict[str, Any]:
        """Give the object that the whole text is."""
        found: dict[str, Any] = {}
        self._attributes(root, found, (), dots=True)
        for block in root.blocks:
            label = block.labels[0] if block.labels else ""
            path = (block.kind, label)
            by_label = found.setdefault(block.kind, {})
            if not isinstance(by_label, dict):
                by_label = found[block.kind] = {}
            self.places.setdefault((block.kind,), self.text.position(block.at))
            if block.attributes or block.blocks:
                if not block.labels:
                    raise self.text.fault(f"got {block.kind!r} without a name", block.at)
                inner = (*path, *reversed(block.labels[1:]))
                value: Any = self._object(block, inner)
                for label_below in block.labels[1:]:
                    value = {label_below: value}
                for count in range(2, len(inner)):
                    self.places[inner[:count]] = self.text.position(block.at)
            else:
                value = [self._flat(each, (*path, index)) for index, each in enumerate(block.flats)]
            self.places[path] = self.text.position(block.at)
            by_label[label] = value
        return found

    def _attributes(self, block: _Block, found: dict[str, Any], path: Path, *, dots: bool) -> None:
        for name, leaf in block.attributes.items():
            key = name if dots else name.strip(".")
            found[key] = leaf.value
            self.places[(*path, key)] = self.text.position(leaf.at)

    def _object(self, block: _Block, path: Path) -> dict[str, Any]:
        found: dict[str, Any] = {}
        self.places[path] = self.text.position(block.at)
        self._attributes(block, found, path, dots=False)
        kinds: dict[str, list[_Block]] = {}
        for each in block.blocks:
            kinds.setdefault(each.kind, []).append(each)
        for kind, several in kinds.items():
            if len(several) == 1:
                found[kind] = self._object(several[0], (*path, kind))
                continue
            self.places[(*path, kind)] = self.text.position(several[0].at)
            found[kind] = [self._labelled(each, (*path, kind, index)) for index, each in enumerate(several)]
        return found

    def _labelled(self, block: _Block, path: Path) -> dict[str, Any]:
        inner = (*path, *reversed(block.labels))
        value = self._object(block, inner)
        for label in block.labels:
            value = {label: value}
        for count in range(len(path), len(inner)):
            self.places[inner[:count]] = self.text.position(block.at)
        return value

    def _flat(self, flat: _Leaf | _Block, path: Path) -> Any:
        if isinstance(flat, _Leaf):
            self.places[path] = self.text.position(flat.at)
            return flat.value
        raise self.text.fault("got a block in a list of which go-vcl makes no plain value", flat.at)
