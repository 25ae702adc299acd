"""Owns what evaluations reached of the rules: lines as OPA counts them, and branches, which are bodies that held."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from graven.rego.compile.assembly import Assembled
from graven.rego.machine import State
from graven.rego.tree import Comprehension, Every, Expr, Logic, Negation, Rule, SomeDecl, Source, Term
from graven.rego.values import Value
from graven.rego.walk import expressions, rule_terms, terms

__all__ = ["Branch", "Coverage", "FileCoverage"]


@dataclass(frozen=True, slots=True, order=True)
class Branch:
    """A body: of a rule, of an ``else``, of a comprehension, of ``every``, of ``not``."""

    row: int
    kind: str
    covered: bool


@dataclass(frozen=True, slots=True)
class FileCoverage:
    """What was reached of one file; a row may have parts that were and parts that were not."""

    covered: tuple[int, ...]
    not_covered: tuple[int, ...]
    branches: tuple[Branch, ...]

    @property
    def coverage(self) -> float:
        """Give the share of rows in percent."""
        total = len(self.covered) + len(self.not_covered)
        return 100 * len(self.covered) / total if total else 0.0


@dataclass(slots=True)
class Coverage:
    """Watches evaluations of one traced program."""

    program: Assembled
    _exprs: set[int] = field(default_factory=set)
    _rules: set[int] = field(default_factory=set)
    _bodies: set[int] = field(default_factory=set)
    _stack: list[Rule] = field(default_factory=list)

    def enter(self, rule: object, _state: State, _operands: tuple[Value, ...]) -> object:
        """Begin a rule."""
        assert isinstance(rule, Rule)  # noqa: S101 - the assembly hands in nothing else
        self._stack.append(rule)
        return rule

    def leave(self, _frame: object) -> None:
        """End a rule."""
        self._stack.pop()

    def reached(self, _state: State, number: int, _values: dict[str, Value]) -> None:
        """Take an expression that was reached."""
        point = self.program.unit.points[number]
        self._exprs.add(id(point.expr))
        if point.arm is not None and point.arm.default:
            self._rules.add(id(point.arm))

    def solved(self, number: int, _values: dict[str, Value]) -> None:
        """Take a body that held."""
        self._bodies.add(id(self.program.unit.solved[number]))

    def gave(self, _values: tuple[Value, ...]) -> None:
        """Take a rule that gave something."""
        if self._stack:
            self._rules.add(id(self._stack[-1]))

    def files(self) -> dict[str, FileCoverage]:
        """Give the coverage of each file."""
        rows: dict[str, tuple[set[int], set[int], list[Branch]]] = {}
        for group in self.program.unit.tree.groups:
            for each in (*group.definitions, *group.defaults):
                found = rows.setdefault(each.module.source.file, (set(), set(), []))
                for rule in (each.rule, *each.rule.orelse):
                    self._rule(rule, each.module.source, found, behind=rule is not each.rule)
        return {
            file: FileCoverage(tuple(sorted(hit)), tuple(sorted(missed - hit)), tuple(sorted(branches)))
            for file, (hit, missed, branches) in sorted(rows.items())
        }

    def _rule(
        self, rule: Rule, source: Source, found: tuple[set[int], set[int], list[Branch]], *, behind: bool
    ) -> None:
        hit, missed, branches = found
        row = source.position(rule.at)[0]
        (hit if id(rule) in self._rules else missed).add(row)
        if not rule.default:
            branches.append(Branch(row, "else" if behind else "rule", id(rule.body) in self._bodies))
        if not rule.written and id(rule) in self._rules:
            hit.update(range(row, source.position(max(rule.end - 1, rule.at))[0] + 1))
        heads = [term.body for head in _heads(rule) for term in terms(head) if isinstance(term, Comprehension)]
        for expr in (each for body in (rule.body, *heads) for each in expressions(body)):
            last = source.position(max(expr.end - 1, expr.at))[0]
            spanned = range(source.position(expr.at)[0], last + 1)
            if id(expr) in self._exprs:
                hit.update(spanned)
            elif not isinstance(expr.term, SomeDecl):
                missed.update(spanned)
            branches += (Branch(spanned[0], kind, id(body) in self._bodies) for kind, body in _inside(expr))
        for term in rule_terms(rule) if not behind else ():
            if isinstance(term, Comprehension):
                at = source.position(term.at)[0]
                branches.append(Branch(at, "comprehension", id(term.body) in self._bodies))

    def json(self) -> dict[str, Any]:
        """Give OPA's report, with the branches of each file beside its rows."""
        files = self.files()
        hit = sum(len(each.covered) for each in files.values())
        missed = sum(len(each.not_covered) for each in files.values())
        share = 100 * hit / (hit + missed) if hit + missed else 0.0
        told = {file: _told(each) for file, each in files.items()}
        return {"files": told, "covered_lines": hit, "not_covered_lines": missed, "coverage": share}


def _heads(rule: Rule) -> list[Term]:
    return [*rule.ref, *(part for part in (rule.key, rule.value) if part is not None)]


def _inside(expr: Expr) -> Iterator[tuple[str, list[Expr]]]:
    found = expr.term
    if isinstance(found, Every):
        yield "every", found.body
    elif isinstance(found, Negation):
        yield "not", found.body
    elif isinstance(found, Logic):
        yield found.operator, found.left
        yield found.operator, found.right


def _told(each: FileCoverage) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, rows in (("covered", each.covered), ("not_covered", each.not_covered)):
        if rows:
            found[name] = [{"start": {"row": first}, "end": {"row": last}} for first, last in _ranges(rows)]
            found[f"{name}_lines"] = len(rows)
    branches = [{"row": one.row, "kind": one.kind, "covered": one.covered} for one in each.branches]
    return found | {"coverage": each.coverage, "branches": branches}


def _ranges(rows: tuple[int, ...]) -> Iterator[tuple[int, int]]:
    first = last = rows[0]
    for row in rows[1:]:
        if row > last + 1:
            yield first, last
            first = row
        last = row
    yield first, last
