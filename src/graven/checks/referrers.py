"""Owns which resources of Terraform speak of another one, so that a rule about a bucket sees what settles it; pure.

A resource refers to another by an expression that names it (in HCL, or in the ``configuration`` of a plan), or, where
its type continues the other's (``aws_s3_bucket_versioning``), by the name that both say. In HCL it is followed through
``for_each``, locals, inputs and outputs of modules; in a plan that says only expressions it is not.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from graven.documents.position import Document
from graven.documents.terraform import Resource, is_plan

__all__ = ["referrers"]

_NAMED = re.compile(r"(?<![\w.-])((?:data\.)?[a-z][a-z0-9]*_[a-z0-9_]+\.[A-Za-z_][\w-]*)(\[(?:[0-9]+|\"[^\"\]]*\")\])?")
_INDEX = re.compile(r"\[[^\]]*\]")
_LAST_INDEX = re.compile(r"\[[^\]]*\]$")
_NAMES = ("bucket", "name")
_MAX_DEPTH = 50


def referrers(resources: Sequence[Resource], documents: Mapping[str, Document]) -> dict[str, list[Resource]]:
    """Give for the address of each resource those that speak of it."""
    by_address = {one.address: one for one in resources}
    instances: defaultdict[str, list[Resource]] = defaultdict(list)
    named: defaultdict[tuple[str, str], list[Resource]] = defaultdict(list)
    for one in resources:
        instances[_LAST_INDEX.sub("", one.address)].append(one)
        for name in _own_names(one):
            named[one.module, name].append(one)
    planned = dict(_planned(documents))
    found: defaultdict[str, list[Resource]] = defaultdict(list)
    for one in resources:
        about = {other.address: other for other in _spoken_of(one, planned, by_address, instances)}
        about |= {other.address: other for name in _own_names(one) for other in named[one.module, name]}
        for address, other in about.items():
            if address != one.address and (one.type != other.type):
                found[address].append(one)
    return found


def _own_names(one: Resource) -> Iterator[str]:
    """Give what it is called, as long as that is known, with its provider: what others are matched by."""
    for key in _NAMES:
        value = one.values.get(key)
        if isinstance(value, str) and value and (key,) not in one.unknown:
            yield f"{one.type.partition('_')[0]}:{value}"


def _spoken_of(
    one: Resource,
    planned: Mapping[str, frozenset[str]],
    by_address: Mapping[str, Resource],
    instances: Mapping[str, list[Resource]],
) -> Iterator[Resource]:
    for address in one.about:
        exact = by_address.get(address)
        yield from [exact] if exact else instances.get(address, [])
    prefix = f"{one.module}." if one.module else ""
    texts = [text for path in one.unknown for text in _strings(_at(one.values, path))]
    texts += planned.get(_INDEX.sub("", one.address), frozenset())
    for text in texts:
        for address, index in _NAMED.findall(text):
            if index:
                exact = by_address.get(prefix + address + index)
                yield from [exact] if exact else ()
                continue
            others = instances.get(prefix + address, [])
            same = [other for other in others if one.index is not None and other.index == one.index]
            yield from same or others


def _at(value: Any, path: Sequence[str | int]) -> Any:
    for step in path:
        try:
            value = value[step]
        except (KeyError, IndexError, TypeError):
            return None
    return value


def _strings(value: Any, depth: int = 0) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list) and depth < _MAX_DEPTH:
        for part in value.values() if isinstance(value, dict) else value:
            yield from _strings(part, depth + 1)


def _planned(documents: Mapping[str, Document]) -> Iterator[tuple[str, frozenset[str]]]:
    """Give what a plan's configuration says that each resource refers to, by its address without indexes."""
    for document in documents.values():
        if is_plan(document.value):
            configuration = document.value.get("configuration")
            root = configuration.get("root_module") if isinstance(configuration, dict) else None
            yield from _module(root, "", 0)


def _module(module: Any, prefix: str, depth: int) -> Iterator[tuple[str, frozenset[str]]]:
    if not isinstance(module, dict) or depth > _MAX_DEPTH:
        return
    for one in module.get("resources") or ():
        if isinstance(one, dict) and isinstance(one.get("address"), str):
            yield prefix + one["address"], frozenset(_references(one.get("expressions"), 0))
    calls = module.get("module_calls")
    for name, call in calls.items() if isinstance(calls, dict) else ():
        yield from _module(call.get("module") if isinstance(call, dict) else None, f"{prefix}module.{name}.", depth + 1)


def _references(expressions: Any, depth: int) -> Iterator[str]:
    if depth > _MAX_DEPTH:
        return
    if isinstance(expressions, dict):
        told = expressions.get("references")
        if isinstance(told, list):
            yield from (text for text in told if isinstance(text, str))
        for part in expressions.values():
            yield from _references(part, depth + 1)
    elif isinstance(expressions, list):
        for part in expressions:
            yield from _references(part, depth + 1)
