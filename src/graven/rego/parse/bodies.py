"""Owns the parsing of bodies: expressions between line ends or semicolons."""

from __future__ import annotations

from graven.rego.faults import CompileFault
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
        expr = self._either() if self.logic else self._plain()
        if not (isinstance(expr.term, SomeDecl) and expr.term.member is None):
            self._withs(expr)
        expr.end = self.tokens[self.at - 1].end
        return expr

    def _either(self) -> Expr:
        """Parse ``a or b``, which binds less than ``a and b``."""
        left = self._both()
        while self.keyword("or"):
            left = _joined("or", left, self._both())
        return left

    def _both(self) -> Expr:
        left = self._operand()
        while self.keyword("and"):
            left = _joined("and", left, self._operand())
        return left

    def _operand(self) -> Expr:
        """Parse one side of ``and`` or ``or``: a body in braces, a group in parentheses, or an expression."""
        start = self.token.start
        mark = self.at
        negated = self.keyword("not")
        kind = self.token.kind
        if kind in "({" and not (negated and kind == "{" and not self.block_not):
            try:
                body = self._group(kind)
                if self.row(self.tokens[self.at - 1].start) != self.row(self.token.start) or self._ends():
                    braced = kind == "{"
                    group = Logic(start, "and", body, [], braces=(braced, False))
                    return Expr(start, Negation(start, body, braced=braced) if negated else group)
            except CompileFault:
                pass
        self.at = mark
        return self._plain()

    def _group(self, kind: str) -> list[Expr]:
        self.take()
        if kind == "{":
            return self.query("}")
        body = [self.literal()]
        self.expect(")", "after the group")
        return body

    def _ends(self) -> bool:
        """Say whether an operand can end before the next token."""
        return self.token.kind in (";", "}", ")", "]", "end") or any(map(self.comes, ("and", "or", "with", "else")))

    def _plain(self) -> Expr:
        start = self.token.start
        negated = self.keyword("not")
        if negated and self.block_not:
            if not self.symbol("{"):
                return Expr(start, Negation(start, [self._plain()]))
            return Expr(start, Negation(start, self.query("}"), braced=True))
        if self.comes("some"):
            if negated:
                self.fail("unexpected some keyword: illegal negation of 'some'")
            return self._some(start)
        if self.comes("every"):
            if negated:
                self.fail("unexpected every keyword: illegal negation of 'every'")
            return self._every(start)
        return Expr(start, self._expression(), negated=negated)

    def _expression(self) -> Term:
        left = self.infix(pair=True)
        name = _ASSIGNMENTS.get(self.token.kind)
        if name is None:
            return left
        symbol = self.take().kind
        return Call(left.at, (name,), [left, self.infix(pair=True)], symbol)

    def _withs(self, expr: Expr) -> None:
        while self.comes("with"):
            start = self.take().start
            target = self.primary()
            if not self.keyword("as"):
                self.fail(f"unexpected {self.shown()}: expected 'as' after the target of 'with'")
            expr.withs.append(With(start, target, self.infix(pair=True)))

    def _some(self, start: int) -> Expr:
        self.take()
        if self.token.kind in ("end", ";", "}"):
            self.fail(f"unexpected {self.shown()}: expected a variable after 'some'")
        mark = self.at
        term = self.infix(pair=True)
        if isinstance(term, Call) and term.infix == "in":
            return Expr(start, SomeDecl(start, [], term))
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
        return Expr(start, Every(start, key, value, domain, self.query("}")))


def _joined(operator: str, left: Expr, right: Expr) -> Expr:
    """Give the expression of two operands."""
    (first, braced), (second, also) = _operand(left), _operand(right)
    return Expr(left.at, Logic(left.at, operator, first, second, braces=(braced, also)))


def _operand(expr: Expr) -> tuple[list[Expr], bool]:
    """Give the body that an operand is, and whether it stood in braces."""
    term = expr.term
    grouped = isinstance(term, Logic) and not term.right and not expr.withs
    return (term.left, term.braces[0]) if grouped and isinstance(term, Logic) else ([expr], False)
