"""Owns the functions that CUE has without an import."""

from __future__ import annotations

from graven.documents.cue import operations
from graven.documents.cue.machine import Machine
from graven.documents.cue.nodes import Closer, Conjunct, Env, Node
from graven.documents.cue.syntax import Call, Choice, Constant, Expr, Name
from graven.documents.cue.values import LIST, STRUCT, Bottom, shown

__all__ = ["NAMES", "call"]

NAMES = frozenset(("and", "close", "div", "error", "len", "matchIf", "matchN", "mod", "or", "quo", "rem"))


def call(machine: Machine, node: Node, expr: Call, said: Conjunct) -> None:
    """Say of a node what a function gives."""
    function = expr.function
    name = function.name if isinstance(function, Name) else ""
    if name in ("and", "or", "close") and len(expr.given) == 1:
        (_close if name == "close" else _fold)(machine, node, expr, said)
    elif name == "len" and len(expr.given) == 1:
        machine.constant(
            node, _length(operations.evaluate(machine, expr.given[0], said.env), machine, expr.at), expr.at
        )
    elif name in _DIVISIONS and len(expr.given) == 2:
        left, right = (operations.constant(machine, each, said.env) for each in expr.given)
        machine.constant(node, _divided(name, left, right, expr.at), expr.at)
    else:
        raise machine.unsupported("got the call of a function", expr.at)


def _close(machine: Machine, node: Node, expr: Call, said: Conjunct) -> None:
    closer = Closer(said.hosts, closing=True, deep=False)
    machine.process(node, said._replace(expr=expr.given[0], chain=said.chain | {closer}, hosts=()))


def _fold(machine: Machine, node: Node, expr: Call, said: Conjunct) -> None:
    """Bring the elements of a list together with ``&`` or ``|``."""
    items = operations.parts(machine, expr.given[0], said.env)
    name = expr.function.name if isinstance(expr.function, Name) else ""
    if not items and name == "or":
        raise Bottom("got or([]), of which nothing is left", expr.at)
    bound: dict[str, Constant | Node] = {f"{at}": item for at, item in items}
    env = Env(said.env, None, {}, bound, expr.at)
    made: list[Expr] = [Name(expr.at, str(at)) for at, _ in items]
    if name == "or" and len(made) > 1:
        machine.process(node, said._replace(expr=Choice(expr.at, tuple((each, False) for each in made)), env=env))
        return
    for each in made:
        machine.process(node, said._replace(expr=each, env=env))


def _length(value: object, machine: Machine, at: int) -> int:
    if isinstance(value, Node) and value.kinds in (LIST, STRUCT):
        return len(operations.listed(machine, value, at))
    if isinstance(value, str | bytes):
        return len(value.encode() if isinstance(value, str) else value)
    raise Bottom("got something without a length", at)


_DIVISIONS = frozenset(("div", "mod", "quo", "rem"))


def _divided(name: str, left: Constant, right: Constant, at: int) -> int:
    if not isinstance(left, int) or not isinstance(right, int) or isinstance(left, bool) or isinstance(right, bool):
        raise Bottom(f"got {name}({shown(left)}, {shown(right)}), expected integers", at)
    if not right:
        raise Bottom("got a division by zero", at)
    if name in ("quo", "rem"):
        whole = abs(left) // abs(right) * (1 if (left < 0) == (right < 0) else -1)
        return whole if name == "quo" else left - right * whole
    rest = left % abs(right)
    return (left - rest) // right if name == "div" else rest
