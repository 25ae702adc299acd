"""Owns the public form of a compiled policy: compile, evaluate, list the rules."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Literal

from graven.errors import NotFound
from graven.rego.builtins import Builtin, Context, find
from graven.rego.compile.assembly import Assembled, assemble
from graven.rego.compile.frontend import Frontend, begin, prepare, prepare_query
from graven.rego.faults import BudgetExhausted
from graven.rego.machine import Run, State, U
from graven.rego.notation import to_json
from graven.rego.values import EMPTY_OBJECT, UNDEFINED, Value, from_json

if TYPE_CHECKING:
    from graven.rego.explanation import Explanation
    from graven.rego.inventory import RuleInfo
    from graven.rego.origins import Origin
    from graven.rego.results import Asked, Results
    from graven.rego.ruletree import Group

__all__ = ["Answer", "BuiltinFailure", "Limits", "Policy", "Reached", "Tracer", "World", "compile_modules"]

Version = Literal["auto", "v0", "v1"]


@dataclass(frozen=True, slots=True)
class Limits:
    """How much one evaluation may do; steps and sizes decide, so that a replay decides the same."""

    steps: int = 50_000_000
    """Members gone through in loops, and calls of rules."""
    size: int = 10_000_000
    """Members or characters of one value that a builtin makes."""


@dataclass(frozen=True, slots=True)
class World:
    """What rules may learn of the world; all of it is the caller's word."""

    entropy: Callable[[int], bytes] | None = None
    """Gives so many random bytes."""
    host: Mapping[str, Callable[..., Value]] = field(default_factory=lambda: MappingProxyType({}))
    """Functions by builtin name: ``http.send``, ``net.lookup_ip_addr``."""
    recorded: Mapping[tuple[str, tuple[Value, ...]], Value] = field(default_factory=lambda: MappingProxyType({}))
    """Answers of nondeterministic builtins of an earlier evaluation, to be given again."""
    runtime: object = None
    """What ``opa.runtime`` gives."""


@dataclass(frozen=True, slots=True)
class Reached:
    """An expression that a traced evaluation came to."""

    file: str
    row: int
    col: int
    values: Mapping[str, Value]
    """The variables of the expression that have a value there."""


Tracer = Callable[[Reached], None]


@dataclass(frozen=True, slots=True)
class BuiltinFailure:
    """A builtin that failed and thereby made an expression undefined."""

    code: str
    message: str
    file: str
    row: int
    col: int


@dataclass(frozen=True, slots=True)
class Answer:
    """What an evaluation gave."""

    bindings: tuple[Mapping[str, Value], ...]
    """One for each solution: the query's variables with their Rego values. None at all: undefined."""
    value: Value = UNDEFINED
    """For a document path its Rego value, else UNDEFINED."""
    failures: tuple[BuiltinFailure, ...] = ()
    steps: int = 0
    recorded: Mapping[tuple[str, tuple[Value, ...]], Value] = field(default_factory=dict)
    """What nondeterministic builtins answered; hand it back to decide the same again."""

    @property
    def defined(self) -> bool:
        """Say whether there is a result."""
        return bool(self.bindings) or self.value is not UNDEFINED

    def json(self) -> Any:
        """Give the value as plain JSON; None if it is undefined."""
        return None if self.value is UNDEFINED else to_json(self.value)


class Policy:
    """Compiled modules with their base documents; it never changes, and can be asked from several threads."""

    def __init__(self, frontend: Frontend, program: Assembled) -> None:
        self._frontend = frontend
        self._program = program
        self._rules: tuple[RuleInfo, ...] | None = None
        self._traced: Assembled | None = None
        self._queries: dict[tuple[str, bool], tuple[Assembled, Callable[[State, list[Value]], None], list[str]]] = {}

    def evaluate(
        self,
        query: str,
        input: object = UNDEFINED,  # noqa: A002 - Rego's own word
        *,
        now_ns: int | None = None,
        world: World = World(),
        limits: Limits = Limits(),
        trace: Tracer | None = None,
        strict_builtin_errors: bool = False,
    ) -> Answer:
        """Answer a document path (``data.a.allow``) or any query.

        Raises:
            PolicyErrors: the query does not compile.
            EvaluationError: conflicting values, or a builtin that failed under strict errors.
            BudgetExhausted: more steps or a larger value than the limits allow.
        """
        program, function, names = self._query(query, traced=trace is not None)
        run = _run(program, now_ns, world, limits, strict=strict_builtin_errors)
        if trace is not None:
            run.tracer = _reporting(program, trace)
        rows: list[Value] = []
        try:
            function(State(run, U if input is UNDEFINED else from_json(input)), rows)
        except RecursionError:
            raise _too_deep() from None
        return _answer(names, rows, run, limits)

    def results(
        self,
        asked: Asked,
        input: object = UNDEFINED,  # noqa: A002 - Rego's own word
        *,
        now_ns: int | None = None,
        world: World = World(),
        limits: Limits = Limits(),
        strict_builtin_errors: bool = False,
    ) -> Results:
        """Answer a query with what each of its expressions gave, as ``opa eval`` does.

        Raises:
            PolicyErrors: the query does not compile.
            EvaluationError: as ``evaluate``.
            BudgetExhausted: as ``evaluate``.
        """
        from graven.rego.results import prepare, results_of

        prepared = prepare(self._frontend, self._program, asked)
        run = _run(prepared.program, now_ns, world, limits, strict=strict_builtin_errors)
        rows: list[Any] = []
        try:
            prepared.function(State(run, U if input is UNDEFINED else from_json(input)), rows)
        except RecursionError:
            raise _too_deep() from None
        return results_of(prepared, rows, _answer(prepared.names, [], run, limits))

    def dependencies(self, query: str) -> tuple[tuple[tuple[Value, ...], ...], tuple[tuple[Value, ...], ...]]:
        """Give the paths of base documents that a query reads, and those of the rules that it asks.

        Raises:
            PolicyErrors: the query cannot be read.
        """
        from graven.rego.dependencies import dependencies

        return dependencies(self._frontend, query)

    def rules(self) -> tuple[RuleInfo, ...]:
        """Give every rule in the order of files and rows."""
        if self._rules is None:
            from graven.rego.inventory import list_rules

            self._rules = list_rules(self._frontend)
        return self._rules

    def explain(
        self,
        path: str,
        input: object = UNDEFINED,  # noqa: A002 - Rego's own word
        *,
        now_ns: int | None = None,
        world: World = World(),
        limits: Limits = Limits(),
    ) -> Explanation:
        """Say for a document made by rules, as ``data.a.deny``, which rule gave what and why the others did not.

        Raises:
            NotFound: no rule makes such a document.
            EvaluationError: as ``evaluate``.
            BudgetExhausted: as ``evaluate``.
        """
        group = self._document(path)
        traced = self._traced_program()
        from graven.rego.explanation import explain_group

        run = _run(traced, now_ns, world, limits, strict=False)
        try:
            return explain_group(traced, run, State(run, U if input is UNDEFINED else from_json(input)), group)
        except RecursionError:
            raise _too_deep() from None

    def origins(
        self,
        path: str,
        input: object = UNDEFINED,  # noqa: A002 - Rego's own word
        *,
        now_ns: int | None = None,
        world: World = World(),
        limits: Limits = Limits(),
    ) -> tuple[Origin, ...]:
        """Say for each result of a document made by rules which parts of the input it came from.

        A result that several bodies or solutions gave comes once for each list of paths.

        Raises:
            NotFound: no rule makes such a document.
            EvaluationError: as ``evaluate``.
            BudgetExhausted: as ``evaluate``.
        """
        group = self._document(path)
        traced = self._traced_program()
        from graven.rego.origins import origins_of

        run = _run(traced, now_ns, world, limits, strict=False)
        try:
            return origins_of(traced, run, U if input is UNDEFINED else from_json(input), group)
        except RecursionError:
            raise _too_deep() from None

    def _document(self, path: str) -> Group:
        """Give the rules that make a document."""
        steps = path.split(".")
        node, depth = self._frontend.tree.find(steps[1:])
        group = node.group
        if steps[0] != "data" or group is None or depth < len(steps) - 1 or group.kind == "function":
            raise NotFound(f"no rule makes the document {path}", hint="Policy.rules() lists what there is")
        return group

    def _traced_program(self) -> Assembled:
        if self._traced is None:
            self._traced = assemble(begin(self._frontend, self._frontend.mocked, traced=True))
        return self._traced

    def _query(
        self, query: str, *, traced: bool = False
    ) -> tuple[Assembled, Callable[[State, list[Value]], None], list[str]]:
        """Compile a query, once."""
        key = (query, traced)
        found = self._queries.get(key)
        if found is None:
            program = self._traced_program() if traced else self._program
            found = prepare_query(self._frontend, program, query)
            if len(self._queries) < _KEPT_QUERIES:
                self._queries[key] = found
        return found


_KEPT_QUERIES = 1000


def _too_deep() -> BudgetExhausted:
    return BudgetExhausted("the evaluation is nested too deeply", hint="simplify the rules or the input")


def _run(program: Assembled, now_ns: int | None, world: World, limits: Limits, *, strict: bool) -> Run:
    """Begin an evaluation."""
    context = Context(now_ns, world.entropy, from_json(world.runtime), world.host, dict(world.recorded))
    context.max_size = limits.size
    run = Run(program, context, limits.steps, strict=strict)
    context.charge = run.charge
    return run


def _reporting(program: Assembled, trace: Tracer) -> Callable[..., None]:
    def report(_state: State, number: int, values: dict[str, Value]) -> None:
        point = program.unit.points[number]
        row, col = point.source.position(point.expr.at)
        plain = {name.partition("%")[0]: value for name, value in values.items()}
        trace(Reached(point.source.file, row, col, plain))

    return report


def _answer(names: list[str], rows: list[Value], run: Run, limits: Limits) -> Answer:
    program: Assembled = run.program  # type: ignore[assignment]
    failures = []
    for site, code, message in dict.fromkeys(run.failures):
        source, at = program.unit.sites.places[site]
        failures.append(BuiltinFailure(code, message, source.file, *source.position(at)))
    value = rows[0][0] if names == [""] and rows else UNDEFINED
    bindings = [{name.partition("%")[0]: item for name, item in zip(names, row, strict=True) if name} for row in rows]
    return Answer(tuple(bindings), value, tuple(failures), limits.steps - run.left, dict(run.context.recorded))


def compile_modules(
    modules: Mapping[str, str],
    *,
    data: object = None,
    version: Version | Mapping[str, Version] = "auto",
    builtins: Iterable[Builtin] = (),
    strict: bool = False,
) -> Policy:
    """Compile modules, given as text by file name, with their base documents.

    Raises:
        PolicyErrors: everything that is wrong with them, in the order of the places.
    """
    own = {each.declaration.name: each for each in builtins}
    base = EMPTY_OBJECT if data is None else from_json(data)
    frontend, program = prepare(modules, base, version, lambda name: own.get(name) or find(name), strict=strict)
    return Policy(frontend, program)
