"""``graven policy inspect``: tells what a bundle, a folder or a module holds."""

from __future__ import annotations

import argparse
import json
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from graven.cli.policy import golang
from graven.cli.policy.arguments import add_version, version_of
from graven.engines.policyfiles import read_bundle
from graven.errors import GravenError, NotFound
from graven.rego.parse.modules import parse_module

if TYPE_CHECKING:
    from graven.decide.bundle import Bundle
    from graven.rego.tree import Module

__all__ = ["HELP", "configure", "run"]

HELP = """Tell what a bundle, a folder or a module holds: manifest, packages, data, and with -a annotations.

examples:
  graven policy inspect bundle.tar.gz
  graven policy inspect -a --format json policies
"""


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the arguments."""
    parser.add_argument("path", metavar="PATH", help="a bundle, a folder, or a module")
    parser.add_argument("-a", "--annotations", action="store_true", help="tell the annotations of rules too")
    parser.add_argument("-f", "--format", choices=("pretty", "json"), default="pretty")
    add_version(parser)


def run(args: argparse.Namespace) -> int:
    """Read and tell."""
    try:
        sys.stdout.write(_told(args))
    except GravenError as error:
        sys.stderr.write(f"error: {error}\n")
        return 3
    return 0


def _told(args: argparse.Namespace) -> str:
    bundle, modules = _read(args)
    namespaces = _namespaces(args.path, bundle, modules)
    notes = [note for module in modules.values() for note in _notes(module)] if args.annotations else []
    notes.sort(key=lambda note: (note["path"], note["location"]["file"], note["location"]["row"]))
    if args.format == "json":
        return _json(bundle, namespaces, notes)
    told = _manifest_table(bundle) if bundle else ""
    if namespaces:
        rows = []
        for name in sorted(namespaces):
            rows += [(name if place == 0 else "", file) for place, file in enumerate(namespaces[name])]
        told += "NAMESPACES:\n" + golang.table(("NAMESPACE", "FILE"), rows)
    if notes:
        told += "ANNOTATIONS:\n" + "".join(map(_note_text, notes))
    return told


def _read(args: argparse.Namespace) -> tuple[Bundle | None, dict[str, Module]]:
    version, path = version_of(args), args.path.removeprefix("file://")
    try:
        if path.endswith(".rego"):
            return None, {path: parse_module(path, Path(path).read_text(encoding="utf-8"), version)}
        bundle = read_bundle(path)
    except OSError as e:
        raise NotFound(f"open {path}: {(e.strerror or str(e)).lower()}") from e
    lead = f"{path}/" if Path(path).is_dir() else "/"
    names = {name: os.path.normpath(lead + name) for name in bundle.modules}
    said = {name: bundle.manifest.version(f"/{name}") or version for name in names}
    return bundle, {names[name]: parse_module(names[name], text, said[name]) for name, text in bundle.modules.items()}


def _namespaces(path: str, bundle: Bundle | None, modules: dict[str, Module]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for name, module in modules.items():
        found.setdefault(_dotted(["data", *module.package]), []).append(os.path.normpath(name))
    for name in sorted(bundle.files) if bundle else ():
        folder, _, base = name.rpartition("/")
        if base in ("data.json", "data.yaml", "data.yml"):
            full = os.path.normpath(f"{path}/{name}") if Path(path).is_dir() else f"/{name}"
            found.setdefault(".".join(["data", *folder.split("/")] if folder else ["data"]), []).append(full)
    return found


def _dotted(path: list[str]) -> str:
    from graven.rego.readout import shown

    return path[0] + shown(path[1:])


def _manifest_table(bundle: Bundle) -> str:
    manifest = bundle.manifest
    if not bundle.has_manifest:
        return ""
    rows = [("Rego Version", str(manifest.rego_version))] if manifest.rego_version is not None else []
    rows += [("Revision", _cut(manifest.revision))] if manifest.revision else []
    roots = sorted(root for root in manifest.roots if root or len(manifest.roots) > 1)
    rows += [("Roots" if place == 0 else "", root) for place, root in enumerate(roots)]
    rows += [("Metadata", _cut(golang.compact(dict(manifest.metadata))))] if manifest.metadata else []
    return "MANIFEST:\n" + golang.table(("FIELD", "VALUE"), rows) if rows else ""


def _cut(text: str, most: int = 50) -> str:
    return text if len(text) < most else text[: most - 3] + "..."


def _notes(module: Module) -> list[dict[str, Any]]:
    """Give the annotations of a module: each with what it stands before, and its path."""
    from graven.rego.notation import to_json

    starts: list[tuple[int, list[Any], str]] = [(module.package_at, [], "")]
    starts += [(rule.at, [getattr(step, "value", "") for step in rule.ref], rule.name) for rule in module.rules]
    offsets = {}
    for found in [*module.annotations, *(rule.annotations for rule in module.rules if rule.annotations)]:
        row = int(found["$row"])
        offsets[row] = found
    told = []
    for row, found in sorted(offsets.items()):
        at, ref, name = min((start for start in starts if module.source.position(start[0])[0] > row), default=starts[0])
        line, column = module.source.position(at)
        shown = {key: to_json(value) for key, value in sorted(found.items()) if not key.startswith("$")}
        note: dict[str, Any] = {
            "annotations": shown,
            "location": {"file": module.source.file, "row": line, "col": column},
            "path": ["data", *module.package, *ref],
            "rule": name and _dotted([str(step) for step in ref]),
            "package": _dotted(list(module.package)),
        }
        told.append(note)
    return told


def _json(bundle: Bundle | None, namespaces: dict[str, list[str]], notes: list[dict[str, Any]]) -> str:
    whole: dict[str, Any] = {}
    if bundle is not None:
        manifest = {"revision": bundle.manifest.revision, "roots": list(bundle.manifest.roots)}
        value = bundle.manifest.value()
        manifest |= {key: value[key] for key in ("rego_version", "file_rego_versions", "metadata") if key in value}
        whole["manifest"] = manifest
    signatures: Any = {}
    if bundle is not None and bundle.signed():
        from graven.decide.bundle import SIGNATURES

        signatures = json.loads(bundle.files[SIGNATURES])
    whole["signatures_config"] = signatures
    whole["namespaces"] = {name: namespaces[name] for name in sorted(namespaces)}
    if notes:
        whole["annotations"] = [
            {
                "annotations": note["annotations"],
                "location": note["location"],
                "path": [
                    {"type": "string" if place else "var", "value": step} for place, step in enumerate(note["path"])
                ],
            }
            for note in notes
        ]
    return golang.document(whole, ordered=True)


def _note_text(note: dict[str, Any]) -> str:
    about, location = note["annotations"], note["location"]
    title = str(about.get("title", "")).strip() or _dotted([str(step) for step in note["path"][1:]])
    lines = [title, "=" * min(len(title), 80), ""]
    lines += [about["description"], ""] if about.get("description") else []
    lines += [f"Package:  {note['package']}"]
    lines += [f"Rule:     {note['rule']}"] if note["rule"] else []
    lines += [f"Location: {location['file']}:{location['row']}", f"Scope: {about['scope']}"]
    lines += ["Entrypoint: true"] if about.get("entrypoint") else []
    lines.append("")
    for heading, entries in _lists(about):
        lines += [f"{heading}:", *(f" {entry}" for entry in entries), ""]
    return "\n".join(lines) + "\n"


def _lists(about: dict[str, Any]) -> list[tuple[str, list[str]]]:
    authors = [
        " ".join(filter(None, (a.get("name"), f"<{a['email']}>" if a.get("email") else "")))
        for a in about.get("authors", [])
    ]
    resources = [
        " ".join(filter(None, (one["ref"], one.get("description")))) for one in about.get("related_resources", [])
    ]
    custom = about.get("custom", {})
    widest = max(map(len, custom), default=0)
    own = [f"{key}: {' ' * (widest - len(key))}{golang.compact(custom[key])}" for key in sorted(custom)]
    found = [("Organizations", about.get("organizations", [])), ("Authors", authors), ("Related Resources", resources)]
    return [(heading, entries) for heading, entries in [*found, ("Custom", own)] if entries]
