"""Owns the mutation operators: from the syntax tree and the tokens of a module to its mutants, each a changed text.

A mutant's name holds over edits elsewhere: the rule and which definition of it, the operator, what is changed, and
which of the equal changes in that definition it is.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import NamedTuple

from graven.rego.lexer import Token, tokenize
from graven.rego.parse.modules import parse_module
from graven.rego.tree import Call, Expr, Module, Rule, SomeDecl
from graven.rego.walk import expressions

__all__ = ["OPERATORS", "Mutant", "mutants"]

OPERATORS: Mapping[str, str] = MappingProxyType(
    {
        "comparison": "another comparison: == and !=, < and <= and >, > and >= and <",
        "arithmetic": "another operation: + and -, * and /",
        "number": "a number that is one more, and one less",
        "string": "an empty string, or a filled one where it was empty",
        "boolean": "true and false exchanged",
        "negation": "not taken away, or put before an expression",
        "expression": "an expression of a body that always holds",
        "function": "the neighbour of a builtin, as startswith and endswith, min and max, lower and upper",
        "definition": "a definition of a rule taken away",
        "alternative": "an else taken away",
    }
)
"""Their names, and what each makes."""

_COMPARISONS = {
    "==": ("!=",),
    "!=": ("==",),
    "<": ("<=", ">"),
    "<=": ("<", ">="),
    ">": (">=", "<"),
    ">=": (">", "<="),
}
_ARITHMETIC = {"+": "-", "-": "+", "*": "/", "/": "*"}
_NEIGHBOURS = {
    "startswith": "endswith",
    "endswith": "startswith",
    "contains": "startswith",
    "min": "max",
    "max": "min",
    "lower": "upper",
    "upper": "lower",
    "ceil": "floor",
    "floor": "ceil",
    "sum": "product",
    "product": "sum",
    "trim_left": "trim_right",
    "trim_right": "trim_left",
    "trim_prefix": "trim_suffix",
    "trim_suffix": "trim_prefix",
    "intersection": "union",
    "union": "intersection",
}
_OPERANDS = ("name", "number", "string", ")", "]", "}")


@dataclass(frozen=True, slots=True)
class Mutant:
    """A module with one thing changed."""

    id: str
    file: str
    row: int
    col: int
    operator: str
    before: str
    after: str
    text: str
    """The whole of the changed module."""


class _Change(NamedTuple):
    at: int
    end: int
    after: str
    operator: str


def mutants(file: str, text: str, version: str = "auto") -> tuple[Mutant, ...]:
    r"""Give every mutant of a module, in the order of the places.

    >>> [(one.before, one.after) for one in mutants("p.rego", "package p\n\nallow if input.x > 7")][1:]
    [('input.x > 7', 'not input.x > 7'), ('input.x > 7', 'true'), ('>', '<'), ('>', '>='), ('7', '6'), ('7', '8')]

    Raises:
        PolicyErrors: the module cannot be read.
    """
    module = parse_module(file, text, version)
    tokens = tokenize(module.source)[0]
    seen: Counter[str] = Counter()
    found = []
    for name, rule in _named(module):
        for change in sorted(_changes(module, rule, tokens), key=lambda one: (one.at, -one.end, one.after)):
            before = text[change.at : change.end]
            about = f"{name}:{change.operator}:{_short(before)}=>{_short(change.after)}"
            seen[about] += 1
            row, col = module.source.position(change.at)
            changed = text[: change.at] + change.after + text[change.end :]
            number = f"#{seen[about]}" if seen[about] > 1 else ""
            found.append(Mutant(about + number, file, row, col, change.operator, before, change.after, changed))
    return tuple(found)


def _short(text: str) -> str:
    """Give a text in one line; a long one by its beginning and its length."""
    plain = " ".join(text.split())
    return plain if len(plain) <= 60 else f"{plain[:60]}…{len(plain)}"


def _named(module: Module) -> Iterator[tuple[str, Rule]]:
    """Give the rules with the names that they have in their package: ``p.deny``, the second one ``p.deny/2``."""
    seen: Counter[str] = Counter()
    package = ".".join(module.package[1:] if module.package[:1] == ["data"] else module.package)
    for rule in module.rules:
        seen[rule.name] += 1
        yield f"{package}.{rule.name}" + (f"/{seen[rule.name]}" if seen[rule.name] > 1 else ""), rule


def _changes(module: Module, rule: Rule, tokens: list[Token]) -> Iterator[_Change]:
    text = module.source.text
    if not rule.default:
        yield _Change(rule.at, rule.end, "", "definition")
    for other in rule.orelse:
        start = text.rfind("else", rule.at, other.at + 4)
        if start >= 0:
            yield _Change(start, rule.end, "", "alternative")
    bodies = [rule.body, *(other.body for other in rule.orelse)] if rule.written else []
    for body in bodies:
        for expr in expressions(body):
            yield from _of_expression(expr, text)
    yield from _of_tokens(rule, tokens)


def _of_expression(expr: Expr, text: str) -> Iterator[_Change]:
    """Change an expression as a whole; one that gives a variable its value is left alone."""
    if expr.made or expr.end <= expr.at or not text[expr.at : expr.end].strip():
        return
    binds = isinstance(expr.term, SomeDecl) or (isinstance(expr.term, Call) and expr.term.name == ("assign",))
    if binds:
        return
    written = text[expr.at : expr.end]
    if written != "true":
        yield _Change(expr.at, expr.end, "true", "expression")
    if not expr.negated and not written.startswith(("every", "not")):
        yield _Change(expr.at, expr.end, f"not {written}", "negation")


def _of_tokens(rule: Rule, tokens: list[Token]) -> Iterator[_Change]:
    inside = [token for token in tokens if rule.at <= token.start < rule.end]
    for at, token in enumerate(inside):
        before = inside[at - 1] if at else None
        after = inside[at + 1] if at + 1 < len(inside) else None
        yield from _of_token(token, before, after)


def _of_token(token: Token, before: Token | None, after: Token | None) -> Iterator[_Change]:
    kind, word = token.kind, token.text
    field = before is not None and before.kind == "."
    if kind in _COMPARISONS:
        yield from (_Change(token.start, token.end, other, "comparison") for other in _COMPARISONS[kind])
    elif kind in _ARITHMETIC and before is not None and before.kind in _OPERANDS:
        yield _Change(token.start, token.end, _ARITHMETIC[kind], "arithmetic")
    elif kind == "number" and word.isdigit():
        yield from (_Change(token.start, token.end, str(int(word) + step), "number") for step in (1, -1))
    elif kind == "string":
        yield _Change(token.start, token.end, '""' if token.value else '"x"', "string")
    elif kind == "name" and not field:
        yield from _of_name(token, after)


def _of_name(token: Token, after: Token | None) -> Iterator[_Change]:
    word = token.text
    if word in ("true", "false"):
        yield _Change(token.start, token.end, "false" if word == "true" else "true", "boolean")
    elif word == "not":
        yield _Change(token.start, token.end, "", "negation")
    elif word in _NEIGHBOURS and after is not None and after.kind == "(" and after.start == token.end:
        yield _Change(token.start, token.end, _NEIGHBOURS[word], "function")
