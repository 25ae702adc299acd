"""Owns the reading of XML as the library goxml2json turns it into objects.

An attribute becomes ``-name``, the text of an element that has anything else ``#content``, an element without is its
text; names lose their prefixes, and what occurs twice becomes a list. Of several pieces of text between elements the
last one counts. Unlike conftest, which takes what stands before a fault for the whole, a text with a fault is refused;
so are entities of its own and those of other files. Nothing outside the text is read.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from typing import Any
from xml.parsers import expat  # nosec - entities are refused below, and nothing is fetched

from graven.documents.faults import MAX_DEPTH, Text, too_deep, unreadable
from graven.documents.position import Document, Path, Position
from graven.errors import Malformed

__all__ = ["Element", "parse", "tree"]

_ATTRIBUTE = re.compile(r"""(?<!\s)\s++([^\s=/>]+)\s*=\s*("[^"]*"|'[^']*')""")


class Element:
    """An element or an attribute: its text, where that stands, and what lies in it by name."""

    __slots__ = ("children", "content", "name", "place", "text", "text_place")

    def __init__(self, name: str, place: Position) -> None:
        self.name = name
        self.place = place
        self.text = ""
        """Its last piece of text, without blanks around it."""
        self.content = ""
        """All its own text."""
        self.text_place = place
        self.children: dict[str, list[Element]] = {}


def parse(data: bytes, *, file: str = "") -> tuple[Document, ...]:
    """Read the element that a text holds.

    >>> [found] = parse(b'<a x="1"><b>2</b><b>3</b></a>')
    >>> found.value, str(found.position(("a", "b", 1)))
    ({'a': {'-x': '1', 'b': ['2', '3']}}, 'line 1, column 22')

    Raises:
        Malformed: it is no XML, or has entities of its own; says line and column.
        TooLarge: it nests too deep.
    """
    root = tree(data, file)
    return (Document(_value(root), lambda: dict(_places(root, ())), file),)


def _value(element: Element) -> Any:
    if not element.children:
        return element.text
    found: dict[str, Any] = {"#content": element.text} if element.text else {}
    for name, several in element.children.items():
        found[name] = _value(several[0]) if len(several) == 1 else [_value(each) for each in several]
    return found


def _places(element: Element, path: Path) -> Iterator[tuple[Path, Position]]:
    if not element.children:
        yield path, element.text_place if element.text else element.place
        return
    yield path, element.place
    if element.text:
        yield (*path, "#content"), element.text_place
    for name, several in element.children.items():
        below = (*path, name)
        if len(several) == 1:
            yield from _places(several[0], below)
        else:
            yield below, several[0].place
            for index, each in enumerate(several):
                yield from _places(each, (*below, index))


def tree(data: bytes, file: str = "") -> Element:
    """Read a text into its elements; the root stands in one without a name.

    Raises:
        Malformed: it is no XML, or has entities of its own; says line and column.
        TooLarge: it nests too deep.
    """
    reader = _Reader(data, file)
    try:
        reader.parser.Parse(data, True)  # noqa: FBT003 - the last piece
    except expat.ExpatError as e:
        message = expat.ErrorString(e.code)
        raise unreadable(f"no XML: {message}", file, Position(e.lineno, e.offset + 1)) from None
    except (ValueError, LookupError) as e:
        raise unreadable(f"no XML: {e}", file) from None
    return reader.stack[0]


def _local(name: str) -> str:
    prefix, colon, local = name.partition(":")
    return local if colon and prefix and local and ":" not in local else name


class _Reader:
    """Takes the events of expat."""

    def __init__(self, data: bytes, file: str) -> None:
        self.data = data
        self.file = file
        self.stack = [Element("", Position(1, 1))]
        self.pieces: list[str] = []
        self.start: Position | None = None
        self.parser = expat.ParserCreate()
        self.parser.ordered_attributes = True
        self.parser.StartElementHandler = self._begin
        self.parser.EndElementHandler = self._end
        self.parser.CharacterDataHandler = self._text
        self.parser.EntityDeclHandler = self._refuse
        self.parser.SkippedEntityHandler = self._refuse
        self.parser.CommentHandler = self.parser.ProcessingInstructionHandler = self._flush
        self.parser.StartCdataSectionHandler = self.parser.EndCdataSectionHandler = self._flush

    def _here(self) -> Position:
        return Position(self.parser.CurrentLineNumber, self.parser.CurrentColumnNumber + 1)

    def _begin(self, name: str, attributes: list[str]) -> None:
        self._flush()
        if len(self.stack) > MAX_DEPTH:
            raise too_deep(self.file, self._here())
        element = Element(_local(name), self._here())
        self.stack.append(element)
        if attributes:
            places = self._attribute_places(element.place)
            for key, value in zip(attributes[::2], attributes[1::2], strict=True):
                attribute = Element(f"-{_local(key)}", places.get(key, element.place))
                attribute.text = attribute.content = value
                element.children.setdefault(attribute.name, []).append(attribute)

    def _attribute_places(self, start: Position) -> dict[str, Position]:
        """Find the values of the attributes of the tag that begins here."""
        at = self.parser.CurrentByteIndex
        end = at
        for found in _ATTRIBUTE_BYTES.finditer(self.data, at):
            end = found.end()
            if not found[1]:
                break
        tag = Text(self.data[at:end].decode(errors="replace"))
        places = {}
        for attribute in _ATTRIBUTE.finditer(tag.text):
            line, column = tag.position(attribute.start(2))
            places[attribute[1]] = Position(start.line + line - 1, column + (start.column - 1 if line == 1 else 0))
        return places

    def _end(self, _: str) -> None:
        self._flush()
        element = self.stack.pop()
        self.stack[-1].children.setdefault(element.name, []).append(element)

    def _text(self, text: str) -> None:
        if self.start is None and not text.isspace():
            line, column = self._here()
            self.start = Position(line, column + len(text) - len(text.lstrip()))
        self.pieces.append(text)

    def _flush(self, *_: object) -> None:
        """Take what was read as the text of the element, in place of what was its text before."""
        if self.pieces:
            element = self.stack[-1]
            piece = "".join(self.pieces)
            element.text = _trimmed(piece)
            element.content += piece
            element.text_place = self.start or element.place
            self.pieces, self.start = [], None

    def _refuse(self, *_: object) -> Malformed:
        raise unreadable("got an entity that the text itself defines, which is refused", self.file, self._here())


_ATTRIBUTE_BYTES = re.compile(rb"""("[^"]*"|'[^']*')|>""")


def _trimmed(text: str) -> str:
    """Take away what is no visible character, at both ends."""
    first, last = 0, len(text)
    while first < last and not _visible(text[first]):
        first += 1
    while last > first and not _visible(text[last - 1]):
        last -= 1
    return text[first:last]


def _visible(char: str) -> bool:
    return unicodedata.category(char)[0] in "LMNPS" and not char.isspace()
