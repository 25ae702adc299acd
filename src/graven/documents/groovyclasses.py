"""Owns the reading of declarations in Groovy behind modifiers, and of classes and their like with what they hold."""

from __future__ import annotations

from graven.documents.groovybuilder import IDENTIFIERS, PRIMITIVES
from graven.documents.groovydeclarations import Declarations
from graven.documents.groovytokens import KEYWORDS

__all__ = ["CLASSES", "MODIFIERS", "Classes"]

MODIFIERS = frozenset(
    (
        *("KwPublic", "KwPrivate", "KwProtected", "KwStatic", "KwAbstract", "KwFinal", "KwNative"),
        *("KwSynchronized", "KwTransient", "KwVolatile", "KwStrictfp", "KwThreadsafe"),
    )
)
CLASSES = {"KwClass": "ClassDecl", "KwInterface": "InterfaceDecl", "KwEnum": "EnumDecl", "KwTrait": "TraitDecl"}
_NAMES = ("StringLiteral", "GStringFull")
"""What may stand where the name of a method stands, beside words."""
_AHEAD = 80


class Classes(Declarations):
    """Reads classes, interfaces, enumerations, traits and annotations."""

    def modified(self) -> None:
        """Read a declaration behind modifiers and annotations, outside of a class."""
        mark = self.mark()
        self._modifiers()
        if self.at("KwImport"):
            self.start_at(mark, "ImportDecl")
            self.import_()
            self.finish()
        elif not self.type_declaration(mark):
            self._method_or_field(mark)

    def _modifiers(self) -> None:
        while True:
            if self.at("At") and self.peek(1) != "KwInterface":
                self.annotation()
            elif not self.accept(*MODIFIERS, "Semi", "Semicolon"):
                return

    def type_declaration(self, mark: int) -> bool:
        """Read a class or its like, which began at a mark, if one comes."""
        kind = CLASSES.get(self.kind, "")
        if self.at("At") and self.peek(1) == "KwInterface":
            kind = "AnnotationDecl"
            self.start_at(mark, kind)
            self.advance()
        elif kind:
            self.start_at(mark, kind)
        else:
            return False
        self.advance()
        self.dotted_name()
        if kind in {"ClassDecl", "InterfaceDecl"}:
            self.type_parameters()
        self._above(kind)
        if kind == "EnumDecl":
            self._constants()
        else:
            self._members()
        self.finish()
        return True

    def _above(self, kind: str) -> None:
        """Read from what a type takes over."""
        if kind in {"ClassDecl", "InterfaceDecl", "TraitDecl"} and self.accept("KwExtends"):
            self.type_name()
            while kind == "InterfaceDecl" and self.accept("Comma"):
                self.type_name()
        if kind in {"ClassDecl", "EnumDecl", "TraitDecl"} and self.accept("KwImplements"):
            self.type_name()
            while self.accept("Comma"):
                self.type_name()

    def _members(self) -> None:
        self.skip_semicolons()
        self.expect("LBrace")
        self._rest()

    def _rest(self) -> None:
        self.deeper()
        while not self.at("RBrace", "EOF"):
            self._member_of_class()
            self.skip_semicolons()
        self.expect("RBrace")
        self.depth -= 1

    def _constants(self) -> None:
        self.expect("LBrace")
        while self.kind in IDENTIFIERS:
            self._constant()
            if not self.accept("Comma"):
                break
        self.accept("Semi", "Semicolon")
        self._rest()

    def _constant(self) -> None:
        self.start("EnumConstant")
        self.expect(*IDENTIFIERS)
        if self.at("LParen"):
            self.argument_list()
        if self.at("LBrace"):
            self._members()
        self.finish()

    def _member_of_class(self) -> None:
        mark = self.mark()
        self._modifiers()
        if self.at("LBrace"):
            self.start_at(mark, "BlockStmt")
            self.block()
            self.finish()
        elif not self.type_declaration(mark):
            self._method_or_field(mark)

    def _method_or_field(self, mark: int) -> None:
        self.type_parameters()
        if self.accept("KwDef"):
            if self.at("Lt"):
                self.type_parameters()
                if self.type_before(*_NAMES) or (self.kind in PRIMITIVES and self.peek(1) in IDENTIFIERS):
                    self.type_name()
        elif self.at("KwVoid"):
            self.advance()
        elif self.kind in PRIMITIVES or self.type_before(*_NAMES):
            self.type_name()
        self.expect(*IDENTIFIERS, *KEYWORDS, *_NAMES)
        if self.at("LParen"):
            self.method(mark, modified=True)
        else:
            self.values(mark, "FieldDecl")

    def final_class(self) -> bool:
        """Say whether a class or its like comes behind ``final`` and what else stands before it."""
        at = 1
        while at < _AHEAD:
            kind = self.peek(at)
            if kind in CLASSES or (kind == "At" and self.peek(at + 1) == "KwInterface"):
                return True
            if kind == "At":
                at = self._past_annotation(at + 1)
                if at < 0:
                    return False
            elif kind in MODIFIERS or kind in {"Semi", "Semicolon"}:
                at += 1
            else:
                return False
        return False

    def _past_annotation(self, at: int) -> int:
        if self.peek(at) not in IDENTIFIERS:
            return -1
        at += 1
        while self.peek(at) == "Dot" and self.peek(at + 1) in IDENTIFIERS:
            at += 2
        depth = 0
        while self.peek(at) == "LParen" or depth:
            if self.peek(at) == "EOF":
                return -1
            depth += (self.peek(at) == "LParen") - (self.peek(at) == "RParen")
            at += 1
            if not depth:
                break
        return at
