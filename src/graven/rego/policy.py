"""Owns the public form of a compiled policy: compile, evaluate, list the rules."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import cached_property

from graven.errors import NotFound, Unsupported
from graven.record import TYPE_CHECKING
from graven.rego.builtins import Builtin, find
from graven.rego.evaluation import (
    Answer,
    BuiltinFailure,
    Limits,
    Reached,
    Tracer,
    World,
    answer,
    begin_run,
    solutions,
)
from graven.rego.machine import Run, State, U
from graven.rego.program import Program, steps_of
from graven.rego.values import EMPTY_OBJECT, UNDEFINED, Value, from_json

if TYPE_CHECKING:
    from typing import Literal, TypeVar

    from graven.rego.compile.assembly import Assembled
    from graven.rego.compile.frontend import Frontend
    from graven.rego.explanation import Explanation
    from graven.rego.image import Image, Texts
    from graven.rego.origins import Origin
    from graven.rego.results import Asked, Results
    from graven.rego.roster import RuleInfo
    from graven.rego.silence import Silent

    Version = Literal["auto", "v0", "v1"]
    Looked = TypeVar("Looked")
    Prepared = tuple[Frontend, Assembled]
    Ask = Callable[[State, list[Value]], None]

__all__ = ["Answer", "BuiltinFailure", "Limits", "Policy", "Reached", "Tracer", "World", "compile_modules", "load"]

_WORLD = World()
_LIMITS = Limits()


class Policy:
    """Compiled modules with their base documents; it never changes, and can be asked from several threads."""

    def __init__(
        self,
        prepared: Callable[[], Prepared],
        texts: Callable[[], Texts],
        own: Mapping[str, Builtin],
        image: Image | None = None,
    ) -> None:
        self._prepared = prepared
        self._texts = texts
        self._own = own
        self._image = image
        self._runtime: Program | None = None
        """A program that was read; without one, that which the front end makes."""
        if image is not None:
            from graven.rego.image import Loaded

            self._runtime = Loaded(image, lambda name: own.get(name) or find(name))
        self._rules: tuple[RuleInfo, ...] | None = None
        self._traced: Assembled | None = None
        self._queries: dict[tuple[str, bool], tuple[Assembled, Ask, list[str]]] = {}

    @cached_property
    def _compiled(self) -> Prepared:
        """The checked modules and the program that they make; of a policy that was read, made when first needed."""
        return self._prepared()

    @property
    def _frontend(self) -> Frontend:
        return self._compiled[0]

    @property
    def _program(self) -> Assembled:
        return self._compiled[1]

    @property
    def program(self) -> Program:
        """What runs, for those who look at it rule by rule."""
        return self._runtime or self._program

    @property
    def base(self) -> Value:
        """The base documents."""
        return self.program.base

    @property
    def texts(self) -> Texts:
        """The modules that it was compiled of, and how."""
        return self._texts()

    def of_other(self, modules: Mapping[str, str], builtins: Mapping[str, Builtin]) -> Policy:
        """Give the policy that other modules make over the same base documents, with some builtins replaced.

        Raises:
            PolicyErrors: what is wrong with the modules.
        """
        texts = self._texts()._replace(modules=dict(modules), capabilities=None)
        own = {**self._own, **builtins}
        prepared = _prepared(texts, self.base, own)
        return Policy(lambda: prepared, lambda: texts, own)

    def evaluate(
        self,
        query: str,
        input: object = UNDEFINED,  # noqa: A002 - Rego's own word
        *,
        now_ns: int | None = None,
        world: World = _WORLD,
        limits: Limits = _LIMITS,
        trace: Tracer | None = None,
        strict_builtin_errors: bool = False,
        deadline: Callable[[], bool] | None = None,
    ) -> Answer:
        """Answer a document path (``data.a.allow``) or any query.

        ``deadline`` says whether the caller's time is over: it ends the evaluation, and never changes an answer.

        Raises:
            PolicyErrors: the query does not compile.
            EvaluationError: conflicting values, or a builtin that failed under strict errors.
            BudgetExhausted: more steps or a larger value than the limits allow.
        """
        program, function, names = self.asked(query, traced=trace is not None)
        run = begin_run(program, now_ns, world, limits, strict=strict_builtin_errors, deadline=deadline)
        if trace is not None:
            run.tracer = _reporting(program, trace)  # type: ignore[arg-type] # a traced one is assembled
        return answer(names, solutions(function, run, input), run)

    def asked(self, query: str, *, traced: bool = False) -> tuple[Program, Ask, list[str]]:
        """Give what answers a query: for a document that is there the program as it is, without a compiler."""
        steps = None if traced else steps_of(query)
        program = self.program
        if steps is None or not program.has(steps):
            return self._query(query, traced=traced)

        def document(state: State, rows: list[Value]) -> None:
            found = program.document(state, steps)
            if found is not U:
                rows.append((found,))

        return program, document, [""]

    def results(
        self,
        asked: Asked,
        input: object = UNDEFINED,  # noqa: A002 - Rego's own word
        *,
        now_ns: int | None = None,
        world: World = _WORLD,
        limits: Limits = _LIMITS,
        strict_builtin_errors: bool = False,
        watch: Callable[[Assembled, Run], None] | None = None,
    ) -> Results:
        """Answer a query with what each of its expressions gave, as ``opa eval`` does; let a traced one be watched.

        Raises:
            PolicyErrors: the query does not compile.
            EvaluationError, BudgetExhausted: as ``evaluate``.
        """
        from graven.rego.results import prepare, results_of

        prepared = prepare(self._frontend, self._program if watch is None else self.traced, asked)
        run = begin_run(prepared.program, now_ns, world, limits, strict=strict_builtin_errors)
        if watch is not None:
            watch(prepared.program, run)
        rows = solutions(prepared.function, run, input)
        return results_of(prepared, rows, answer(prepared.names, [], run))

    def dependencies(self, query: str) -> tuple[tuple[tuple[Value, ...], ...], tuple[tuple[Value, ...], ...]]:
        """Give the paths of base documents that a query reads, and those of the rules that it asks.

        Raises:
            PolicyErrors: the query cannot be read.
        """
        from graven.rego.dependencies import dependencies

        return dependencies(self._frontend, query)

    def rules(self) -> tuple[RuleInfo, ...]:
        """Give every rule in the order of files and rows."""
        if self._rules is None and self._image is not None:
            from graven.rego.image import rules_of

            self._rules = rules_of(self._image)
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
        world: World = _WORLD,
        limits: Limits = _LIMITS,
    ) -> Explanation:
        """Say for a document made by rules, as ``data.a.deny``, which rule gave what and why the others did not.

        Raises:
            NotFound: no rule makes such a document.
            EvaluationError, BudgetExhausted: as ``evaluate``.
        """
        from graven.rego.explanation import explain_group

        return self.looked(path, input, (now_ns, world, limits), explain_group)

    def origins(
        self,
        path: str,
        input: object = UNDEFINED,  # noqa: A002 - Rego's own word
        *,
        now_ns: int | None = None,
        world: World = _WORLD,
        limits: Limits = _LIMITS,
    ) -> tuple[Origin, ...]:
        """Say for each result of a document made by rules which parts of the input it came from.

        A result that several bodies or solutions gave comes once for each list of paths.

        Raises:
            NotFound: no rule makes such a document.
            EvaluationError, BudgetExhausted: as ``evaluate``.
        """
        from graven.rego.origins import origins_of

        return self.looked(path, input, (now_ns, world, limits), origins_of)

    def silent(
        self,
        path: str,
        input: object = UNDEFINED,  # noqa: A002 - Rego's own word
        *,
        now_ns: int | None = None,
        world: World = _WORLD,
        limits: Limits = _LIMITS,
    ) -> tuple[Silent, ...]:
        """Give the rules of a document that held, and gave nothing because their message is undefined.

        Raises:
            NotFound: no rule makes such a document.
            EvaluationError, BudgetExhausted: as ``evaluate``.
        """
        from graven.rego.silence import silent_of

        return self.looked(path, input, (now_ns, world, limits), silent_of)

    def dump(self, *, engine: str = "") -> bytes:
        """Give the policy as bytes that ``load`` reads, its code made ahead of time.

        They fit this build of Python, and ``engine``: what the caller calls this build of the engine.
        """
        from graven.rego.image import write

        return write(self._program, self._own, self.rules(), self._texts(), engine)

    def looked(
        self, path: str, document: object, around: tuple[int | None, World, Limits], look: Callable[..., Looked]
    ) -> Looked:
        """Look at the rules of a document: with a traced program, a run of it, what is asked, and the group of them."""
        steps = steps_of(path) or ()
        node, depth = self._frontend.tree.find(steps)
        group = node.group
        if group is None or depth < len(steps) or group.kind == "function":
            raise NotFound(f"no rule makes the document {path}", hint="Policy.rules() lists what there is")
        traced = self.traced
        run = begin_run(traced, *around, strict=False)

        def seen() -> Looked:
            return look(traced, run, State(run, U if document is UNDEFINED else from_json(document)), group)

        try:
            return seen()
        except RecursionError:
            from graven.rego.depths import once_more

            return once_more(run, seen)

    @property
    def traced(self) -> Assembled:
        """The program that tells what it does, for those who look at it: tests, coverage, profiles."""
        from graven.rego.compile.assembly import assemble
        from graven.rego.compile.frontend import begin

        if self._traced is None:
            self._traced = assemble(begin(self._frontend, self._frontend.mocked, traced=True))
        return self._traced

    def _query(self, query: str, *, traced: bool = False) -> tuple[Assembled, Ask, list[str]]:
        """Compile a query, once."""
        from graven.rego.compile.frontend import prepare_query

        key = (query, traced)
        found = self._queries.get(key)
        if found is None:
            program = self.traced if traced else self._program
            found = prepare_query(self._frontend, program, query)
            if len(self._queries) < _KEPT_QUERIES:
                self._queries[key] = found
        return found


_KEPT_QUERIES = 1000


def _reporting(program: Assembled, trace: Tracer) -> Callable[..., None]:
    def report(_state: State, number: int, values: dict[str, Value]) -> None:
        point = program.unit.points[number]
        row, col = point.source.position(point.expr.at)
        plain = {name.partition("%")[0]: value for name, value in values.items()}
        trace(Reached(point.source.file, row, col, plain))

    return report


def compile_modules(
    modules: Mapping[str, str],
    *,
    data: object = None,
    version: Version | Mapping[str, Version] = "auto",
    builtins: Iterable[Builtin] = (),
    strict: bool = False,
    prints: bool = False,
    capabilities: Mapping[str, object] | None = None,
) -> Policy:
    """Compile modules, given as text by file name, with their base documents.

    With ``prints`` an answer tells what ``print`` said; ``capabilities`` are what they may use, in OPA's form.

    Raises:
        PolicyErrors: everything that is wrong with them, in the order of the places.
        Malformed: the capabilities are of another form.
    """
    from graven.rego.image import Texts

    allowed = None
    if capabilities is not None:
        from graven.rego.capabilities import plain

        allowed = plain(capabilities)
    versions: str | dict[str, str] = version if isinstance(version, str) else {**version}
    texts = Texts(dict(modules), versions, strict, prints, allowed)
    own = {each.name: each for each in builtins}
    prepared = _prepared(texts, EMPTY_OBJECT if data is None else from_json(data), own)
    return Policy(lambda: prepared, lambda: texts, own)


def _prepared(texts: Texts, base: Value, own: Mapping[str, Builtin]) -> Prepared:
    from graven.rego.compile.frontend import prepare

    allowed = None
    if texts.capabilities is not None:
        from graven.rego.capabilities import restored

        allowed = restored(texts.capabilities)
    return prepare(
        texts.modules,
        base,
        texts.version,
        lambda name: own.get(name) or find(name),
        strict=texts.strict,
        prints=texts.prints,
        allowed=allowed,
    )


def load(data: bytes, *, builtins: Iterable[Builtin] = (), engine: str = "") -> Policy:
    """Read what ``Policy.dump`` gave; only bytes that none but their owner could have written, for they become code.

    The parser and compiler are imported when a query, a trace or an explanation asks for them.

    Raises:
        Mismatch: they are not as they were written.
        Unsupported: another build of Python or of the engine made them, or a builtin is missing.
    """
    from graven.rego.image import read, texts_of

    image = read(data, engine)
    own = {each.name: each for each in builtins}
    missing = [name for name in image.own if name not in own]
    if missing:
        raise Unsupported(f"the compiled policy calls {', '.join(missing)}, which were not handed in")
    policy = Policy(lambda: _prepared(texts_of(image), policy.base, own), lambda: texts_of(image), own, image)
    return policy
