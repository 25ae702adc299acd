"""Owns the text of rewritten nodes, as OPA writes its compiled ones."""

from __future__ import annotations

import re
from collections.abc import Iterable

from graven.rego.notation import quoted
from graven.rego.notation import term_text as value_text
from graven.rego.trace.rewriting.forms import Hole, Numeral
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
    Scalar,
    SetTerm,
    SomeDecl,
    Template,
    Term,
    Var,
    With,
)

__all__ = ["body_text", "expr_text", "head_text", "path_text", "term_text"]

_NAME = re.compile(r"[a-zA-Z_][a-zA-Z0-9_]*\Z")
_UNSAFE = re.compile(r"[\\\x00-\x1f\x7f-\x9f]")
_KEYWORDS = frozenset(
    (
        "as", "contains", "default", "else", "every", "false", "if", "import", "in", "not", "null", "package", "some",
        "true", "with",
    )
)  # fmt: skip


def term_text(term: Term) -> str:
    """Write a term."""
    if isinstance(term, Numeral):
        return term.text
    if isinstance(term, Scalar):
        return value_text(term.value)
    if isinstance(term, Var):
        return "_" if term.wild else term.name
    if isinstance(term, Ref):
        return _reference(term)
    if isinstance(term, Call):
        return f"{path_text(term.name)}({_listed(term.args)})"
    if isinstance(term, Comprehension):
        return _comprehension(term)
    return _composite(term)


def _listed(terms: Iterable[Term]) -> str:
    return ", ".join(map(term_text, terms))


def _composite(term: Term) -> str:
    if isinstance(term, ArrayTerm):
        return f"[{_listed(term.items)}]"
    if isinstance(term, SetTerm):
        return f"{{{_listed(term.items)}}}" if term.items else "set()"
    if isinstance(term, ObjectTerm):
        return "{" + ", ".join(f"{term_text(key)}: {term_text(value)}" for key, value in term.pairs) + "}"
    if isinstance(term, Template):
        return '$"' + "".join(_part(part) for part in term.parts) + '"'
    return expr_text(term.expr) if isinstance(term, Hole) else ""


def _part(part: str | Term) -> str:
    if isinstance(part, str):
        return re.sub(r"(?<!\\)\{", r"\\{", quoted(part)[1:-1])
    return f"{{{term_text(part)}}}" if isinstance(part, Hole) else term_text(part)


def path_text(path: Iterable[str]) -> str:
    """Write the path of a document or the name of a function."""
    head, *steps = path
    return head + "".join(map(_step, steps))


def _step(name: str) -> str:
    if _NAME.match(name) and name not in _KEYWORDS:
        return f".{name}"
    return f"[{quoted(name)}]" if _UNSAFE.search(name) else f'["{name}"]'


def _reference(ref: Ref) -> str:
    head = ref.head.value if isinstance(ref.head, Scalar) and isinstance(ref.head.value, str) else term_text(ref.head)
    return head + "".join(
        _step(step.value) if isinstance(step, Scalar) and isinstance(step.value, str) else f"[{term_text(step)}]"
        for step in ref.steps
    )


def _comprehension(term: Comprehension) -> str:
    head = term_text(term.value) if term.key is None else f"{term_text(term.key)}: {term_text(term.value)}"
    inside = f"{head} | {body_text(term.body)}"
    return f"[{inside}]" if term.kind == "array" else f"{{{inside}}}"


def body_text(body: list[Expr]) -> str:
    """Write a body."""
    return "; ".join(map(expr_text, body))


def expr_text(expr: Expr) -> str:
    """Write an expression."""
    text = ("not " if expr.negated else "") + _statement(expr.term)
    return " ".join([text, *map(_with, expr.withs)])


def _with(modifier: With) -> str:
    return f"with {term_text(modifier.target)} as {term_text(modifier.value)}"


def _statement(term: Term | SomeDecl | Every | Negation | Logic) -> str:
    if isinstance(term, Call) and term.name == ("eq",) and len(term.args) == 2:
        return f"{term_text(term.args[0])} = {term_text(term.args[1])}"
    if isinstance(term, Term):
        return term_text(term)
    if isinstance(term, Every):
        names = _listed([*([] if term.key is None else [term.key]), term.value])
        return f"every {names} in {term_text(term.domain)} {{ {body_text(term.body)} }}"
    if isinstance(term, Negation):
        return _negation(term)
    if isinstance(term, Logic):
        return f"{_operand(term, right=False)} {term.operator} {_operand(term, right=True)}"
    return "some " + (_listed(term.names) if term.member is None else term_text(term.member))


def _negation(term: Negation) -> str:
    if term.braced or len(term.body) != 1:
        return f"not {{{body_text(term.body)}}}"
    expr = term.body[0]
    inside = body_text(term.body)
    return (
        f"not ({inside})" if expr.withs or isinstance(expr.term, Logic | Negation) or _brace(expr) else f"not {inside}"
    )


def _brace(expr: Expr) -> bool:
    """Say whether the text of an expression begins with a brace."""
    term = expr.term
    while isinstance(term, Ref):
        term = term.head
    if isinstance(term, SetTerm):
        return bool(term.items)
    return isinstance(term, ObjectTerm) or (isinstance(term, Comprehension) and term.kind != "array")


def _operand(parent: Logic, *, right: bool) -> str:
    body, braced = (parent.right, parent.braces[1]) if right else (parent.left, parent.braces[0])
    text = body_text(body)
    if braced or len(body) != 1:
        return f"{{ {text} }}"
    term, operator = body[0].term, parent.operator
    looser = isinstance(term, Logic) and (right if term.operator == operator else operator == "and")
    return f"({text})" if body[0].withs or looser or _brace(body[0]) else text


def head_text(rule: Rule) -> str:
    """Write the head of a rule."""
    text = rule.name + _reference(Ref(rule.at, Var(rule.at, ""), rule.ref[1:]))
    if rule.args:
        text += f"({_listed(rule.args)})"
    if rule.key is not None:
        return f"{text} contains {term_text(rule.key)}"
    return f"{text} {':=' if rule.assigned else '='} {term_text(rule.value)}"
