"""Owns the parsing of bodies: expressions between line ends or semicolons."""

from __future__ import annotations

from graven.rego.parse.terms import TermParser
from graven.rego.tree import Call, Every, Expr, Logic, Negation, SomeDecl, Term, Var, With

__all__ = ["BodyParser"]

_ASSIGNMENTS = {":=": "assign", "=": "eq"}


class BodyParser(TermParser):
    """Parses bodies and the expressions in them."""

    def query(self, close: str) -> list[Expr]:
        """Parse a body up to a closing symbol, and go past it."""
        body: list[Expr] = []
        while self.token.kind != close:
            if self.symbol(";"):
                continue
            before = self.tokens[self.at - 1].end if self.at else 0
            if body and self.tokens[self.at - 1].kind != ";" and self.row(before) == self.row(self.token.start):
                self.fail(f"unexpected {self.shown()}: expected {close!r}, ';' or a new line")
            body.append(self.literal())
        if not body:
            self.fail("found empty body", "write at least one expression")
        self.take()
        return body

    def literal(self) -> Expr:
        """Parse one expression with ``not`` before it and ``with`` after it."""
        left = self._plain_literal()
        left.end = self.tokens[self.at - 1].end
        while self.token.text in self.logic and self.token.kind == "name":
            operator = self.take().text
            right = self._plain_literal()
            left = Expr(left.at, Logic(left.at, operator, [left], [right]))
        return left

    def _plain_literal(self) -> Expr:
        start = self.token.start
        negated = self.keyword("not")
        if negated and self.block_not and self.token.kind == "{":
            self.take()
            return self._withs(Expr(start, Negation(start, self.query("}"))))
        if self.comes("some"):
            if negated:
                self.fail("unexpected some keyword: illegal negation of 'some'")
            return self._some(start)
        if self.comes("every"):
            if negated:
                self.fail("unexpected every keyword: illegal negation of 'every'")
            return self._every(start)
        return self._withs(Expr(start, self._expression(), negated=negated))

    def _expression(self) -> Term:
        left = self.infix(pair=True)
        name = _ASSIGNMENTS.get(self.token.kind)
        if name is None:
            return left
        symbol = self.take().kind
        return Call(left.at, (name,), [left, self.infix(pair=True)], symbol)

    def _withs(self, expr: Expr) -> Expr:
        while self.comes("with"):
            start = self.take().start
            target = self.primary()
            if not self.keyword("as"):
                self.fail(f"unexpected {self.shown()}: expected 'as' after the target of 'with'")
            expr.withs.append(With(start, target, self.infix(pair=True)))
        return expr

    def _some(self, start: int) -> Expr:
        self.take()
        if self.token.kind in ("end", ";", "}"):
            self.fail(f"unexpected {self.shown()}: expected a variable after 'some'")
        mark = self.at
        term = self.infix(pair=True)
        if isinstance(term, Call) and term.infix == "in":
            return self._withs(Expr(start, SomeDecl(start, [], term)))
        self.at = mark
        names: list[Var] = []
        while True:
            token = self.take()
            if token.kind != "name" or token.text in self.keywords:
                self.fail("expected a variable after 'some'", "write `some x` or `some x in xs`", at=token.start)
            names.append(Var(token.start, self.wildcard() if token.text == "_" else token.text))
            if not self.symbol(","):
                return Expr(start, SomeDecl(start, names))

    def _every(self, start: int) -> Expr:
        self.take()
        key: Term | None = None
        value = self.primary()
        if self.symbol(","):
            key, value = value, self.primary()
        for name in (key, value):
            if name is not None and not isinstance(name, Var):
                self.fail("unexpected term: expected variable(s) after 'every'", at=name.at)
        if not self.keyword("in"):
            self.fail(f"unexpected {self.shown()}: expected 'in' after the variables of 'every'")
        domain = self.infix()
        self.expect("{", "before the body of 'every'")
        return self._withs(Expr(start, Every(start, key, value, domain, self.query("}"))))
