"""Loads what ``graven test`` tests: documents of files, charts, and the views that some rule will see."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence

from graven.checks.outcome import Problem
from graven.checks.subjects import Item, Subject, wholes
from graven.checks.views import IMAGE, RESOURCE
from graven.documents import Document, parse
from graven.documents.detection import parser_for
from graven.engines import inputs
from graven.errors import GravenError

__all__ = ["Loaded", "load"]

_MARK = b"graven:waive="
"""As in ``checks.waivers``, which is not loaded for it."""


class Loaded:
    """Files and charts that can be tested, and what is to be told of the others."""

    def __init__(self) -> None:
        self.items: list[Item] = []
        self.problems: list[Problem] = []
        self.notes: list[str] = []
        self.parsed: dict[str, tuple[Document, ...]] = {}
        self.waiving: dict[str, str] = {}
        """The texts of files in which a comment waives something."""


def load(
    found: inputs.Files,
    *,
    parser: str = "",
    stdin_filename: str = "",
    views: frozenset[str] = frozenset(),
    protos: Mapping[str, bytes] | None = None,
) -> Loaded:
    """Read files and charts, with the views that are wanted of them."""
    loaded = Loaded()
    for path in found.files:
        name = stdin_filename if path == inputs.STDIN and stdin_filename else path
        try:
            data = inputs.read(path)
            loaded.parsed[name] = _documents(data, name, parser or ("yaml" if path == inputs.STDIN else ""), protos)
            if _MARK in data:
                loaded.waiving[name] = data.decode(errors="replace")
        except GravenError as e:
            loaded.problems.append(Problem("unreadable", str(e), name))
    for name, documents in loaded.parsed.items():
        loaded.items.append(Item(name, _plan(loaded, name) or wholes(documents)))
    if RESOURCE in views:
        _resources(loaded)
    if IMAGE in views:
        loaded.items[:] = [_with(item, _images(item.subjects)) for item in loaded.items]
    for folder in found.charts:
        _chart(folder, loaded)
    if found.skipped:
        loaded.notes.append(f"not tested, for want of a parser: {', '.join(found.skipped)}")
    return loaded


_OF_PLANS = ("format_version", "planned_values", "resource_changes")


def _plan(loaded: Loaded, name: str) -> tuple[Subject, ...]:
    """Give what rules see of a plan, without its secrets; nothing, if a file is none."""
    value = loaded.parsed[name][0].value
    if value.__class__ is not dict or not any(key in value for key in _OF_PLANS):
        return ()
    from graven.checks.terraform import masked, plan_whole
    from graven.documents.terraform import is_plan

    if not is_plan(value):
        return ()
    plan = masked(loaded.parsed[name][0])
    loaded.parsed[name] = (plan,)
    return (plan_whole(plan),)


def _documents(data: bytes, name: str, parser: str, protos: Mapping[str, bytes] | None) -> tuple[Document, ...]:
    documents = parse(data, file=name, parser=parser, protos=protos, evaluate=inputs.evaluated, include=inputs.included)
    if (parser or parser_for(name)) != "yaml":
        return documents
    from graven.documents.yaml import expand_lists

    said = tuple(document for document in documents if document.value is not None) or documents[:1]
    items = expand_lists(said)
    # a list stays too, for the rules that look for its items themselves
    return said if items == said else (*said, *(item for item in items if item not in said))


def _with(item: Item, views: Iterable[Subject]) -> Item:
    return item._replace(views=(*item.views, *views))


def _images(subjects: Sequence[Subject]) -> tuple[Subject, ...]:
    from graven.checks.images import images_of

    return tuple(view for subject in subjects for view in images_of(subject))


def _resources(loaded: Loaded) -> None:
    """Add the resources of configurations and plans, with what lies beside them taken into account."""
    from graven.documents.hcl2 import Configuration
    from graven.documents.terraform import is_plan

    own = {
        name: documents[0]
        for name, documents in loaded.parsed.items()
        if isinstance(documents[0], Configuration) or is_plan(documents[0].value) or name.endswith(_TERRAFORM)
    }
    for name in [name for name in own if name.endswith(_NATIVE)]:
        fault = _in_native(own[name])
        if fault:
            loaded.problems.append(Problem("unreadable", fault, name))
            del own[name]
    if not own:
        return
    from graven.checks.terraform import resource_views, unfollowed

    around = _around(own, loaded.notes)
    views = resource_views(own, around)
    loaded.notes += unfollowed(around)
    for at, item in enumerate(loaded.items):
        if item.name in own:
            loaded.items[at] = _with(item, views.get(item.name, ()))


def _in_native(document: Document) -> str:
    """Say what is wrong with the templates of a configuration in JSON; empty: nothing."""
    from graven.documents.terraform import native

    try:
        native(document)
    except GravenError as e:
        return str(e)
    return ""


_NATIVE = ".tf.json"
_TERRAFORM = (".tf.json", ".tfvars.json")
_BESIDE = (".tf", ".tf.json", ".auto.tfvars", ".auto.tfvars.json")
_SETTING = ("terraform.tfvars", "terraform.tfvars.json")


def _around(own: Mapping[str, Document], notes: list[str]) -> dict[str, Document]:
    """Give the files and those that say what they mean: the rest of their folders, and the local modules they call."""
    from pathlib import Path

    from graven.documents.terraform import calls

    found = dict(own)
    waiting = {str(Path(os.path.normpath(name)).parent) for name in own if name.endswith((".tf", ".tf.json"))}
    done: set[str] = set()
    while waiting:
        for folder in sorted(waiting):
            _beside(folder, found, notes)
        done |= waiting
        waiting = {call.folder for call in calls(found) if call.folder and not call.followed} - done
    return found


def _beside(folder: str, found: dict[str, Document], notes: list[str]) -> None:
    from pathlib import Path

    there = {os.path.normpath(name) for name in found}
    for path in sorted(Path(folder).iterdir()) if Path(folder).is_dir() else ():
        named = path.name in _SETTING or path.name.endswith(_BESIDE)
        if named and path.is_file() and str(path) not in there:
            try:
                read = parse(inputs.read(str(path)), file=str(path))[0]
                fault = _in_native(read) if path.name.endswith(_NATIVE) else ""
            except GravenError as e:
                fault = str(e)
            if fault:
                notes.append(f"not taken into account: {fault}")
            else:
                found[str(path)] = read


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
        loaded.notes += (f"{file}: not read, for want of helm on PATH" for file in chart.packed)
    loaded.waiving |= {file: text for file, text in chart.templates.items() if _MARK.decode() in text}
    loaded.items.append(chart_item(chart, rendered))
