"""Owns ``--schema`` of the commands for rules: JSON schemas that rules are checked against."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from graven.errors import Malformed, NotFound

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from graven.rego import Policy
    from graven.rego.compile.schematypes import Schemas

__all__ = ["add_schema", "hold"]

_ENDINGS = (".json", ".yaml", ".yml")


def add_schema(parser: argparse.ArgumentParser) -> None:
    """Add where the schemas are."""
    what = "a JSON schema of the input, or a folder of those that annotations name"
    parser.add_argument("-s", "--schema", default="", metavar="PATH", help=what)


def hold(policy: Policy, modules: Mapping[str, str], path: str) -> None:
    """Hold rules against the schemas at a path, if one is named, and against those of their annotations.

    Raises:
        PolicyErrors: what the schemas tell to be wrong.
        NotFound: there is nothing at the path.
        Malformed: it is no schema.
    """
    if not path and all("schemas:" not in text for text in modules.values()):
        return
    from graven.rego import PolicyErrors
    from graven.rego.compile.schematypes import check_schemas

    errors = check_schemas(policy.traced.unit, _schemas(path))
    if errors:
        raise PolicyErrors(errors)


def _schemas(path: str) -> Schemas:
    from pathlib import Path

    from graven.rego.compile.schematypes import Schemas

    if not path:
        return Schemas()
    place = Path(path.removeprefix("file://"))
    if place.is_dir():
        return Schemas(named={_name(place, each): _read(each) for each in _files(place)})
    return Schemas(input=_read(place))


def _files(folder: Path) -> Iterator[Path]:
    yield from sorted(each for each in folder.rglob("*") if each.is_file() and each.suffix in _ENDINGS)


def _name(folder: Path, file: Path) -> tuple[str, ...]:
    return file.relative_to(folder).with_suffix("").parts


def _read(file: Path) -> object:
    from graven.engines.policyfiles import yaml_value
    from graven.rego import to_json

    try:
        content = file.read_bytes()
    except OSError as e:
        raise NotFound(f"stat {file}: {(e.strerror or str(e)).lower()}") from e
    found = to_json(yaml_value(content, str(file)))
    if not isinstance(found, (dict, bool)):
        raise Malformed("got no schema, expected an object", where=str(file))
    return found
