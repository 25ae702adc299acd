"""Owns the cases of a test that has several: a rule with variables in its head, ``test_ages[name] if { … }``.

A case is reached when the variables of the head have their values; it passes if the test is true for it. So that a
case which was reached and then failed is told, as OPA tells it, a call that notes them is written into the bodies of a
second policy, behind the expressions in which they first stand; it is evaluated as soon as they are bound.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from graven.errors import GravenError
from graven.rego.builtins import Builtin, declaration
from graven.rego.lexer import tokenize
from graven.rego.notation import term_text
from graven.rego.parse.modules import parse_module
from graven.rego.ruletree import Group
from graven.rego.tree import Expr, Module, Rule, Scalar, SomeDecl, Term, Var
from graven.rego.values import TRUE, RegoObject, Value
from graven.rego.walk import terms_of_expr

if TYPE_CHECKING:
    from graven.rego.policy import Policy

__all__ = ["SubResult", "Subtests", "has_cases"]

_NOTE = "internal.test_case"


@dataclass(frozen=True, slots=True)
class SubResult:
    """What became of a case, or of those below it."""

    name: str
    passed: bool
    below: tuple[SubResult, ...] = ()


def has_cases(group: Group) -> bool:
    """Say whether a test has variables in its head, so that it has cases."""
    return group.kind == "object" and any(_told_apart(each.rule) for each in group.definitions)


def _told_apart(rule: Rule) -> bool:
    return any(not isinstance(step, Scalar) for step in rule.ref[1:])


class Subtests:
    """Finds which cases of a policy's tests were reached."""

    def __init__(self, policy: Policy) -> None:
        self._said: list[Value] = []
        texts = policy.texts
        version = texts.version
        modules = {
            name: _noting(name, text, version if isinstance(version, str) else version[name])
            for name, text in texts.modules.items()
        }
        found = declaration(_NOTE)
        assert found is not None  # noqa: S101 - it stands in the table
        self._policy = policy.of_other(modules, {_NOTE: Builtin(found, self._keep)})

    def _keep(self, case: Value) -> Value:
        self._said.append(case)
        return TRUE

    def results(self, path: str, value: Value, given: Mapping[str, object]) -> tuple[SubResult, ...]:
        """Give the cases of a test that were reached, in the order of their names, by what the test gave."""
        self._said.clear()
        try:
            self._policy.evaluate(path, **given)  # type: ignore[arg-type]
        except GravenError:
            return (SubResult("", passed=False),)
        return _tree([tuple(case) for case in dict.fromkeys(self._said)], value)


def _tree(cases: list[tuple[Value, ...]], value: Value) -> tuple[SubResult, ...]:
    names: dict[Value, list[tuple[Value, ...]]] = {}
    for case in cases:
        names.setdefault(case[0], []).append(case[1:])
    return tuple(sorted((_case(key, rests, value) for key, rests in names.items()), key=lambda one: one.name))


def _case(key: Value, rests: list[tuple[Value, ...]], value: Value) -> SubResult:
    found = value.get(key) if value.__class__ is RegoObject else None
    below = _tree([rest for rest in rests if rest], found)
    passed = all(one.passed for one in below) if below else found is TRUE
    return SubResult(key if isinstance(key, str) else term_text(key), passed, below)


def _noting(file: str, text: str, version: str) -> str:
    """Write a call that notes the case into each body of a test that has cases."""
    module = parse_module(file, text, version)
    for at, added in sorted(_notes(module), reverse=True):
        text = text[:at] + added + text[at:]
    return text


def _notes(module: Module) -> Iterator[tuple[int, str]]:
    tokens = [token for token in tokenize(module.source)[0] if token.kind != "end"]
    for rule in module.rules:
        steps = [_written(step) for step in rule.ref[1:]]
        if not rule.name.startswith("test_") or not rule.written or not _told_apart(rule) or None in steps:
            continue
        names = {step.name for step in rule.ref[1:] if isinstance(step, Var)}
        after = max(_first(rule.body, name) for name in names)
        call = f"; {_NOTE}([{', '.join(filter(None, steps))}])"
        before = max((token for token in tokens if token.end <= rule.body[0].at), key=lambda token: token.end)
        if before.kind == "{":
            yield rule.body[after].end, call
        else:
            yield from ((rule.body[0].at, "{ "), (rule.body[0].end, f"{call} }}"))


def _first(body: list[Expr], name: str) -> int:
    """Give the place of the expression in which a variable first stands."""
    for at, expr in enumerate(body):
        declared = expr.term.names if isinstance(expr.term, SomeDecl) else []
        if any(isinstance(term, Var) and term.name == name for term in (*declared, *terms_of_expr(expr))):
            return at
    return 0


def _written(step: Term) -> str | None:
    if isinstance(step, Scalar):
        return term_text(step.value)
    return step.name if isinstance(step, Var) and not step.wild else None
