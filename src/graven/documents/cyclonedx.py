"""Owns the reading of CycloneDX: JSON as it is once its shape is checked, XML turned into the JSON form.

The shape stands in ``bom``; what in XML is one of several things has its method here.
``bomFormat`` and ``specVersion`` are given to what was XML, the latter by its namespace; conftest leaves them unset.
"""

from __future__ import annotations

import math
from typing import Any

from graven.documents import json
from graven.documents.bom import VERSIONS, Field, fields
from graven.documents.faults import decoded, unreadable
from graven.documents.position import Document, Path, Position
from graven.documents.strconv import parse_bool, parse_float, single, whole
from graven.documents.xml import Element, tree
from graven.errors import Malformed, Unsupported

__all__ = ["parse"]

_BASIC = {"str": str, "int": int, "bool": bool, "flag": bool, "Ref": str, "Copyright": dict}
_REALS = ("float", "single")
_WORDS = {
    **dict.fromkeys(("str", "Ref"), "a string"),
    **dict.fromkeys(("bool", "flag"), "true or false"),
    **dict.fromkeys(_REALS, "a number"),
    "int": "an integer",
}
_EITHER = {
    "Dataset": (("ref",), ()),
    "State": (("state", "reason"), ()),
    "Extension": (("commonExtensionName", "commonExtensionValue"), ("commonExtensionValue",)),
}
"""Of which types, when the first of these fields is set, they alone are told; and what is not told else."""
_WHOLE = {"Tools", "Licenses", "Evidence", "Asserter", "Patents", "Variables"}
"""Types of which the last element replaces the others."""


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
        if value is None or (kind in {"Transform", "Exchange"} and isinstance(value, str)):
            return
        if kind in {"Tools", "Licenses", "Patents", "Variables"}:
            self._choice(value, kind, path)
        elif kind == "Unread":
            self.check(value, "Dataflow", path)
        elif kind in _REALS:
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
                self._field(value.get(name), Field(name, (), name[:-1].title(), several=True), (*path, name))
            return
        if not isinstance(value, list):
            raise self._fault(path, "a list")
        for index, each in enumerate(value):
            one = {"Tools": "Tool", "Licenses": "Choice", "Patents": "Patent", "Variables": "Property"}[kind]
            if one == "Patent" and isinstance(each, dict) and each.get("familyId"):
                one = "PatentFamily"
            if one != "Property" or not isinstance(each, str):
                self.check(each, one, (*path, index))

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
            if "~" in field.marks and not elements:
                found[field.name] = None
                self.places[below] = element.place
            elif field.several:
                if elements:
                    self.places[below] = elements[0].place
                    found[field.name] = [
                        self.value(each, field.kind, (*below, index)) for index, each in enumerate(elements)
                    ]
            elif elements or "!" in field.marks:
                one = _merged(elements, field.kind) if elements else Element("", element.place)
                value = self.value(one, field.kind, below)
                if field.marks or not (value in ("", None) or (field.kind == "flag" and not value)):
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
        if kind in _WORDS:
            return self._number(element, kind)
        if kind in {"Licenses", "Tools", "Patents", "Variables"}:
            return getattr(self, f"_{kind.lower()}")(element, path)
        if kind == "Unread":
            where = unreadable("", self.file, element.place).where
            raise Unsupported("a classification of evidence is not read", where=where, hint="give it as JSON")
        return self._chosen(self.object(element, kind, path), element, kind)

    def _chosen(self, found: dict[str, Any], element: Element, kind: str) -> Any:
        if kind in _EITHER:
            kept, dropped = _EITHER[kind]
            named = kept[0] in found
            return {key: each for key, each in found.items() if (key in kept if named else key not in dropped)}
        if kind == "Asserter":
            return dict(list(found.items())[:1])
        if kind in {"Transform", "Exchange"} and not found:
            return element.content.strip() or found
        return found or ({} if kind != "Callstack" else None)

    def _number(self, element: Element, kind: str) -> Any:
        text = element.content.strip()
        found: Any = parse_bool(text) if kind in {"bool", "flag"} else parse_float(text)
        if not text:
            found = False if kind in {"bool", "flag"} else 0
        if found is None or (kind == "int" and not isinstance(found, int)):
            raise self._fault(element, f"got {text[:40]!r}, expected {_WORDS[kind]}")
        if kind == "single":
            found = single(found)
            if not math.isfinite(found):
                raise self._fault(element, f"got {text[:40]!r}, expected a number of single precision")
            return whole(found)
        return found

    def _licenses(self, element: Element, path: Path) -> list[Any]:
        found: list[Any] = []
        for each in _ordered(element):
            below = (*path, len(found))
            self.places[below] = each.place
            if each.name == "license":
                licence = self.object(each, "License", (*below, "license"))
                if ("id" in licence) == ("name" in licence):
                    raise self._fault(each, "got a licence with both or neither of id and name, expected one")
                found.append({"license": licence})
            elif each.name in {"expression", "expression-detailed"}:
                found.append(self.object(each, "Simple" if each.name == "expression" else "Detailed", below))
            else:
                raise self._fault(each, f"got {each.name!r} among licences, expected 'license' or 'expression'")
        return found

    def _patents(self, element: Element, path: Path) -> list[Any] | None:
        kinds = {"patent": "Patent", "patentFamily": "PatentFamily"}
        several = [each for each in _ordered(element) if each.name in kinds]
        return [self.object(each, kinds[each.name], (*path, index)) for index, each in enumerate(several)] or None

    def _variables(self, element: Element, path: Path) -> list[Any]:
        found: list[Any] = []
        for each in _ordered(element):
            below = (*path, len(found))
            if each.name == "environmentVar":
                variable = self.object(each, "Property", below)
                found.append(variable if any(variable.values()) else {})
            elif each.name == "value":
                self.places[below] = each.text_place
                found.append(each.content or {})
            else:
                raise self._fault(each, f"got {each.name!r} among variables, expected 'value' or 'environmentVar'")
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


def _ordered(element: Element) -> list[Element]:
    """Give the elements in one, in the order in which they stand."""
    below = [each for name, several in element.children.items() if name[:1] != "-" for each in several]
    return sorted(below, key=lambda each: (each.place.line, each.place.column))


def _merged(elements: list[Element], kind: str) -> Element:
    """Give one element for several that stand where one may: the last one, and what the others hold as well."""
    if len(elements) == 1 or kind[0].islower() or kind in _WHOLE:
        return elements[-1]
    found = Element(elements[-1].name, elements[-1].place)
    found.content, found.text_place = elements[-1].content, elements[-1].text_place
    for each in elements:
        for name, several in each.children.items():
            found.children.setdefault(name, []).extend(several)
    return found
