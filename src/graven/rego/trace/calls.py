"""Owns calls: functions of rules, builtins, and what ``with`` puts in their place."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence

from graven.rego.builtins.protocol import Builtin
from graven.rego.faults import EvaluationError
from graven.rego.machine import Sites
from graven.rego.trace.choice import Chosen
from graven.rego.trace.clashes import Clashes, look_again
from graven.rego.trace.events import Stop
from graven.rego.trace.frames import Frame, Next, Signal
from graven.rego.trace.preparation import Clause, path_of
from graven.rego.trace.rules import Rules, conflict, name_of, quiet, value_of
from graven.rego.trace.terms import Step, constant, plug
from graven.rego.trace.walking import walked
from graven.rego.tree import Expr, Ref, Source, Term, Var
from graven.rego.values import FALSE, UNDEFINED, RegoSet, Value
from graven.rego.wrapping import hole_text, signature, wrap

__all__ = ["Calls", "Find"]

Find = Callable[[str], "Builtin | None"]
_FUNCTION = "functions must not produce multiple outputs for same inputs"


class Calls(Rules):
    """Calls."""

    def __init__(self, find: Find, sites: Sites, sources: Mapping[str, Source]) -> None:
        self.find = find
        self.sites = sites
        self.sources = sources
        self.placed: dict[int, int] = {}
        """The numbers of the places of calls."""
        self.wrapped: dict[str, Callable[..., Value]] = {}

    def call(self, frame: Frame, name: tuple[str, ...], terms: Sequence[Term], then: Next) -> Signal:
        """Call a function or what replaces it."""
        mock = frame.shared.mock(name)
        if mock is not None:
            other = path_of(mock) if isinstance(mock, Ref | Var) else ()
            if other and self._arity(frame, tuple(map(str, other))) >= 0:
                return self._replaced(frame, other, terms, then)
            return self._value(frame, name, terms, (mock, then))
        if name[0] == "data":
            found = self.chosen(frame, name[1:], terms)
            return None if found is None else self._function(frame, (name, found), terms, then)
        return self._builtin(frame, ".".join(name), terms, then)

    def _replaced(self, frame: Frame, name: tuple[Value, ...], terms: Sequence[Term], then: Next) -> Signal:
        """Call what stands in the place of a function; it sees no replacements itself."""
        mocks = frame.shared.mocks

        def aside() -> Signal:
            mocks.pop()
            stop = then()
            mocks.append([])
            return stop

        mocks.append([])
        stop = self.call(frame, tuple(map(str, name)), terms, aside)
        mocks.pop()
        return stop

    def _value(self, frame: Frame, name: tuple[str, ...], terms: Sequence[Term], use: tuple[Term, Next]) -> Signal:
        mock, then = use
        if len(terms) > self._arity(frame, name):
            return self.unify(frame, (terms[-1], frame.bindings), (mock, frame.bindings), then)
        return None if value_of(mock) is FALSE else then()

    def _arity(self, frame: Frame, name: tuple[str, ...]) -> int:
        """Give how many operands a function takes; -1: it is none."""
        if name[0] == "data":
            node = frame.shared.tree.find(name[1:])
            return len(node.clauses[0].args) or -1 if node is not None and node.clauses else -1
        found = self.find(".".join(name))
        return len(found.declaration.arguments) if found is not None else -1

    def _function(
        self, frame: Frame, asked: tuple[tuple[str, ...], Chosen], terms: Sequence[Term], then: Next
    ) -> Signal:
        name, found = asked
        if not found.clauses and found.default is None:
            return None
        first = found.clauses[0] if found.clauses else found.default
        arity = len(first.args) if first is not None else 0
        operands = terms[:-1] if len(terms) == arity + 1 else terms
        key = (name, *(value_of(plug(term, frame.bindings)) for term in operands))
        memo = frame.shared.memos[-1]
        if key in memo:
            kept = memo[key]
            if len(terms) == arity:
                return None if kept is FALSE else then()
            return self.unify(frame, (terms[-1], frame.bindings), (constant(kept), frame.bindings), then)
        return quiet(self._clauses(frame, (key, found), terms, then))

    def _clauses(
        self, frame: Frame, asked: tuple[tuple[Value, ...], Chosen], terms: Sequence[Term], then: Next
    ) -> Signal:
        key, found = asked
        before: Value = UNDEFINED
        late: Signal = None
        for clause in found.clauses:
            for each in (clause, *found.orelse.get(id(clause), ())):
                result, stop = self._clause_called(frame, each, (key, before, found.once), terms, then)
                if stop is not None:
                    if not stop.late:
                        if stop.of is each and frame.shared.newer:
                            look_again(found, lambda one, it: self._called_again(frame, one, it, (terms, found.once)))
                        return stop
                    late = late or stop
                if result is not UNDEFINED:
                    before = result
                    break
        if found.default is not None and before is UNDEFINED:
            return self._clause_called(frame, found.default, (key, before, found.once), terms, then)[1]
        return late

    def _clause_called(
        self,
        frame: Frame,
        clause: Clause,
        how: tuple[tuple[Value, ...], Value, bool],
        terms: Sequence[Term],
        then: Next,
    ) -> tuple[Value, Signal]:
        key, before, once = how
        result: Value = UNDEFINED
        child = frame.child(clause.body)
        child.once = once
        child.tell("Enter", name_of(clause), clause.place)
        silent = len(clause.args) == len(terms)
        args = clause.args if silent else (*clause.args, clause.value)

        def holds() -> Signal:
            nonlocal before, result
            child.tell_exit(name_of(clause), clause.place)
            result = value_of(plug(clause.value, child.bindings))
            frame.shared.memos[-1][key] = result
            if before is not UNDEFINED and before != result:
                return conflict(_FUNCTION, clause)
            if silent and result is FALSE:
                before = result
                return None
            if before is UNDEFINED:
                before = result
                stop = then()
                if stop is not None:
                    return stop
            child.tell("Redo", name_of(clause), clause.place)
            return None

        stop = self.all(child, (terms, frame.bindings), (args, child.bindings), lambda: self.run(child, holds))
        return result, stop

    def _called_again(
        self, frame: Frame, clause: Clause, clashes: Clashes, how: tuple[Sequence[Term], bool]
    ) -> tuple[bool, Signal]:
        terms, once = how
        child = frame.child(clause.body)
        child.once = once
        child.tell("Enter", name_of(clause), clause.place)
        args = clause.args if len(clause.args) == len(terms) else (*clause.args, clause.value)
        sides = (terms, frame.bindings), (args, child.bindings)
        return self.clashing(
            child, clause, clashes, lambda holds: self.all(child, *sides, lambda: self.run(child, holds))
        )

    def _builtin(self, frame: Frame, name: str, terms: Sequence[Term], then: Next) -> Signal:
        if name in ("internal.print", "internal.test_case"):
            if name == "internal.test_case":
                frame.tell_case(value_of(plug(terms[0], frame.bindings)))
            return then()
        if name == "internal.template_string":
            return self._template(frame, terms, then)
        return self._called(frame, name, terms, then)

    def _called(self, frame: Frame, name: str, terms: Sequence[Term], then: Next) -> Signal:
        """Call the function of a builtin and hand its results on."""
        found = self.find(name)
        if found is None:
            return Stop(fault=EvaluationError("eval_internal_error", f"unsupported builtin {name}", *_at(frame), 1))
        arity = len(found.declaration.arguments)
        operands = [plug(term, frame.bindings) for term in terms]
        values = [value_of(term) for term in operands[:arity]]

        def given(result: Term) -> Signal:
            if len(terms) == arity:
                return None if value_of(result) is FALSE else then()
            return self.unify(frame, (terms[arity], frame.bindings), (result, frame.bindings), then)

        if name == "walk":
            return walked(values[0], operands[1] if len(operands) > 1 else None, given)
        if name == "trace":
            if values[0].__class__ is str:
                frame.note(values[0])
            return given(constant(self._wrapped(frame, found)(*values)))
        try:
            result = self._wrapped(frame, found)(*values)
        except EvaluationError as fault:
            return Stop(fault=fault)
        results: Iterable[Value] = result if found.declaration.relation else () if result is UNDEFINED else (result,)
        for each in results:
            stop = given(constant(each))
            if stop is not None:
                return stop
        return None

    def _template(self, frame: Frame, terms: Sequence[Term], then: Next) -> Signal:
        """Give the text of a template string."""
        parts = value_of(plug(terms[0], frame.bindings))
        text = constant("".join(map(_shown, parts)))
        if len(terms) == 1:
            return then()
        return self.unify(frame, (terms[1], frame.bindings), (text, frame.bindings), then)

    def _wrapped(self, frame: Frame, found: Builtin) -> Callable[..., Value]:
        name = found.name
        if name not in self.wrapped:
            self.wrapped[name] = wrap(found, signature(found.declaration), self.sites)
        function = self.wrapped[name]
        site = self._site(frame.body[frame.at])
        return lambda *values: function(frame.shared.state, site, *values)

    def _site(self, step: Step) -> int:
        """Give the number of a place, which a builtin may ask for."""
        source = self.sources.get(step.place[0]) if step.place is not None else None
        if source is None or not isinstance(step.node, Expr):
            return 0
        if id(step) not in self.placed:
            self.placed[id(step)] = self.sites.add(source, max(0, step.node.at))
        return self.placed[id(step)]


def _at(frame: Frame) -> tuple[str, int]:
    return frame.body[frame.at].place or ("", 0)


def _shown(part: Value) -> str:
    """Write a part of a template string: text as it is, a set as the member that it has."""
    if part.__class__ is RegoSet:
        return hole_text(part.ordered()[0]) if part else "<undefined>"
    return hole_text(part)
