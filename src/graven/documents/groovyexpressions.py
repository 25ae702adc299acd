"""Owns the reading of Groovy's expressions into the nodes of groovy-parser-go."""

from __future__ import annotations

from graven.documents.groovybuilder import IDENTIFIERS, PRIMITIVES
from graven.documents.groovyclosures import Closures
from graven.documents.groovystrengths import (
    BINARY,
    CALL,
    COMMAND,
    GOES_ON,
    LITERALS,
    NAVIGATION,
    STARTERS,
    STRINGS,
    UNARY,
)
from graven.documents.groovytokens import KEYWORDS

__all__ = ["Expressions"]


class Expressions(Closures):
    """Reads expressions; statements in closures are read by what is built upon this."""

    def _after_semicolons(self) -> str:
        count = 1
        while self.peek(count) in {"Semi", "Semicolon"}:
            count += 1
        return self.peek(count)

    def command_argument(self) -> bool:
        """Say whether the argument of a call without parentheses comes."""
        return self.kind in COMMAND

    def arguments(self) -> None:
        """Read arguments without parentheses."""
        self._argument()
        while self.accept("Comma"):
            self._argument()

    def expression(self, least: int = 0) -> None:
        """Read an expression of words that bind more strongly than this."""
        self.deeper()
        mark = self.mark()
        self._prefix()
        while True:
            if self.at("Semi", "Semicolon") and self._after_semicolons() in GOES_ON:
                self.skip_semicolons()
            strength, following, kind = BINARY.get(self.kind, (0, 0, ""))
            if strength <= least:
                if least >= CALL or not self.command_argument():
                    break
                self.start_at(mark, "CallExpr")
                self.arguments()
                self.finish()
                continue
            self.start_at(mark, kind)
            self._infix(kind, following)
            self.finish()
        self.depth -= 1

    def _infix(self, kind: str, following: int) -> None:
        if kind == "CallExpr":
            if self.at("LParen"):
                self.argument_list()
            if self.at("LBrace"):
                self.closure()
            return
        self.advance()
        if kind in NAVIGATION:
            self._member()
        elif kind == "TernaryExpr":
            self.expression()
            if self.at("Semi", "Semicolon") and self._after_semicolons() == "Colon":
                self.skip_semicolons()
            self.expect("Colon")
            self.expression(3)
        elif kind == "MethodRefExpr":
            self.expect("Identifier", "CapitalizedIdentifier", "KwNew", "StringLiteral")
        elif kind == "IndexExpr":
            self._elements()
        elif kind in {"InstanceofExpr", "CastExpr"}:
            self.type_name()
        elif kind != "PostfixExpr":
            self.expression(following)

    def _elements(self) -> None:
        while not self.at("RBrack"):
            self.expression()
            if not self.accept("Comma"):
                break
        self.expect("RBrack")

    def _member(self) -> None:
        if self.at("GStringBegin"):
            self.quoted()
        elif self.accept("LParen"):
            self.expression()
            self.expect("RParen")
        elif self.accept("At"):
            self.expect(*IDENTIFIERS)
        else:
            self.expect(*IDENTIFIERS, *KEYWORDS, "BoolLiteral", "NullLiteral", *STRINGS)

    def _prefix(self) -> None:  # noqa: C901, PLR0912 - one branch for each word that may begin an expression
        kind = self.kind
        if kind in IDENTIFIERS and self.peek(1) == "Arrow" and not self.in_default:
            self.lambda_(parentheses=False)
        elif kind in IDENTIFIERS or kind in PRIMITIVES or kind in {"KwThis", "KwSuper"}:
            self._leaf("IdentExpr")
        elif kind in LITERALS:
            self._leaf("LiteralExpr")
        elif kind in {"BoolLiteral", "NullLiteral"}:
            self._leaf("BoolExpr" if kind == "BoolLiteral" else "NullExpr")
        elif kind == "GStringBegin":
            self.quoted()
        elif kind == "LParen":
            self._parenthesis()
        elif kind == "LBrace":
            self.closure()
        elif kind == "LBrack":
            self._list()
        elif kind == "KwNew":
            self._new()
        elif kind == "At":
            self.annotation()
        elif kind in {"Star", "Plus", "Minus", "Not", "BitwiseNot", "Inc", "Dec", "HalfOpenLeft", "FullOpen"}:
            self._unary(kind)
        elif kind == "KwSwitch":
            self.switch()
        else:
            raise self.fault("expected an expression")

    def _leaf(self, kind: str) -> None:
        self.start(kind)
        self.advance()
        self.finish()

    def _unary(self, kind: str) -> None:
        ranges = kind in {"HalfOpenLeft", "FullOpen"}
        self.start("RangeExpr" if ranges else "SpreadExpr" if kind == "Star" else "UnaryExpr")
        self.advance()
        if kind == "Star":
            self.accept("Colon")
        self.expression(26 if ranges else UNARY)
        self.finish()

    def _parenthesis(self) -> None:
        if self.is_lambda():
            self.lambda_(parentheses=True)
        elif self._is_cast():
            self.start("CastExpr")
            self.advance()
            self.type_name()
            self.expect("RParen")
            self.expression(UNARY)
            self.finish()
        elif self.is_multiple():
            self.start("AssignExpr")
            self.names()
            self.expect("Assign")
            self.expression()
            self.finish()
        else:
            self.start("ParenExpr")
            self.advance()
            self.expression()
            self.expect("RParen")
            self.finish()

    def names(self) -> None:
        """Read names in parentheses, to which a list is assigned."""
        self.advance()
        self.expect(*IDENTIFIERS)
        while self.accept("Comma"):
            self.expect(*IDENTIFIERS)
        self.expect("RParen")

    def is_multiple(self) -> bool:
        """Say whether several names in parentheses come to which something is assigned."""
        at = 1
        while self.peek(at) in IDENTIFIERS:
            if self.peek(at + 1) == "RParen":
                return self.peek(at + 2) == "Assign"
            if self.peek(at + 1) != "Comma":
                return False
            at += 2
        return False

    def _is_cast(self) -> bool:
        first = self.peek(1)
        if first in PRIMITIVES:
            after = 4 if self.peek(2) == "LBrack" and self.peek(3) == "RBrack" else 2
        elif first == "CapitalizedIdentifier" or (first == "Identifier" and self.peek(2) == "Dot"):
            last = 1
            while self.peek(last + 1) == "Dot" and self.peek(last + 2) in IDENTIFIERS:
                last += 2
            if self.peek(last + 1) == "Dot" or (first == "Identifier" and self.peek(last) != "CapitalizedIdentifier"):
                return False
            after = self.past_suffixes(last + 1)
        else:
            return False
        return after > 0 and self.peek(after) == "RParen" and self.peek(after + 1) in STARTERS

    def _new(self) -> None:
        self.start("NewExpr")
        self.advance()
        self.type_name()
        if self.at("LParen"):
            self.argument_list()
            if self.at("LBrace"):
                self.closure()
        elif self.at("LBrack"):
            while self.accept("LBrack"):
                if not self.at("RBrack"):
                    self.expression()
                self.expect("RBrack")
            if self.at("LBrace"):
                self._array()
        elif self.at("LBrace"):
            self._array()
        self.finish()

    def _array(self) -> None:
        self.deeper()
        self.advance()
        while not self.at("RBrace"):
            if self.at("LBrace"):
                self._array()
            else:
                self.expression()
            if not self.accept("Comma"):
                break
        self.expect("RBrace")
        self.depth -= 1

    def argument_list(self) -> None:
        """Read arguments in parentheses."""
        self.expect("LParen")
        while not self.at("RParen"):
            self._argument()
            if not self.accept("Comma"):
                break
        self.expect("RParen")

    def _bare_key(self) -> bool:
        return self.peek(1) == "Colon" and (self.kind in IDENTIFIERS or self.kind in KEYWORDS)

    def _argument(self) -> None:
        if self._bare_key() or (self.peek(1) == "Colon" and self.kind in STRINGS | {"BoolLiteral", "NullLiteral"}):
            self._entry()
        else:
            self.expression()

    def _entry(self) -> None:
        self.start("MapEntry")
        if self._bare_key():
            self._leaf("IdentExpr")
        else:
            self.expression()
        self.expect("Colon")
        self.expression()
        self.finish()

    def _list(self) -> None:
        mark = self.mark()
        self.advance()
        if self.at("RBrack"):
            self.start_at(mark, "ListExpr")
        elif self.at("Colon"):
            self.start_at(mark, "MapExpr")
            self.advance()
        elif self._bare_key() or (self.at("Star") and self.peek(1) == "Colon"):
            self.start_at(mark, "MapExpr")
            self._spread_or_entry()
            self._entries()
        else:
            first = self.mark()
            self.expression()
            if self.at("Colon"):
                self.start_at(first, "MapEntry")
                self.advance()
                self.expression()
                self.finish()
                self._entries()
                self.start_at(mark, "MapExpr")
            else:
                while self.accept("Comma") and not self.at("RBrack"):
                    self.expression()
                self.start_at(mark, "ListExpr")
        self.expect("RBrack")
        self.finish()

    def _spread_or_entry(self) -> None:
        if self.at("Star") and self.peek(1) == "Colon":
            self.expression()
        else:
            self._entry()

    def _entries(self) -> None:
        while self.accept("Comma") and not self.at("RBrack"):
            self._spread_or_entry()
