"""Owns the parsing of terms: scalars, references, collections, comprehensions, calls, operators."""

from __future__ import annotations

from graven.rego.faults import CompileFault
from graven.rego.lexer import Token
from graven.rego.numerals import parse_number
from graven.rego.parse.cursor import Cursor
from graven.rego.tree import (
    ArrayTerm,
    Call,
    Comprehension,
    Expr,
    ObjectTerm,
    Ref,
    Scalar,
    SetTerm,
    Template,
    Term,
    Var,
)
from graven.rego.values import FALSE, TRUE

__all__ = ["TermParser"]

_CONSTANTS = {"true": TRUE, "false": FALSE, "null": None}
_LEVELS: tuple[dict[str, str], ...] = (
    {"==": "equal", "!=": "neq", "<": "lt", "<=": "lte", ">": "gt", ">=": "gte"},
    {"|": "or"},
    {"&": "and"},
    {"+": "plus", "-": "minus"},
    {"*": "mul", "/": "div", "%": "rem"},
)
"""From the loosest to the tightest; ``in`` stands before them all."""
_OPERATORS = {symbol: (level, name) for level, names in enumerate(_LEVELS) for symbol, name in names.items()}


class TermParser(Cursor):
    """Parses terms; what a body is, a subclass knows."""

    def query(self, close: str) -> list[Expr]:
        """Parse a body up to a closing symbol, and go past it."""
        raise NotImplementedError

    def literal(self) -> Expr:
        """Parse one expression of a body."""
        raise NotImplementedError

    def infix(self, *, pair: bool = False, pipe: bool = True) -> Term:
        """Parse a term with operators; ``pair`` allows ``k, v in xs``, ``pipe`` the operator ``|``."""
        left = self._level(0, pipe=pipe)
        if pair and self.token.kind == "," and "in" in self.keywords:
            mark = self.at
            self.take()
            try:
                second = self._level(0, pipe=pipe)
            except CompileFault:
                second = None
            if second is not None and self.keyword("in"):
                domain = self._level(0, pipe=pipe)
                left = Call(left.at, ("internal", "member_3"), [left, second, domain], "in")
            else:
                self.at = mark
        while self.keyword("in"):
            left = Call(left.at, ("internal", "member_2"), [left, self._level(0, pipe=pipe)], "in")
        return left

    def _level(self, least: int, *, pipe: bool) -> Term:
        """Parse operators that bind at least so tightly; those of one level join from the left."""
        left = self.primary()
        while True:
            symbol = self.tokens[self.at].kind
            level, name = _OPERATORS.get(symbol, (-1, ""))
            if level < least or (symbol == "|" and not pipe):
                return left
            self.at += 1
            left = Call(left.at, (name,), [left, self._level(level + 1, pipe=pipe)], symbol)

    def primary(self) -> Term:
        """Parse one term with the steps and calls that follow it."""
        token = self.token
        if token.kind == "name":
            return self._named(token)
        parse = {
            "number": self._number,
            "-": self._minus,
            "string": self._text,
            "template": self._template,
            "[": self._bracket,
            "{": self._brace,
            "(": self._parenthesis,
        }.get(token.kind)
        if parse is None:
            self.fail(f"unexpected {self.shown()}: expected a term")
        return self.steps(parse())

    def _named(self, token: Token) -> Term:
        if self.is_keyword(self.at):
            if token.text not in _CONSTANTS:
                self.fail(f"unexpected {self.shown()}: expected a term")
            self.take()
            return Scalar(token.start, _CONSTANTS[token.text])
        self.take()
        if token.text == "set" and self.adjacent("(") and self.tokens[self.at + 1].kind == ")":
            self.at += 2
            return self.steps(SetTerm(token.start, []))
        name = self.wildcard() if token.text == "_" else token.text
        return self.steps(Var(token.start, name))

    def _minus(self) -> Term:
        """Parse a negative number, or the negative of a reference or a call, which is taken from zero."""
        following = self.tokens[self.at + 1]
        if following.kind != "name" or (self.is_keyword(self.at + 1) and following.text != "contains"):
            return self._number()
        at = self.take().start
        return Call(at, ("minus",), [Scalar(at, 0), self.primary()], "-")

    def _number(self) -> Term:
        start = self.token.start
        sign = "-" if self.symbol("-") else ""
        token = self.token
        if token.kind != "number":
            self.fail(f"unexpected {self.shown()}: expected a number")
        self.take()
        return Scalar(start, parse_number(sign + token.text))

    def _text(self) -> Term:
        token = self.take()
        return Scalar(token.start, token.value)

    def _template(self) -> Term:
        token = self.take()
        parts: list[str | Term] = []
        for part in token.value or []:  # type: ignore[attr-defined]
            parts.append(part if isinstance(part, str) else self._hole(part))
        return Template(token.start, [part for part in parts if part != ""], token.text[1] == "`")

    def _hole(self, tokens: list[Token]) -> Term:
        """Parse the expression in a template's braces."""
        outer, self.tokens, mark, self.at = self.tokens, tokens, self.at, 0
        try:
            if self.token.kind == "end":
                self.fail("invalid template-string expression: expected a term", at=max(tokens[0].start - 1, 0))
            expr = self.literal()
            if self.token.kind != "end":
                self.fail(f"unexpected {self.shown()}: expected '}}' after the expression of a template string")
            if not isinstance(expr.term, Term):
                self.fail("expected a term in the braces of a template string", at=expr.at)
            if isinstance(expr.term, Scalar) and not expr.withs:
                return expr.term
            name = f"~{self.wildcard()}"
            expr.term = Call(expr.at, ("eq",), [Var(expr.at, name), expr.term], "=")
            return Comprehension(expr.at, "set", None, Var(expr.at, name), [expr])
        finally:
            self.tokens, self.at = outer, mark

    def _parenthesis(self) -> Term:
        self.take()
        term = self.infix(pair=True)
        self.expect(")", "after the term")
        document = isinstance(term, Ref) or (isinstance(term, Var) and term.name in ("input", "data"))
        if document and (self.adjacent(".") or self.adjacent("[")):
            self.fail("illegal ref (head cannot be ref)", at=term.at)
        return term

    def steps(self, term: Term) -> Term:
        """Parse ``.name``, ``[term]`` and ``(arguments)`` that follow a term without a space."""
        path: list[Term] = []
        while True:
            if self.adjacent("."):
                path.append(self._dot())
            elif self.adjacent("["):
                self.take()
                path.append(self.infix(pair=True))
                self.expect("]", "after the step")
            elif self.adjacent("(") and (callee := self._callee(term, path)):
                self.take()
                term, path = Call(term.at, callee, self.items(")")), []
            else:
                return Ref(term.at, term, path) if path else term

    def _dot(self) -> Term:
        self.take()
        token = self.token
        if token.kind != "name" or self.tokens[self.at - 1].end != token.start:
            self.fail(f"unexpected {self.shown()}: expected identifier")
        self.take()
        return Scalar(token.start, token.text)

    @staticmethod
    def _callee(term: Term, path: list[Term]) -> tuple[str, ...] | None:
        """Give the name of what is called, if a call may stand here."""
        if not isinstance(term, Var) or term.wild:
            return None
        names = [step.value for step in path if isinstance(step, Scalar) and isinstance(step.value, str)]
        return (term.name, *names) if len(names) == len(path) else None

    def items(self, close: str, first: Term | None = None) -> list[Term]:
        """Parse terms between commas up to a closing symbol, and go past it; the first may have been read."""
        found: list[Term] = []
        while first is not None or not self.symbol(close):
            found.append(first or self.infix())
            first = None
            if not self.symbol(",") and self.token.kind != close:
                self.fail(f"unexpected {self.shown()}: expected ',' or {close!r}")
        return found

    def _piped(self, kind: str, close: str, begin: int, head: tuple[Term | None, Term]) -> Comprehension | None:
        """Parse the body after ``term |``; None, and back to ``begin``, if the bar was the operator."""
        mark = self.at
        self.take()
        try:
            return Comprehension(self.tokens[begin - 1].start, kind, *head, self.query(close))
        except CompileFault:
            if self._only_comprehension(mark):
                raise
        self.at = begin
        return None

    def _open(self, begin: int, term: Term) -> bool:
        """Say whether a term that was read is an operator's, without parentheses: a bar behind it is one then too."""
        if not (isinstance(term, Call) and term.infix):
            return False
        depth = 0
        for token in self.tokens[begin : self.at - 1]:
            depth += (token.kind in "([{") - (token.kind in ")]}")
            if depth == 0:
                return True
        return False

    def _only_comprehension(self, mark: int) -> bool:
        """Say whether what follows can be nothing but a comprehension, so that its fault is the one to tell."""
        depth = 0
        for token in self.tokens[mark : self.at + 1]:
            depth += (token.kind in "([{") - (token.kind in ")]}")
            if depth == 0 and (token.kind in (":=", ";") or token.text == "some"):
                return True
        return False

    def _bracket(self) -> Term:
        start = self.take().start
        if self.symbol("]"):
            return ArrayTerm(start, [])
        begin = self.at
        first = self.infix(pipe=False)
        if self.token.kind != "|":
            return ArrayTerm(start, self.items("]", first))
        made = None if self._open(begin, first) else self._piped("array", "]", begin, (None, first))
        self.at = self.at if made else begin
        return made or ArrayTerm(start, self.items("]"))

    def _brace(self) -> Term:
        start = self.take().start
        if self.symbol("}"):
            return ObjectTerm(start, [])
        begin = self.at
        first = self.infix(pipe=False)
        if self.token.kind == "|":
            made = None if self._open(begin, first) else self._piped("set", "}", begin, (None, first))
            if made:
                return made
            self.at = begin
            first = self.infix()
        if self.token.kind != ":":
            return SetTerm(start, self.items("}", first))
        return self._object(start, begin, first)

    def _object(self, start: int, begin: int, key: Term) -> Term:
        self.take()
        mark = self.at
        value = self.infix(pipe=False)
        if self.token.kind == "|":
            made = None if self._open(mark, value) else self._piped("object", "}", begin, (key, value))
            if made:
                return made
            self.at = mark
            value = self.infix()
        pairs = [(key, value)]
        while not self.symbol("}"):
            if not self.symbol(","):
                self.fail(f"unexpected {self.shown()}: expected ',' or '}}'")
            if self.symbol("}"):
                break
            key = self.infix()
            self.expect(":", "after the key of an object")
            pairs.append((key, self.infix()))
        return ObjectTerm(start, pairs)
