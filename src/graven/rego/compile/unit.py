"""Owns what all functions of one compilation share: constants, places, builtins, the tree of rules, base documents."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import count

from graven.rego.builtins.protocol import Builtin
from graven.rego.machine import Sites, base_index
from graven.rego.ruletree import RuleTree
from graven.rego.tree import Expr, Rule, Source
from graven.rego.values import Value
from graven.rego.virtual import Place

__all__ = ["Point", "Unit"]


@dataclass(frozen=True, slots=True)
class Point:
    """One expression of a traced compilation."""

    source: Source
    expr: Expr
    arm: Rule | None
    """The rule, or the ``else``, whose body it stands in; None in a query."""
    place: int
    """Its place in that body; -1 in a body inside it."""
    body: list[Expr] = field(default_factory=list)
    """The body that it stands in, whichever that is."""
    index: int = 0
    """Its place there."""
    around: list[Expr] | None = None
    """The body that the body stands in."""


@dataclass(slots=True)
class Unit:
    """One compilation of a set of modules."""

    tree: RuleTree
    base: Value
    root: Place
    """The tree as running code sees it."""
    find: Callable[[str], Builtin | None]
    """Gives a builtin by name: the caller's before OPA's."""
    mocked_paths: frozenset[tuple[str, ...]] = frozenset()
    """Paths below ``data`` that some ``with`` replaces."""
    mocked_calls: frozenset[str] = frozenset()
    """Functions, by full name, that some ``with`` replaces."""
    sites: Sites = field(default_factory=Sites)
    space: dict[str, object] = field(default_factory=dict)
    """The global names of the generated code."""
    called: dict[str, Builtin] = field(default_factory=dict)
    """The builtins that generated code calls, by its name for them."""
    traced: bool = False
    """Each expression reports that it is reached, and with which values."""
    prints: bool = False
    """Calls of ``print`` are not erased."""
    allow_net: frozenset[str] | None = None
    """The hosts that builtins may ask; None: any."""
    points: list[Point] = field(default_factory=list)
    solved: list[list[Expr]] = field(default_factory=list)
    """The bodies that report their solutions, by the number that they report."""
    _constants: dict[Value, str] = field(default_factory=dict)
    _numbers: count[int] = field(default_factory=lambda: count(1))

    def number(self) -> int:
        """Give a number that was not given before."""
        return next(self._numbers)

    def constant(self, value: Value) -> str:
        """Give the name of a value that is known; equal numbers of different classes keep their own."""
        key = (value.__class__, value)
        name = self._constants.get(key)
        if name is None:
            name = self._constants[key] = f"K{self.number()}"
            self.space[name] = value
        return name

    def keep(self, thing: object, prefix: str = "G") -> str:
        """Give a name to something that generated code uses."""
        name = f"{prefix}{self.number()}"
        self.space[name] = thing
        return name

    def place(self, path: tuple[Value, ...]) -> Place:
        """Give the place at a path below ``data`` that rules or packages make."""
        found = self.root
        for step in path:
            found = found.children[step]
        return found

    def base_at(self, path: tuple[Value, ...]) -> Value:
        """Give the base document at a path below ``data``."""
        found = self.base
        for step in path:
            found = base_index(found, step)
        return found

    def is_mocked(self, path: tuple[Value, ...]) -> bool:
        """Say whether a ``with`` may change what stands at a path, above it or below it."""
        return any(path[: len(each)] == each[: len(path)] for each in self.mocked_paths)

    def arity(self, name: tuple[str, ...]) -> int | None:
        """Give how many arguments a function takes, or None if there is none of that name."""
        if name[0] == "data":
            group = self.tree.function(name[1:])
            return group.arity if group else None
        found = self.find(".".join(name))
        if found is None or found.declaration.variadic:
            return None
        return len(found.declaration.arguments)
