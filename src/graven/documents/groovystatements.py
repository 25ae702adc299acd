"""Owns the reading of Groovy's statements into the nodes of groovy-parser-go."""

from __future__ import annotations

from graven.documents.groovybuilder import IDENTIFIERS, PRIMITIVES, Node
from graven.documents.groovyclasses import CLASSES, MODIFIERS, Classes
from graven.documents.groovystrengths import STARTERS

__all__ = ["Statements"]

_SIMPLE = {"KwBreak": "BreakStmt", "KwContinue": "ContinueStmt"}


class Statements(Classes):
    """Reads a script."""

    def file(self) -> Node:
        """Give the tree of the whole script."""
        self.start("FileNode")
        while not self.at("EOF"):
            self.statement()
            self.skip_semicolons()
        return self.open.pop()

    def statement(self) -> None:
        """Read a statement of any kind."""
        self.deeper()
        kind = self.kind
        reader = {
            "KwIf": self._if, "KwWhile": self._while, "KwDo": self._do, "KwFor": self._for, "KwSwitch": self.switch,
            "KwTry": self._try, "KwThrow": self._throw, "KwReturn": self._return, "KwBreak": self._jump,
            "KwContinue": self._jump, "KwAssert": self._assert, "KwSynchronized": self._synchronized,
            "KwDef": self.variable, "KwPackage": self.package, "KwImport": self.import_,
        }.get(kind)  # fmt: skip
        if reader:
            reader()
        elif kind in CLASSES:
            self.type_declaration(self.mark())
        elif kind == "KwFinal" and not self.final_class():
            self.variable()
        elif kind in MODIFIERS or kind == "At":
            self.modified()
        else:
            self._other()
        self.depth -= 1

    def _other(self) -> None:
        if self.at("LBrace") and not (self.peek(1) == "Arrow" or self.arrow_ahead(1)):
            self.block()
        elif self._declares():
            self.variable()
        elif self.at("Identifier") and self.peek(1) == "Colon":
            self.start("LabeledStmt")
            self.advance()
            self.advance()
            self.statement()
            self.finish()
        elif self.at("LParen") and self.is_multiple():
            self.start("ExpressionStmt")
            self.names()
            if self.accept("Assign"):
                self.expression()
            self.finish()
        else:
            self.start("ExpressionStmt")
            mark = self.mark()
            self.expression()
            if self.command_argument():
                self.start_at(mark, "CallExpr")
                self.arguments()
                self.finish()
            self.finish()

    def _declares(self) -> bool:
        following = self.peek(1)
        if self.kind in PRIMITIVES:
            return following in IDENTIFIERS or following == "LBrack"
        if not self.at("CapitalizedIdentifier"):
            return False
        if following == "Lt":
            after = self.past_suffixes(1)
            return after > 0 and self.peek(after) in IDENTIFIERS and self.peek(after - 1) != "RBrack"
        if following == "LBrack":
            return self.peek(2) == "RBrack" and self.peek(3) in IDENTIFIERS
        return following in IDENTIFIERS

    def block(self) -> None:
        """Read statements in braces."""
        self.start("BlockStmt")
        self.expect("LBrace")
        while not self.at("RBrace", "EOF"):
            self.statement()
            self.skip_semicolons()
        self.expect("RBrace")
        self.finish()

    def _block_or_statement(self) -> None:
        self.skip_semicolons()
        if self.at("LBrace"):
            self.block()
        else:
            self.statement()

    def _condition(self) -> None:
        self.expect("LParen")
        self.expression()
        self.expect("RParen")

    def _if(self) -> None:
        self.start("IfStmt")
        self.advance()
        self._condition()
        self._block_or_statement()
        self.skip_semicolons()
        if self.accept("KwElse"):
            self._block_or_statement()
        self.finish()

    def _while(self) -> None:
        self.start("WhileStmt")
        self.advance()
        self._condition()
        self._block_or_statement()
        self.finish()

    def _do(self) -> None:
        self.start("DoWhileStmt")
        self.advance()
        if self.at("LBrace"):
            self.block()
        else:
            self.statement()
        self.expect("KwWhile")
        self._condition()
        self.finish()

    def _for(self) -> None:
        mark = self.mark()
        self.advance()
        self.expect("LParen")
        if self._is_for_in():
            self.start_at(mark, "ForInStmt")
            self.accept("KwFinal")
            if self.kind in PRIMITIVES or self.at("KwDef", "CapitalizedIdentifier"):
                self.advance()
                if self.at("LBrack") and self.peek(1) == "RBrack":
                    self.array_marks()
            self.expect(*IDENTIFIERS)
            self.expect("KwIn", "Colon")
            self.expression()
        else:
            self.start_at(mark, "ForStmt")
            self._for_parts()
        self.expect("RParen")
        self._block_or_statement()
        self.finish()

    def _is_for_in(self) -> bool:
        depth = 0
        for at in range(120):
            kind = self.peek(at)
            if not depth and kind in {"KwIn", "Colon"}:
                return True
            if kind == "EOF" or (not depth and kind in {"Semi", "Semicolon", "RParen"}):
                return False
            depth += (kind in {"LParen", "LBrack", "LBrace"}) - (kind in {"RParen", "RBrack", "RBrace"})
        return False

    def _for_parts(self) -> None:
        while not self.at("Semi", "Semicolon"):
            self._for_start()
            if not self.accept("Comma"):
                break
        self.expect("Semi")
        if not self.at("Semi", "Semicolon"):
            self.expression()
        self.expect("Semi")
        if not self.at("RParen"):
            self.expression()
            while self.accept("Comma"):
                self.expression()

    def _for_start(self) -> None:
        typed = (self.kind in PRIMITIVES and self.peek(1) in IDENTIFIERS) or (
            self.at("CapitalizedIdentifier") and self.peek(1) in IDENTIFIERS and self.peek(2) == "Assign"
        )
        if not typed and not self.at("KwDef"):
            self.expression()
            return
        self.advance()
        if not self._balanced():
            self.accept(*IDENTIFIERS)
        if self.accept("Assign"):
            self.expression()

    def _balanced(self) -> bool:
        """Take words up to the parenthesis that closes the one that comes, if one does."""
        if not self.at("LParen"):
            return False
        depth = 0
        while not self.at("EOF"):
            depth += self.at("LParen") - self.at("RParen")
            self.advance()
            if not depth:
                return True
        raise self.fault("expected RParen")

    def _has_arrows(self) -> bool:
        """Say whether the first case of a switch has an arrow behind it."""
        at, depth = 2, 1
        while depth and self.peek(at) != "EOF":
            depth += (self.peek(at) == "LParen") - (self.peek(at) == "RParen")
            at += 1
        while self.peek(at) in {"Semi", "Semicolon"}:
            at += 1
        if self.peek(at) != "LBrace" or self.peek(at + 1) not in {"KwCase", "KwDefault"}:
            return False
        while (kind := self.peek(at + 2)) != "EOF":
            if not depth and kind in {"Colon", "Arrow"}:
                return kind == "Arrow"
            depth = max(0, depth + (kind in {"LParen", "LBrack", "LBrace"}) - (kind in {"RParen", "RBrack", "RBrace"}))
            at += 1
        return False

    def switch(self) -> None:
        """Read a choice between cases."""
        self.start("SwitchExpr" if self._has_arrows() else "SwitchStmt")
        self.advance()
        self._condition()
        self.expect("LBrace")
        while self.at("KwCase", "KwDefault"):
            self.start("CaseClause" if self.at("KwCase") else "DefaultClause")
            if self.at("KwCase"):
                self.advance()
                self.expression()
            else:
                self.advance()
            self.expect("Colon", "Arrow")
            while not self.at("KwCase", "KwDefault", "RBrace", "EOF"):
                self.statement()
                self.skip_semicolons()
            self.finish()
        self.expect("RBrace")
        self.finish()

    def _try(self) -> None:
        self.start("TryStmt")
        self.advance()
        self._balanced()
        self.block()
        self.skip_semicolons()
        while self.at("KwCatch"):
            self._catch()
            self.skip_semicolons()
        if self.at("KwFinally"):
            self.start("FinallyClause")
            self.advance()
            self.block()
            self.finish()
        self.finish()

    def _catch(self) -> None:
        self.start("CatchClause")
        self.advance()
        self.expect("LParen")
        self.accept("KwFinal")
        if self.accept("KwDef"):
            self.expect(*IDENTIFIERS)
        elif self.kind in IDENTIFIERS and self.peek(1) == "RParen":
            self.advance()
        else:
            self.dotted_name()
            while self.accept("BitwiseOr"):
                self.dotted_name()
            self.accept(*IDENTIFIERS)
        self.expect("RParen")
        self.block()
        self.finish()

    def _throw(self) -> None:
        self.start("ThrowStmt")
        self.advance()
        self.expression()
        self.finish()

    def _return(self) -> None:
        self.start("ReturnStmt")
        self.advance()
        if self.kind in STARTERS:
            self.expression()
        self.finish()

    def _jump(self) -> None:
        self.start(_SIMPLE[self.kind])
        self.advance()
        self.accept(*IDENTIFIERS)
        self.finish()

    def _assert(self) -> None:
        self.start("AssertStmt")
        self.advance()
        self.expression()
        if self.accept("Colon", "Comma"):
            self.expression()
        self.finish()

    def _synchronized(self) -> None:
        self.start("SynchronizedStmt")
        self.advance()
        self._condition()
        self.block()
        self.finish()
