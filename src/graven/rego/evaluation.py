"""Owns what one evaluation is given and what it gives: limits, the world, the answer.

Named tuples and not data classes, since to decide must be quick to start.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

from graven.record import TYPE_CHECKING, Record
from graven.rego.builtins.protocol import Context
from graven.rego.machine import Run, State, U
from graven.rego.values import UNDEFINED, Value, from_json

if TYPE_CHECKING:
    from typing import Any

    from graven.rego.program import Program

__all__ = [
    "Answer",
    "BuiltinFailure",
    "Limits",
    "Print",
    "Reached",
    "Tracer",
    "World",
    "answer",
    "begin_run",
    "solutions",
]

Recorded = Mapping[tuple[str, tuple[Value, ...]], Value]


class Limits(Record):
    """How much one evaluation may do; steps and sizes decide, so that a replay decides the same."""

    steps: int = 50_000_000
    """Members gone through in loops, and calls of rules."""
    size: int = 10_000_000
    """Members or characters of one value that a builtin makes."""
    rule_steps: int = 0
    """Steps of one rule of a document and of what it is the first to ask; 0: as many as the whole.

    ``custom.steps`` in the metadata of a rule says it for that rule.
    """


class World(Record):
    """What rules may learn of the world; all of it is the caller's word."""

    entropy: Callable[[int], bytes] | None = None
    """Gives so many random bytes."""
    host: Mapping[str, Callable[..., Value]] = MappingProxyType({})
    """Functions by builtin name: ``http.send``, ``net.lookup_ip_addr``."""
    recorded: Recorded = MappingProxyType({})
    """Answers of nondeterministic builtins of an earlier evaluation, to be given again."""
    runtime: object = None
    """What ``opa.runtime`` gives."""


class Reached(Record):
    """An expression that a traced evaluation came to."""

    file: str
    row: int
    col: int
    values: Mapping[str, Value]
    """The variables of the expression that have a value there."""


Tracer = Callable[[Reached], None]


class BuiltinFailure(Record):
    """A builtin that failed and thereby made an expression undefined."""

    code: str
    message: str
    file: str
    row: int
    col: int


class Print(Record):
    """What one call of ``print`` said."""

    file: str
    row: int
    col: int
    text: str


class Answer(Record):
    """What an evaluation gave."""

    bindings: tuple[Mapping[str, Value], ...]
    """One for each solution: the query's variables with their Rego values. None at all: undefined."""
    value: Value = UNDEFINED
    """For a document path its Rego value, else UNDEFINED."""
    failures: tuple[BuiltinFailure, ...] = ()
    steps: int = 0
    recorded: Recorded = MappingProxyType({})
    """What nondeterministic builtins answered; hand it back to decide the same again."""
    prints: tuple[Print, ...] = ()
    """What was printed, in a policy that was compiled with ``prints``."""

    @property
    def defined(self) -> bool:
        """Say whether there is a result."""
        return bool(self.bindings) or self.value is not UNDEFINED

    def json(self) -> Any:
        """Give the value as plain JSON; None if it is undefined."""
        from graven.rego.notation import to_json

        return None if self.value is UNDEFINED else to_json(self.value)


def begin_run(
    program: Program,
    now_ns: int | None,
    world: World,
    limits: Limits,
    *,
    strict: bool,
    deadline: Callable[[], bool] | None = None,
) -> Run:
    """Begin an evaluation."""
    context = Context(now_ns, world.entropy, from_json(world.runtime), world.host, world.recorded)
    context.max_size = limits.size
    context.allow_net = program.allow_net
    context.position = program.sites.position
    run = Run(program, context, limits.steps, strict=strict, deadline=deadline)
    run.rule_steps = limits.rule_steps
    context.charge = run.charge
    return run


def solutions(function: Callable[[State, list[Any]], None], run: Run, document: object) -> list[Any]:
    """Give the rows of a query for a document; what the caller's stack does not hold is done on stacks of its own.

    Raises:
        BudgetExhausted: it is nested too deeply for these too.
    """
    rows: list[Any] = []
    try:
        function(State(run, U if document is UNDEFINED else from_json(document)), rows)
    except RecursionError:
        from graven.rego.depths import once_more

        def work() -> list[Any]:
            again: list[Any] = []
            function(State(run, U if document is UNDEFINED else from_json(document)), again)
            return again

        return once_more(run, work)
    return rows


def answer(names: list[str], rows: list[Value], run: Run) -> Answer:
    """Give the answer that the rows of a query make; a query that is a document has the one name ``""``."""
    program: Program = run.program
    failures = tuple(
        BuiltinFailure(code, message, *program.sites.position(site))
        for site, code, message in dict.fromkeys(run.failures)
    )
    value = rows[0][0] if names == [""] and rows else UNDEFINED
    bindings = [{name.partition("%")[0]: item for name, item in zip(names, row, strict=True) if name} for row in rows]
    prints = tuple(Print(*program.sites.position(site), text) for site, text in run.prints)
    return Answer(tuple(bindings), value, failures, run.steps, dict(run.context.recorded), prints)
