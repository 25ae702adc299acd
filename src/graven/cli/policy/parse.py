"""``graven policy parse``: prints the syntax tree of a module."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from graven.cli.policy.arguments import add_version, version_of
from graven.errors import GravenError, NotFound

if TYPE_CHECKING:
    from graven.rego.tree import Module

__all__ = ["HELP", "configure", "run"]

HELP = """Print the syntax tree of a module, as `opa parse` does ('graven parse' is for configuration files).

--json-include says what the JSON holds: locations adds the places of nodes, -comments leaves out comments.

examples:
  graven policy parse policies/policy.rego
  graven policy parse --format json --json-include=locations,-comments policies/policy.rego
"""


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the arguments."""
    parser.add_argument("path", metavar="FILE", help="a module")
    parser.add_argument("-f", "--format", choices=("pretty", "json"), default="pretty")
    parser.add_argument("--json-include", default="", metavar="LIST", help="locations; -comments leaves them out")
    add_version(parser)


def run(args: argparse.Namespace) -> int:
    """Parse and print."""
    from graven.cli.policy.answers import error_documents
    from graven.cli.policy.golang import document

    wanted = [word for word in args.json_include.split(",") if word]
    try:
        module = _module(args)
    except GravenError as error:
        sys.stderr.write(document({"errors": error_documents(error)}, ordered=True))
        return 3
    if args.format == "json":
        from graven.rego.astjson import module_json
        from graven.rego.astplaces import Places

        places = Places(module) if "locations" in wanted else None
        tree = module_json(module, comments="-comments" not in wanted, places=places)
        sys.stdout.write(document({key: _ordered(key, value) for key, value in tree.items()}, ordered=True))
    else:
        from graven.rego.treetext import lines

        sys.stdout.write("".join(f"{line}\n" for line in lines(module)))
    return 0


def _module(args: argparse.Namespace) -> Module:
    from graven.rego.parse.modules import parse_module

    path = args.path.removeprefix("file://")
    try:
        text = Path(path).read_bytes().decode()
    except (OSError, UnicodeDecodeError) as e:
        reason = (e.strerror or "").lower() if isinstance(e, OSError) else "not UTF-8"
        raise NotFound(f"open {path}: {reason}") from e
    return parse_module(path, text, version_of(args))


_FIELDS = {
    "head": ("name", "args", "key", "value", "assign", "ref"),
    "authors": ("name", "email"),
    "related_resources": ("ref", "description"),
    "location": ("file", "row", "col"),
    "alias_location": ("file", "row", "col"),
    "comments": ("Text", "Location"),
    "Location": ("file", "row", "col"),
}
"""Of what OPA writes in the order of its own fields; everything else is sorted."""


def _ordered(name: str, value: Any) -> Any:
    if isinstance(value, list):
        return [_ordered(name, item) for item in value]
    if not isinstance(value, dict):
        return value
    comprehension = name == "value" and "body" in value
    first = [key for key in ("term", "key", "value") if key in value] if comprehension else []
    first += ["parts"] if "parts" in value else []
    first += [key for key in _FIELDS.get(name, ()) if key in value]
    return {key: _ordered(key, value[key]) for key in [*first, *sorted(value.keys() - set(first))]}
