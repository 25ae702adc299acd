"""Owns the views of a Helm chart: its merged values, and the places of what was rendered in its templates; pure."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from graven.checks.images import images_of, written_images
from graven.checks.subjects import Item, Subject
from graven.checks.views import VALUES
from graven.documents.position import Document, Path, Position

__all__ = ["Chart", "chart_item", "merged", "settled"]

_KIND = re.compile(r"([\s-]*)kind:\s*[\"']?([\w.]*)")


@dataclass(frozen=True, slots=True)
class Chart:
    """A chart as its folder has it."""

    folder: str
    about: Mapping[str, Any]
    """What ``Chart.yaml`` says."""
    values: Document
    """What ``values.yaml`` says."""
    templates: Mapping[str, str] = field(default_factory=dict)
    """The texts of its templates, those of its subcharts too, by file."""
    subcharts: tuple[Chart, ...] = ()
    packed: tuple[str, ...] = ()
    """The files of subcharts that lie in archives, which only helm opens."""

    @property
    def name(self) -> str:
        """What it calls itself."""
        return str(self.about.get("name") or self.folder.rpartition("/")[2])


def merged(chart: Chart) -> dict[str, Any]:
    """Give a chart's values: its own over those of its subcharts, which stand below their names.

    >>> below = Chart("c/charts/db", {"name": "db"}, Document({"image": "db", "port": 1}, {}))
    >>> merged(Chart("c", {"name": "c"}, Document({"db": {"port": 2}}, {}), {}, (below,)))
    {'db': {'image': 'db', 'port': 2}}
    """
    own = chart.values.value if isinstance(chart.values.value, dict) else {}
    called = _called(chart)
    below = {called.get(sub.name, sub.name): merged(sub) for sub in chart.subcharts}
    return _over(own, below)


def _called(chart: Chart) -> dict[str, str]:
    """Give the names under which a chart knows its subcharts."""
    named = chart.about.get("dependencies")
    named = named if isinstance(named, list) else []
    return {
        str(each["name"]): str(each.get("alias") or each["name"])
        for each in named
        if isinstance(each, dict) and "name" in each
    }


def _over(upper: Mapping[str, Any], lower: Mapping[str, Any]) -> dict[str, Any]:
    """Lay values over others as Helm does: objects are merged, null takes away."""
    found = dict(lower)
    for key, value in upper.items():
        if isinstance(value, dict) and isinstance(found.get(key), dict):
            found[key] = _over(value, found[key])
        elif value is None and key in found:
            del found[key]
        else:
            found[key] = value
    return found


def chart_item(chart: Chart, rendered: Sequence[Document] | None) -> Item:
    """Give what rules are shown of a chart: what was rendered, or else the images that its templates write out."""
    if rendered is None:
        written = [view for file, text in chart.templates.items() for view in written_images(text, file)]
        return Item(chart.folder, (), (_values(chart, images_elsewhere=False), *written))
    subjects = tuple(Subject(document.value, settled(chart, document)) for document in rendered)
    images = tuple(view for subject in subjects for view in images_of(subject))
    return Item(chart.folder, subjects, (_values(chart, images_elsewhere=bool(images)), *images))


def _values(chart: Chart, *, images_elsewhere: bool) -> Subject:
    value = {"values": merged(chart), "chart": dict(chart.about)}
    return Subject(value, chart.values, view=VALUES, translate=_in_values, images_elsewhere=images_elsewhere)


def _in_values(path: Path) -> Path:
    return path[1:] if path[:1] == ("values",) else ()


def settled(chart: Chart, document: Document) -> Document:
    """Give a rendered document whose places are those in the template that it came from, as far as they are known."""
    if not document.source:
        return document
    file = _file(chart, document.source.partition("/")[2])
    text = chart.templates.get(file)
    if text is None:
        return Document(document.value, {(): Position(1, 1)}, file, source=document.source)
    lines = text.splitlines()

    def places() -> dict[Path, Position]:
        return {path: _template_place(lines, path, document.value) for path in document.places}

    return Document(document.value, places, file, source=document.source)


def _file(chart: Chart, inside: str) -> str:
    """Give the file of a template as its folder has it; helm calls a subchart by its alias."""
    called = _called(chart)
    for sub in chart.subcharts:
        below = f"charts/{called.get(sub.name, sub.name)}/"
        if inside.startswith(below):
            return _file(sub, inside.removeprefix(below))
    return f"{chart.folder}/{inside}"


def _template_place(lines: Sequence[str], path: Path, value: Any) -> Position:
    """Find the line of a template that wrote a value: that says it, or else that names its key, if only one does."""
    if not path:
        return Position(1, 1)
    key = next((step for step in reversed(path) if isinstance(step, str)), "")
    pattern = re.compile(rf"(?:^|[\s{{,\"'-])({re.escape(key)})[\"']?:")
    told = _said(value, path)
    saying = re.compile(rf"(?<![\w./:@-]){re.escape(told)}(?![\w./:@-])")
    named = [
        (number, found.start(1) + 1)
        for number, line in _of_kind(lines, value)
        if (found := pattern.search(line)) and (not told or "{{" in line or saying.search(line))
    ]
    said = [each for each in named if told and saying.search(lines[each[0] - 1])]
    return Position(*(said or named)[0]) if named else Position(1, 1)


def _of_kind(lines: Sequence[str], value: Any) -> list[tuple[int, str]]:
    """Give the numbered lines of a template behind a line that names the kind of a value; all if none does."""
    kind = value.get("kind") if isinstance(value, dict) else ""
    found: list[tuple[int, str]] = []
    inside = -1  # how far the line that names the kind is set in
    for number, line in enumerate(lines, 1):
        said = _KIND.match(line)
        if line.startswith("---"):
            inside = -1
        elif said is not None and said[2] == kind:
            inside = len(said[1])
        elif said is not None and len(said[1]) <= inside:
            inside = -1
        if inside >= 0:
            found.append((number, line))
    return found or list(enumerate(lines, 1))


def _said(value: Any, path: Path) -> str:
    """Give the text of a plain value; empty if there is none at the path."""
    for step in path:
        try:
            value = value[step]
        except (KeyError, IndexError, TypeError):
            return ""
    return "" if isinstance(value, dict | list) else str(value)
