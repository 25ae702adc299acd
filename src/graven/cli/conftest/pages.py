"""Owns the page that ``conftest doc`` makes of a folder's metadata.

A template is one of Go's text/template, of which is read what pages need: ``range``, ``if``, ``else``, ``with`` and
``end`` over fields, with the marks that trim blanks.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from graven.checks.lax import LaxFault
from graven.engines.policydirs import LoadFault, load_policies
from graven.errors import GravenError
from graven.rego import Value, to_json

__all__ = ["page", "rendered"]

_PAGE = """{{ range . -}}
{{ .MarkdownHeading }} {{ .RegoPackageName }} - {{ .Annotations.Title }}

{{ .Annotations.Description }}
{{ if .Annotations.RelatedResources }}
Related Resources:
{{ range .Annotations.RelatedResources }}
{{ if .Description -}}
* [{{ .Description }}]({{ .Ref }})
{{- else -}}
* {{ .Ref }}
{{- end -}}
{{ end }}
{{ end }}
{{ end -}}"""

_ACTION = re.compile(r"\{\{(- )?\s*(.*?)\s*( -)?\}\}", re.DOTALL)


def page(folder: str, template: str) -> str:
    """Write the page of a folder.

    Raises:
        LaxFault: there is no metadata, or something cannot be read.
    """
    sections = list(_sections(folder))
    if not sections:
        raise LaxFault("parse rego annotations: no annotations found")
    try:
        text = Path(template).read_text() if template else _PAGE
    except OSError as e:
        raise LaxFault(f"rendering document: open {template}: {(e.strerror or str(e)).lower()}") from None
    return rendered(text, sections)


def _sections(folder: str) -> Iterator[dict[str, Any]]:
    depth, offset = 0, 1
    for at, (path, told) in enumerate(_annotated(folder)):
        own = len(path) + 1 - offset
        if at == 0 and own > 1:
            offset = own
        depth = min(own, depth + 1)
        yield {
            "Depth": depth,
            "MarkdownHeading": "#" * depth,
            "RegoPackageName": ".".join(path),
            "Annotations": told,
        }


def _annotated(folder: str) -> list[tuple[tuple[str, ...], dict[str, Any]]]:
    from graven.rego.parse.modules import parse_module
    from graven.rego.tree import Scalar

    try:
        modules = load_policies([folder])
        found = []
        for name, text in modules.items():
            if name.endswith("_test.rego"):
                continue
            module = parse_module(name, text, "v1")
            package = tuple(map(str, module.package))
            named = [(rule.annotations["$row"], rule.ref) for rule in module.rules if rule.annotations]
            for each in module.annotations:
                below = next((ref for row, ref in named if row == each["$row"]), [])
                if each["scope"] == "rule" and not below:
                    continue
                steps = each.get("$ref") or [step.value for step in below if isinstance(step, Scalar)]
                path = package if each["scope"] in ("package", "subpackages") else (*package, *map(str, steps))
                found.append((path, _fields(each)))
    except LoadFault as e:
        raise LaxFault(f"parse rego annotations: load rego files: {e.message}") from None
    except GravenError as e:
        raise LaxFault(f"parse rego annotations: {e.message}") from None
    order = {"Package": 0, "Subpackages": 1}
    return sorted(found, key=lambda one: (one[0], order.get(str(one[1]["Scope"]).capitalize(), 2)))


def _fields(found: Mapping[str, Value]) -> dict[str, Any]:
    """Give annotations with the names of Go's fields."""
    annotations = {key: to_json(value) for key, value in found.items() if not key.startswith("$")}
    resources = [
        {"Ref": each.get("ref", ""), "Description": each.get("description", "")}
        for each in annotations.get("related_resources", ())
    ]
    plain = {"scope": "", "title": "", "description": "", "organizations": [], "authors": [], "custom": {}}
    named = {key.capitalize(): annotations.get(key, default) for key, default in plain.items()}
    return {**named, "Entrypoint": annotations.get("entrypoint", False), "RelatedResources": resources}


def rendered(template: str, value: Any) -> str:
    """Fill in a template.

    >>> rendered("{{ range . -}} <{{ .A }}{{ if .B }}!{{ end }}> {{- end }}", [{"A": 1, "B": 0}, {"A": 2, "B": 3}])
    '<1><2!>'

    Raises:
        LaxFault: it says what is not read here.
    """
    pieces = _pieces(template)
    text, rest = _filled(pieces, 0, value)
    if rest < len(pieces):
        raise LaxFault("rendering document: template: unexpected {{end}}")
    return text


def _pieces(template: str) -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    at, trim = 0, False
    for action in _ACTION.finditer(template):
        text = template[at : action.start()]
        text = text.lstrip() if trim else text
        found.append(("text", text.rstrip() if action[1] else text))
        found.append(("action", action[2]))
        at, trim = action.end(), bool(action[3])
    rest = template[at:]
    found.append(("text", rest.lstrip() if trim else rest))
    return found


def _filled(pieces: list[tuple[str, str]], at: int, value: Any, *, shown: bool = True) -> tuple[str, int]:
    """Fill in up to the end or else of a block, and give the text and where that stands."""
    text = ""
    while at < len(pieces):
        kind, content = pieces[at]
        if kind == "text":
            text += content
        elif content in ("end", "else"):
            return (text if shown else ""), at
        elif content.partition(" ")[0] in ("range", "if", "with"):
            block, at = _block(pieces, at, value)
            text += block
        elif not content.startswith("/*"):
            text += _printed(_field(content, value))
        at += 1
    return (text if shown else ""), at


def _block(pieces: list[tuple[str, str]], at: int, value: Any) -> tuple[str, int]:
    word, _, pipeline = pieces[at][1].partition(" ")
    found = _field(pipeline.strip(), value)
    subjects = (list(found) if word == "range" else [found if word == "with" else value]) if found else []
    text = ""
    _, end = _filled(pieces, at + 1, {}, shown=False) if not subjects else ("", at)
    for subject in subjects:
        more, end = _filled(pieces, at + 1, subject)
        text += more
    if end < len(pieces) and pieces[end][1] == "else":
        other, end = _filled(pieces, end + 1, value if not subjects else {}, shown=not subjects)
        text += other
    return text, end


def _field(pipeline: str, value: Any) -> Any:
    if not re.fullmatch(r"\.|(\.\w+)+", pipeline):
        raise LaxFault(f"rendering document: template: {pipeline!r} is not read here")
    for name in filter(None, pipeline.split(".")):
        value = value.get(name, "") if isinstance(value, Mapping) else ""
    return value


def _printed(value: Any) -> str:
    if isinstance(value, Mapping):
        return "map[" + " ".join(f"{key}:{_printed(item)}" for key, item in sorted(value.items())) + "]"
    if isinstance(value, bool):
        return str(value).lower()
    return "[" + " ".join(map(_printed, value)) + "]" if isinstance(value, list) else str(value)
