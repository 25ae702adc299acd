"""Owns the grammar of HCL (``hclsyntax/spec.md``, "Structural Elements", "Operations"): bodies, blocks, expressions."""

from __future__ import annotations

from graven.documents.hcl.operands import Operands
from graven.documents.hcl.source import MAX_DEPTH, Source
from graven.documents.hcl.tree import Attribute, Binary, Block, Body, Conditional, Expression

__all__ = ["parse"]

_OPERATORS = (("||",), ("&&",), ("==", "!="), (">", ">=", "<", "<="), ("+", "-"), ("*", "/", "%"))
_STRENGTH = {operator: strength for strength, group in enumerate(_OPERATORS) for operator in group}


def parse(source: Source) -> Body:
    """Read a whole file.

    Raises:
        Malformed: it is no HCL; says line and column, what was got and what was expected.
        TooLarge: it is nested deeper than the limit.
    """
    grammar = _Grammar(source)
    try:
        return grammar.body("eof")
    except RecursionError as e:
        raise source.too_deep(grammar.peek()[1]) from e


class _Grammar(Operands):
    """Reads bodies and expressions."""

    def body(self, closing: str) -> Body:
        """Read arguments and blocks up to the end of a block or a file."""
        body = Body()
        while self.kind() != closing:
            if self.kind() == "newline":
                self.read()
                continue
            name = self.expect("ident", "an argument or a block")
            if self.kind() == "=":
                self._argument(body, self.spelling(name), name[1])
                self._line_end("an argument")
            else:
                body.blocks.append(self._block(self.spelling(name), name[1]))
                self._line_end("a block")
        self.read()
        return body

    def _line_end(self, what: str) -> None:
        if self.kind() not in {"newline", "eof"}:
            raise self.unexpected(f"the end of the line after {what}")
        if self.kind() == "newline":
            self.read()

    def _argument(self, body: Body, name: str, start: int) -> None:
        if name in body.attributes:
            first = self.source.position(body.attributes[name].start)
            raise self.source.malformed(start, f"the argument {name} is set twice, first at {first}")
        self.read()
        body.attributes[name] = Attribute(name, start, self.expression())

    def _block(self, kind: str, start: int) -> Block:
        labels: list[tuple[str, int]] = []
        while self.kind() in {"quote", "ident"}:
            token = self.peek()
            if len(labels) == MAX_DEPTH:
                raise self.source.too_deep(token[1])
            labels.append((self.quoted() if token[0] == "quote" else self.spelling(self.read()), token[1]))
        self.expect("{", "=, a label or {" if not labels else "a label or {")
        with self.within(newlines=True):
            body = self.body("}") if self.kind() in {"newline", "}"} else self._line()
        return Block(kind, labels, body, start, self.tokens[self.at - 1][2])

    def _line(self) -> Body:
        """Read a block on one line, which has a single argument."""
        body = Body()
        name = self.expect("ident", "an argument or }")
        if self.kind() != "=":
            raise self.unexpected("=", "put a block inside a block on a line of its own")
        self._argument(body, self.spelling(name), name[1])
        self.expect("}", "} after the only argument of a block on one line")
        return body

    def expression(self) -> Expression:
        """Read an expression: operators, and a conditional around them."""
        with self.within(newlines=self.newlines):
            start = self.peek()[1]
            found = self._operation(0)
            if self.kind() != "?":
                return found
            self.read()
            yes = self.expression()
            self.expect(":")
            no = self.expression()
            return Conditional(found, yes, no, start=start, end=no.end)

    def _operation(self, least: int) -> Expression:
        left = self.operand()
        while (strength := _STRENGTH.get(self.kind(), -1)) >= least:
            operator = self.read()[0]
            left = Binary(left, operator, self._operation(strength + 1))
        return left
