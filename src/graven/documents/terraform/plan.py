"""Owns the reading of ``terraform show -json`` ("JSON Output Format"): resources of all modules, what is unknown."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any

from graven.documents.position import Document, Path
from graven.documents.terraform.resource import Resource
from graven.errors import TooLarge

__all__ = ["is_plan", "planned", "undetermined"]

_INDEX = re.compile(r'\[(?:[0-9]+|"(?:[^"\\]|\\.)*")\]')
_MAX_DEPTH = 100


def is_plan(value: Any) -> bool:
    """Tell whether a value is a plan, or a state, as JSON.

    >>> is_plan({"format_version": "1.2", "planned_values": {"root_module": {}}}), is_plan({"format_version": "1.2"})
    (True, False)
    """
    if not isinstance(value, dict):
        return False
    if isinstance(value.get("format_version"), str) and any(isinstance(value.get(key), kind) for key, kind in _PARTS):
        return True
    # or what somebody has cut out of one
    changes = [one for one in _objects(value.get("resource_changes")) if "address" in one and "change" in one]
    return bool(changes) or "root_module" in _object(value.get("planned_values"))


_PARTS = (("planned_values", dict), ("resource_changes", list), ("values", dict))


def planned(file: str, document: Document, written: Sequence[Resource] = ()) -> tuple[Resource, ...]:
    """Give the resources of a plan, with the places of those that are declared in HCL beside it.

    Raises:
        TooLarge: its modules are nested too deep.
    """
    top = "planned_values" if "planned_values" in document.value else "values"
    root = _object(_object(document.value.get(top)).get("root_module"))
    said = list(_module(root, (top, "root_module"))) if top in document.value else list(_changed(document.value))
    unknown = _unknown(document.value)
    places = {_INDEX.sub("", one.address): one for one in reversed(written)}
    places |= {one.address: one for one in written}
    found: list[Resource] = []
    for path, each in said:
        one = _resource(file, document, path, each, unknown.get(each["address"], frozenset()))
        place = places.get(one.address) or places.get(_INDEX.sub("", one.address))
        found.append(one.placed(place) if place else one)
    return tuple(found)


def _changed(plan: dict[str, Any]) -> Iterator[tuple[Path, dict[str, Any]]]:
    """Give the resources of a plan that was left without its planned values: what changes will have made of them."""
    for at, one in enumerate(_list(plan.get("resource_changes"))):
        change = _object(_object(one).get("change"))
        if isinstance(_object(one).get("address"), str) and isinstance(change.get("after"), dict):
            yield ("resource_changes", at, "change", "after"), {**one, "values": change["after"]}


def undetermined(plan: dict[str, Any]) -> frozenset[Path]:
    """Give the paths of a plan that ``after_unknown`` marks, in changes and in planned values.

    >>> sorted(undetermined({"resource_changes": [{"address": "a.b", "change": {"after_unknown": {"id": True}}}]}))
    [('resource_changes', 0, 'change', 'after', 'id')]

    Raises:
        TooLarge: its modules are nested too deep.
    """
    found: set[Path] = set()
    for at, one in enumerate(_list(plan.get("resource_changes"))):
        marked = _marked(_object(_object(one).get("change")).get("after_unknown"), ())
        found.update(("resource_changes", at, "change", "after", *path) for path in marked)
    for name, one in _object(plan.get("output_changes")).items():
        for path in _marked(_object(one).get("after_unknown"), ()):
            found.add(("output_changes", name, "after", *path))
            found.add(("planned_values", "outputs", name, "value", *path))
    unknown = _unknown(plan)
    root = _object(_object(plan.get("planned_values")).get("root_module"))
    for place, said in _module(root, ("planned_values", "root_module")):
        found.update((*place, "values", *path) for path in unknown.get(said["address"], ()))
    return frozenset(found)


def _unknown(plan: dict[str, Any]) -> dict[str, frozenset[Path]]:
    return {
        str(change.get("address")): frozenset(_marked(_object(change.get("change")).get("after_unknown"), ()))
        for change in _objects(plan.get("resource_changes"))
    }


def _module(module: dict[str, Any], path: Path) -> Iterator[tuple[Path, dict[str, Any]]]:
    if len(path) > _MAX_DEPTH:
        raise TooLarge(f"modules nested deeper than {_MAX_DEPTH // 2} levels")
    for at, one in enumerate(_list(module.get("resources"))):
        if isinstance(one, dict) and isinstance(one.get("address"), str):
            yield (*path, "resources", at), one
    for at, child in enumerate(_list(module.get("child_modules"))):
        yield from _module(_object(child), (*path, "child_modules", at))


def _resource(file: str, document: Document, path: Path, said: dict[str, Any], unknown: frozenset[Path]) -> Resource:
    address = str(said["address"])
    names: dict[str, Any] = {key: str(said.get(key, "")) for key in ("type", "name", "mode", "provider_name")}
    module = address.partition(f"{'data.' if names['mode'] == 'data' else ''}{names['type']}.{names['name']}")[0]
    names |= {"address": address, "index": said.get("index"), "module": module.rstrip("."), "unknown": unknown}
    base = path if path[-1] == "after" else (*path, "values")
    return Resource(file, document, base, _object(said.get("values")), **names)


def _marked(shape: Any, path: Path) -> Iterator[Path]:
    if shape is True:
        yield path
    elif isinstance(shape, dict | list):
        for key, one in shape.items() if isinstance(shape, dict) else enumerate(shape):
            yield from _marked(one, (*path, key))


def _object(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _objects(value: Any) -> Iterator[dict[str, Any]]:
    return (one for one in _list(value) if isinstance(one, dict))


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []
