"""Owns how the expressions of a body are evaluated one after the other, and what is told of each."""

from __future__ import annotations

from collections.abc import Sequence

from graven.rego.trace.calls import Calls
from graven.rego.trace.events import Stop
from graven.rego.trace.frames import Frame, Next, Signal, nested
from graven.rego.trace.replacements import replacing
from graven.rego.trace.rules import quiet, value_of
from graven.rego.trace.terms import NOWHERE, Closure, Const, Step, constant, plug
from graven.rego.trace.unification import Pair
from graven.rego.tree import Call, Expr, Ref, Scalar, Term, Var
from graven.rego.values import FALSE, RegoObject, RegoSet, Value

__all__ = ["Interpreter"]

_UNIQUE = "object keys must be unique"


class Interpreter(Calls):
    """Evaluates bodies: the whole of the evaluation."""

    def whole(self, frame: Frame, body: tuple[Step, ...], then: Next) -> Signal:
        """Evaluate a query or the body of a comprehension."""
        place = body[0].place if body else None
        frame.tell("Enter", body, place)

        def holds() -> Signal:
            frame.tell_exit(body, place)
            stop = then()
            frame.tell("Redo", body, place)
            return stop

        return self.run(frame, holds)

    def run(self, frame: Frame, then: Next) -> Signal:
        """Evaluate a body from the expression on that is next, and hand each solution on."""
        return nested(frame.shared, lambda: self._run(frame, then))

    def _run(self, frame: Frame, then: Next) -> Signal:
        if frame.at >= len(frame.body):
            stop = then()
            if stop is not None:
                return stop if stop.fault is not None else Stop(early=frame.once, before=stop)
            return Stop(early=True) if frame.once else None
        step = frame.body[frame.at]
        frame.tell("Eval", step, step.place)

        def following() -> Signal:
            frame.at += 1
            stop = self.run(frame, then)
            frame.at -= 1
            return stop

        if step.withs:
            return replacing(frame, step, lambda aside: self._step(frame, step, lambda: aside(following)))
        return self._step(frame, step, following)

    def _step(self, frame: Frame, step: Step, then: Next) -> Signal:
        if step.negated:
            assert step.positive is not None  # noqa: S101 - made with what is negated
            return self._negated(frame, (step.positive,), step, then, fails=True)
        holds = False

        def solved() -> Signal:
            nonlocal holds
            holds = True
            stop = then()
            frame.tell("Redo", step, step.place)
            return stop

        stop = self._form(frame, step, solved)
        if stop is None and not holds:
            frame.tell("Fail", step, step.place)
        return stop

    def _form(self, frame: Frame, step: Step, then: Next) -> Signal:
        if step.kind == "unify":
            one, two = step.terms
            return self.unify(frame, (one, frame.bindings), (two, frame.bindings), then)
        if step.kind == "call":
            return self.call(frame, step.name, step.terms, then)
        if step.kind == "term":
            return self._term(frame, step.terms[0], then)
        if step.kind == "every":
            return self._every(frame, step, then)
        if step.kind == "not":
            return self._negated(frame, step.bodies[0], step, then, fails=False)
        return self._logic(frame, step, then)

    def _term(self, frame: Frame, term: Term, then: Next) -> Signal:
        made = Var(NOWHERE, f"$_term_{frame.query}_{frame.at}")
        return self.unify(
            frame,
            (term, frame.bindings),
            (made, frame.bindings),
            lambda: None if value_of(plug(made, frame.bindings)) is FALSE else then(),
        )

    def _negated(self, frame: Frame, body: tuple[Step, ...], step: Step, then: Next, *, fails: bool) -> Signal:
        child = frame.child(body, own=False)
        stop = self._asked(child, body)
        if stop is not None:
            return stop
        if not child.defined:
            return then()
        if fails:
            frame.tell("Fail", step, step.place)
        return None

    def _asked(self, child: Frame, body: tuple[Step, ...]) -> Signal:
        """Evaluate a body whose solutions are asked for nothing else than whether there is one."""
        place = body[0].place if body else None
        child.tell("Enter", body, place)

        def holds() -> Signal:
            child.tell_exit(body, place)
            child.tell("Redo", body, place)
            child.defined = True
            return None

        return self.run(child, holds)

    def _logic(self, frame: Frame, step: Step, then: Next) -> Signal:
        enough = step.kind == "or"
        """One side that holds decides for ``or``, one that does not for ``and``."""
        for body in step.bodies:
            child = frame.child(body, own=False)
            child.once = True
            stop = quiet(self._asked(child, body))
            if stop is not None:
                return stop
            if child.defined == enough:
                return then() if enough else None
        return None if enough else then()

    def _every(self, frame: Frame, step: Step, then: Next) -> Signal:
        key, value, domain = step.terms
        plugged = plug(domain, frame.bindings)
        if isinstance(plugged, Scalar) and plugged.value.__class__ not in (tuple, RegoObject, RegoSet):
            frame.tell("Fail", step, step.place)
            return None
        pair = (Ref(NOWHERE, domain, [key]), value)
        generator = Step("unify", pair, Expr(NOWHERE, Call(NOWHERE, ("eq",), [*pair])), step.inner)
        outer = frame.child((generator,), own=False)
        holds = True
        outer.tell("Enter", step, step.place)

        def member() -> Signal:
            nonlocal holds
            if not holds:
                return None
            body = outer.child(step.bodies[0], own=False)
            body.once = True
            stop = self._asked(body, step.bodies[0])
            holds = body.defined
            outer.tell("Redo", step, step.place)
            return quiet(stop)

        stop = self.run(outer, member)
        if stop is not None:
            return stop
        if holds:
            stop = then()
            outer.tell_exit(step, step.place)
            return stop
        outer.tell("Fail", step, step.place)
        return None

    def comprehension(self, frame: Frame, left: Pair, right: Pair, then: Next) -> Signal:
        """Unify what a comprehension gives."""
        closure = left[0]
        assert isinstance(closure, Closure)  # noqa: S101 - the caller has looked
        if closure.keys:
            kept = self._kept(frame, closure)
            if isinstance(kept, Stop):
                return kept
            at = tuple(value_of(plug(key, frame.bindings)) for key in closure.keys)
            if at in kept:
                return self.unify(frame, (constant(_collected(closure.kind, kept[at])), left[1]), right, then)
        rows: list[Value] = []
        child = frame.child(closure.body, own=False)
        stop = self.whole(child, closure.body, lambda: _row(closure, child, rows))
        if stop is not None:
            return stop
        return self.unify(frame, (Const(NOWHERE, _collected(closure.kind, rows)), left[1]), right, then)

    def _kept(self, frame: Frame, closure: Closure) -> dict[tuple[Value, ...], list[Value]] | Stop:
        """Give the results of a comprehension for all values of its keys, evaluated once."""
        if frame.kept is None:
            frame.kept = [{}]
        kept = frame.kept[-1]
        if id(closure) not in kept:
            rows: dict[tuple[Value, ...], list[Value]] = {}
            child = frame.child(closure.body)

            def solved() -> Signal:
                at = tuple(value_of(plug(key, child.bindings)) for key in closure.keys)
                return _row(closure, child, rows.setdefault(at, []))

            stop = self.whole(child, closure.body, solved)
            if stop is not None:
                return stop
            kept[id(closure)] = rows
        return kept[id(closure)]


def _row(closure: Closure, child: Frame, rows: list[Value]) -> Signal:
    value = value_of(plug(closure.value, child.bindings))
    if closure.key is None:
        rows.append(value)
        return None
    key = value_of(plug(closure.key, child.bindings))
    if any(one == key and two != value for one, two in rows):
        from graven.rego.faults import EvaluationError

        file, row = child.body[0].place or ("", 0)
        return Stop(fault=EvaluationError("eval_conflict_error", _UNIQUE, file, row, 1))
    rows.append((key, value))
    return None


def _collected(kind: str, rows: Sequence[Value]) -> Value:
    if kind == "array":
        return tuple(rows)
    return RegoSet(rows) if kind == "set" else RegoObject(dict(rows))
