"""Owns what a configuration in JSON (Terraform's "JSON Configuration Syntax") says in the native language.

Texts are templates there, and blocks are objects or lists of them; which objects are blocks only a provider's schema
could tell, so those are taken for blocks that hold more than texts and numbers, as a map does, or have a name of the
few that are known. Every place of the native text leads to the value of the JSON that it was made of.
"""

from __future__ import annotations

import json
import re
from bisect import bisect_right
from collections.abc import Iterator
from typing import Any

from graven.documents.hcl.grammar import parse as parse_body
from graven.documents.hcl.source import Source
from graven.documents.position import Document, Path, Position
from graven.documents.terraform.overrides import File

__all__ = ["native"]

_NAME = re.compile(r"[A-Za-z_][\w-]*", re.ASCII)
_LABELS = {"resource": 2, "data": 2, "module": 1, "variable": 1, "output": 1, "locals": 0, "terraform": 0}
_SAID_TO_TERRAFORM = frozenset({"depends_on", "provider", "providers", "provisioner", "connection"})
_BLOCKS = frozenset({"versioning", "logging", "website", "retention_policy", "object_lock_configuration", "lifecycle"})
_ESCAPES = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t"}


class _Native(Source):
    """A text that was made of a document, whose places are those of the document."""

    __slots__ = ("document", "offsets", "paths")

    def __init__(self, text: str, document: Document, made: list[tuple[int, Path]]) -> None:
        super().__init__(text, document.file)
        self.document = document
        self.offsets = [offset for offset, _ in made]
        self.paths = [path for _, path in made]

    def position(self, offset: int) -> Position:
        """Give the place of what the text at an offset was made of."""
        at = bisect_right(self.offsets, offset) - 1
        return self.document.position(self.paths[at] if at >= 0 else ())


def native(document: Document) -> File:
    """Give what a configuration says, as if it were written in the native language.

    Raises:
        Malformed: a template in it cannot be read.
        TooLarge: it is nested too deep.
    """
    writer = _Writer()
    writer.file(document.value)
    text = _Native("".join(writer.parts), document, writer.made)
    return File(text, parse_body(text))


class _Writer:
    """Writes the native text, and remembers of what each part was made."""

    def __init__(self) -> None:
        self.parts: list[str] = []
        self.length = 0
        self.made: list[tuple[int, Path]] = []

    def add(self, text: str, path: Path | None = None) -> None:
        if path is not None:
            self.made.append((self.length, path))
        self.parts.append(text)
        self.length += len(text)

    def file(self, value: Any) -> None:
        for path, body in _bodies(value, ()):
            for kind, labels in _LABELS.items():
                if kind in body:
                    self._blocks(kind, labels, body[kind], ((*path, kind), ()))

    def _blocks(self, kind: str, labels: int, value: Any, place: tuple[Path, tuple[str, ...]]) -> None:
        path, names = place
        for at, body in _bodies(value, path):
            if not labels:
                self.add(" ".join([kind, *(_quoted(name, template=False) for name in names)]) + " {\n", at)
                self._body(kind, body, at)
                self.add("}\n")
                continue
            for name, inner in body.items():
                if name != "//":
                    self._blocks(kind, labels - 1, inner, ((*at, name), (*names, name)))

    def _body(self, kind: str, body: dict[str, Any], path: Path) -> None:
        for key, value in body.items():
            at = (*path, key)
            if not _NAME.fullmatch(key) or (kind in _LABELS and key in _SAID_TO_TERRAFORM):
                continue
            if kind == "variable" and key == "type" and isinstance(value, str):
                self.add(f"{key} = {value}\n", at)
            elif key == "dynamic" and isinstance(value, dict):
                for name, made in value.items():
                    for place, inner in _bodies(made, (*at, name)):
                        self._block(f"dynamic {_quoted(name, template=False)}", inner, place)
            elif kind != "locals" and (key == "content" or _is_block(key, value)):
                for place, inner in _bodies(value, at):
                    self._block(key, inner, place)
            else:
                self.add(f"{key} = ", at)
                self._value(value, at, template=not (kind == "variable" or (kind == "module" and key == "source")))
                self.add("\n")

    def _block(self, head: str, body: dict[str, Any], path: Path) -> None:
        self.add(f"{head} {{\n", path)
        self._body("", body, path)
        self.add("}\n")

    def _value(self, value: Any, path: Path, *, template: bool) -> None:
        if isinstance(value, str):
            self.add(_quoted(value, template=template), path)
        elif isinstance(value, dict):
            self.add("{\n", path)
            for key, one in value.items():
                self.add(f"{_quoted(key, template=template)} = ", (*path, key))
                self._value(one, (*path, key), template=template)
                self.add("\n")
            self.add("}")
        elif isinstance(value, list):
            self.add("[", path)
            for at, one in enumerate(value):
                self._value(one, (*path, at), template=template)
                self.add(", ")
            self.add("]")
        else:
            self.add(json.dumps(value), path)


def _bodies(value: Any, path: Path) -> Iterator[tuple[Path, dict[str, Any]]]:
    """Give the objects of one, or of a list of them, each with its path."""
    if isinstance(value, dict):
        yield path, value
    elif isinstance(value, list):
        yield from (((*path, at), one) for at, one in enumerate(value) if isinstance(one, dict))


def _is_block(key: str, value: Any) -> bool:
    if isinstance(value, list):
        return bool(value) and all(isinstance(one, dict) for one in value)
    if not isinstance(value, dict):
        return False
    return key in _BLOCKS or any(isinstance(one, bool | dict | list) for one in value.values())


def _quoted(text: str, *, template: bool) -> str:
    """Write a text between quotes; what a template interpolates stays as it is."""
    found, at = ['"'], 0
    while at < len(text):
        sign = text[at : at + 2]
        if sign in ("${", "%{"):
            end = _end(text, at + 2) if template else -1
            found.append(text[at:end] if end > 0 else sign[0] + sign)
            at = end if end > 0 else at + 2
        elif template and text[at : at + 3] in ("$${", "%%{"):
            found.append(text[at : at + 3])
            at += 3
        else:
            letter = text[at]
            found.append(_ESCAPES.get(letter) or (f"\\u{ord(letter):04x}" if letter < " " else letter))
            at += 1
    return "".join([*found, '"'])


def _end(text: str, at: int) -> int:
    """Give where an interpolation ends; -1 if it does not. A text in it may hold others."""
    inside = ["}"]
    while at < len(text):
        letter = text[at]
        if inside[-1] == '"':
            if letter == "\\":
                at += 1
            elif letter == '"':
                inside.pop()
            elif text[at : at + 2] in ("${", "%{"):
                inside.append("}")
                at += 1
        elif letter == '"':
            inside.append('"')
        elif letter == "{":
            inside.append("}")
        elif letter == "}":
            inside.pop()
            if not inside:
                return at + 1
        at += 1
    return -1
