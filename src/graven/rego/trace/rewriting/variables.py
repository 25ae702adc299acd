"""Owns which variables occur in a node, by the rules that the stages ask with."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from graven.record import TYPE_CHECKING, Record
from graven.rego.trace.rewriting.walking import Node, parts
from graven.rego.tree import (
    Call,
    Comprehension,
    Every,
    Expr,
    Logic,
    Negation,
    ObjectTerm,
    Ref,
    SetTerm,
    Template,
    Var,
    With,
)

if TYPE_CHECKING:
    Arity = Callable[[tuple[str, ...]], int]

__all__ = ["ALL", "OUTPUTS", "SAFETY", "STEPS", "UNIFIED", "Choice", "variables", "variables_of"]


class Choice(Record):
    """What a walk leaves out."""

    heads: bool = False
    """The variables that references begin with."""
    called: bool = False
    """The names of functions, and what ``with`` replaces."""
    keys: bool = False
    closures: bool = False
    sets: bool = False
    promote: Callable[[list[Expr]], set[str]] | None = None
    """Gives what a body without braces asks of the body around it."""


ALL = Choice()
SAFETY = Choice(called=True, closures=True)
OUTPUTS = Choice(closures=True, sets=True, keys=True, heads=True)
STEPS = Choice(heads=True)
UNIFIED = Choice(heads=True, keys=True, closures=True)


def variables_of(found: Iterable[Node], choice: Choice = ALL) -> set[str]:
    """Give the variables of several nodes."""
    names: set[str] = set()
    for node in found:
        _collect(node, choice, names)
    return names


def variables(node: Node, choice: Choice = ALL) -> set[str]:
    """Give the variables of a node."""
    names: set[str] = set()
    _collect(node, choice, names)
    return names


def _collect(node: Node, choice: Choice, names: set[str]) -> None:
    if choice.promote is not None and isinstance(node, Negation | Logic):
        _promoted(node, choice.promote, names)
        return
    for part in _within(node, choice, names):
        _collect(part, choice, names)


def _promoted(node: Negation | Logic, promote: Callable[[list[Expr]], set[str]], names: set[str]) -> None:
    if isinstance(node, Logic):
        for body, braced in zip((node.left, node.right), node.braces, strict=True):
            names |= set() if braced else promote(body)
    elif not node.braced:
        names |= promote(node.body)


def _within(node: Node, choice: Choice, names: set[str]) -> list[Node]:
    """Give where to go on from a node."""
    if isinstance(node, Var):
        names.add(node.name)
        return []
    if isinstance(node, Ref):
        return [*node.steps] if choice.heads else [node.head, *node.steps]
    if isinstance(node, Expr):
        return _of_expr(node, choice, names)
    if isinstance(node, With) and choice.called:
        target = [*node.target.steps] if isinstance(node.target, Ref) else []
        return [*target, *([*node.value.steps] if isinstance(node.value, Ref) else [node.value])]
    return [] if _left_out(node, choice) else _rest(node, choice, names)


def _left_out(node: Node, choice: Choice) -> bool:
    if choice.closures and isinstance(node, Comprehension | Template | Negation | Logic):
        return True
    return choice.sets and isinstance(node, SetTerm)


def _rest(node: Node, choice: Choice, names: set[str]) -> list[Node]:
    if choice.keys and isinstance(node, ObjectTerm):
        return [value for _, value in node.pairs]
    if isinstance(node, Call) and not (choice.called or choice.heads):
        names.add(node.name[0])
    return parts(node)


def _of_expr(expr: Expr, choice: Choice, names: set[str]) -> list[Node]:
    if isinstance(expr.term, Every) and choice.closures:
        return [expr.term.domain]
    if isinstance(expr.term, Call) and not (choice.called or choice.heads):
        names.add(expr.term.name[0])
    return parts(expr)
