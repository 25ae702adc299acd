"""Owns the code of bodies: one expression after the other, each within what the one before has opened."""

from __future__ import annotations

import ast
from collections.abc import Sequence

from graven.rego.compile.checks import NO_TARGET, replaced
from graven.rego.compile.emitter import call, constant, identical, load, pair
from graven.rego.compile.lookahead import joined, lead, loop_of
from graven.rego.compile.matching import MatchingCode
from graven.rego.compile.unit import Point
from graven.rego.faults import CompileFault, fault
from graven.rego.tree import (
    Call,
    Comprehension,
    Every,
    Expr,
    Logic,
    Negation,
    Ref,
    Rule,
    Scalar,
    SomeDecl,
    Term,
    Var,
    With,
)
from graven.rego.values import FALSE
from graven.rego.walk import terms_of_expr

__all__ = ["BodyCode", "place_of"]


def place_of(decl: SomeDecl) -> str:
    """Give the name of the variable that holds, in a traced compilation, where ``some x in xs`` is in ``xs``."""
    return f"~at{decl.at}"


class BodyCode(MatchingCode):
    """Emits bodies."""

    arm: Rule | None = None
    inside: list[Expr] | None = None
    """The body that is emitted."""
    around: list[Expr] | None = None
    """The body around it."""
    following: Sequence[Expr] = ()
    """What comes behind the expression that is emitted: a loop may be led by it."""
    begun: tuple[object, Term, str] | None = None
    """The term of a loop that the loop before it goes over too, with its pattern, and the name of its members."""

    def body(self, body: list[Expr]) -> None:
        """Emit the expressions of a body; what is emitted behind it runs once for each solution."""
        outer, around, self.inside, self.around = self.inside, self.around, body, self.inside
        for place, expr in enumerate(body):
            self._report(expr, -1, place)
            self.following = body[place + 1 : place + 3]
            self.expression(expr)
        self._solved()
        self.inside, self.around = outer, around

    def rule_body(self, rule: Rule) -> None:
        """Emit the body of a rule."""
        self.arm = rule
        self.inside = rule.body
        for place, expr in enumerate(rule.body):
            self._report(expr, place, place)
            self.following = rule.body[place + 1 : place + 3]
            self.expression(expr)
        self._solved()

    def _solved(self) -> None:
        """Emit, in a traced compilation, that a body has a solution, and all variables of it."""
        if not self.unit.traced:
            return
        number = len(self.unit.solved)
        self.unit.solved.append(self.inside or [])
        values = ast.Dict([constant(name) for name in self.names], [load(name) for name in self.names.values()])
        self.add(ast.Expr(call("solved", load(self.state), constant(number), values)))

    def gave(self, *values: ast.expr) -> None:
        """Emit, in a traced compilation, what the head of a rule is."""
        if self.unit.traced:
            self.add(ast.Expr(call("gave", load(self.state), ast.Tuple(list(values), ast.Load()))))

    def _report(self, expr: Expr, place: int, index: int) -> None:
        """Emit, in a traced compilation, that an expression is reached and with which values."""
        if not self.unit.traced:
            return
        number = len(self.unit.points)
        self.unit.points.append(Point(self.source, expr, self.arm, place, self.inside or [], index, self.around))
        names = sorted({each.name for each in terms_of_expr(expr) if isinstance(each, Var) and each.name in self.names})
        values = ast.Dict([constant(name) for name in names], [load(self.names[name]) for name in names])
        self.add(ast.Expr(call("trace", load(self.state), constant(number), values)))

    def expression(self, expr: Expr) -> None:
        """Emit one expression, under its own state if it has ``with``."""
        outer = self.state
        if expr.withs or expr.negated or self.unit.traced:
            self.following = ()
        if expr.withs:
            self._with(expr.withs)
        if expr.negated:
            bare = Expr(expr.at, expr.term, made=expr.made)
            self.guard(self.holds(lambda: self._plain(bare)))
        else:
            self._plain(expr)
        self.state = outer

    def _plain(self, expr: Expr) -> None:
        found = expr.term
        if self.begun is not None and self.begun[0] is found:
            self.match(self.begun[1], load(self.begun[2]))
        elif isinstance(found, SomeDecl):
            self._some(found)
        elif isinstance(found, Every):
            self._every(found)
        elif isinstance(found, Negation):
            self.guard(self.holds(lambda: self.body(found.body)))
        elif isinstance(found, Logic):
            self._logic(found)
        elif isinstance(found, Call):
            self._call_statement(found)
        else:
            self._holds_value(found)

    def _holds_value(self, term: Term) -> None:
        """Emit a term as an expression: it holds unless it is undefined or false."""
        if isinstance(term, Scalar):
            if term.value is FALSE:
                self.guard(constant(value=True))
            return
        self.guard(identical(self.term(term), "FALSE"))

    def _call_statement(self, term: Call) -> None:
        if term.name in (("eq",), ("assign",)):
            loop = None if self.unit.traced else loop_of(term)
            if loop is not None and isinstance(loop[0], Var) and loop[0].name not in self.names:
                following = self.following if self._is_shared(loop[1]) else ()
                self._members(loop[0], self.store(self.term(loop[1])), following)
            elif term.name == ("assign",):
                self.match(term.args[0], self.term(term.args[1]))
            else:
                self.unify(*term.args)
            return
        arity = self.unit.arity(term.name)
        if arity is not None and len(term.args) == arity + 1:
            inputs = Call(term.at, term.name, term.args[:-1], term.infix)
            self.match(term.args[-1], self.term(inputs))
        elif term.name == ("print",):
            self._print(term)
        elif not self.test(term):
            self._holds_value(term)

    def _print(self, term: Call) -> None:
        """Emit a print, where prints are wanted, of all that its operands may be."""
        if not self.unit.prints:
            return
        state, place = load(self.state), self.site(term.at)
        parts: list[ast.expr] = []
        for arg in term.args:
            value = self.term(arg)
            parts.append(value if isinstance(arg, Comprehension) else ast.Tuple([value], ast.Load()))
        self.add(ast.Expr(call("printed", state, place, ast.Tuple(parts, ast.Load()))))

    def _some(self, decl: SomeDecl) -> None:
        if decl.member is None:
            return
        *patterns, domain = decl.member.args
        following = self.following if self._is_shared(domain) else ()
        items = self.store(self.term(domain))
        state = load(self.state)
        if len(patterns) == 1 and not self.unit.traced:
            self._members(patterns[0], items, following)
            return
        key, value = self.fresh("k"), self.fresh("t")
        if len(patterns) == 1:
            self.names[place_of(decl)] = key
        self.loop(pair(key, value), call("entries", state, items))
        self._matches(list(zip(patterns, [load(key), load(value)][-len(patterns) :], strict=True)))

    def _is_shared(self, domain: Term) -> bool:
        """Say whether a collection is one for all turns of the loops around, so that an index of it pays."""
        head = domain.head if isinstance(domain, Ref) else domain
        return not self.open or (isinstance(head, Var) and head.name in ("input", "data"))

    def _members(self, pattern: Term, items: ast.expr, following: Sequence[Expr]) -> None:
        """Emit a loop over the members of a collection, by an index if a test of what is in them follows."""
        asked = (pattern, following, set(self.names), self.unit.mocked_calls)
        name, state = self.fresh("t"), load(self.state)
        target: ast.expr = ast.Name(name, ast.Store())
        over = call("members", state, items)
        led, behind = lead(*asked), joined(*asked)
        if led is not None:
            over = call(led.by, state, items, constant(led.path), self.term(led.value))
        elif behind is not None:
            self.begun = (behind.loop, behind.pattern, self.fresh("t"))
            target = pair(name, self.begun[2])
            paths = [constant(behind.inner), constant(behind.lead.path)]
            over = call("matching_pairs", state, items, *paths, self.term(behind.lead.value))
        self.loop(target, over)
        self.match(pattern, load(name))

    def _every(self, every: Every) -> None:
        """Emit ``every``: it holds unless a member of the domain, a collection, leaves the body without a solution."""
        items = self.store(self.term(every.domain))
        self.guard(ast.UnaryOp(ast.Not(), call("is_collection", items)))

        def counterexample() -> None:
            key, value = self.fresh("k"), self.fresh("t")
            self.loop(pair(key, value), call("entries", load(self.state), items))
            for name, found in ((every.key, key), (every.value, value)):
                if isinstance(name, Var) and not name.wild:
                    self.names[name.name] = found
            self.guard(self.holds(lambda: self.body(every.body)))

        self.guard(self.holds(counterexample))

    def _logic(self, logic: Logic) -> None:
        """Emit ``and`` or ``or`` over two bodies."""
        if logic.operator == "and":
            for side in filter(None, (logic.left, logic.right)):
                test = self.holds(lambda side=side: self.body(side))  # type: ignore[misc]
                self.guard(ast.UnaryOp(ast.Not(), test))
            return

        def neither() -> None:
            for side in (logic.left, logic.right):
                self.guard(self.holds(lambda side=side: self.body(side)))  # type: ignore[misc]

        self.guard(self.holds(neither))

    def _with(self, modifiers: list[With]) -> None:
        """Emit the state that the rest of the expression is evaluated in."""
        changes: list[ast.expr] = []
        for modifier in modifiers:
            path = self._target(modifier)
            changes.append(ast.Tuple([load(self.unit.keep(path)), self._replacement(modifier, path)], ast.Load()))
        name = self.fresh("S")
        changed = call("change", load(self.state), ast.Tuple(changes, ast.Load()))
        self.assign(name, changed)
        self.state = name

    def _target(self, modifier: With) -> tuple[str, ...]:
        """Give the path that a ``with`` replaces: into input, into data, or a function."""
        found = replaced(self.unit, modifier)
        if found is None:
            raise CompileFault(fault(self.source, modifier.at, "rego_type_error", NO_TARGET))
        return found

    def _replacement(self, modifier: With, path: tuple[str, ...]) -> ast.expr:
        if path[0] != "call":
            return self.term(modifier.value)
        if modifier.builtin:
            return call("mock_builtin", load(self._wrapped(modifier.builtin)))
        value = modifier.value
        head = value.head if isinstance(value, Ref) else value
        steps = value.steps if isinstance(value, Ref) else []
        if isinstance(head, Var) and head.name not in self.names:
            names = (head.name, *(str(getattr(step, "value", "")) for step in steps))
            group = self.unit.tree.function(names[1:]) if names[0] == "data" else None
            if group is not None:
                return call("mock_function", load(f"r{group.number}"))
        return call("mock_value", self.term(value))
