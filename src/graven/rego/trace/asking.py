"""Owns the trace of a query upon a policy: its modules rewritten once, each query evaluated anew for its events.

What a trace finds is never a decision. It must be what the engine decided; where it is not, the trace is at fault, and
says so instead of being shown.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from graven.errors import GravenError, Mismatch, Unsupported
from graven.rego.builtins.declarations import Declaration, declaration
from graven.rego.depths import afresh
from graven.rego.evaluation import World
from graven.rego.faults import too_deep
from graven.rego.machine import Run, Sites, State
from graven.rego.parse.modules import parse_module, parse_query
from graven.rego.policy import Policy
from graven.rego.trace import narration
from graven.rego.trace.bodies import Interpreter
from graven.rego.trace.events import Event, Log
from graven.rego.trace.frames import Frame, Shared
from graven.rego.trace.preparation import Node, rule_tree, steps_of
from graven.rego.trace.rewriting.compilation import Query, Rewriting, rewritten, rewritten_query
from graven.rego.trace.rewriting.walking import exprs_of
from graven.rego.trace.rules import value_of
from graven.rego.trace.terms import Bindings, Step, plug
from graven.rego.trace.testcases import tell_cases
from graven.rego.tree import Expr, Import, Module, Source, Var
from graven.rego.values import UNDEFINED, Value, from_json

__all__ = ["KINDS", "Trace", "Tracer", "failed"]

KINDS = ("full", "notes", "fails", "debug")
_STEPS = 20_000_000
_NOWHERE = World()


_CHOICES: dict[str, Callable[[Sequence[Event]], Sequence[Event]]] = {
    "debug": lambda events: events,
    "full": narration.full,
    "notes": lambda events: narration.leading(events, "Note"),
    "fails": lambda events: narration.leading(events, "Fail"),
    "both": lambda events: narration.leading(events, "Note", "Fail"),
}


def failed(events: Sequence[Event]) -> Event | None:
    """Give the last expression that failed; an ``every`` is told by what is in it."""
    for event in reversed(events):
        if event.op == "Fail" and event.place and event.query and event.of_expression and not event.of_every:
            return event
    return None


@dataclass(frozen=True, slots=True)
class Trace:
    """The events of an evaluation, and what it gave."""

    events: tuple[Event, ...]
    names: dict[str, str]
    values: tuple[dict[str, Value], ...]
    """For each solution the values of the query's variables."""
    sources: Mapping[str, Source]
    ends: Mapping[tuple[str, int], int]
    """For file and place of an expression where it ends."""
    fault: Exception | None = None

    def chosen(self, kind: str) -> Sequence[Event]:
        """Give the events of a kind: all (``debug``), all but what was unified (``full``), or what leads to some."""
        return _CHOICES[kind](self.events)

    def rows(self, kind: str) -> list[tuple[str, str]]:
        """Give place and text of each event.

        Raises:
            BudgetExhausted: a value is nested too deeply to be written.
        """
        try:
            return narration.rows(self.chosen(kind), self.names)
        except RecursionError:
            raise too_deep() from None

    def lines(self, kind: str = "debug", *, located: bool = False) -> list[str]:
        """Write each event on a line."""
        rows = self.rows(kind)
        return narration.aligned(rows) if located else [text for _, text in rows]

    def cases(self) -> dict[tuple[Value, ...], int]:
        """Give the cases to which a test came, each with the number of events before the next."""
        told = [(at, event) for at, event in enumerate(self.events) if event.op == "TestCase"]
        ends = [*(at for at, _ in told[1:]), len(self.events)]
        return {event.path or (): end for (_, event), end in zip(told, ends, strict=True)}

    def written(self, event: Event) -> str:
        """Give an expression as its source has it, behind as much room as it has there."""
        assert isinstance(event.node, Step)  # noqa: S101 - the caller has looked
        expr, place = event.node.node, event.place
        source = None if place is None else self.sources.get(place[0])
        if source is None or not isinstance(expr, Expr):
            return ""
        row = source.position(expr.at)[0]
        before = source.text[source.starts[row - 1] : expr.at]
        return (
            "".join("\t" if char == "\t" else " " for char in before)
            + source.text[expr.at : self.ends[source.file, expr.at]]
        )

    def agree(self, query: str, value: Value) -> None:
        """Hold what was found against the engine's value of a document.

        Raises:
            Mismatch: it is another.
        """
        found = next(iter(self.values[0].values())) if self.values and self.values[0] else UNDEFINED
        if self.fault is None and found != value:
            raise Mismatch(
                f"the trace of {query} came to another value than the engine: the trace is wrong, the decision stands",
                hint="please report the policy and the input",
            )


class Tracer:
    """Traces queries upon one policy."""

    def __init__(self, policy: Policy, *, prints: bool = True, cases: bool = False, newer: bool = True) -> None:
        self.policy = policy
        self.prints = prints
        self.cases = cases
        """Tests tell which of their cases they come to."""
        self.newer = newer
        """Rules are chosen as by OPA 1.22, and not as by the OPA 1.21 of conftest 0.71."""
        self.find = policy.traced.unit.find

    def declared(self, name: str) -> Declaration | None:
        """Give what is known of a builtin."""
        found = self.find(name)
        return declaration(name) if found is None else found.declaration

    @cached_property
    def modules(self) -> tuple[Module, ...]:
        """The modules of the policy as they are written."""
        texts = self.policy.texts
        version = texts.version
        return tuple(
            parse_module(file, text, version if isinstance(version, str) else version.get(file, "auto"))
            for file, text in texts.modules.items()
        )

    @cached_property
    def sources(self) -> dict[str, Source]:
        """The texts of the modules."""
        return {module.source.file: module.source for module in self.modules}

    @cached_property
    def ends(self) -> dict[tuple[str, int], int]:
        """Where the expressions of the modules end."""
        return {
            (module.source.file, expr.at): expr.end
            for module in self.modules
            for rule in module.rules
            for each in (rule, *rule.orelse)
            for body in each.body
            for expr in reversed(list(exprs_of(body)))
        }

    @cached_property
    def rewriting(self) -> Rewriting:
        """The modules of the policy after rewriting."""
        found = rewritten(self.modules, self.declared, prints=self.prints)
        for module in found.modules if self.cases else ():
            tell_cases(module)
        return found

    def trace(
        self,
        query: str,
        document: object = UNDEFINED,
        *,
        now_ns: int | None = None,
        world: World = _NOWHERE,
        base: Value = UNDEFINED,
        around: tuple[tuple[str, ...], tuple[Import, ...]] = ((), ()),
    ) -> Trace:
        """Evaluate a query and give its events; ``around`` are the package and the imports in which it is read.

        Raises:
            PolicyErrors: the query cannot be read.
            BudgetExhausted: there is more to tell than may be kept, or it is nested too deeply.
            Unsupported: the trace came upon what it does not know; no decision hangs on it.
        """
        base = self.policy.base if base is UNDEFINED else base
        value = UNDEFINED if document is UNDEFINED else from_json(document)
        try:
            return afresh(lambda: self._asked(query, (value, base), (now_ns, world), around))
        except GravenError:
            raise
        except RecursionError:
            raise too_deep() from None
        except Exception as e:
            raise Unsupported(f"the trace of {query} came upon what it does not know: {type(e).__name__}: {e}") from e

    def _asked(
        self,
        query: str,
        documents: tuple[Value, Value],
        world: tuple[int | None, World],
        around: tuple[tuple[str, ...], tuple[Import, ...]],
    ) -> Trace:
        asked, source = parse_query(query, file="")
        package, imports = around
        found = rewritten_query(asked, source, self.rewriting, package=package, imports=imports, prints=self.prints)
        return self._trace(found, source, documents, world)

    @cached_property
    def tree(self) -> Node:
        """The rules of the policy."""
        return rule_tree(self.rewriting.modules, self.rewriting.rules.arity)

    def _trace(
        self, query: Query, source: Source, documents: tuple[Value, Value], world: tuple[int | None, World]
    ) -> Trace:
        arity = self.rewriting.rules.arity
        document, base = documents
        sites = Sites()
        sites.add(source, 0)
        log = Log()
        shared = Shared(self.tree, base, log, State(_run(sites, *world), document))
        shared.newer = self.newer
        body = steps_of(query.body, source, arity)
        frame = Frame(shared, body, document)
        values: list[dict[str, Value]] = []

        def solved() -> None:
            values.append({name: _bound(name, frame.bindings) for name in query.captures.values()})

        stop = Interpreter(self.find, sites, self.sources).whole(frame, body, solved)
        names = {**self.rewriting.names, **query.names}
        fault = None if stop is None else stop.fault
        return Trace(tuple(log.events), names, tuple(values), self.sources, self.ends, fault)


def _bound(name: str, bindings: Bindings) -> Value:
    return value_of(plug(Var(-1, name), bindings))


def _run(sites: Sites, now_ns: int | None, world: World) -> Run:
    from graven.rego.builtins.protocol import Context

    context = Context(now_ns, world.entropy, from_json(world.runtime), world.host, world.recorded)
    context.position = sites.position
    run = Run(_Places(sites), context, _STEPS, strict=False)
    context.charge = run.charge
    return run


@dataclass(frozen=True, slots=True)
class _Places:
    """What a run asks of a program: the places of calls."""

    sites: Sites
