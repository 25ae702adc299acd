"""Owns what evaluations reached of the rules: parts and rows as OPA tells them, and branches: bodies that held.

The parts are those of a program that was spread (``unnesting``).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from graven.rego.candidates import Candidates
from graven.rego.compile.assembly import Assembled
from graven.rego.extents import Extents
from graven.rego.machine import State
from graven.rego.tree import Comprehension, Every, Expr, Logic, Negation, Rule, SomeDecl
from graven.rego.values import Value
from graven.rego.walk import expressions, rule_terms

__all__ = ["Branch", "Coverage", "FileCoverage"]

Place = tuple[int, int]
"""A row and a column."""
Span = tuple[Place, Place]
"""From the first character to the place behind the last."""


@dataclass(frozen=True, slots=True, order=True)
class Branch:
    """A body: of a rule, of an ``else``, of a comprehension, of ``every``, of ``not``."""

    row: int
    kind: str
    covered: bool


@dataclass(frozen=True, slots=True)
class FileCoverage:
    """What was reached of one file; a row may have parts that were and parts that were not."""

    covered: tuple[Span, ...]
    not_covered: tuple[Span, ...]
    branches: tuple[Branch, ...]
    left_out: frozenset[Span] = frozenset()
    """Of what was not covered, that which OPA's index kept from being tried."""

    @property
    def covered_rows(self) -> frozenset[int]:
        """Give the rows of which something was reached."""
        return _rows(self.covered)

    @property
    def missed_rows(self) -> frozenset[int]:
        """Give the rows of which something was not reached."""
        return _rows(self.not_covered)

    @property
    def coverage(self) -> float:
        """Give the share of rows in percent, one with both counted as two."""
        hit, missed = len(self.covered_rows), len(self.missed_rows)
        return 100 * hit / (hit + missed) if hit + missed else 0.0


def _rows(spans: tuple[Span, ...]) -> frozenset[int]:
    return frozenset(row for (first, _), (last, _) in spans for row in range(first, last + 1))


@dataclass(slots=True)
class _Parts:
    """The parts of one file, as they are found."""

    extents: Extents
    hit: set[Span] = field(default_factory=set)
    missed: set[Span] = field(default_factory=set)
    left_out: set[Span] = field(default_factory=set)
    branches: list[Branch] = field(default_factory=list)

    def row(self, at: int) -> int:
        """Give the row of a place."""
        return self.extents.source.position(at)[0]

    def span(self, extent: tuple[int, int], *, hit: bool, told: bool = True) -> None:
        """Take what stands between two places: reached, or not reached and told where somebody wrote it so."""
        begin, end = extent
        if end > begin and (hit or told):
            (self.hit if hit else self.missed).add(self.place(begin, end))

    def place(self, begin: int, end: int) -> Span:
        """Give the places of two offsets."""
        position = self.extents.source.position
        return position(begin), position(end)

    def told(self) -> FileCoverage:
        """Give what was not reached without what lies in a part that was."""
        missed = [span for span in self.missed if not any(_within(span, hit) for hit in self.hit)]
        left_out = frozenset(span for span in missed if any(_within(span, each) for each in self.left_out))
        return FileCoverage(tuple(sorted(self.hit)), tuple(sorted(missed)), tuple(sorted(self.branches)), left_out)


def _within(span: Span, other: Span) -> bool:
    return other[0] <= span[0] and span[1] <= other[1]


@dataclass(slots=True)
class Coverage:
    """Watches evaluations of one traced program."""

    program: Assembled
    _exprs: set[int] = field(default_factory=set)
    _rules: set[int] = field(default_factory=set)
    _bodies: set[int] = field(default_factory=set)
    _left_out: set[int] = field(default_factory=set)
    """Expressions and rules that were reached, where OPA's index does not try the rule."""
    _stack: list[tuple[Rule, bool]] = field(default_factory=list)
    _candidates: Candidates = field(init=False)

    def __post_init__(self) -> None:
        """Read the index from the program."""
        self._candidates = Candidates(self.program.unit)

    def enter(self, rule: object, state: State, operands: tuple[Value, ...]) -> object:
        """Begin a rule."""
        assert isinstance(rule, Rule)  # noqa: S101 - the assembly hands in nothing else
        self._stack.append((rule, self._candidates.left_out(rule, state, operands)))
        return rule

    def leave(self, _frame: object) -> None:
        """End a rule."""
        self._stack.pop()

    def reached(self, _state: State, number: int, _values: dict[str, Value]) -> None:
        """Take an expression that was reached."""
        point = self.program.unit.points[number]
        left_out = bool(self._stack) and self._stack[-1][1]
        (self._left_out if left_out else self._exprs).add(id(point.expr))
        if point.arm is not None and point.arm.default:
            self._rules.add(id(point.arm))

    def solved(self, number: int, _values: dict[str, Value]) -> None:
        """Take a body that held."""
        self._bodies.add(id(self.program.unit.solved[number]))

    def gave(self, _values: tuple[Value, ...]) -> None:
        """Take a rule that gave something."""
        if self._stack:
            self._rules.add(id(self._stack[-1][0]))

    def files(self) -> dict[str, FileCoverage]:
        """Give the coverage of each file."""
        parts: dict[str, _Parts] = {}
        for group in self.program.unit.tree.groups:
            for each in (*group.definitions, *group.defaults):
                source = each.module.source
                found = parts.get(source.file)
                if found is None:
                    found = parts[source.file] = _Parts(Extents(source))
                for rule in (each.rule, *each.rule.orelse):
                    self._rule(rule, found, behind=rule is not each.rule)
        return {file: found.told() for file, found in sorted(parts.items())}

    def _rule(self, rule: Rule, found: _Parts, *, behind: bool) -> None:
        found.span(found.extents.head(rule), hit=id(rule) in self._rules)
        if rule.default:
            found.span((found.extents.after(rule.at), rule.end), hit=id(rule) in self._rules)
            return
        if not rule.written:
            found.span(found.extents.bare(rule), hit=False)
        row = found.row(rule.at)
        found.branches.append(Branch(row, "else" if behind else "rule", id(rule.body) in self._bodies))
        for expr in expressions(rule.body):
            if not isinstance(expr.term, SomeDecl) or id(expr) in self._exprs:
                found.span((expr.at, expr.end), hit=id(expr) in self._exprs, told=not expr.made)
                found.left_out |= {found.place(expr.at, expr.end)} if id(expr) in self._left_out else set()
            at = found.row(expr.at)
            found.branches += (Branch(at, kind, id(body) in self._bodies) for kind, body in _inside(expr))
        for term in rule_terms(rule) if not behind else ():
            if isinstance(term, Comprehension):
                at = found.row(term.at)
                found.branches.append(Branch(at, "comprehension", id(term.body) in self._bodies))

    def json(self, *, kinds: bool = True) -> dict[str, Any]:
        """Give OPA's report, with the branches of each file beside its rows; ``kinds`` says why rows were not tried."""
        files = self.files()
        hit = sum(len(each.covered_rows) for each in files.values())
        missed = sum(len(each.missed_rows) for each in files.values())
        share = 100 * hit / (hit + missed) if hit + missed else 0.0
        told = {file: _told(each, kinds=kinds) for file, each in files.items()}
        return {"files": told, "covered_lines": hit, "not_covered_lines": missed, "coverage": share}


def _inside(expr: Expr) -> Iterator[tuple[str, list[Expr]]]:
    found = expr.term
    if isinstance(found, Every):
        yield "every", found.body
    elif isinstance(found, Negation):
        yield "not", found.body
    elif isinstance(found, Logic):
        yield found.operator, found.left
        yield found.operator, found.right


def _told(each: FileCoverage, *, kinds: bool) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, spans, rows in (
        ("covered", each.covered, each.covered_rows),
        ("not_covered", each.not_covered, each.missed_rows),
    ):
        if spans:
            found[name] = [_part(span, left_out=kinds and span in each.left_out) for span in spans]
            found[f"{name}_lines"] = len(rows)
    branches = [{"row": one.row, "kind": one.kind, "covered": one.covered} for one in each.branches]
    found |= {"coverage": each.coverage} if each.coverage else {}
    return found | {"branches": branches}


def _part(span: Span, *, left_out: bool) -> dict[str, Any]:
    kinds = {"kinds": ["index_excluded"]} if left_out else {}
    return {"start": _place(span[0]), "end": _place(span[1]), **kinds}


def _place(place: Place) -> dict[str, int]:
    return {"row": place[0], "col": place[1]}
