"""Owns the reading of declarations in Groovy: imports, variables, methods, with annotations and modifiers."""

from __future__ import annotations

from graven.documents.groovybuilder import IDENTIFIERS, PRIMITIVES
from graven.documents.groovyexpressions import Expressions
from graven.documents.groovytokens import KEYWORDS

__all__ = ["CLASSES", "MODIFIERS", "Declarations"]

MODIFIERS = frozenset(
    (
        *("KwPublic", "KwPrivate", "KwProtected", "KwStatic", "KwAbstract", "KwFinal", "KwNative"),
        *("KwSynchronized", "KwTransient", "KwVolatile", "KwStrictfp", "KwThreadsafe"),
    )
)
CLASSES = frozenset({"KwClass", "KwInterface", "KwEnum", "KwTrait"})


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
        self._imported()
        self.finish()

    def _imported(self) -> None:
        self.accept("KwStatic")
        self.dotted_name()
        if self.at("Dot") and self.peek(1) == "Star":
            self.advance()
            self.advance()
        if self.accept("KwAs"):
            self.expect(*IDENTIFIERS)

    def variable(self) -> None:
        """Read the declaration of a variable, or of a method."""
        mark = self.mark()
        if self.accept("KwFinal") and self.at(*CLASSES, *MODIFIERS, "At"):
            raise self.unsupported("a declaration with several modifiers")
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
            self._method(mark, gap=False)
        else:
            self._values(mark, "VariableDecl")

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

    def _values(self, mark: int, kind: str) -> None:
        self.start_at(mark, kind)
        if self.accept("Assign"):
            self.expression()
        while self.accept("Comma"):
            self.expect(*IDENTIFIERS)
            if self.accept("Assign"):
                self.expression()
        self.finish()

    def _method(self, mark: int, *, gap: bool) -> None:
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
        if gap:
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

    def modified(self) -> None:
        """Read a declaration behind modifiers and annotations."""
        mark = self.mark()
        while True:
            if self.at("At"):
                if self.peek(1) == "KwInterface":
                    raise self.unsupported("the declaration of an annotation")
                self.annotation()
            elif not self.accept(*MODIFIERS, "Semi", "Semicolon"):
                break
        if self.kind in CLASSES:
            raise self.unsupported("the declaration of a class")
        if self.at("KwImport"):
            self.start_at(mark, "ImportDecl")
            self.advance()
            self._imported()
            self.finish()
            return
        self._member_declaration(mark)

    def _member_declaration(self, mark: int) -> None:
        if self.at("Lt"):
            raise self.unsupported("a method with type parameters")
        if self.accept("KwDef"):
            if self.at("Lt"):
                raise self.unsupported("a method with type parameters")
        elif self.at("KwVoid"):
            self.advance()
        elif self.kind in PRIMITIVES or self.type_before("StringLiteral", "GStringFull"):
            self.type_name()
        self.expect(*IDENTIFIERS, *KEYWORDS, "StringLiteral", "GStringFull")
        if self.at("LParen"):
            self._method(mark, gap=True)
        else:
            self._values(mark, "FieldDecl")

    def dotted_name(self) -> None:
        """Read names with dots between them."""
        self.expect(*IDENTIFIERS)
        while self.at("Dot") and self.peek(1) in IDENTIFIERS:
            self.advance()
            self.advance()
