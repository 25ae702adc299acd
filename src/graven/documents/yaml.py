"""Owns the reading of YAML as Kubernetes' tools read it (sigs.k8s.io/yaml, that is YAML 1.1), for conftest's rules.

The text is split by the parser's own events, and not by looking for ``---`` in it, so that ``--- # c``, ``---`` with a
blank after it, ``...`` and block scalars that hold such a line mean what they mean in YAML; here conftest differs. The
last of two equal keys counts, ``<<`` is merged where it stands, and what aliases repeat is counted, so that a small
text cannot say something huge. graven's own files are read by ``config``, which is stricter; which value a scalar is
says ``yamlscalars``.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from math import isfinite

from graven.documents.faults import MAX_DEPTH, decoded, too_deep, unreadable
from graven.documents.libyaml import (
    AliasEvent,
    DocumentEndEvent,
    DocumentStartEvent,
    Error,
    MappingStartEvent,
    ScalarEvent,
    SequenceStartEvent,
    events,
    fault,
)
from graven.documents.position import Document, Path, Places, Position
from graven.documents.yamlscalars import MERGE, MERGE_TAG, key_text, plain, tagged
from graven.errors import Malformed, TooLarge
from graven.record import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import Any

__all__ = ["MAX_ALIASED", "expand_lists", "first", "parse"]

MAX_ALIASED = 400_000
"""Values that may be there only because aliases repeat them; what tools of Kubernetes allow."""

_SOURCE = re.compile(r"# Source: *(\S.*?)\s*")
_MAX_KEPT = 10_000
_OPEN = object()
_MERGED = object()
"""The key that stands for what follows ``<<``."""


def parse(data: bytes, *, file: str = "") -> tuple[Document, ...]:
    r"""Read each document of a stream; a stream without any is one that is null.

    >>> [found.value for found in parse(b"a: on\n--- # next\n- 010\n")]
    [{'a': True}, [8]]

    Raises:
        Malformed: it is no YAML, or says something that JSON cannot; says line and column.
        TooLarge: it nests too deep, or its aliases say too much.
    """
    found = list(_values(data, file, None))
    all_places: list[Places] = []

    def places(index: int) -> Callable[[], Places]:
        def read() -> Places:
            if not all_places:
                all_places.extend(_all_places(data, file))
            return all_places[index]

        return read

    sources = _sources(data, [marks for _, marks in found]) if b"# Source:" in data else {}
    documents = [
        Document(value, places(index), file, source=sources.get(index, "")) for index, (value, _) in enumerate(found)
    ]
    return tuple(documents) or (Document(None, {}, file),)


def first(data: bytes, *, file: str = "") -> Any:
    r"""Give the value of the first document, whatever comes after it, as Go's yaml.Unmarshal does.

    >>> first(b"--- a\n--- [")
    'a'

    Raises:
        Malformed: it is no YAML, or says something that JSON cannot; says line and column.
        TooLarge: it nests too deep, or its aliases say too much.
    """
    return next((value for value, _ in _values(data, file, None)), None)


def _values(data: bytes, file: str, places: list[dict[Path, Position]] | None) -> Iterator[tuple[Any, tuple[int, int]]]:
    """Give the value of each document, and the lines between which its first comments stand."""
    plain_values: dict[str, Any] = {}
    try:
        stream = events(data)
        for event in stream:
            if event.__class__ is DocumentStartEvent:
                if places is not None:
                    places.append({})
                builder = _Builder(stream, file, places[-1] if places is not None else None, plain_values)
                yield builder.build(), (event.start_mark.line, builder.first_line)
    except Error as e:
        found = fault(e)
        if not found.line:
            decoded(data, file)
        place = Position(found.line, found.column) if found.line else None
        raise unreadable(f"no YAML: {found}", file, place) from None


def _all_places(data: bytes, file: str) -> list[dict[Path, Position]]:
    found: list[dict[Path, Position]] = []
    for _ in _values(data, file, found):
        pass
    return found


def _sources(data: bytes, spans: list[tuple[int, int]]) -> dict[int, str]:
    """Find what Helm wrote above each document."""
    lines = data.decode(errors="replace").split("\n")
    found = {}
    for index, (first, last) in enumerate(spans):
        for line in lines[first:last]:
            if source := _SOURCE.fullmatch(line):
                found[index] = source[1]
    return found


class _Frame:
    """An object or a list that is being read."""

    __slots__ = ("event", "key", "parts", "path", "value")

    def __init__(self, value: Any, event: Any, parts: int, path: Path | None) -> None:
        self.value = value
        self.event = event
        self.parts = parts
        self.path = path
        self.key: Any = None
        """The key whose value comes next."""

    def next_path(self) -> Path | None:
        """Give the path of the value that comes next; what is merged stands where the merging object stands."""
        if self.path is None or self.key is _MERGED:
            return self.path
        return (*self.path, len(self.value) if self.value.__class__ is list else self.key)


class _Builder:
    """Makes the value of one document from its events, without a tree between."""

    def __init__(
        self, stream: Iterator[Any], file: str, places: dict[Path, Position] | None, plain_values: dict[str, Any]
    ) -> None:
        self.stream = stream
        self.plain_values = plain_values
        """What the first plain scalars are: most keys and many values come again and again."""
        self.file = file
        self.places = places
        self.first_line = -1
        self.anchors: dict[str, tuple[Any, int]] = {}
        self.parts = 0
        self.aliased = 0
        self.stack: list[_Frame] = []

    def build(self) -> Any:
        """Read events up to the end of the document."""
        root = _Frame({}, None, 0, None)
        root.key = ""
        self.stack = [root]
        plain_values, stack = self.plain_values, self.stack
        for event in self.stream:
            kind = event.__class__
            if kind is ScalarEvent:
                value = _OPEN
                if event.anchor is None and event.tag is None and event.implicit[0]:
                    value = plain_values.get(event.value, _OPEN)
                    frame = stack[-1]
                    if (
                        frame.key is None
                        and value.__class__ is str
                        and value != MERGE
                        and frame.value.__class__ is dict
                    ):
                        frame.key = value  # the way of nearly all keys
                        self.parts += 1
                        continue
                self._add(self._scalar(event) if value is _OPEN else value, event)
            elif kind is MappingStartEvent:
                self._start({}, event)
            elif kind is SequenceStartEvent:
                self._start([], event)
            elif kind is AliasEvent:
                self._add(self._alias(event), event)
            elif kind is DocumentEndEvent:
                break
            else:
                self._end()
        return root.value[""]

    def _start(self, value: Any, event: Any) -> None:
        frame = self.stack[-1]
        if len(self.stack) > MAX_DEPTH:
            raise too_deep(self.file, _place(event))
        if frame.key is None and frame.value.__class__ is dict:
            raise self._fault("got an object or a list as a key, expected a string", event)
        if event.anchor is not None:
            self.anchors[event.anchor] = (_OPEN, 0)
        if self.first_line < 0:
            self.first_line = event.start_mark.line
        path = None if self.places is None else () if frame.event is None else frame.next_path()
        if self.places is not None and path is not None and frame.key is not _MERGED:
            self.places[path] = _place(event)
        self.stack.append(_Frame(value, event, self.parts, path))

    def _end(self) -> None:
        frame = self.stack.pop()
        event = frame.event
        if event.anchor is not None:
            self.anchors[event.anchor] = (frame.value, self.parts - frame.parts + 1)
        self._add(frame.value, event)

    def _scalar(self, event: Any) -> Any:
        try:
            if event.tag is not None:
                value = tagged(event.tag, event.value)
            else:
                value = plain(event.value) if event.implicit[0] else event.value
                if event.implicit[0] and len(self.plain_values) < _MAX_KEPT:
                    self.plain_values[event.value] = value
        except ValueError as e:
            raise self._fault(str(e), event) from None
        if event.anchor is not None:
            self.anchors[event.anchor] = (value, 1)
        return value

    def _alias(self, event: Any) -> Any:
        value, parts = self.anchors.get(event.anchor, (None, 0))
        if not parts:
            what = "holds itself" if value is _OPEN else "is not there"
            raise self._fault(f"the anchor {event.anchor!r} {what}", event)
        self.parts += parts
        self.aliased += parts
        if self.aliased > MAX_ALIASED:
            where = unreadable("", self.file, _place(event)).where
            raise TooLarge(f"aliases repeat more than {MAX_ALIASED} values", where=where)
        return value

    def _add(self, value: Any, event: Any) -> None:
        """Put a value where it belongs: into the list, beside its key, or as the next key."""
        self.parts += 1
        frame = self.stack[-1]
        target = frame.value
        if value.__class__ is float and not isfinite(value) and (frame.key is not None or target.__class__ is list):
            raise self._fault(f"got {event.value!r}, expected a number that JSON can say", event)
        if self.places is not None and (event.__class__ is ScalarEvent or event.__class__ is AliasEvent):
            self._record(frame, value, event)
        if target.__class__ is list:
            target.append(value)
        elif frame.key is None:
            frame.key = value if value.__class__ is str and value != MERGE else self._key(value, event)
        else:
            if frame.key is _MERGED:
                self._merge(target, value, event)
            else:
                target[frame.key] = value
            frame.key = None
        if self.first_line < 0:
            self.first_line = event.start_mark.line

    def _record(self, frame: _Frame, value: Any, event: Any) -> None:
        if self.places is None or (frame.key is None and frame.value.__class__ is dict):
            return
        if frame.event is None:
            self.places[()] = _place(event)
        elif frame.key is _MERGED:
            for key in value if isinstance(value, dict) else ():
                self.places[(*frame.path, key)] = _place(event)  # type: ignore[misc]  # there is a path where there are places
        else:
            self.places[frame.next_path() or ()] = _place(event)

    def _key(self, value: Any, event: Any) -> Any:
        if value == MERGE and event.__class__ is ScalarEvent and (event.implicit[0] or event.tag == MERGE_TAG):
            return _MERGED
        if isinstance(value, dict | list):
            raise self._fault("got an object or a list as a key, expected a string", event)
        try:
            return key_text(value)
        except ValueError as e:
            raise self._fault(str(e), event) from None

    def _merge(self, target: dict[str, Any], value: Any, event: Any) -> None:
        """Take over the keys of one object, or of a list of them, of which the first counts most."""
        several = isinstance(value, list) and event.__class__ is SequenceStartEvent
        for each in reversed(value) if several else (value,):
            if not isinstance(each, dict):
                raise self._fault("got something else than an object after '<<'", event)
            target.update(each)

    def _fault(self, message: str, event: Any) -> Malformed:
        return unreadable(message, self.file, _place(event))


def _place(event: Any) -> Position:
    mark = event.start_mark
    return Position(mark.line + 1, mark.column + 1)


def expand_lists(documents: Iterable[Document]) -> tuple[Document, ...]:
    """Put the items of each ``List`` of Kubernetes in its place, each a document that knows where it stands.

    >>> listed = parse(b"{apiVersion: v1, kind: List, items: [{kind: Pod}]}")
    >>> [(each.value, str(each.position(("kind",)))) for each in expand_lists(listed)]
    [({'kind': 'Pod'}, 'line 1, column 45')]
    """
    found: list[Document] = []
    for document in documents:
        value = document.value
        items = value.get("items") if isinstance(value, dict) else None
        if not isinstance(items, list) or not str(value.get("kind")).endswith("List") or "apiVersion" not in value:
            found.append(document)
            continue
        parts = [
            Document(_told(item, value), _below(document, ("items", index)), document.file, source=document.source)
            for index, item in enumerate(items)
        ]
        found.extend(expand_lists(parts))
    return tuple(found)


def _told(item: Any, around: Any) -> Any:
    """Give an item that does not say its kind, as those of a ``PodList`` do not, with that kind."""
    kind = str(around["kind"]).removesuffix("List")
    if not kind or not isinstance(item, dict) or "kind" in item:
        return item
    return {"apiVersion": around["apiVersion"], "kind": kind, **item}


def _below(document: Document, start: Path) -> Callable[[], Places]:
    """Give the places of one part of a document, as they are called from that part."""

    def read() -> Places:
        count = len(start)
        found = {path[count:]: place for path, place in document.places.items() if path[:count] == start}
        return found or {(): document.position(start)}

    return read
