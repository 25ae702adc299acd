"""Owns the walks over the form that is rewritten, in the order in which OPA visits it.

The operator of a call is no node here; an expression that is a call has the arguments as its parts, as in OPA.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from graven.rego.trace.rewriting.forms import Hole
from graven.rego.trace.rewriting.ordering import arranged
from graven.rego.tree import (
    ArrayTerm,
    Call,
    Comprehension,
    Every,
    Expr,
    Logic,
    Negation,
    ObjectTerm,
    Ref,
    Rule,
    SetTerm,
    SomeDecl,
    Template,
    Term,
    With,
)

__all__ = [
    "Node",
    "bodies",
    "closures",
    "contains",
    "exprs_of",
    "head_terms",
    "nodes",
    "nodes_of",
    "parts",
    "renew",
    "requires_evaluation",
    "walk",
]

Node = Term | Expr | With | SomeDecl | Every | Negation | Logic
Body = list[Expr]


def parts(node: Node) -> list[Node]:
    """Give the nodes directly inside a node, in OPA's order."""
    if isinstance(node, Expr):
        inside: list[Node] = [*node.term.args] if isinstance(node.term, Call) else [node.term]
        return [*inside, *node.withs]
    if isinstance(node, Term):
        return _of_term(node)
    if isinstance(node, With):
        return [node.target, node.value]
    if isinstance(node, SomeDecl):
        return [node.member] if node.member is not None else [*node.names]
    if isinstance(node, Every):
        return [*([] if node.key is None else [node.key]), node.value, node.domain, *node.body]
    return [*node.body] if isinstance(node, Negation) else [*node.left, *node.right]


def _of_term(term: Term) -> list[Node]:
    if isinstance(term, Ref):
        return [term.head, *term.steps]
    if isinstance(term, Call):
        return [*term.args]
    if isinstance(term, ArrayTerm | SetTerm):
        return [*term.items]
    if isinstance(term, ObjectTerm):
        return [part for pair in term.pairs for part in pair]
    if isinstance(term, Comprehension):
        return [*([] if term.key is None else [term.key]), term.value, *term.body]
    if isinstance(term, Template):
        return [part for part in term.parts if not isinstance(part, str)]
    return [term.expr] if isinstance(term, Hole) else []


def walk(node: Node, visit: Callable[[Node], bool]) -> None:
    """Visit a node and all in it; what is under a node whose visit says True is left out."""
    if not visit(node):
        for part in parts(node):
            walk(part, visit)


def nodes(node: Node) -> Iterator[Node]:
    """Give a node and every node in it."""
    yield node
    for part in parts(node):
        yield from nodes(part)


def exprs_of(node: Node) -> Iterator[Expr]:
    """Give every expression in a node."""
    return (found for found in nodes(node) if isinstance(found, Expr))


def contains(node: Node, kinds: type | tuple[type, ...]) -> bool:
    """Say whether there is a node of a kind in a node."""
    return any(isinstance(found, kinds) for found in nodes(node))


def requires_evaluation(term: Term) -> bool:
    """Say whether a term is more than values and variables."""
    return contains(term, (Ref, Call, Comprehension))


def bodies(node: Node) -> list[Body]:
    """Give the bodies directly inside a node."""
    if isinstance(node, Comprehension | Every | Negation):
        return [node.body]
    return [node.left, node.right] if isinstance(node, Logic) else []


def closures(node: Node) -> Iterator[Comprehension | Every | Negation | Logic]:
    """Give what has a body in a node, and not what is inside of these."""
    if isinstance(node, Comprehension | Every | Negation | Logic):
        yield node
    else:
        for part in parts(node):
            yield from closures(part)


def head_terms(rule: Rule) -> list[Term]:
    """Give the arguments, the key and the value of a head."""
    found = [*(rule.args or [])]
    return [*found, rule.value if rule.key is None else rule.key]


def nodes_of(rule: Rule) -> list[Node]:
    """Give the terms of a head, its name left out, and the expressions of its body."""
    return [*head_terms(rule), *rule.body]


def renew(node: Node, change: Callable[[Term], Term], body: Callable[[Body], Body], *, sort: bool = True) -> None:
    """Put other terms and bodies in place of those directly inside a node, in OPA's order."""
    if isinstance(node, Expr):
        if isinstance(node.term, Call):
            node.term.args = [change(arg) for arg in node.term.args]
        elif isinstance(node.term, Term):
            node.term = change(node.term)
        else:
            renew(node.term, change, body, sort=sort)
        for modifier in node.withs:
            renew(modifier, change, body, sort=sort)
    elif isinstance(node, With):
        node.target, node.value = change(node.target), change(node.value)
    elif isinstance(node, Every):
        node.key = None if node.key is None else change(node.key)
        node.value, node.domain, node.body = change(node.value), change(node.domain), body(node.body)
    elif isinstance(node, Negation):
        node.body = body(node.body)
    elif isinstance(node, Logic):
        node.left, node.right = body(node.left), body(node.right)
    elif isinstance(node, Term):
        _renew_term(node, change, body)
        if sort:
            arranged(node)


def _renew_term(term: Term, change: Callable[[Term], Term], body: Callable[[Body], Body]) -> None:
    if isinstance(term, Ref):
        term.head = change(term.head)
        term.steps = [change(step) for step in term.steps]
    elif isinstance(term, Call):
        term.args = [change(arg) for arg in term.args]
    elif isinstance(term, ArrayTerm | SetTerm):
        term.items = [change(item) for item in term.items]
    elif isinstance(term, ObjectTerm):
        term.pairs = [(change(key), change(value)) for key, value in term.pairs]
    elif isinstance(term, Comprehension):
        term.key = None if term.key is None else change(term.key)
        term.value, term.body = change(term.value), body(term.body)
    elif isinstance(term, Template):
        for part in term.parts:
            if isinstance(part, Hole):
                renew(part.expr, change, body)
