"""Owns what can still be told of a document when a rule of it raised: the definitions are evaluated one by one.

A clean evaluation is the answer, and costs nothing more. If it raised, each definition adds what it says, and one that
raises is an error with its place; what it said before stands, for it holds. Such an answer is never a whole one: where
there are errors, whoever decides may refuse by what is told, and may pass nothing.

Every definition may take the steps of the limits again, and all together a few times as many, so that one without an
end leaves the others theirs and the work has an end; what is counted depends on the question alone.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from types import FunctionType, MappingProxyType

from graven.errors import GravenError, family
from graven.record import TYPE_CHECKING, Record
from graven.rego.evaluation import Answer, Limits, World, answer, begin_run, solutions
from graven.rego.faults import BudgetExhausted, EvaluationError, OutOfTime, RuleExhausted
from graven.rego.machine import Growing, State, U, collect
from graven.rego.program import Program, steps_of
from graven.rego.readout import shown
from graven.rego.values import UNDEFINED, RegoObject, RegoSet, Value, from_json
from graven.rego.virtual import Virtual, extent, keys, root, virtual_index

if TYPE_CHECKING:
    from typing import Protocol

    class Policy(Protocol):
        """A compiled policy."""

        def asked(self, query: str) -> tuple[Program, Callable[[State, list[Value]], None], list[str]]:
            """Give what answers a query."""


__all__ = ["Question", "RuleError", "Salvaged", "asked", "salvage"]

_SHARES = 4
"""So many times the limit of steps may all definitions of a document take together."""
_GLANCES = 5_000_000
"""So many steps may definitions take together that are looked at once more since the steps ran out."""
_WORLD = World()
_LIMITS = Limits()


class RuleError(Record):
    """Why a definition could not be evaluated to its end."""

    rule: str
    """The document that the definition belongs to: ``data.main.deny``."""
    code: str
    message: str
    file: str
    row: int
    col: int
    """Where it went wrong: in the definition, or in a rule that it reads."""
    at: tuple[str, int] = ("", 0)
    """File and row of the definition."""

    @property
    def told(self) -> str:
        """Say what went wrong, and in which definition where that stands elsewhere."""
        text, (file, row) = f"{self.code}: {self.message}", self.at
        return text if not row or self.at == (self.file, self.row) else f"{text} (in {self.rule}, {file}:{row})"

    def __str__(self) -> str:
        return f"{self.file}:{self.row}:{self.col}: {self.told}"


class Salvaged(Record):
    """What an evaluation told, and what it could not."""

    answer: Answer
    """Whole if there are no errors; else what the definitions said that could be told."""
    errors: tuple[RuleError, ...] = ()


class Question(Record):
    """A document that is asked for."""

    path: str
    changes: Mapping[str, object] = MappingProxyType({})
    """Documents by their paths below ``data``, as ``with`` puts them there."""
    raised: GravenError | None = None
    """What an evaluation raised that the caller made already."""

    @property
    def text(self) -> str:
        """Write it as a query."""
        if not self.changes:
            return self.path
        from graven.rego.notation import json_text

        said = " ".join(f"with {path} as {json_text(from_json(value))}" for path, value in self.changes.items())
        return f"found = {self.path} {said}"


def salvage(
    policy: Policy,
    question: Question,
    input: object = UNDEFINED,  # noqa: A002 - Rego's own word
    *,
    now_ns: int | None = None,
    world: World = _WORLD,
    limits: Limits = _LIMITS,
    strict_builtin_errors: bool = False,
) -> Salvaged:
    """Answer a question; where a rule raises, with what all the others say and with what was raised.

    Raises:
        PolicyErrors, EvaluationError, BudgetExhausted: of what is no path of a document.
    """
    program, function, names = policy.asked(question.text)
    error = question.raised
    run = begin_run(program, now_ns, world, limits, strict=strict_builtin_errors)
    if error is None:
        try:
            rows = solutions(function, run, input)
        except GravenError as e:
            error = e
        else:
            return Salvaged(answer([""] if question.changes else names, rows, run))
    steps = steps_of(question.path)
    if _ends(error) or steps is None or not program.has(steps):
        raise error
    world = world._replace(recorded=dict(run.context.recorded))
    run = begin_run(program, now_ns, world, limits, strict=strict_builtin_errors)
    state = State(run, U if input is UNDEFINED else from_json(input)).change(
        (tuple(path.split(".")), from_json(value)) for path, value in question.changes.items()
    )
    parted = _Parted(program, state, limits.steps)
    found = parted.document(steps)
    errors = parted.errors or [parted.error(error, question.path, parted.first)]
    told = answer([""], [] if found is U else [(found,)], run)._replace(steps=parted.taken)
    return Salvaged(told, tuple(errors))


def asked(program: Program, number: int, state: State) -> Value:
    """Evaluate a group for one who looks on; where it raises, let each definition say what it says, for U.

    Where the steps ran out, to look on is worth no more than a few of them again.
    """
    exhausted = False
    try:
        return program.ask(number, state)
    except (EvaluationError, BudgetExhausted) as e:
        if _ends(e):
            raise
        exhausted = isinstance(e, BudgetExhausted)
    parted = _Parted(program, state, state.run.budget)
    if exhausted:
        parted.pool = min(parted.steps, _GLANCES)
    parted.left = max(1, parted.count(number))
    parted.group(number, ())
    return U


def _ends(error: GravenError) -> bool:
    """Say whether an error ends the command, and speaks of no rule."""
    return isinstance(error, OutOfTime) or getattr(error, "code", "") == "eval_cancel_error"


class _Parted:
    """An evaluation of one definition after the other, in one state: what a rule gave is kept for all."""

    def __init__(self, program: Program, state: State, steps: int) -> None:
        self.program = program
        self.state = state
        self.steps = steps
        """One definition may take."""
        self.pool = steps * _SHARES
        self.taken = 0
        self.left = 1
        """So many definitions are to come."""
        self.errors: list[RuleError] = []
        self.first = -1
        """The site of the first definition that was evaluated."""

    def document(self, steps: Sequence[Value]) -> Value:
        """Give the document at a path, without what cannot be told."""
        place = root(self.state)
        for at, step in enumerate(steps):
            number = self._child(place, step)
            if number >= 0:
                self.left = self.count(number)
                return self.group(number, steps[: at + 1])
            place = virtual_index(self.state, place, step)
        if place.__class__ is Virtual and place.node is not None:
            self.left = sum(map(self.count, place.node.groups()))
        return self._extent(place, [*steps])

    def _child(self, place: Value, step: Value) -> int:
        """Give the number of the group that makes what stands at a step; -1: none does."""
        if place.__class__ is not Virtual or place.node is None or step not in place.node.children:
            return -1
        if place.overlay is not None and step in place.overlay:
            return -1
        number: int = place.node.children[step].number
        return number

    def count(self, number: int) -> int:
        """Count the definitions of a group."""
        return len(self.program.code(number).arms)

    def _extent(self, place: Value, path: list[Value]) -> Value:
        if place.__class__ is not Virtual or (place.node is None or not place.node.children):
            return extent(self.state, place)
        found = {}
        for key in keys(place):
            number = self._child(place, key)
            if number >= 0:
                value = self.group(number, [*path, key])
            else:
                value = self._extent(virtual_index(self.state, place, key), [*path, key])
            if value is not U:
                found[key] = value
        return RegoObject(found)

    def _arms(self, number: int) -> Sequence[Sequence[Callable[..., Value]]]:
        """Give the functions of the definitions of a group."""
        program = self.program
        with program.lock:
            if (number, 0) not in program.functions:
                program.link(number)
        functions = program.guards if self.state.run.rule_steps else program.functions
        return [functions[number, at] for at in range(self.count(number))]

    def group(self, number: int, path: Sequence[Value]) -> Value:
        """Give what the definitions of a group say that can be evaluated."""
        memo = self.state.memo
        if number in memo:
            return memo[number]
        arms = self._arms(number)
        kind = self.program.code(number).kind
        out: set[Value] | Growing | _United = (
            set() if kind == "set" else Growing() if kind == "object" else _United(self.program)
        )
        clean = True
        for at, functions in enumerate(arms):
            site = self.program.rule_sites[number, at]
            clean = self._definition(functions, out, site, path) and clean
        if isinstance(out, _United):
            return self._whole(number, path) if clean and out.value is U else out.value
        value = RegoSet(out) if isinstance(out, set) else collect(out)
        if clean:
            memo[number] = value
        return value

    def _whole(self, number: int, path: Sequence[Value]) -> Value:
        """Give the value of ``default``, for no rule gave one."""
        code = self.program.code(number).default
        if code is None:
            return U
        out = _United(self.program)
        self._definition([FunctionType(code, self.program.space)], out, -1, path)
        return out.value

    def _definition(
        self, functions: Sequence[Callable[..., Value]], out: object, site: int, path: Sequence[Value]
    ) -> bool:
        """Let one definition add what it says; False if it raised."""
        run = self.state.run
        share = max(1, min(self.steps, self.pool // max(1, self.left)))
        run.allow(share)
        self.first = site if self.first < 0 else self.first

        def said() -> Value:
            return out.add(self.state, functions, site) if isinstance(out, _United) else functions[0](self.state, out)

        memo, printed = dict(self.state.memo), len(run.prints)
        try:
            try:
                said()
            except RecursionError:
                from graven.rego.depths import once_more

                self.state.memo = memo
                once_more(run, said, printed)
        except GravenError as e:
            if _ends(e):
                raise
            self.errors.append(self.error(e, _text(path), site))
            return False
        finally:
            self.left -= 1
            self.pool = max(0, self.pool - run.steps)
            self.taken += run.steps
        return True

    def error(self, error: GravenError, rule: str, site: int) -> RuleError:
        """Place an error: where it says, or else at the definition."""
        at = self.program.sites.position(site) if site >= 0 else ("", 0, 0)
        message = " ".join(error.message.split())
        if isinstance(error, (EvaluationError, RuleExhausted)):
            place = (error.file, error.row, error.col) if error.row else at
            told = f"{error.reason}: {error.hint}" if error.hint else error.reason
            return RuleError(rule, error.code, told, *place, at[:2])
        code = "eval_budget_error" if isinstance(error, BudgetExhausted) else f"eval_{family(error)}_error"
        told = f"{message}: {error.hint}" if error.hint else message
        return RuleError(rule, code, told, *at, at[:2])


class _United:
    """The one value of complete rules."""

    def __init__(self, program: Program) -> None:
        self.program = program
        self.value = U

    def add(self, state: State, functions: Iterable[Callable[..., Value]], site: int) -> Value:
        """Take the value of a rule, the first in the order of its ``else``."""
        for function in functions:
            found = function(state)
            if found is U:
                continue
            if self.value is U:
                self.value = found
            elif found != self.value:
                self.value = U
                self.program.sites.conflict(site, "complete rules must not produce multiple outputs")
            break
        return self.value


def _text(path: Iterable[Value]) -> str:
    """Write the path of a document."""
    return f"data{shown(path)}"
