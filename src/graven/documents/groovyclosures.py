"""Owns the reading of Groovy's closures, lambdas and texts with expressions in them."""

from __future__ import annotations

from graven.documents.groovybuilder import IDENTIFIERS, PRIMITIVES, Builder

__all__ = ["Closures"]

_LOOKAHEAD = 80


class Closures(Builder):
    """Reads what holds statements within an expression."""

    in_default = 0
    """How many defaults of parameters are being read, in which an arrow is no lambda's."""

    def expression(self, least: int = 0) -> None:
        """Read an expression of words that bind more strongly than this."""
        raise NotImplementedError

    def argument_list(self) -> None:
        """Read arguments in parentheses."""
        raise NotImplementedError

    def statement(self) -> None:
        """Read a statement."""
        raise NotImplementedError

    def switch(self) -> None:
        """Read a choice between cases."""
        raise NotImplementedError

    def block(self) -> None:
        """Read a block."""
        raise NotImplementedError

    def quoted(self) -> None:
        """Read a text in double quotes piece by piece."""
        self.start("GStringExpr")
        self.advance()
        while not self.accept("GStringEnd"):
            if self.accept("LBrace"):
                self._interpolation()
            elif self.kind in IDENTIFIERS:
                self.start("GStringPath")
                self.advance()
                while self.accept("Dot") and self.accept(*IDENTIFIERS):
                    pass
                self.finish()
            else:
                self.expect("GStringPart")
        self.finish()

    def _interpolation(self) -> None:
        if not self.accept("Arrow") and self._has_parameters():
            self._parameters()
            self.expect("Arrow")
        self._body()

    def _body(self) -> None:
        self.skip_semicolons()
        while not self.at("RBrace", "EOF"):
            self.statement()
            self.skip_semicolons()
        self.expect("RBrace")

    def closure(self) -> None:
        """Read a closure."""
        self.start("ClosureExpr")
        self.advance()
        if not self.accept("Arrow") and not self.at("RBrace") and self._has_parameters():
            self._parameters()
            self.expect("Arrow")
        while not self.at("RBrace", "EOF"):
            self.statement()
            self.skip_semicolons()
        self.expect("RBrace")
        self.finish()

    def _has_parameters(self) -> bool:
        following = self.peek(1)
        if self.kind in IDENTIFIERS and following == "Arrow":
            return True
        named = (
            (self.kind in IDENTIFIERS and following in {"Assign", "Comma"})
            or self.type_before("Ellipsis")
            or (self.kind in PRIMITIVES and (following in IDENTIFIERS or following == "LBrack"))
            or (self.at("KwDef", "KwFinal") and following in IDENTIFIERS)
        )
        return named and self.arrow_ahead(0)

    def arrow_ahead(self, start: int) -> bool:
        """Say whether an arrow comes before the statement ends."""
        depth = 0
        for at in range(start, _LOOKAHEAD):
            kind = self.peek(at)
            if kind == "Arrow" and not depth:
                return True
            if not depth and kind in {"RBrace", "Semi", "Semicolon", "EOF"}:
                return False
            depth += (kind == "LBrace") - (kind == "RBrace")
        return False

    def _parameters(self) -> None:
        self.closure_parameter()
        while self.accept("Comma"):
            self.closure_parameter()

    def closure_parameter(self) -> None:
        """Read a parameter of a closure: type, name, default."""
        if self.at("KwDef", "KwFinal") and self.peek(1) in IDENTIFIERS:
            self.advance()
        elif self.type_before("Ellipsis") or (
            self.kind in PRIMITIVES and (self.peek(1) in IDENTIFIERS or self.peek(1) == "LBrack")
        ):
            self.type_name()
        self.accept("Ellipsis")
        self.expect(*IDENTIFIERS)
        if self.accept("Assign"):
            self.in_default += 1
            self.expression()
            self.in_default -= 1

    def lambda_(self, *, parentheses: bool) -> None:
        """Read a lambda."""
        self.start("LambdaExpr")
        self.advance()
        if parentheses:
            while not self.at("RParen"):
                self.closure_parameter()
                if not self.accept("Comma"):
                    break
            self.expect("RParen")
        self.expect("Arrow")
        if self.at("LBrace"):
            self.block()
        else:
            self.expression()
        self.finish()

    def is_lambda(self) -> bool:
        """Say whether parameters in parentheses come, and an arrow."""
        depth, at = 1, 1
        while depth:
            kind = self.peek(at)
            if kind == "EOF":
                return False
            depth += (kind == "LParen") - (kind == "RParen")
            at += 1
        return self.peek(at) == "Arrow"

    def annotation(self) -> None:
        """Read an annotation with its arguments."""
        self.start("AnnotationNode")
        self.advance()
        self.type_name()
        if self.at("LParen"):
            self.argument_list()
        self.finish()
