"""Owns which comprehensions are evaluated once for all values of variables around them, as OPA's compiler finds out.

That is where a comprehension says for itself which values these variables may have: it is then evaluated without them,
and its results are kept by these values.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from graven.rego.trace.rewriting.outputs import Outputs
from graven.rego.trace.rewriting.variables import SAFETY, STEPS, Choice, variables, variables_of
from graven.rego.trace.rewriting.walking import Node, parts, walk
from graven.rego.tree import Call, Comprehension, Every, Expr, Logic, Negation, Ref, Term, Var

__all__ = ["Arity", "keys_of"]

Arity = Callable[[tuple[str, ...]], int]
_BEFORE = Choice(closures=True, called=True)
_ROOTS = frozenset({"input", "data"})


def keys_of(body: list[Expr], args: Iterable[Term], arity: Arity) -> dict[int, tuple[str, ...]]:
    """Give the keys of the comprehensions of a body that are evaluated once, by their identity."""
    known = {*_ROOTS, *variables_of(args)}
    outputs = Outputs(arity)
    found: dict[int, tuple[str, ...]] = {}
    for inner in _bodies(body):
        for expr in inner:
            closure = _closure(expr)
            if closure is not None:
                keys = _keys(closure, known, outputs)
                if keys:
                    found[id(closure)] = keys
            known |= variables(expr, _BEFORE)
    return found


def _bodies(body: list[Expr]) -> Iterator[list[Expr]]:
    """Give a body and those in it, each before what it holds."""
    yield body
    for expr in body:
        for part in parts(expr):
            yield from _within(part)


def _within(node: Node) -> Iterator[list[Expr]]:
    if isinstance(node, Comprehension | Every | Negation):
        for term in parts(node):
            if not isinstance(term, Expr):
                yield from _within(term)
        yield from _bodies(node.body)
    elif isinstance(node, Logic):
        yield from _bodies(node.left)
        yield from _bodies(node.right)
    else:
        for part in parts(node):
            yield from _within(part)


def _closure(expr: Expr) -> Comprehension | None:
    """Give the comprehension of ``variable = comprehension``."""
    term = expr.term
    if expr.negated or expr.withs or not isinstance(term, Call) or term.name != ("eq",) or len(term.args) != 2:
        return None
    one, two = term.args
    if isinstance(one, Var) and isinstance(two, Comprehension):
        return two
    return one if isinstance(two, Var) and isinstance(one, Comprehension) else None


def _keys(closure: Comprehension, known: set[str], outputs: Outputs) -> tuple[str, ...]:
    bound = outputs.of_body(closure.body, set(_ROOTS))
    if variables_of(closure.body, SAFETY) - bound - _ROOTS:
        return ()
    if _worse(closure, known) or _nested(closure, known):
        return ()
    return tuple(sorted(known & bound))


def _worse(closure: Comprehension, known: set[str]) -> bool:
    """Say whether a reference would go over more than it does with the variables around it."""
    seen: set[str] = set()
    worse = False

    def visit(node: Node) -> bool:
        nonlocal worse
        if isinstance(node, Comprehension):
            return True
        if isinstance(node, Expr) and isinstance(node.term, Call) and node.term.name == ("walk",):
            worse = worse or bool(variables_of(node.term.args[1:2]) & known - seen)
        elif isinstance(node, Ref):
            worse = worse or bool(variables(node, STEPS) & known - seen)
        elif isinstance(node, Var):
            seen.add(node.name)
        return worse

    for expr in closure.body:
        walk(expr, visit)
    return worse


def _nested(closure: Comprehension, known: set[str]) -> bool:
    """Say whether a comprehension inside reads a variable from around."""
    found = False

    def visit(node: Node) -> bool:
        nonlocal found
        if isinstance(node, Comprehension):
            found = found or bool(variables(node, STEPS) & known)
            return True
        return found

    for expr in closure.body:
        walk(expr, visit)
    return found
