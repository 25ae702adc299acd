"""Owns what rules give: documents with one value, sets and objects, with what was kept of an earlier time."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from graven.rego.faults import EvaluationError
from graven.rego.trace.choice import Chosen, choose
from graven.rego.trace.clashes import Clashes, look_again
from graven.rego.trace.documents import Documents, Way, found_at
from graven.rego.trace.events import Stop
from graven.rego.trace.frames import Frame, Next, Signal
from graven.rego.trace.gathering import Clash, Gathered
from graven.rego.trace.preparation import Clause
from graven.rego.trace.terms import Bindings, constant, plug
from graven.rego.trace.unification import Pair
from graven.rego.tree import Scalar, Term, Var
from graven.rego.values import EMPTY_OBJECT, EMPTY_SET, UNDEFINED, Value

__all__ = ["Rules", "conflict", "quiet"]

_OBJECT = "object keys must be unique"
_COMPLETE = "complete rules must not produce multiple outputs"


class Rules(Documents):
    """Evaluates rules; bodies are for those who build upon it."""

    def run(self, frame: Frame, then: Next) -> Signal:
        """Evaluate a body from its first expression on, and hand each solution on."""
        raise NotImplementedError

    def chosen(self, frame: Frame, path: tuple[Value, ...], args: Sequence[Term] = ()) -> Chosen | None:
        """Choose among the rules at a path, and tell how many."""
        found = choose(frame, path, args)
        if found is not None:
            number = len(found.clauses)
            message = f"(matched {number} rule{'' if number == 1 else 's'}{', early exit' if found.once else ''})"
            step = frame.body[frame.at]
            frame.tell("Index", step, step.place, message=message, path=path)
        return found

    def virtual(self, way: Way, path: tuple[Value, ...], then: Next) -> Signal:
        """Unify what the rules at a path give."""
        found = self.chosen(way.frame, path)
        if found is None:
            return None
        way = replace(way, at=way.at + 1)
        if found.multiple or not found.fixed:
            gathered = Gathered(EMPTY_SET if found.multiple and found.fixed else EMPTY_OBJECT, len(path))
            return _Partial(self, way, path, found, gathered).evaluate(then)
        if not found.clauses and found.default is None:
            return None
        first = found.clauses[0] if found.clauses else found.default
        if first is not None and first.args:
            return None
        return self._complete(way, path, found, then)

    def _complete(self, way: Way, path: tuple[Value, ...], found: Chosen, then: Next) -> Signal:
        memo = way.frame.shared.memos[-1]
        if path in memo:
            kept = memo[path]
            return None if kept is UNDEFINED else self.inside(way, constant(kept), way.around, then)
        before: Value = UNDEFINED
        late: Signal = None
        for clause in found.clauses:
            for each in (clause, *found.orelse.get(id(clause), ())):
                result, stop = self._clause(way, path, each, (before, found.once), then)
                if stop is not None:
                    if not stop.late:
                        if stop.of is each and way.frame.shared.newer:
                            look_again(found, lambda one, clashes: self._again(way, one, clashes, once=found.once))
                        return quiet(stop)
                    late = late or stop
                if result is not UNDEFINED:
                    before = result
                    break
        if found.default is not None and before is UNDEFINED:
            return quiet(self._clause(way, path, found.default, (before, found.once), then)[1])
        if before is UNDEFINED:
            memo[path] = UNDEFINED
        return quiet(late)

    def _clause(
        self, way: Way, path: tuple[Value, ...], clause: Clause, how: tuple[Value, bool], then: Next
    ) -> tuple[Value, Signal]:
        """Evaluate one rule; give its value and what ends the search."""
        before, once = how
        result: Value = UNDEFINED
        frame = way.frame.child(clause.body)
        frame.once = once
        frame.tell("Enter", name_of(clause), clause.place)

        def holds() -> Signal:
            nonlocal before, result
            frame.tell_exit(name_of(clause), clause.place)
            result = value_of(plug(clause.value, frame.bindings))
            if before is not UNDEFINED:
                if before != result:
                    return conflict(_COMPLETE, clause)
            else:
                before = result
                way.frame.shared.memos[-1][path] = result
                stop = self.inside(way, *frame.bindings.apply(clause.value), then)
                if stop is not None:
                    return stop
            frame.tell("Redo", name_of(clause), clause.place)
            return None

        stop = self.run(frame, holds)
        return result, stop

    def _again(self, way: Way, clause: Clause, clashes: Clashes, *, once: bool) -> tuple[bool, Signal]:
        frame = way.frame.child(clause.body)
        frame.once = once
        frame.tell("Enter", name_of(clause), clause.place)
        return self.clashing(frame, clause, clashes, lambda holds: self.run(frame, holds))

    @staticmethod
    def clashing(frame: Frame, clause: Clause, clashes: Clashes, work: Callable[[Next], Signal]) -> tuple[bool, Signal]:
        """Take the values of a rule; say whether it held, and what ended it."""
        held = False

        def holds() -> Signal:
            nonlocal held
            held = True
            frame.tell_exit(name_of(clause), clause.place)
            stop = clashes.add(value_of(plug(clause.value, frame.bindings)))
            if stop is None:
                frame.tell("Redo", name_of(clause), clause.place)
            return stop

        stop = work(holds)
        return held, stop


def value_of(term: Term) -> Value:
    return term.value if isinstance(term, Scalar) else term


def quiet(stop: Signal) -> Signal:
    """Take away what a rule said to itself; what those who ask it were told stays."""
    return stop if stop is None or stop.fault is not None else stop.before


def name_of(clause: Clause) -> tuple[Value, ...]:
    """Give what an event calls a rule: the steps of its reference before the first variable."""
    return ("data", *clause.name)


def conflict(message: str, clause: Clause) -> Stop:
    """End the evaluation for two values where one may be."""
    file, row = clause.place or ("", 0)
    return Stop(fault=EvaluationError("eval_conflict_error", message, file, row, 1), of=clause)


class _Partial:
    """The evaluation of rules that make a set or an object together."""

    def __init__(self, rules: Rules, way: Way, path: tuple[Value, ...], found: Chosen, gathered: Gathered) -> None:
        self.rules = rules
        self.way = way
        self.path = path
        self.found = found
        self.gathered = gathered
        self.memo = way.frame.shared.memos[-1]

    def evaluate(self, then: Next) -> Signal:
        way = self.way
        if way.at == len(way.ref):
            return self._whole(lambda value: self.rules.unify(way.frame, (constant(value), way.around), way.to, then))
        if not self.found.clauses and self.found.default is None:
            return None
        return self._part(then)

    def _whole(self, use: Callable[[Value], Signal]) -> Signal:
        """Evaluate all rules, or take what they gave before."""
        if self.path in self.memo:
            return use(self.memo[self.path])
        stop = self._all()
        if stop is not None:
            return stop
        value = self.gathered.value()
        self.memo[self.path] = value
        return use(value)

    def _all(self) -> Signal:
        for clause in self.found.clauses:
            frame = self.way.frame.child(clause.body)
            frame.tell("Enter", name_of(clause), clause.place)

            def holds(frame: Frame = frame, clause: Clause = clause) -> Signal:
                frame.tell_exit(name_of(clause), clause.place)
                stop, _ = self._added(clause, frame.bindings)
                if stop is None:
                    frame.tell("Redo", name_of(clause), clause.place)
                return stop

            stop = self.rules.run(frame, holds)
            if stop is not None:
                return stop
        return None

    def _added(self, clause: Clause, around: Bindings) -> tuple[Signal, bool]:
        """Take what a solution of a rule gives; say whether it was there before."""
        path = [value_of(plug(step, around)) for step in clause.path]
        value = value_of(plug(clause.value if clause.key is None else clause.key, around))
        try:
            return None, self.gathered.add(path, value, multiple=clause.multiple)
        except Clash:
            return conflict(_OBJECT, clause), False

    def _part(self, then: Next) -> Signal:
        """Evaluate the rules for the keys that are asked for."""
        way = self.way

        def use(value: Value, at: int = way.at) -> Signal:
            return self.rules.inside(replace(way, at=at), constant(value), way.around, then)

        if self.path in self.memo:
            return use(self.memo[self.path])
        if isinstance(way.plugged(way.at), Var):
            return self._whole(use)
        key, depth, hit = self._hint()
        if hit:
            return use(self.memo[key], depth)
        for clause in self.found.clauses:
            stop = self._clause(clause)
            if stop is not None:
                return stop
        value = self.gathered.value()
        if key:
            kept = found_at(value, tuple(step for step in key[len(self.path) :] if step.__class__ is not _Scope))
            if kept is not UNDEFINED:
                self.memo[key] = kept
        return use(value)

    def _hint(self) -> tuple[tuple[Value, ...], int, bool]:
        """Give the key by which what is asked for is kept, the step after it, and whether it is there."""
        way, depth = self.way, 0
        key: tuple[Value, ...] = ()
        scope: list[object] = []
        longest = max((len(each.path) + each.multiple for each in self.found.clauses), default=0)
        most = min(len(way.ref), longest)
        for at in range(way.at, most):
            step = way.plugged(at)
            if isinstance(step, Scalar) and not scope:
                depth = at + 1
                key = (*(key or self.path), step.value)
            else:
                if not key:
                    break
                scope.append(_Any if isinstance(step, Var) else value_of(step))
            whole = (*key, _Scope(scope)) if scope else key
            if whole in self.memo:
                return whole, depth, True
        while scope and scope[-1] is _Any:
            scope.pop()
        return ((*key, _Scope(scope)) if scope else key), depth, False

    def _clause(self, clause: Clause) -> Signal:
        way = self.way
        frame = way.frame.child(clause.body)
        frame.tell("Enter", name_of(clause), clause.place)

        def holds() -> Signal:
            frame.tell_exit(name_of(clause), clause.place)
            stop, there = self._added(clause, frame.bindings)
            if stop is None:
                if there:
                    frame.tell("Duplicate", name_of(clause), clause.place)
                frame.tell("Redo", name_of(clause), clause.place)
            return stop

        def asked() -> Signal:
            frame.defined = True
            return self.rules.run(frame, holds)

        stop = self._head(clause, way.at, frame, asked)
        if stop is None and not frame.defined:
            frame.tell("Fail", name_of(clause), clause.place)
        return stop

    def _head(self, clause: Clause, at: int, frame: Frame, then: Next) -> Signal:
        """Unify what is asked for with the reference of a rule, step by step, and with the member that it adds."""
        way = self.way
        if at < len(way.ref) and at < len(clause.path):
            left: Pair = (way.ref[at], way.around)
            return self.rules.unify(
                frame, left, (clause.path[at], frame.bindings), lambda: self._head(clause, at + 1, frame, then)
            )
        if clause.key is not None and at < len(way.ref) and len(clause.path) <= len(way.ref):
            return self.rules.unify(frame, (way.ref[at], way.around), (clause.key, frame.bindings), then)
        return then()


_Any = object()


class _Scope(tuple[object, ...]):
    """What stands after the fixed steps of a reference, as a part of a key."""

    __slots__ = ()
