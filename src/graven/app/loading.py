"""Loads what ``graven test`` tests: documents of files, charts, and the views that some rule will see."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

from graven.checks.outcome import Problem
from graven.checks.subjects import Item, Subject, wholes
from graven.checks.views import IMAGE, RESOURCE
from graven.checks.waivers import MARK
from graven.documents import Document, parse
from graven.documents.detection import parser_for
from graven.engines import inputs
from graven.errors import GravenError

__all__ = ["Loaded", "load"]


@dataclass(slots=True)
class Loaded:
    """Files and charts that can be tested, and what is to be told of the others."""

    items: list[Item] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    parsed: dict[str, tuple[Document, ...]] = field(default_factory=dict)
    waiving: dict[str, str] = field(default_factory=dict)
    """The texts of files in which a comment waives something."""


def load(
    found: inputs.Files, *, parser: str = "", stdin_filename: str = "", views: frozenset[str] = frozenset()
) -> Loaded:
    """Read files and charts, with the views that are wanted of them."""
    loaded = Loaded()
    for path in found.files:
        name = stdin_filename if path == inputs.STDIN and stdin_filename else path
        try:
            data = inputs.read(path)
            loaded.parsed[name] = _documents(data, name, parser or ("yaml" if path == inputs.STDIN else ""))
            if MARK in data:
                loaded.waiving[name] = data.decode(errors="replace")
        except GravenError as e:
            loaded.problems.append(Problem("unreadable", str(e), name))
    for name, documents in loaded.parsed.items():
        loaded.items.append(Item(name, wholes(documents)))
    if RESOURCE in views:
        _resources(loaded, parser)
    if IMAGE in views:
        loaded.items[:] = [_with(item, _images(item.subjects)) for item in loaded.items]
    for folder in found.charts:
        _chart(folder, loaded)
    if found.skipped:
        loaded.notes.append(f"not tested, for want of a parser: {', '.join(found.skipped)}")
    return loaded


def _documents(data: bytes, name: str, parser: str) -> tuple[Document, ...]:
    documents = parse(data, file=name, parser=parser)
    if (parser or parser_for(name)) != "yaml":
        return documents
    from graven.documents.yaml import expand_lists

    said = tuple(document for document in documents if document.value is not None) or documents[:1]
    items = expand_lists(said)
    # a list stays too, for the rules that look for its items themselves
    return said if items == said else (*said, *(item for item in items if item not in said))


def _with(item: Item, views: Iterable[Subject]) -> Item:
    return replace(item, views=(*item.views, *views))


def _images(subjects: Sequence[Subject]) -> tuple[Subject, ...]:
    from graven.checks.images import images_of

    return tuple(view for subject in subjects for view in images_of(subject))


def _resources(loaded: Loaded, parser: str) -> None:
    del loaded, parser


def _chart(folder: str, loaded: Loaded) -> None:
    from graven.checks.charts import chart_item
    from graven.checks.images import filled_images
    from graven.engines import charts

    program = charts.helm()
    try:
        chart = charts.read(folder)
        rendered = charts.render(folder, program) if program else None
    except GravenError as e:
        loaded.problems.append(Problem("unreadable", str(e), folder))
        return
    if rendered is None:
        unseen = sum(map(filled_images, chart.templates.values()))
        text = "nothing was rendered, for want of helm on PATH; only images written out in templates were seen"
        loaded.notes.append(f"{folder}: {text}" + (f", {unseen} that helm fills in were not" if unseen else ""))
    loaded.waiving |= {file: text for file, text in chart.templates.items() if MARK.decode() in text}
    loaded.items.append(chart_item(chart, rendered))
