"""Owns the outline of a syntax tree: a line for each node, indented by its depth, as ``opa parse`` prints it."""

from __future__ import annotations

from collections.abc import Iterator

from graven.rego.notation import term_text
from graven.rego.tree import (
    ArrayTerm,
    Call,
    Comprehension,
    Every,
    Expr,
    Logic,
    Module,
    Negation,
    ObjectTerm,
    Ref,
    Rule,
    Scalar,
    SetTerm,
    SomeDecl,
    Template,
    Term,
    Var,
)

__all__ = ["lines"]


def lines(module: Module) -> Iterator[str]:
    """Give the lines of a module."""
    yield "module"
    yield " package"
    yield from _path(["data", *module.package], 2)
    for entry in module.imports:
        yield " import"
        yield from _path(entry.path, 2)
        yield "  " + (entry.alias if entry.explicit else "")
    for rule in module.rules:
        yield from _rule(rule, [rule, *rule.orelse], 1)
    yield from (" comment" for _ in module.comments)


def _path(path: list[str], depth: int) -> Iterator[str]:
    yield " " * depth + "ref"
    yield " " * depth + f" {path[0]}"
    yield from (" " * depth + f" {term_text(step)}" for step in path[1:])


def _rule(rule: Rule, arms: list[Rule], depth: int) -> Iterator[str]:
    pad = " " * depth
    yield f"{pad}rule"
    yield f"{pad} head"
    yield f"{pad}  ref"
    yield f"{pad}   {rule.name}"
    for step in rule.ref[1:]:
        yield from _term(step, depth + 3)
    if rule.args:
        yield f"{pad}  args"
        for arg in rule.args:
            yield from _term(arg, depth + 3)
    if rule.key is None:
        yield from _term(rule.value, depth + 2)
    yield from _body(rule.body, depth + 1)
    if len(arms) > 1:
        yield from _rule(arms[1], arms[1:], depth + 1)


def _body(body: list[Expr], depth: int) -> Iterator[str]:
    yield " " * depth + "body"
    for index, expr in enumerate(body):
        negated = "negated " if expr.negated else ""
        yield " " * depth + f" expr {negated}index={index}"
        yield from _statement(expr, depth + 2)
        for modifier in expr.withs:
            yield " " * depth + "  with"
            target = modifier.target
            yield from _term(Ref(target.at, target, []) if isinstance(target, Var) else target, depth + 3)
            yield from _term(modifier.value, depth + 3)


def _statement(expr: Expr, depth: int) -> Iterator[str]:
    found, pad = expr.term, " " * depth
    if isinstance(found, Call):
        yield from _call(found, depth)
    elif isinstance(found, SomeDecl):
        yield f"{pad}somedecl"
        for term in [found.member] if found.member is not None else found.names:
            yield from _term(term, depth + 1)
    elif isinstance(found, Every):
        yield f"{pad}every"
        for part in (found.key, found.value, found.domain):
            if part is not None:
                yield from _term(part, depth + 1)
        yield from _body(found.body, depth + 1)
    elif isinstance(found, Negation):
        yield f"{pad}not"
        yield from _body(found.body, depth + 1)
    elif isinstance(found, Logic):
        yield f"{pad}logical{found.operator}"
        yield from _body(found.left, depth + 1)
        yield from _body(found.right, depth + 1)
    else:
        yield from _term(found, depth)


def _call(call: Call, depth: int) -> Iterator[str]:
    yield from _path(list(call.name), depth)
    for arg in call.args:
        yield from _term(arg, depth)


def _term(term: Term, depth: int) -> Iterator[str]:
    pad = " " * depth
    if isinstance(term, Scalar):
        yield pad + term_text(term.value)
    elif isinstance(term, Var):
        yield pad + ("_" if term.wild else term.name)
    elif isinstance(term, Call):
        yield f"{pad}call"
        yield from _call(term, depth + 1)
    elif isinstance(term, Template):
        yield f"{pad}templatestring"
    elif isinstance(term, Comprehension):
        yield f"{pad}{term.kind}comprehension"
        for part in (term.key, term.value):
            if part is not None:
                yield from _term(part, depth + 1)
        yield from _body(term.body, depth + 1)
    else:
        yield from _composite(term, depth)


def _composite(term: Term, depth: int) -> Iterator[str]:
    kind, parts = "ref", list[Term]()
    if isinstance(term, Ref):
        parts = [term.head, *term.steps]
    elif isinstance(term, ArrayTerm):
        kind, parts = "array", term.items
    elif isinstance(term, SetTerm):
        kind, parts = "set", term.items
    elif isinstance(term, ObjectTerm):
        kind, parts = "object", [part for pair in term.pairs for part in pair]
    yield " " * depth + kind
    for part in parts:
        yield from _term(part, depth + 1)
