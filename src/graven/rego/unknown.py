"""Owns the parts of an input that nobody knows: a tree of their paths, and an input in which they are shown."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from graven.record import TYPE_CHECKING
from graven.rego.machine import U
from graven.rego.values import RegoObject, Value

if TYPE_CHECKING:
    from typing import Any

    from graven.rego.places import Path

__all__ = ["Unknowns"]


class Unknowns:
    """Paths that lead to what is unknown.

    >>> unknowns = Unknowns([("after", "acl")])
    >>> unknowns.at(("after",), "acl"), unknowns.at(("after",), "tags"), unknowns.below(())
    (('after', 'acl'), None, ('after', 'acl'))
    """

    def __init__(self, paths: Iterable[Path]) -> None:
        self.paths = tuple(paths)
        self.tree: dict[str | int, Any] = {}
        self.signs: dict[int, Path] = {}
        """Where each sign stands that ``shown`` has put in, by its identity."""
        self._kept: list[str] = []
        for path in self.paths:
            self._add(path)

    def __bool__(self) -> bool:
        return bool(self.paths)

    def _add(self, path: Path) -> None:
        node = self.tree
        for step in path[:-1]:
            following = node.setdefault(step, {})
            if following.__class__ is tuple:
                return  # what is around it is unknown already
            node = following
        if path:
            node[path[-1]] = path

    def joined(self, other: Unknowns) -> Unknowns:
        """Give these with others."""
        return Unknowns((*self.paths, *other.paths)) if other.paths else self

    def _node(self, path: Path) -> Any:
        node: Any = self.tree
        for step in path:
            if node.__class__ is tuple:
                return node
            node = node.get(step)
            if node is None:
                return None
        return node

    def at(self, path: Path, key: Value) -> Path | None:
        """Give the unknown member of a part that has this key; of any key if none is given."""
        node = self._node(path)
        if node.__class__ is not dict:
            return node  # type: ignore[no-any-return]
        if key is not U:
            found = node.get(key) if key.__class__ in (str, int) else None
            return found if found.__class__ is tuple else None
        return next((each for each in node.values() if each.__class__ is tuple), None)

    def below(self, path: Path) -> Path | None:
        """Give an unknown part of a part, however deep."""
        node = self._node(path)
        while node.__class__ is dict:
            node = next(iter(node.values()), None)
        return node  # type: ignore[no-any-return]

    def meets(self, steps: Sequence[str | None]) -> bool:
        """Say whether steps lead to something unknown, through it, or to what holds it; None is any step.

        >>> Unknowns([("a", 0, "b")]).meets(["a", None, "b", "c"]), Unknowns([("a", 0, "b")]).meets(["a", None, "d"])
        (True, False)
        """
        nodes: list[Any] = [self.tree] if self.tree else []
        for step in steps:
            if any(node.__class__ is tuple for node in nodes):
                return True
            nodes = [
                each for node in nodes for key, each in node.items() if step is None or str(key) == step
            ]  # fmt: skip
        return bool(nodes)

    def shown(self, value: Value) -> Value:
        """Give an input in which a sign stands for each unknown part."""
        return self._shown(value, self.tree)

    def _shown(self, value: Value, node: dict[str | int, Any]) -> Value:
        if value.__class__ is RegoObject:
            found = dict(value)
            for key, each in node.items():
                if each.__class__ is tuple:
                    found[key] = self._sign(each)
                elif key in found:
                    found[key] = self._shown(found[key], each)
            return RegoObject(found)
        if value.__class__ is tuple:
            items = list(value)
            for at, each in node.items():
                if at.__class__ is int and at < len(items):
                    items[at] = self._sign(each) if each.__class__ is tuple else self._shown(items[at], each)
            return tuple(items)
        return value

    def _sign(self, path: Path) -> str:
        sign = f"(unknown {len(self.signs)})"  # a text of its own, so that its identity tells its path
        self.signs[id(sign)] = path
        self._kept.append(sign)
        return sign
