"""Owns the trace of a query upon a policy: its modules rewritten once, each query evaluated anew for its events.

What a trace finds is never a decision. It must be what the engine decided; where it is not, the trace is at fault, and
says so instead of being shown.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from graven.errors import Mismatch
from graven.rego.builtins.declarations import Declaration, declaration
from graven.rego.depths import afresh
from graven.rego.evaluation import World
from graven.rego.machine import Run, Sites, State
from graven.rego.parse.modules import parse_module, parse_query
from graven.rego.policy import Policy
from graven.rego.trace import narration
from graven.rego.trace.bodies import Interpreter
from graven.rego.trace.events import Event, Log
from graven.rego.trace.frames import Frame, Shared
from graven.rego.trace.preparation import rule_tree, steps_of
from graven.rego.trace.rewriting.compilation import Query, Rewriting, rewritten, rewritten_query
from graven.rego.trace.rules import value_of
from graven.rego.trace.terms import Bindings, plug
from graven.rego.tree import Import, Source, Var
from graven.rego.values import UNDEFINED, Value, from_json

__all__ = ["KINDS", "Trace", "Tracer"]

KINDS = ("full", "notes", "fails", "debug")
_STEPS = 20_000_000
_NOWHERE = World()


@dataclass(frozen=True, slots=True)
class Trace:
    """The events of an evaluation, and what it gave."""

    events: Sequence[Event]
    names: dict[str, str]
    values: tuple[dict[str, Value], ...]
    """For each solution the values of the query's variables."""
    fault: Exception | None = None

    def lines(self, kind: str = "debug", *, located: bool = False) -> list[str]:
        """Write the events: all (``debug``), all but what was unified (``full``), or those that lead to some."""
        chosen = {"full": narration.full, "notes": narration.notes, "fails": narration.fails}.get(kind)
        return narration.lines(self.events if chosen is None else chosen(self.events), self.names, located=located)

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

    def __init__(self, policy: Policy, *, prints: bool = True, tests: bool = False) -> None:
        self.policy = policy
        self.prints = prints
        self.tests = tests
        self.find = policy.traced.unit.find

    def declared(self, name: str) -> Declaration | None:
        """Give what is known of a builtin."""
        found = self.find(name)
        return declaration(name) if found is None else found.declaration

    @cached_property
    def rewriting(self) -> Rewriting:
        """The modules of the policy after rewriting."""
        texts = self.policy.texts
        version = texts.version
        modules = [
            parse_module(file, text, version if isinstance(version, str) else version.get(file, "auto"))
            for file, text in texts.modules.items()
        ]
        return rewritten(modules, self.declared, prints=self.prints, tests=self.tests)

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
            BudgetExhausted: there is more to tell than may be kept.
        """
        asked, source = parse_query(query, file="")
        package, imports = around
        found = rewritten_query(asked, source, self.rewriting, package=package, imports=imports, prints=self.prints)
        base = self.policy.base if base is UNDEFINED else base
        value = UNDEFINED if document is UNDEFINED else from_json(document)
        return afresh(lambda: self._trace(found, source, (value, base), (now_ns, world)))

    def _trace(
        self, query: Query, source: Source, documents: tuple[Value, Value], world: tuple[int | None, World]
    ) -> Trace:
        arity = self.rewriting.rules.arity
        document, base = documents
        sites = Sites()
        sites.add(source, 0)
        log = Log()
        tree = rule_tree(self.rewriting.modules, arity)
        shared = Shared(tree, base, log, State(_run(sites, *world), document))
        body = steps_of(query.body, source, arity)
        frame = Frame(shared, body, document)
        values: list[dict[str, Value]] = []

        def solved() -> None:
            values.append({name: _bound(name, frame.bindings) for name in query.captures.values()})

        stop = Interpreter(self.find, sites).whole(frame, body, solved)
        names = {**self.rewriting.names, **query.names}
        return Trace(log.events, names, tuple(values), None if stop is None else stop.fault)


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
