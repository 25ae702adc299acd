"""Owns the reading of the YAML files that people write for graven itself: stages, policy sets (YAML 1.2.2, JSON-like).

Stricter than the parser ``yaml``, which reads what other tools read.

Scalars follow the core schema of YAML 1.2.2 (section 10.3), so that ``off``, ``no`` and ``1:30`` are strings. Refused
are: duplicate keys, keys that are no strings, several documents, and more parts than a limit (aliases are counted each
time they are used, so a small text cannot say something huge). Tags are not looked at.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

import yaml
from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from graven.documents.position import Document, Path, Position
from graven.errors import Malformed, TooLarge

__all__ = ["MAX_BYTES", "MAX_PARTS", "parse"]

MAX_BYTES = 4 << 20
MAX_PARTS = 100_000
_MAX_DEPTH = 100

_WORDS = {"null": None, "Null": None, "NULL": None, "~": None, "": None}
_TRUTHS = {"true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False}
_INT = re.compile(r"[-+]?[0-9]+")
_BASED = re.compile(r"0o[0-7]+|0x[0-9a-fA-F]+")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")
_NO_NUMBER = re.compile(r"[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)")


def parse(data: bytes, *, file: str = "") -> Document:
    r"""Read one YAML document.

    >>> found = parse(b"stages:\n- name: dev\n  mode: off\n")
    >>> found.value, str(found.position(("stages", 0, "mode")))
    ({'stages': [{'name': 'dev', 'mode': 'off'}]}, 'line 3, column 9')

    Raises:
        Malformed: it is no YAML, or uses what is refused here; says line and column.
        TooLarge: it is longer, deeper or has more parts than the limits.
    """
    if len(data) > MAX_BYTES:
        raise TooLarge(f"got {len(data)} bytes of YAML, at most {MAX_BYTES}", where=file)
    try:
        node = yaml.compose(data.decode("utf-8"), Loader=_Loader)
    except _TooDeep as e:
        raise TooLarge(f"got YAML nested deeper than {_MAX_DEPTH}", where=_place(e, file)) from e
    except yaml.MarkedYAMLError as e:
        raise Malformed(f"no YAML: {e.problem or e.context}", where=_place(e, file)) from e
    except (yaml.YAMLError, UnicodeDecodeError, ValueError) as e:
        raise Malformed(f"no YAML: {' '.join(str(e).split())[:300]}", where=file) from e
    reader = _Reader(file)
    return Document(None if node is None else reader.read(node, ()), reader.places, file)


class _TooDeep(yaml.MarkedYAMLError):
    """The nodes nest deeper than the limit."""


class _Loader(yaml.BaseLoader):
    """Gives up at the depth of the limit: PyYAML takes seconds for brackets until Python's own limit stops it."""

    depth = 0

    def compose_node(self, parent: Node | None, index: int) -> Node | None:
        self.depth += 1
        # Keys, too, may nest; the reader counts the exact depth of values
        if self.depth > _MAX_DEPTH + 2:
            untyped: Any = self
            raise _TooDeep(problem_mark=untyped.peek_event().start_mark)
        node: Node | None = super().compose_node(parent, index)
        self.depth -= 1
        return node


def _place(error: yaml.MarkedYAMLError, file: str) -> str:
    mark = error.problem_mark or error.context_mark
    place = f"line {mark.line + 1}, column {mark.column + 1}" if mark else ""
    return ": ".join(filter(None, (file, place)))


@dataclass
class _Reader:
    """Walks the nodes of one document."""

    file: str
    places: dict[Path, Position] = field(default_factory=dict)
    parts: int = 0

    def read(self, node: Node, path: Path) -> Any:
        self.parts += 1
        if self.parts > MAX_PARTS or len(path) > _MAX_DEPTH:
            raise TooLarge(
                f"got more than {MAX_PARTS} parts, or deeper than {_MAX_DEPTH}", where=self._where(node, path)
            )
        self.places[path] = Position(node.start_mark.line + 1, node.start_mark.column + 1)
        if isinstance(node, MappingNode):
            return self._mapping(node, path)
        if isinstance(node, SequenceNode):
            return [self.read(child, (*path, index)) for index, child in enumerate(node.value)]
        assert isinstance(node, ScalarNode)  # noqa: S101 - PyYAML has three kinds of node
        return self._scalar(node, path)

    def _mapping(self, node: MappingNode, path: Path) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for key_node, value_node in node.value:
            key = self._scalar(key_node, path) if isinstance(key_node, ScalarNode) else None
            if not isinstance(key, str):
                raise Malformed("got a key that is no string, expected a string", where=self._where(key_node, path))
            if key in found:
                where = self._where(key_node, (*path, key))
                raise Malformed(f"the key {key[:80]!r} stands twice", where=where, hint="keep one of the two")
            found[key] = self.read(value_node, (*path, key))
        return found

    def _scalar(self, node: ScalarNode, path: Path) -> Any:
        text: str = node.value
        if node.style is not None:
            return text
        if text in _WORDS:
            return _WORDS[text]
        if text in _TRUTHS:
            return _TRUTHS[text]
        if _INT.fullmatch(text):
            return self._integer(text, node, path)
        if _BASED.fullmatch(text):
            return int(text[2:], 8 if text[1] == "o" else 16)
        if _NO_NUMBER.fullmatch(text):
            raise Malformed(f"got {text!r}, expected a finite number", where=self._where(node, path))
        return float(text) if _FLOAT.fullmatch(text) else text

    def _integer(self, text: str, node: Node, path: Path) -> int:
        if len(text) > 20:
            raise Malformed("got an integer of more than 20 digits", where=self._where(node, path))
        return int(text)

    def _where(self, node: Node, path: Path) -> str:
        mark = node.start_mark
        return Document(None, {path: Position(mark.line + 1, mark.column + 1)}, self.file).where(path)
