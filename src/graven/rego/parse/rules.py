"""Owns the parsing of rules: heads, bodies, ``else`` and ``default``."""

from __future__ import annotations

from graven.rego.faults import CompileFault
from graven.rego.parse.bodies import BodyParser
from graven.rego.tree import Call, Comprehension, Expr, Ref, Rule, Scalar, SetTerm, Term, Var, children
from graven.rego.values import TRUE, type_name

__all__ = ["RuleParser"]

_IF_HINT = "write `if` between the head and the body of the rule"
_NO_NAMES = frozenset({"as", "contains", "every", "if", "in", "not", "some", "with"})
"""Keywords with which no statement begins."""
_CONTAINS_HINT = "write `contains` for a rule that adds to a set"


class RuleParser(BodyParser):
    """Parses rules; what v1 forbids is gathered in ``restricted`` and refused by who asks for v1."""

    restricted: list[tuple[int, str, str]]

    def rules(self) -> list[Rule]:
        """Parse one rule, with the chained bodies that are rules of their own."""
        start = self.token.start
        default = self.keyword("default")
        rule = self._head(start)
        if default:
            return [self._default(rule)]
        has_if = rule.conditional = self._body(rule)
        chained = self._else_chain(rule, has_if=has_if) if self.comes("else") else self._chained(rule)
        rule.end = self.tokens[self.at - 1].end
        self._note_restrictions(rule, has_if=has_if)
        for other in chained:
            other.key = rule.key
        return [rule, *chained]

    def _head(self, start: int) -> Rule:
        name = self.take()
        if name.kind != "name":
            self.at -= 1
            self.fail(f"unexpected {self.shown()}: expected a rule")
        if self.is_keyword(self.at - 1):
            self.at -= 1
            if name.text in _NO_NAMES:
                self.fail(f"{name.text} keyword cannot be used for rule name", "choose another name")
            self.fail(f"unexpected {self.shown()}: expected a rule")
        term = self.steps(Var(name.start, name.text))
        ref, args = self._reference(term)
        rule = Rule(start, ref, args, None, Scalar(start, TRUE), [])
        if self.keyword("contains"):
            rule.key = self.infix()
        elif self.token.kind in (":=", "="):
            rule.assigned = self.take().kind == ":="
            rule.value, rule.explicit = self.infix(), True
        return rule

    def _reference(self, term: Term) -> tuple[list[Term], list[Term] | None]:
        """Give the steps of a head, the first its name, and the arguments of a function."""
        if isinstance(term, Var):
            return [Scalar(term.at, term.name)], None
        if isinstance(term, Call):
            return [Scalar(term.at, name) for name in term.name], term.args or None
        if not isinstance(term, Ref) or not isinstance(term.head, Var):
            self.fail("expected a name or a reference as the head of a rule", at=term.at)
        return [Scalar(term.at, term.head.name), *term.steps], None

    def _default(self, rule: Rule) -> Rule:
        rule.default = True
        if not rule.explicit:
            self.fail("default rules must have a value", "write `default name := value`", at=rule.at)
        if self.token.kind == "{" or self.comes("if"):
            self.fail("default rules cannot have a body")
        wrong = _not_for_default(rule)
        if wrong:
            self.fail(f"illegal default rule ({wrong})", at=rule.at)
        rule.body = [_true(rule.at)]
        rule.end = self.tokens[self.at - 1].end
        return rule

    def _body(self, rule: Rule) -> bool:
        """Parse ``if`` and the body; without either the rule always holds."""
        if self.keyword("if"):
            rule.body = self._after_if()
            return True
        if self.token.kind == "{":
            rule.body = self._braced() or []
        else:
            rule.body, rule.written = [_true(rule.at)], False
        return False

    def _after_if(self) -> list[Expr]:
        """Parse a body in braces, or one expression, which may begin with a brace of its own."""
        mark = self.at
        if self.token.kind != "{":
            return [self.literal()]
        try:
            found, first = self._braced() or [], None
        except CompileFault as fault:
            found, first = [], fault
        if found and not self._goes_on(found):
            return found
        after, self.at = self.at, mark
        try:
            expr = self.literal()
        except CompileFault as fault:
            expr, first = None, first or fault
        if expr is not None and not (found and isinstance(expr.term, SetTerm)):
            return [expr]
        if not found and first is not None:
            raise first from None
        self.at = after
        return found

    def _goes_on(self, body: list[Expr]) -> bool:
        """Say whether what was read as a body may be the beginning of an expression, or a comprehension."""
        term = body[0].term
        if len(body) == 1 and isinstance(term, Call) and term.infix == "|":
            return True
        before, token = self.tokens[self.at - 1], self.token
        ends = token.kind in ("end", "{", ";", "}") or self.comes("else")
        return not ends and self.row(before.start) == self.row(token.start)

    def _braced(self) -> list[Expr] | None:
        if self.token.kind != "{":
            return None
        self.take()
        return self.query("}")

    def _chained(self, rule: Rule) -> list[Rule]:
        """Parse ``{ ... } { ... }``: rules with the same head."""
        more: list[Rule] = []
        while rule.written and self.token.kind == "{":
            start = self.token.start
            body = self._braced() or []
            more.append(Rule(start, rule.ref, rule.args, rule.key, rule.value, body, explicit=rule.explicit))
            more[-1].assigned = rule.assigned
            more[-1].end = self.tokens[self.at - 1].end
        return more

    def _else_chain(self, rule: Rule, *, has_if: bool) -> list[Rule]:
        if rule.key is not None:
            self.fail("else keyword cannot be used on multi-value rules")
        if not rule.written:
            self.fail("else clause cannot be used on rules without body")
        while self.comes("else"):
            start = self.take().start
            value: Term = Scalar(start, TRUE)
            explicit, assigned = self.token.kind in (":=", "="), self.token.kind == ":="
            if explicit:
                self.take()
                value = self.infix()
            other = Rule(start, rule.ref, rule.args, None, value, [], explicit=explicit)
            other.assigned, other.conditional = assigned, rule.conditional
            if self.comes("if") and [each.kind for each in self.tokens[self.at + 1 : self.at + 3]] == ["{", "}"]:
                self.fail("found empty body", "write at least one expression", at=self.tokens[self.at + 2].start)
            if self._body(other) is False and has_if and other.written:
                self.restricted.append((start, "`if` keyword is required before the body of `else`", _IF_HINT))
            if not explicit and not other.written:
                self.fail("else keyword needs a value or a body", at=start)
            other.end = self.tokens[self.at - 1].end
            rule.orelse.append(other)
        return []

    def _note_restrictions(self, rule: Rule, *, has_if: bool) -> None:
        """Note what v1 forbids, and give the head of v0 its meaning."""
        bare = not rule.explicit and rule.key is None and rule.args is None
        if rule.written and not has_if:
            self.restricted.append((rule.at, "`if` keyword is required before rule body", _IF_HINT))
        if bare and not has_if and len(rule.ref) == 2:
            self.restricted.append((rule.at, "`contains` keyword is required for partial set rules", _CONTAINS_HINT))
            rule.key = rule.ref.pop()
        elif bare and not rule.written:
            message = f"{rule.name} must have value assignment and/or body declaration"
            self.restricted.append((rule.at, message, "write `:= value` or `if condition`"))
            if len(rule.ref) == 1:
                self.fail("var cannot be used for rule name", "write `name := value`", at=rule.at)


def _not_for_default(rule: Rule) -> str:
    """Say what a default rule has that none may have: its value is known, and its arguments are names."""
    names: set[str] = set()
    for arg in rule.args or []:
        if not isinstance(arg, Var):
            return f"arguments cannot contain {_kind(arg)}"
        if arg.name in names:
            return f"arguments cannot be repeated {arg.name}"
        names.add(arg.name)
    waiting: list[Term] = [rule.value]
    while waiting:
        term = waiting.pop()
        if isinstance(term, (Call, Ref, Var)):
            return f"value cannot contain {_kind(term)}"
        waiting += [] if isinstance(term, Comprehension) else children(term)
    return ""


def _kind(term: Term) -> str:
    return type_name(term.value) if isinstance(term, Scalar) else type(term).__name__.removesuffix("Term").lower()


def _true(at: int) -> Expr:
    return Expr(at, Scalar(at, TRUE), made=True)
