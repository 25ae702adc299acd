"""Owns the values of the body of a block: arguments evaluated, blocks as lists, ``dynamic`` blocks spread out."""

from __future__ import annotations

import re
from typing import Any

from graven.documents.hcl.evaluation import Evaluation
from graven.documents.hcl.shape import Shape
from graven.documents.hcl.tree import Block, Body, Expression
from graven.documents.hcl.values import Unknown
from graven.documents.position import Path
from graven.errors import TooLarge

__all__ = ["MAX_INSTANCES", "Values", "instances"]

MAX_INSTANCES = 10_000
_SWITCH = re.compile(
    "enabled?|(enable|disable|force|block|prevent|allow|skip|is|has)_.*|.*_(enabled|disabled|protection|delete)"
)
_META_ARGUMENTS = frozenset({"count", "for_each", "provider", "depends_on"})
_META_BLOCKS = frozenset({"lifecycle", "provisioner", "connection"})


def _switched(name: str, value: Any) -> Any:
    """Give the boolean that a text says where an argument's name tells that it is a switch, as a provider reads it."""
    return value == "true" if value in ("true", "false") and _SWITCH.fullmatch(name) else value


class Values:
    """The values of one block, with the offsets of their texts and the paths of those that are unknown."""

    def __init__(self, evaluation: Evaluation) -> None:
        self.shape = Shape(evaluation.shape.source)
        self.evaluation = evaluation
        self.unknown: set[Path] = set()
        self.about: dict[Path, frozenset[str]] = {}
        """The addresses of the resources that something unknown is a part of."""
        self.absent: set[Path] = set()
        """Arguments that are null, which is as if they were not there."""

    def resource(self, block: Block) -> dict[str, Any]:
        """Give the values of a resource: all but what is said to Terraform itself."""
        self.shape.offsets[()] = block.start
        found = self._arguments(block.body, self.evaluation, ())
        for name in _META_ARGUMENTS & found.keys():
            del found[name]
            self.unknown = {path for path in self.unknown if path[0] != name}
        inner = [one for one in block.body.blocks if one.kind not in _META_BLOCKS]
        self._blocks(inner, self.evaluation, (), found)
        return found

    def lifecycle(self, block: Block) -> dict[str, Any]:
        """Give what stands in the blocks ``lifecycle``."""
        found: dict[str, Any] = {}
        for one in block.body.blocks:
            if one.kind == "lifecycle":
                found |= self._body(one.body, self.evaluation, ("lifecycle",))
        self.unknown = {path for path in self.unknown if path[:1] != ("lifecycle",)}
        return found

    def argument(self, expression: Expression, evaluation: Evaluation, path: Path) -> Any:
        """Give the value of an argument, unknown parts as their texts."""
        self.shape.value(expression, path)
        return self._settled(evaluation.value(expression), path)

    def _body(self, body: Body, evaluation: Evaluation, path: Path) -> dict[str, Any]:
        found = self._arguments(body, evaluation, path)
        self._blocks(body.blocks, evaluation, path, found)
        return found

    def _arguments(self, body: Body, evaluation: Evaluation, path: Path) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for name, each in body.attributes.items():
            at = (*path, name)
            found[name] = _switched(name, self.argument(each.value, evaluation, at))
            if found[name] is None:
                self.absent.add(at)
        return found

    def _blocks(self, blocks: list[Block], evaluation: Evaluation, path: Path, into: dict[str, Any]) -> None:
        for block in blocks:
            if block.kind == "dynamic" and len(block.labels) == 1:
                self._dynamic(block, evaluation, path, into)
            else:
                self._append(block.kind, block, block.body, evaluation, (path, into))

    def _append(
        self, kind: str, block: Block, body: Body, evaluation: Evaluation, place: tuple[Path, dict[str, Any]]
    ) -> None:
        path, into = place
        bodies = into.setdefault(kind, [])
        if not isinstance(bodies, list):
            return  # how many there are is unknown already
        evaluation.budget.spend()
        at = (*path, kind, len(bodies))
        self.shape.offsets.setdefault(at[:-1], block.start)
        self.shape.offsets[at] = block.start
        bodies.append(self._body(body, evaluation, at))

    def _dynamic(self, block: Block, evaluation: Evaluation, path: Path, into: dict[str, Any]) -> None:
        kind = block.labels[0][0]
        each = block.body.attributes.get("for_each")
        contents = [one for one in block.body.blocks if one.kind == "content"]
        if each is None or len(contents) != 1:
            return
        collection = evaluation.value(each.value)
        named = block.body.attributes.get("iterator")
        iterator = evaluation.shape.text(named.value) if named else kind
        if not isinstance(collection, list | dict):
            into[kind] = self._settled(evaluation.unknown(each.value), (*path, kind))
            self.shape.offsets[*path, kind] = block.start
            return
        pairs = collection.items() if isinstance(collection, dict) else ((one, one) for one in collection)
        for key, value in pairs:
            inner = evaluation.naming({iterator: {"key": key, "value": value}})
            self._append(kind, block, contents[0].body, inner, (path, into))

    def _settled(self, value: Any, path: Path) -> Any:
        self.evaluation.budget.spend()
        if isinstance(value, Unknown):
            self.unknown.add(path)
            self.about[path] = value.about
            return value.text
        if isinstance(value, dict):
            return {key: self._settled(one, (*path, key)) for key, one in value.items()}
        if isinstance(value, list):
            return [self._settled(one, (*path, index)) for index, one in enumerate(value)]
        return value


def instances(body: Body, evaluation: Evaluation) -> list[tuple[int | str | None, Evaluation]]:
    """Give an index and an evaluation for each instance that ``count`` or ``for_each`` makes; no index if unknown.

    Raises:
        TooLarge: there are more than the limit.
    """
    count, each = body.attributes.get("count"), body.attributes.get("for_each")
    chosen = count or each
    wanted = evaluation.value(chosen.value) if chosen else None
    if wanted is None:
        return [(None, evaluation)]
    if isinstance(wanted, str) and wanted.isdecimal():
        wanted = int(wanted[:9])
    if count and isinstance(wanted, int) and not isinstance(wanted, bool):
        if wanted > MAX_INSTANCES:
            where = evaluation.shape.source.where(count.start)
            raise TooLarge(f"got a count of {wanted}, at most {MAX_INSTANCES}", where=where)
        return [(index, evaluation.naming({"count": {"index": index}})) for index in range(wanted)]
    if each and isinstance(wanted, dict):
        pairs = sorted(wanted.items())
    elif each and isinstance(wanted, list) and all(isinstance(one, str) for one in wanted):
        pairs = [(one, one) for one in wanted]
    else:
        nothing = Unknown()
        return [(None, evaluation.naming({"count": {"index": nothing}, "each": {"key": nothing, "value": nothing}}))]
    return [(key, evaluation.naming({"each": {"key": key, "value": value}})) for key, value in pairs]
