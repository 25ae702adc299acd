"""Owns the functions that CUE has without an import."""

from __future__ import annotations

from graven.documents.cue import operations
from graven.documents.cue.machine import Machine
from graven.documents.cue.nodes import Closer, Conjunct, Env, Node, Value
from graven.documents.cue.packages import FUNCTIONS, applied
from graven.documents.cue.references import scope
from graven.documents.cue.syntax import Atom, Call, Choice, Constant, Expr, ListLit, Name, Select, Slice
from graven.documents.cue.values import LIST, STRUCT, Bottom, shown

__all__ = ["NAMES", "call", "cut"]

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
    elif isinstance(function, Select) and isinstance(function.base, Name):
        _imported(machine, node, expr, said)
    else:
        raise machine.unsupported("got the call of a function", expr.at)


def _imported(machine: Machine, node: Node, expr: Call, said: Conjunct) -> None:
    """Call a function of a package."""
    base, label = (expr.function.base, expr.function.label) if isinstance(expr.function, Select) else (None, "")
    path = machine.imports.get(base.name, (0, ""))[1] if isinstance(base, Name) else ""
    if not isinstance(base, Name) or scope(base.name, said.env) or not isinstance(label, str):
        raise machine.unsupported("got the call of a function", expr.at)
    values = [operations.evaluate(machine, each, said.env) for each in expr.given]
    if (path, label) == ("list", "Concat"):
        parts = [item for each in _elements(machine, values[0], expr.at) for item in _elements(machine, each, expr.at)]
        elements(machine, node, parts, said)
        return
    if (path, label) not in FUNCTIONS:
        raise machine.unsupported(f"got the function {path}.{label}", expr.at)
    given = [_texts(machine, each, expr.at) if isinstance(each, Node) else each for each in values]
    if label in ("ToLower", "ToUpper") and not str(given[0]).isascii():
        raise machine.unsupported(f"got letters beyond ASCII for {path}.{label}", expr.at)
    times = next((each for each in given if isinstance(each, int)), 0) if label == "Repeat" else 1
    machine.step(expr.at, max(times, 1) * sum(len(each) for each in given if isinstance(each, str)) >> 6)
    found = applied(path, label, given, expr.at)
    if isinstance(found, list):
        made = tuple(Atom(expr.at, each) for each in found)
        machine.process(node, said._replace(expr=ListLit(expr.at, made, None, open=False)))
    else:
        machine.constant(node, found, expr.at)


def _elements(machine: Machine, value: Value, at: int) -> list[Node]:
    if not isinstance(value, Node):
        raise Bottom("got a value without elements, expected a list", at)
    found = machine.settled(value, at)
    if found.kinds != LIST:
        raise Bottom("got a value without elements, expected a list", at)
    return [each for _, each in operations.listed(machine, found, at)]


def _texts(machine: Machine, value: Node, at: int) -> list[str]:
    found = [machine.value(each, at) for each in _elements(machine, value, at)]
    texts = [each for each in found if isinstance(each, str)]
    if len(texts) < len(found):
        raise Bottom("got something else than texts in a list", at)
    return texts


def _close(machine: Machine, node: Node, expr: Call, said: Conjunct) -> None:
    if any(each.closing or each.inner for each in said.chain):
        raise machine.unsupported("got close within a definition", expr.at)
    closer = Closer(said.hosts, closing=True, deep=False)
    machine.process(node, said._replace(expr=expr.given[0], chain=said.chain | {closer}, hosts=()))


def _fold(machine: Machine, node: Node, expr: Call, said: Conjunct) -> None:
    """Bring the elements of a list together with ``&`` or ``|``."""
    items = operations.parts(machine, expr.given[0], said.env)
    name = expr.function.name if isinstance(expr.function, Name) else ""
    if not items and name == "or":
        raise Bottom("got or([]), of which nothing is left", expr.at)
    env, made = _bound([item for _, item in items], said, expr.at)
    if name == "or" and len(made) > 1:
        machine.process(node, said._replace(expr=Choice(expr.at, tuple((each, False) for each in made)), env=env))
        return
    for each in made:
        machine.process(node, said._replace(expr=each, env=env))


def _bound(nodes: list[Node], said: Conjunct, at: int) -> tuple[Env, tuple[Expr, ...]]:
    """Give expressions that stand for nodes, and their scope."""
    bound: dict[str, Constant | Node] = {str(index): each for index, each in enumerate(nodes)}
    return Env(said.env, None, {}, bound, at), tuple(Name(at, name) for name in bound)


def elements(machine: Machine, node: Node, nodes: list[Node], said: Conjunct) -> None:
    """Say of a node that it is the list of these."""
    at = said.expr.at
    env, made = _bound(nodes, said, at)
    machine.process(node, said._replace(expr=ListLit(at, made, None, open=False), env=env))


def cut(machine: Machine, node: Node, expr: Slice, said: Conjunct) -> None:
    """Say of a node that it is a part of a list."""
    nodes = _elements(machine, operations.evaluate(machine, expr.base, said.env), expr.at)
    ends = [operations.constant(machine, each, said.env) if each else None for each in (expr.low, expr.high)]
    low, high = 0 if ends[0] is None else ends[0], len(nodes) if ends[1] is None else ends[1]
    if isinstance(low, bool) or isinstance(high, bool) or not isinstance(low, int) or not isinstance(high, int):
        raise Bottom(f"got a part from {shown(low)} to {shown(high)}, expected integers", expr.at)
    if not 0 <= low <= high <= len(nodes):
        raise Bottom(f"got the part from {shown(low)} to {shown(high)} of {len(nodes)} elements", expr.at)
    elements(machine, node, nodes[low:high], said)


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
