"""Owns the reading of declarations in Groovy that have no modifiers: imports, variables, methods."""

from __future__ import annotations

from graven.documents.groovybuilder import IDENTIFIERS, PRIMITIVES
from graven.documents.groovyexpressions import Expressions

__all__ = ["Declarations"]


class Declarations(Expressions):
    """Reads declarations."""

    def package(self) -> None:
        """Read the package of a script."""
        self.start("PackageDecl")
        self.advance()
        self.dotted_name()
        self.finish()

    def import_(self) -> None:
        """Read an import."""
        self.start("ImportDecl")
        self.advance()
        self.accept("KwStatic")
        self.dotted_name()
        if self.at("Dot") and self.peek(1) == "Star":
            self.advance()
            self.advance()
        if self.accept("KwAs"):
            self.expect(*IDENTIFIERS)
        self.finish()

    def variable(self) -> None:
        """Read the declaration of a variable, or of a method."""
        mark = self.mark()
        self.accept("KwFinal")
        if self.accept("KwDef"):
            if self.at("LParen"):
                self._variables(mark)
                return
        elif self.kind in PRIMITIVES:
            self.advance()
            self.array_marks()
        elif self.at("CapitalizedIdentifier"):
            self.type_name()
        elif not (self.at("Identifier") and self.peek(1) == "Assign"):
            raise self.fault("expected a type")
        self.expect(*IDENTIFIERS)
        if self.at("LParen"):
            self.method(mark, modified=False)
        else:
            self.values(mark, "VariableDecl")

    def _variables(self, mark: int) -> None:
        self.start_at(mark, "VariableDecl")
        self.advance()
        while True:
            if (self.at("CapitalizedIdentifier") and self.peek(1) in IDENTIFIERS) or (
                self.kind in IDENTIFIERS and self.peek(1) == "Dot"
            ):
                self.type_name()
            elif self.kind in PRIMITIVES and self.peek(1) in IDENTIFIERS:
                self.advance()
            self.expect(*IDENTIFIERS)
            if not self.accept("Comma"):
                break
        self.expect("RParen")
        if self.accept("Assign"):
            self.expression()
        self.finish()

    def values(self, mark: int, kind: str) -> None:
        """Read what names are set to."""
        self.start_at(mark, kind)
        if self.accept("Assign"):
            self.expression()
        while self.accept("Comma"):
            self.expect(*IDENTIFIERS)
            if self.accept("Assign"):
                self.expression()
        self.finish()

    def method(self, mark: int, *, modified: bool) -> None:
        """Read a method from its parameters on."""
        self.start_at(mark, "MethodDecl")
        self.advance()
        while not self.at("RParen"):
            self._parameter()
            if not self.accept("Comma"):
                break
        self.expect("RParen")
        if self.accept("KwThrows"):
            self.type_name()
            while self.accept("Comma"):
                self.type_name()
        if modified:
            if self.accept("KwDefault"):
                self.expression()
            self.skip_semicolons()
        if self.at("LBrace"):
            self.block()
        self.finish()

    def _parameter(self) -> None:
        while self.at("At"):
            self.annotation()
        self.accept("KwFinal")
        if self.at("KwDef"):
            self.advance()
        elif self.type_before("Ellipsis") or (
            self.kind in PRIMITIVES and (self.peek(1) in IDENTIFIERS or self.peek(1) in {"Ellipsis", "LBrack"})
        ):
            self.type_name()
        self.accept("Ellipsis")
        self.expect(*IDENTIFIERS)
        if self.accept("Assign"):
            self.expression()

    def dotted_name(self) -> None:
        """Read names with dots between them."""
        self.expect(*IDENTIFIERS)
        while self.at("Dot") and self.peek(1) in IDENTIFIERS:
            self.advance()
            self.advance()
