"""Owns which rules OPA's index would not try, so that coverage and profiles do not take them for evaluated.

OPA looks up which definitions can hold before it evaluates any (``v1/ast/index.go``). What is looked at: references
to the input or to base documents, and arguments of functions, that must be there, be a scalar, be among scalars, or
begin or end with a text. Of ``glob.match``, of patterns inside arrays and of ``or`` nothing is concluded.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from graven.rego.compile.unit import Unit
from graven.rego.machine import State, U, base_index
from graven.rego.tree import ArrayTerm, Call, Expr, Ref, Rule, Scalar, SetTerm, Term, Var
from graven.rego.values import RegoObject, RegoSet, Value, index

__all__ = ["Candidates"]

Test = Callable[[Value], bool]
Condition = tuple[Term, Test]


@dataclass(slots=True)
class Candidates:
    """Says which rules of a spread program are evaluated."""

    unit: Unit
    _conditions: dict[int, tuple[Condition, ...]] = field(default_factory=dict)

    def left_out(self, rule: Rule, state: State, operands: tuple[Value, ...]) -> bool:
        """Say whether the index tells that a rule cannot hold."""
        conditions = self._conditions.get(id(rule))
        if conditions is None:
            conditions = self._conditions[id(rule)] = () if rule.default else tuple(self._of(rule))
        return any(not holds(self._value(term, rule, state, operands)) for term, holds in conditions)

    def _of(self, rule: Rule) -> Iterator[Condition]:
        """Give what must hold, each with the reference or the argument that it is said of."""
        locals_: dict[str, Term] = {arg.name: arg for arg in rule.args or [] if isinstance(arg, Var)}
        for expr in rule.body:
            if not expr.withs and not expr.negated:
                yield from self._conditions_of(expr, locals_)

    def _conditions_of(self, expr: Expr, locals_: dict[str, Term]) -> Iterator[Condition]:
        found = expr.term
        if isinstance(found, Ref) and self._is_base(found):
            yield found, _is_there
        if not isinstance(found, Call):
            return
        first, second = (found.args[0], found.args[1]) if len(found.args) == _TWO else (None, None)
        if first is None or second is None:
            return
        if found.name in (("eq",), ("equal",), ("assign",)):
            yield from self._equal(first, second, locals_)
        elif found.name in _TESTS and (subject := self._subject(first, locals_)) is not None:
            test = _TESTS[found.name](second)
            if test is not None:
                yield subject, test

    def _equal(self, first: Term, second: Term, locals_: dict[str, Term]) -> Iterator[Condition]:
        for one, other in ((first, second), (second, first)):
            subject = self._subject(one, locals_)
            if subject is not None and isinstance(other, Scalar):
                yield subject, _is(other.value)
                return
            if subject is not None and isinstance(other, (ArrayTerm, SetTerm)) and _is_known(other):
                yield subject, _is_list(other) if isinstance(other, ArrayTerm) else _is_there
                return
            if isinstance(one, Ref) and subject is not None and isinstance(other, Var):
                locals_.setdefault(other.name, one)
                yield one, _is_there
                return
            if isinstance(one, Ref) and isinstance(other, Scalar) and self._is_searched(one):
                searched = Ref(one.at, one.head, one.steps[:-1]) if one.steps[1:] else one.head
                yield searched, _has(other.value)
                return

    def _subject(self, term: Term, locals_: dict[str, Term]) -> Term | None:
        """Give the reference or argument that a term stands for, if the index knows it."""
        if isinstance(term, Var):
            return locals_.get(term.name)
        return term if isinstance(term, Ref) and self._is_base(term) else None

    def _is_base(self, ref: Ref) -> bool:
        """Say whether a reference is ground and no rule makes what it names."""
        if not isinstance(ref.head, Var) or not all(isinstance(step, Scalar) for step in ref.steps):
            return False
        if ref.head.name == "input":
            return True
        steps = [step.value for step in ref.steps if isinstance(step, Scalar)]
        node, depth = self.unit.tree.find(steps)
        return ref.head.name == "data" and node.group is None and depth < len(steps)

    def _is_searched(self, ref: Ref) -> bool:
        last = ref.steps[-1]
        before = Ref(ref.at, ref.head, ref.steps[:-1])
        return isinstance(last, Var) and last.wild and self._is_base(before)

    def _value(self, term: Term, rule: Rule, state: State, operands: tuple[Value, ...]) -> Value:
        if isinstance(term, Var):
            places = [at for at, arg in enumerate(rule.args or []) if arg is term]
            return operands[places[0]] if places and len(operands) > places[0] else state.input
        assert isinstance(term, Ref)  # noqa: S101 - a subject is one or the other
        assert isinstance(term.head, Var)  # noqa: S101 - so it was chosen
        value, step_into = state.input, index
        if term.head.name == "data":
            value, step_into = self.unit.base, base_index
        for step in term.steps:
            if isinstance(step, Scalar) and value is not U:
                value = step_into(value, step.value)
        return value


_TWO = 2


def _is_there(value: Value) -> bool:
    return value is not U


def _is_known(term: ArrayTerm | SetTerm) -> bool:
    return all(isinstance(each, Scalar) for each in term.items)


def _is_list(term: ArrayTerm) -> Test:
    wanted = tuple(each.value for each in term.items if isinstance(each, Scalar))
    return lambda value: value == wanted


def _is(wanted: Value) -> Test:
    return lambda value: value == wanted and value.__class__ is wanted.__class__


def _has(wanted: Value) -> Test:
    return lambda value: wanted in _items(value)


def _items(value: Value) -> tuple[Value, ...]:
    if isinstance(value, RegoObject):
        return tuple(each for _, each in value.items())
    return tuple(value) if isinstance(value, (tuple, RegoSet)) else ()


def _affix(how: Callable[[str, str], bool]) -> Callable[[Term], Test | None]:
    def made(term: Term) -> Test | None:
        text = term.value if isinstance(term, Scalar) else None
        if not isinstance(text, str):
            return None
        return lambda value: isinstance(value, str) and how(value, text)

    return made


def _among(term: Term) -> Test | None:
    if not isinstance(term, (ArrayTerm, SetTerm)) or not _is_known(term):
        return None
    wanted = [each.value for each in term.items if isinstance(each, Scalar)]
    return lambda value: value in wanted


_TESTS: dict[tuple[str, ...], Callable[[Term], Test | None]] = {
    ("internal", "member_2"): _among,
    ("startswith",): _affix(str.startswith),
    ("endswith",): _affix(str.endswith),
}
