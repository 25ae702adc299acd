"""Owns the reading of CycloneDX: JSON as it is once its shape is checked, XML turned into the JSON form.

The shape stands in ``bom``. What the XML form has and that table has not is ``Unsupported``, rather than left out.
``bomFormat`` and ``specVersion`` are given to what was XML, the latter by its namespace; conftest leaves them unset.
"""

from __future__ import annotations

import math
from typing import Any

from graven.documents import json
from graven.documents.bom import VERSIONS, Field, fields
from graven.documents.faults import decoded, unreadable
from graven.documents.position import Document, Path, Position
from graven.documents.strconv import parse_bool, parse_float, whole
from graven.documents.xml import Element, tree
from graven.errors import Malformed, Unsupported

__all__ = ["parse"]

_BASIC = {"str": str, "int": int, "bool": bool, "Ref": str, "Copyright": dict}
_WORDS = {"str": "a string", "int": "an integer", "float": "a number", "bool": "true or false", "Ref": "a string"}


def parse(data: bytes, *, file: str = "") -> tuple[Document, ...]:
    """Read a bill of materials.

    >>> [found] = parse(b'<bom xmlns="http://cyclonedx.org/schema/bom/1.5" version="1"/>')
    >>> found.value
    {'bomFormat': 'CycloneDX', 'specVersion': '1.5', 'version': 1}

    Raises:
        Malformed: it is neither JSON nor XML, or not of the shape of CycloneDX; says line and column.
        Unsupported: its XML has a part that is not read.
        TooLarge: it nests too deep.
    """
    if not data.removeprefix(b"\xef\xbb\xbf").lstrip().startswith(b"<"):
        text = decoded(data, file)
        document = Document(json.read(text, file), lambda: json.places(text), file)
        _Shape(document).check(document.value, "Bom", ())
        return (document,)
    places: dict[Path, Position] = {}
    roots = tree(data, file).children
    if list(roots) != ["bom"]:
        raise unreadable(f"got the element {next(iter(roots))!r}, expected 'bom'", file, Position(1, 1))
    value = _Reader(places, file).object(roots["bom"][0], "Bom", ())
    namespace = next(iter(roots["bom"][0].children.get("-xmlns", ())), roots["bom"][0])
    version = namespace.content.rpartition("/")[2]
    places[("bomFormat",)] = places[("specVersion",)] = namespace.place
    named = {"bomFormat": "CycloneDX", "specVersion": version if version in VERSIONS else ""}
    return (Document({**named, **value}, places, file),)


class _Shape:
    """Checks the JSON form."""

    def __init__(self, document: Document) -> None:
        self.document = document

    def check(self, value: Any, kind: str, path: Path) -> None:
        """Refuse a value that is not of a type; null is of each."""
        if value is None or kind == "?":
            return
        if kind in {"Tools", "Licenses"}:
            self._choice(value, kind, path)
        elif kind == "float":
            if isinstance(value, bool) or not isinstance(value, int | float):
                raise self._fault(path, kind)
        elif kind in _BASIC:
            if not isinstance(value, _BASIC[kind]) or (kind == "int" and isinstance(value, bool)):
                raise self._fault(path, kind)
        elif not isinstance(value, dict):
            raise self._fault(path, "an object")
        else:
            self._object(value, kind, path)

    def _object(self, value: dict[str, Any], kind: str, path: Path) -> None:
        if kind == "Bom" and value.get("specVersion") not in (*VERSIONS, None):
            raise self._fault(("specVersion",), "a version from 1.0 to 1.7")
        for field in fields(kind):
            if field.name in value:
                self._field(value[field.name], field, (*path, field.name))

    def _field(self, value: Any, field: Field, path: Path) -> None:
        if not field.several or (field.kind == "Identity" and isinstance(value, dict)):
            self.check(value, field.kind, path)
            return
        if not isinstance(value, list | None):
            raise self._fault(path, "a list")
        for index, each in enumerate(value or ()):
            self.check(each, field.kind, (*path, index))

    def _choice(self, value: Any, kind: str, path: Path) -> None:
        if kind == "Tools" and isinstance(value, dict):
            for name in ("components", "services"):
                self._field(
                    value.get(name), Field(name, (), name[:-1].title(), several=True, always=False), (*path, name)
                )
            return
        one = "Tool" if kind == "Tools" else "Choice"
        if not isinstance(value, list):
            raise self._fault(path, "a list")
        for index, each in enumerate(value):
            if one == "Tool":
                self.check(each, one, (*path, index))
            elif not isinstance(each, dict):
                raise self._fault((*path, index), "an object")
            else:
                self.check(each.get("license"), "License", (*path, index, "license"))
                self.check(each.get("expression"), "str", (*path, index, "expression"))

    def _fault(self, path: Path, wanted: str) -> Malformed:
        wanted = _WORDS.get(wanted, wanted)
        return Malformed(f"no CycloneDX: expected {wanted}", where=self.document.where(path))


class _Reader:
    """Turns the XML form into the JSON form, and notes where each value stands."""

    def __init__(self, places: dict[Path, Position], file: str) -> None:
        self.places = places
        self.file = file

    def object(self, element: Element, kind: str, path: Path) -> dict[str, Any]:
        """Give the object that an element is."""
        found: dict[str, Any] = {}
        self.places[path] = element.place
        for field in fields(kind):
            below = (*path, field.name)
            elements = _below(element, field.path)
            if field.kind == "?" and elements:
                where = unreadable("", self.file, elements[0].place).where
                raise Unsupported(f"{field.name} in the XML form is not read", where=where, hint="give it as JSON")
            if field.several:
                if elements:
                    self.places[below] = elements[0].place
                    found[field.name] = [
                        self.value(each, field.kind, (*below, index)) for index, each in enumerate(elements)
                    ]
            elif elements or field.always:
                value = self.value(elements[-1] if elements else Element("", element.place), field.kind, below)
                if field.always or (value != "" and value is not None):
                    found[field.name] = value
                else:
                    del self.places[below]
        return found

    def value(self, element: Element, kind: str, path: Path) -> Any:
        """Give the value of one field."""
        self.places[path] = element.text_place
        if kind == "str":
            return element.content
        if kind == "Ref":
            return "".join(each.content for each in element.children.get("-ref", ()))
        if kind in {"int", "float", "bool"}:
            return self._number(element, kind)
        if kind == "Licenses":
            return self._licenses(element, path)
        if kind == "Tools":
            return self._tools(element, path)
        return self.object(element, kind, path) or ({} if kind != "Callstack" else None)

    def _number(self, element: Element, kind: str) -> Any:
        text = element.content.strip()
        found: Any = parse_bool(text) if kind == "bool" else parse_float(text)
        if not text:
            found = False if kind == "bool" else 0
        if found is None or (kind == "int" and not isinstance(found, int)):
            raise self._fault(element, f"got {text[:40]!r}, expected {_WORDS[kind]}")
        if kind == "float" and element.name == "confidence" and math.isfinite(found):
            return whole(float(f"{found:.7g}"))
        return found

    def _licenses(self, element: Element, path: Path) -> list[Any]:
        found: list[Any] = []
        for name, several in element.children.items():
            for each in several:
                below = (*path, len(found))
                self.places[below] = each.place
                if name == "license":
                    licence = self.object(each, "License", (*below, "license"))
                    if ("id" in licence) == ("name" in licence):
                        raise self._fault(each, "got a licence with both or neither of id and name, expected one")
                    found.append({"license": licence})
                elif name == "expression":
                    found.append(self._expression(each, below))
                else:
                    raise self._fault(each, f"got {name!r} among licences, expected 'license' or 'expression'")
        return found

    def _expression(self, element: Element, path: Path) -> dict[str, Any]:
        found = {"expression": element.content} if element.content else {}
        self.places[(*path, "expression")] = element.text_place
        for name in ("acknowledgement", "bom-ref"):
            for attribute in element.children.get(f"-{name}", ()):
                found[name] = attribute.content
                self.places[(*path, name)] = attribute.place
        return found

    def _tools(self, element: Element, path: Path) -> Any:
        if legacy := element.children.get("tool"):
            return [self.object(each, "Tool", (*path, index)) for index, each in enumerate(legacy)]
        found = {}
        for name, kind in (("components", "Component"), ("services", "Service")):
            if several := _below(element, (name, name[:-1])):
                self.places[(*path, name)] = several[0].place
                found[name] = [self.object(each, kind, (*path, name, at)) for at, each in enumerate(several)]
        if not found:
            raise self._fault(element, "got tools without one, expected a tool, a component or a service")
        return found

    def _fault(self, element: Element, message: str) -> Malformed:
        return unreadable(f"no CycloneDX: {message}", self.file, element.place)


def _below(element: Element, path: tuple[str, ...]) -> list[Element]:
    """Give all elements at a path; the element itself if it is none."""
    found = [element]
    for name in path:
        found = [below for each in found for below in each.children.get(name, ())]
    return found
