"""Owns what the parts of the evaluation ask of one another; ``evaluation`` is what answers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from graven.documents.cue.nodes import Conjunct, Env, Node, Value
from graven.documents.cue.syntax import Constant, Expr
from graven.documents.cue.values import Kinds
from graven.errors import Unsupported

__all__ = ["Machine"]


class Machine(Protocol):
    """Evaluates one text."""

    imports: dict[str, tuple[int, str]]

    def step(self, at: int, weight: int = 1) -> None:
        """Count a step, and refuse one too many."""

    def take(self, node: Node, value: Value | Kinds, said: Conjunct | None, at: int) -> None:
        """Take in a value that was computed."""

    def unsupported(self, what: str, at: int) -> Unsupported:
        """Give the error of something that is not done here."""

    def expand(self, node: Node) -> None:
        """Find out all of a node but its parts."""

    def process(self, node: Node, said: Conjunct) -> None:
        """Take in something that is said of a node."""

    def later(self, node: Node, task: Callable[[], None], *, now: bool = False) -> None:
        """Leave something until what it waits for is there; ``now`` tries it first."""

    def narrow(self, node: Node, kinds: int, at: int) -> None:
        """Say of which kinds a node is."""

    def constant(self, node: Node, value: Constant, at: int) -> None:
        """Take in a constant."""

    def below(self, said: Conjunct, expr: Expr) -> Conjunct:
        """Give what is said of a part by what is said of the whole."""

    def say(self, node: Node, said: Conjunct) -> None:
        """Say something of a node."""

    def target(self, expr: Expr, env: Env) -> Constant | Node | Kinds:
        """Give what an expression refers to."""

    def anonymous(self, expr: Expr, env: Env) -> Node:
        """Make a node of an expression that has no place of its own."""

    def value(self, node: Node, at: int) -> Value:
        """Give the constant that a node is, or the node if it is a struct or a list."""

    def settled(self, node: Node, at: int) -> Node:
        """Expand a node, and take the default of its alternatives."""

    def finish(self, node: Node) -> None:
        """Find out a node with all its parts; ``error`` and ``stuck`` then say what is wrong."""
