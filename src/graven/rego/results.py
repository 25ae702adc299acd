"""Owns the answers to queries as ``opa eval`` tells them: for each solution, what each expression was.

An expression that stands alone may be false and is still an answer; of several, or where something is searched for,
each must hold (section "query compiler" of OPA's documentation).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from graven.rego.builtins.declarations import declaration
from graven.rego.compile.assembly import Assembled
from graven.rego.compile.frontend import Frontend, prepare_body
from graven.rego.compile.scopes import Names
from graven.rego.evaluation import Answer, BuiltinFailure
from graven.rego.faults import PolicyErrors
from graven.rego.machine import State
from graven.rego.parse.modules import parse_module, parse_query
from graven.rego.tree import Call, Comprehension, Expr, Ref, Term, Var, children
from graven.rego.values import TRUE, Value

__all__ = ["Asked", "Expression", "Prepared", "Results", "Solution", "prepare", "results_of"]

_CAPTURE = "~"
"""Begins the name of a variable that holds what an expression gave; no source can write it."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A query, and what its names may mean beside ``data`` and ``input``."""

    text: str
    package: str = ""
    """The names of this package's rules are known, as ``a.b``."""
    imports: tuple[str, ...] = ()
    """As a module would import them: ``data.a.b``."""


@dataclass(frozen=True, slots=True)
class Expression:
    """What one expression of the query gave."""

    value: Value
    text: str
    row: int
    col: int


@dataclass(frozen=True, slots=True)
class Solution:
    """One way in which the query holds."""

    expressions: tuple[Expression, ...]
    bindings: dict[str, Value]


@dataclass(frozen=True, slots=True)
class Results:
    """All ways in which the query holds; none at all: undefined."""

    solutions: tuple[Solution, ...]
    failures: tuple[BuiltinFailure, ...] = ()
    steps: int = 0


Shape = tuple[tuple[str, str, int, int], ...]
"""Of each expression: the variable that holds what it gave (empty: it only holds), its text, row and column."""


@dataclass(frozen=True, slots=True)
class Prepared:
    """A compiled query."""

    program: Assembled
    function: Callable[[State, list[Value]], None]
    names: list[str]
    shape: Shape


def prepare(frontend: Frontend, program: Assembled, asked: Asked) -> Prepared:
    """Compile a query so that each of its expressions can be told.

    Raises:
        PolicyErrors: what is wrong with it.
    """
    parsed, source = parse_query(asked.text, file="")
    known = _names(frontend, asked, Names(source, [], (), {}))
    body, shape, kept = [], [], len(parsed) > 1 or any(_searches(expr) for expr in parsed)
    checks = []
    for number, expr in enumerate(parsed):
        place = source.position(expr.at)
        name = f"{_CAPTURE}{number}" if _captured(expr, frontend) else ""
        shape.append((name, source.text[expr.at : expr.end], *place))
        if name and isinstance(expr.term, Term):
            call = Call(expr.at, ("eq",), [Var(expr.at, name), expr.term], "=")
            body.append(Expr(expr.at, call, withs=expr.withs, end=expr.end))
            checks += [Expr(expr.at, Var(expr.at, name), made=True)] if kept else []
        else:
            body.append(expr)
    if program.unit.traced:
        from graven.rego.unnesting import unnested

        program = unnested(program)
    try:
        ran, function, names = prepare_body(frontend, program, body + checks, known)
    except PolicyErrors as found:
        raise PolicyErrors(each._replace(message=_nameless(each.message)) for each in found.errors) from None
    return Prepared(ran, function, names, tuple(shape))


def _nameless(message: str) -> str:
    """Name a variable that no source wrote as people do."""
    return re.sub(rf"var {_CAPTURE}\d+ ", "var _ ", message)


def _names(frontend: Frontend, asked: Asked, names: Names) -> Names:
    """Add what the package and the imports make known."""
    if not asked.package and not asked.imports:
        return names
    lines = [f"package {asked.package or '_'}", *(f"import {path}" for path in asked.imports)]
    module = parse_module("", "\n".join(lines), "v1")
    rules = {rule.name for other, found in frontend.modules for rule in found if other.package == module.package}
    imports = {entry.alias: entry.path for entry in module.imports if entry.alias}
    return Names(names.source, module.package if asked.package else [], rules if asked.package else (), imports)


def _captured(expr: Expr, frontend: Frontend) -> bool:
    """Say whether an expression gives a value, and does not merely hold."""
    term = expr.term
    if expr.negated or not isinstance(term, Term):
        return False
    if not isinstance(term, Call):
        return True
    if term.infix:
        return term.infix not in (":=", "=")
    function = frontend.tree.function(term.name[1:]) if term.name[0] == "data" else None
    if function is not None:
        return True
    found = frontend.find(".".join(term.name))
    declared = found.declaration if found else declaration(".".join(term.name))
    return declared is None or (declared.result is not None and len(declared.arguments) == len(term.args))


def _searches(part: object) -> bool:
    """Say whether an expression may hold in several ways: a step of a reference is a variable, or it walks."""
    if isinstance(part, Expr):
        return _searches(part.term)
    if isinstance(part, Ref) and any(isinstance(step, Var) for step in part.steps):
        return True
    if isinstance(part, Call) and part.name == ("walk",):
        return True
    if not isinstance(part, Term) or isinstance(part, Comprehension):
        return False
    return any(map(_searches, children(part)))


def results_of(prepared: Prepared, rows: Iterable[tuple[Value, ...]], answer: Answer) -> Results:
    """Give what the rows of a compiled query mean; the answer says what else the evaluation noted."""
    found = []
    for row in rows:
        values = dict(zip(prepared.names, row, strict=True))
        expressions = tuple(
            Expression(values[name] if name else TRUE, text, line, col) for name, text, line, col in prepared.shape
        )
        bindings = {name.partition("%")[0]: value for name, value in values.items() if name[:1] not in "~$"}
        found.append(Solution(expressions, bindings))
    return Results(tuple(found), answer.failures, answer.steps)
