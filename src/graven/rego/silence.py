"""Owns the rules that fall silent: all that they asked for held, and then their message could not be made.

``sprintf("%v", [input.missing])`` is undefined, and so the rule gives nothing, as if nothing were wrong. What is looked
for is narrow, so that a rule which means to ask is not accused: the head, or the assignment of a variable in the head
behind which only assignments follow, is a call of a builtin or a collection, with an undefined reference in it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from graven.rego.compile.assembly import Assembled
from graven.rego.explanation import Failure, look
from graven.rego.frames import Frame, Recorder
from graven.rego.machine import Run, State
from graven.rego.ruletree import Group, dotted
from graven.rego.salvage import asked
from graven.rego.tree import ArrayTerm, Call, Expr, ObjectTerm, Rule, SetTerm, SomeDecl, Term, Var
from graven.rego.values import Value
from graven.rego.walk import terms, terms_of_body

__all__ = ["Silent", "silent_of"]


@dataclass(frozen=True, slots=True)
class Silent:
    """A rule that held and whose message is undefined."""

    path: str
    """The document that the rule belongs to: ``data.main.deny``."""
    file: str
    row: int
    col: int
    """Where the expression stands that makes the message."""
    text: str
    reference: str
    """What is undefined in it, up to the step that is not there: ``input.missing``."""
    hint: str = ""

    def __str__(self) -> str:
        text = f"{self.file}:{self.row}:{self.col}: {self.path} held, and its message is undefined: {self.reference}"
        return text + (f", {self.hint}" if self.hint else "")


def silent_of(program: Assembled, run: Run, state: State, group: Group) -> tuple[Silent, ...]:
    """Give the rules of a group that held and gave nothing for their message; the program is a traced one."""
    recorder = Recorder(program.unit)
    run.frames, run.tracer = recorder, recorder.reached
    try:
        asked(program, group.number, state)
    finally:
        run.frames = run.tracer = None
    found: dict[Silent, None] = {}
    for definition in group.definitions:
        for rule in (definition.rule, *definition.rule.orelse):
            for frame in recorder.of(rule, state):
                for expr, values in _unmade(rule, frame):
                    failure = look(program, state, values, expr, definition.module.source)
                    if failure.undefined:
                        found.setdefault(_silent(group, failure))
    return tuple(found)


def _silent(group: Group, failure: Failure) -> Silent:
    path = "data." + dotted(group.path)
    return Silent(path, failure.file, failure.row, failure.col, failure.text, failure.undefined, failure.hint)


def _unmade(rule: Rule, frame: Frame) -> Iterator[tuple[Expr, dict[str, Value]]]:
    """Give the expressions that should have made the head, with the variables there."""
    heads = [term for term in (rule.key, rule.value) if term is not None]
    for solution in frame.solutions:
        if solution.result is None:
            for head in filter(_builds, heads):
                yield Expr(head.at, head), dict(solution.values)
    if frame.furthest:
        last = frame.furthest[-1]
        after = rule.body[last.index + 1 :]
        read = [*(each for head in heads for each in terms(head)), *terms_of_body(after)]
        names = {each.name for each in read if isinstance(each, Var)}
        if _makes(last.expr, names) and all(map(_assigns, after)):
            yield last.expr, {name: value for step in frame.furthest for name, value in step.values.items()}


def _makes(expr: Expr, names: set[str]) -> bool:
    """Say whether an expression builds a variable of the head."""
    if not _assigns(expr) or expr.negated or not isinstance(expr.term, Call):
        return False
    target, built = expr.term.args
    return isinstance(target, Var) and target.name in names and _builds(built)


def _assigns(expr: Expr) -> bool:
    term = expr.term
    if isinstance(term, SomeDecl):
        return term.member is None
    return isinstance(term, Call) and term.name in (("assign",), ("eq",)) and len(term.args) == 2


def _builds(term: Term) -> bool:
    """Say whether a term makes something of its parts, rather than looking for something."""
    if isinstance(term, Call):
        return term.name[0] != "data"
    return isinstance(term, (ArrayTerm, ObjectTerm, SetTerm))
