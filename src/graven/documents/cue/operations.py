"""Owns what CUE computes: operators, comparisons, bounds, and texts with values in them."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal, DecimalException
from typing import Any

from graven.documents.cue.machine import Machine
from graven.documents.cue.nodes import GATHERING, SETTLING, Env, Node, Value
from graven.documents.cue.numerals import DIGITS, FRACTIONS
from graven.documents.cue.syntax import (
    Atom,
    Binary,
    Constant,
    Expr,
    Index,
    Name,
    Select,
    Text,
    Unary,
)
from graven.documents.cue.syntax import (
    Bottom as Nothing,
)
from graven.documents.cue.values import (
    BYTES,
    FLOAT,
    INT,
    LIST,
    NULL,
    NUMBER,
    STRING,
    STRUCT,
    TOP,
    Bottom,
    Bound,
    Incomplete,
    Kinds,
    kind_name,
    kind_of,
    shown,
)

__all__ = ["bounded", "compute", "constant", "equal", "evaluate", "hold", "listed", "parts"]

_SIGNS = frozenset(("+", "-", "!"))
_ORDERS = frozenset(("<", "<=", ">", ">="))


def evaluate(machine: Machine, expr: Expr, env: Env) -> Value:
    """Give the value of an expression.

    Raises:
        Bottom: there is none, and never will be.
        Incomplete: there is none yet.
    """
    machine.step(expr.at)
    if isinstance(expr, Atom):
        return expr.value
    if isinstance(expr, Name | Select | Index):
        found = machine.target(expr, env)
        if isinstance(found, Kinds):
            raise Incomplete(f"got {kind_name(found.kinds)}, which is no value yet", expr.at)
        return machine.value(found, expr.at) if isinstance(found, Node) else found
    if isinstance(expr, Text) or (isinstance(expr, Unary) and expr.sign in _SIGNS):
        return compute(machine, expr, env)
    if isinstance(expr, Binary) and expr.sign != "&":
        return compute(machine, expr, env)
    return machine.value(machine.anonymous(expr, env), expr.at)


def constant(machine: Machine, expr: Expr, env: Env) -> Constant:
    """Give the value of an expression that must have no parts."""
    found = evaluate(machine, expr, env)
    if isinstance(found, Node):
        raise Bottom(f"got a {kind_name(found.kinds)}, expected a value without parts", expr.at)
    return found


def compute(machine: Machine, expr: Expr, env: Env) -> Value:
    """Give what an operator makes of its operands, or a text of what is in it."""
    machine.step(expr.at)
    match expr:
        case Text():
            return _joined(machine, expr, env)
        case Unary():
            return _signed(expr, constant(machine, expr.operand, env))
        case Binary(sign="&&" | "||"):
            return _both(machine, expr, env)
        case Binary(sign="==" | "!="):
            return _compared(machine, expr, env)
        case Binary():
            left, right = evaluate(machine, expr.left, env), evaluate(machine, expr.right, env)
            if isinstance(left, Node) or isinstance(right, Node):
                raise Bottom(f"got a struct or a list before or behind {expr.sign}", expr.at)
            if expr.sign in _ORDERS or expr.sign in ("=~", "!~"):
                return bool(_holds(expr.sign, left, right, expr.at))
            return _arithmetic(machine, expr, left, right)
    return machine.value(machine.anonymous(expr, env), expr.at)


def _joined(machine: Machine, expr: Text, env: Env) -> str | bytes:
    pieces = [constant(machine, part, env) for part in expr.parts]
    found: list[bytes] = []
    for piece in pieces:
        if piece is None:
            raise Bottom("got null within a text", expr.at)
        if isinstance(piece, int) and not isinstance(piece, bool):
            _short(machine, piece, expr.at)
        found.append(
            piece if isinstance(piece, bytes) else (shown(piece) if isinstance(piece, bool) else str(piece)).encode()
        )
    made = b"".join(found)
    machine.step(expr.at, len(made) >> 6)
    return made if expr.binary else made.decode("utf-8", "replace")


def _short(machine: Machine, number: int, at: int) -> int:
    if number.bit_length() > DIGITS * 3:
        raise machine.unsupported(f"a number of more than {DIGITS} digits", at)
    return number


def _signed(expr: Unary, value: Constant) -> Constant:
    if expr.sign == "!" and isinstance(value, bool):
        return not value
    if expr.sign in ("+", "-") and isinstance(value, int | Decimal) and not isinstance(value, bool):
        if expr.sign == "-":
            return -value if isinstance(value, int) else FRACTIONS.minus(value)
        return value
    raise Bottom(f"got {shown(value)} behind {expr.sign}", expr.at)


def _both(machine: Machine, expr: Binary, env: Env) -> bool:
    left, right = constant(machine, expr.left, env), constant(machine, expr.right, env)
    if not isinstance(left, bool) or not isinstance(right, bool):
        raise Bottom(f"got {shown(left)} {expr.sign} {shown(right)}, expected true or false", expr.at)
    return left and right if expr.sign == "&&" else left or right


def _compared(machine: Machine, expr: Binary, env: Env) -> bool:
    for one, other in ((expr.left, expr.right), (expr.right, expr.left)):
        if isinstance(one, Nothing):
            return _fails(machine, other, env) == (expr.sign == "==")
    found = equal(machine, evaluate(machine, expr.left, env), evaluate(machine, expr.right, env), expr.at)
    return found == (expr.sign == "==")


def _fails(machine: Machine, expr: Expr, env: Env) -> bool:
    try:
        found = machine.target(expr, env)
        if isinstance(found, Node):
            node = machine.settled(found, expr.at)
            machine.finish(node)
            if isinstance(node.error, Bottom):
                return True
    except Bottom:
        return True
    except Incomplete as e:
        if isinstance(e.node, Node) and e.node.state in (GATHERING, SETTLING):
            raise
        return True
    return False


def equal(machine: Machine, left: Value, right: Value, at: int) -> bool:
    """Say whether two values are equal; numbers are by what they count."""
    machine.step(at)
    if isinstance(left, Node) or isinstance(right, Node):
        if not isinstance(left, Node) or not isinstance(right, Node) or left.kinds != right.kinds:
            return False
        first, second = _inside(machine, left, at), _inside(machine, right, at)
        return first.keys() == second.keys() and all(
            equal(machine, machine.value(first[key], at), machine.value(second[key], at), at) for key in first
        )
    if isinstance(left, bool) or isinstance(right, bool):
        return left is right
    return left == right


def _inside(machine: Machine, node: Node, at: int) -> dict[Any, Node]:
    return dict(_listed(machine, node, at))


def _listed(machine: Machine, node: Node, at: int) -> Iterator[tuple[str | int, Node]]:
    if node.state == SETTLING and node.kinds == LIST:
        raise Incomplete(f"{node.named} depends on itself", at, node)
    node.shut = True
    if node.kinds == LIST:
        yield from enumerate(node.items)
        return
    for label, arc in list(node.arcs.items()):
        machine.step(at)
        if isinstance(label, str):
            if arc.presence == "!":
                raise Incomplete(f"the field {label} is required and not set", at)
            if not arc.presence:
                yield label, arc


def parts(machine: Machine, expr: Expr, env: Env) -> list[tuple[str | int, Node]]:
    """Give the fields or elements of a value, in their order.

    Raises:
        Bottom: it has none.
        Incomplete: it is not known yet.
    """
    found = evaluate(machine, expr, env)
    if not isinstance(found, Node):
        raise Bottom(f"got {shown(found)}, expected a struct or a list to go through", expr.at)
    if found.state == SETTLING and found.kinds == STRUCT and found.tasks:
        raise machine.unsupported(f"{found.named} is gone through by what it consists of", expr.at)
    return listed(machine, found, expr.at)


def listed(machine: Machine, node: Node, at: int) -> list[tuple[str | int, Node]]:
    """Give the fields or elements of a node, in their order."""
    return list(_listed(machine, node, at))


def _arithmetic(machine: Machine, expr: Binary, left: Constant, right: Constant) -> Constant:
    sign = expr.sign
    kinds = kind_of(left) | kind_of(right)
    if kinds & ~NUMBER == 0:
        if kinds == INT and sign != "/" and isinstance(left, int) and isinstance(right, int):
            return _short(machine, {"+": int.__add__, "-": int.__sub__, "*": int.__mul__}[sign](left, right), expr.at)
        return _fraction(sign, Decimal(left), Decimal(right), expr.at)  # type: ignore[arg-type]
    if sign == "+" and kinds in (STRING, BYTES):
        machine.step(expr.at, len(left) + len(right) >> 6)  # type: ignore[arg-type]
        return left + right  # type: ignore[operator]
    for text, count in ((left, right), (right, left)):
        if sign == "*" and isinstance(text, str | bytes) and isinstance(count, int) and not isinstance(count, bool):
            if count < 0:
                raise Bottom(f"got a text {count} times", expr.at)
            machine.step(expr.at, len(text) * count >> 6)
            return text * count
    raise Bottom(f"got {shown(left)} {sign} {shown(right)}", expr.at)


def _fraction(sign: str, left: Decimal, right: Decimal, at: int) -> Decimal:
    try:
        if sign == "/":
            if not right:
                raise Bottom("got a division by zero", at)
            found = FRACTIONS.divide(left, right)
            return found if found.as_tuple().exponent < 0 else found + Decimal("0.0")  # type: ignore[operator]
        return {"+": FRACTIONS.add, "-": FRACTIONS.subtract, "*": FRACTIONS.multiply}[sign](left, right)
    except DecimalException:
        raise Bottom("got a number beyond what is computed", at) from None


def _holds(sign: str, left: Constant, right: Constant, at: int) -> bool:
    kinds = kind_of(left) | kind_of(right)
    if sign in ("=~", "!~"):
        if kinds & ~(STRING | BYTES) or not isinstance(right, str) or not isinstance(left, str):
            raise Bottom(f"got {shown(left)} {sign} {shown(right)}, expected texts", at)
        return _matches(right, left, at) == (sign == "=~")
    if sign == "!=":
        return not (left == right and isinstance(left, bool) == isinstance(right, bool))
    if kinds & ~NUMBER and kinds not in (STRING, BYTES):
        raise Bottom(f"got {shown(left)} {sign} {shown(right)}, which have no order", at)
    if sign == "<":
        return left < right  # type: ignore[operator]
    if sign == "<=":
        return left <= right  # type: ignore[operator]
    return left > right if sign == ">" else left >= right  # type: ignore[operator]


def _matches(pattern: str, text: str, at: int) -> bool:
    import re2

    options = re2.Options()
    options.log_errors = False
    try:
        return bool(re2.search(pattern, text, options))
    except re2.error:
        raise Bottom(f"got {pattern[:60]!r}, expected a regular expression", at) from None


def bounded(bound: Bound, at: int) -> Kinds:
    """Give the type that a bound stands for."""
    kind = kind_of(bound.value)
    if bound.sign == "!=":
        return Kinds(TOP & ~NULL if kind == NULL else _family(kind), (bound,))
    if bound.sign in ("=~", "!~"):
        if kind != STRING:
            raise Bottom(f"got {shown(bound.value)} behind {bound.sign}, expected a text", at)
        _matches(str(bound.value), "", at)
        return Kinds(STRING, (bound,))
    if kind & ~(NUMBER | STRING | BYTES):
        raise Bottom(f"got {shown(bound.value)} behind {bound.sign}, which has no order", at)
    return Kinds(_family(kind), (bound,))


def _family(kind: int) -> int:
    return NUMBER if kind & NUMBER else kind


def hold(node: Node) -> None:
    """Hold a node to its bounds, and the bounds to one another.

    Raises:
        Bottom: nothing keeps to all of them.
    """
    if node.atom is not None:
        for bound, at in node.bounds:
            if not _holds(bound.sign, node.atom[0], bound.value, at):
                raise Bottom(f"{node.named} is {shown(node.atom[0])}, expected {bound.sign}{shown(bound.value)}", at)
        return
    lows = [bound for bound, _ in node.bounds if bound.sign in (">", ">=")]
    highs = [bound for bound, _ in node.bounds if bound.sign in ("<", "<=")]
    for low in lows:
        for high in highs:
            if not _room(low, high, whole=not node.kinds & FLOAT):
                raise Bottom(
                    f"nothing is {low.sign}{shown(low.value)} and {high.sign}{shown(high.value)}", node.bounds[0][1]
                )


def _room(low: Bound, high: Bound, *, whole: bool) -> bool:
    if kind_of(low.value) & ~NUMBER:
        both = low.sign == ">=" and high.sign == "<="
        return low.value < high.value or (both and low.value == high.value)  # type: ignore[operator]
    first, last = Decimal(low.value), Decimal(high.value)  # type: ignore[arg-type]
    if not whole:
        return first < last or (first == last and low.sign == ">=" and high.sign == "<=")
    start = first.to_integral_value("ROUND_CEILING")
    end = last.to_integral_value("ROUND_FLOOR")
    start += low.sign == ">" and start == first
    end -= high.sign == "<" and end == last
    return start <= end
