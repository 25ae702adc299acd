"""Owns the tree that a text of CUE is evaluated in: its nodes, what is said of each, and the scopes of names."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

from graven.documents.cue.syntax import Constant, Expr, Field, Label, Let
from graven.documents.cue.values import TOP, Bound, Failure
from graven.record import Record

__all__ = ["Closer", "Conjunct", "Env", "Node", "Pattern", "Pick", "Value"]

UNSEEN, GATHERING, SETTLING, EXPANDED = range(4)


class Closer:
    """A definition, by which the structs that it says something of are closed.

    ``hosts`` are the structs that it is embedded in, each with the embedding, whose other fields it allows too;
    ``inner`` are the definitions embedded in what this one stands for.
    """

    __slots__ = ("closing", "deep", "hosts", "inner")

    def __init__(
        self, hosts: tuple[tuple[Closer, Closer], ...] = (), *, closing: bool = False, deep: bool = True
    ) -> None:
        self.hosts = hosts
        self.closing = closing
        self.deep = deep
        self.inner: list[Closer] = []
        for host, _ in hosts if closing else ():
            host.inner.append(self)

    def covers(self, chain: frozenset[Closer]) -> bool:
        """Say whether something that is said by way of a chain may add fields."""
        return self in chain or any(host in chain and part not in chain for host, part in self.hosts)


class Conjunct(Record):
    """Something that is said of a node: an expression, its scope, and how it came there."""

    expr: Expr
    env: Env
    chain: frozenset[Closer] = frozenset()
    hosts: tuple[tuple[Closer, Closer], ...] = ()
    lineage: tuple[tuple[Node, int], ...] = ()
    """The nodes that were referred to on the way, with the depth at which."""
    under: object = None
    """The disjunction that this is an alternative of."""


class Pick(Record):
    """Which alternative of a disjunction was taken: its place, its mark, and the disjunction around."""

    place: int
    mode: int
    under: object


class Pattern(Record):
    """A constraint upon the fields whose names match."""

    label: Expr
    field: Field
    conjunct: Conjunct


class Env:
    """A scope: the fields of a struct, or names that a clause or an alias gives."""

    __slots__ = ("bound", "key", "lets", "names", "node", "up")

    def __init__(
        self,
        up: Env | None,
        node: Node | None,
        names: dict[str, Field | Let],
        bound: dict[str, Constant | Node] | None = None,
        key: object = None,
    ) -> None:
        self.up = up
        self.node = node
        self.names = names
        self.bound = bound
        self.lets: dict[str, Node] = {}
        self.key: object = (key, node.path if node else None, up.key if up else None)

    def around(self) -> Node | None:
        """Give the node whose struct this stands in."""
        env: Env | None = self
        while env and env.node is None:
            env = env.up
        return env.node if env else None


class Node:
    """A value that is being found out, and what was said of it."""

    __slots__ = (
        "arcs", "at", "atom", "bounds", "choices", "closers", "conjuncts", "declared", "depth", "error", "finished",
        "frozen", "items", "kinds", "label", "last", "later", "leaves", "lists", "maybe", "missed", "opens", "origin",
        "parent", "path", "patterns", "picks", "presence", "rests", "shut", "solid", "state", "stuck", "tasks",
    )  # fmt: skip

    def __init__(self, parent: Node | None, label: Label | int, at: int, conjuncts: list[Conjunct]) -> None:
        self.parent = parent
        self.label = label
        self.depth: int = parent.depth + 1 if parent else 0
        self.path: tuple[Label | int, ...] = (*parent.path, label) if parent else ()
        self.at = at
        self.conjuncts = conjuncts
        self.presence = ""
        """As the mark of a field: nothing, ``?`` or ``!``."""
        self.picks: dict[object, Pick] = {}
        self.origin: Node = self
        self.frozen = False
        self.clear()

    def clear(self) -> None:
        """Forget what was found out."""
        self.state = UNSEEN
        self.finished = False
        self.shut = False
        self.last = False
        """Nothing more comes of what it waits for: fields that are not set stay so."""
        self.missed: set[Label] = set()
        """The fields that were found not to be set, and hence may no longer be."""
        self.solid = False
        self.maybe = False
        self.kinds = TOP
        self.atom: tuple[Constant] | None = None
        self.bounds: list[tuple[Bound, int]] = []
        self.arcs: dict[Label, Node] = {}
        self.items: list[Node] = []
        self.lists: list[tuple[int, bool]] = []
        self.rests: list[tuple[int, Conjunct]] = []
        self.patterns: list[Pattern] = []
        self.declared: dict[Label, list[frozenset[Closer]]] = {}
        self.opens: list[frozenset[Closer]] = []
        self.closers: dict[Closer, None] = {}
        self.choices: list[tuple[object, Conjunct]] = []
        self.leaves: list[tuple[Node, int]] | None = None
        self.tasks: list[Callable[[], None]] = []
        self.later: list[Callable[[], None]] = []
        self.stuck: Failure | None = None
        self.error: Failure | None = None

    @property
    def named(self) -> str:
        """The path for an error."""
        return ".".join(each[0] if isinstance(each, tuple) else str(each) for each in self.path) or "the value"


Value: TypeAlias = "Constant | Node"
