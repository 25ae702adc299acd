"""Owns the syntax of CUE's files: the package, what it imports, fields with their labels, and comprehensions."""

from __future__ import annotations

from graven.documents.cue.expressions import Expressions
from graven.documents.cue.syntax import (
    Alias,
    Comprehension,
    Decl,
    Embed,
    Expr,
    Field,
    File,
    For,
    If,
    Label,
    Let,
    ListLit,
    Open,
    StructLit,
)
from graven.documents.cue.tokens import tokens
from graven.documents.faults import Text

__all__ = ["label_of", "parse"]

_CLAUSES = ("for", "if", "let")


def parse(text: Text) -> File:
    """Read a whole text.

    Raises:
        Malformed: it is no CUE.
        TooLarge: it nests too deep.
        Unsupported: it uses what is not read.
    """
    return _Grammar(tokens(text), text).file()


def label_of(name: str) -> Label:
    """Give the label that a name without quotes stands for.

    >>> label_of("a"), label_of("#D"), label_of("_h")
    ('a', ('#D',), ('_h',))
    """
    return (name,) if name.startswith(("#", "_")) else name


class _Grammar(Expressions):
    """Reads declarations; expressions are read by what this builds on."""

    def file(self) -> File:
        """Read everything."""
        self._attributes()
        if self.word("package"):
            self.next()
            self.name()
            self.comma()
        imports: dict[str, tuple[int, str]] = {}
        while self._attributes() or (self.word("import") and not self._labelled()):
            if self.word("import"):
                self._import(imports)
        body = self.fields("end")
        return File(imports, body)

    def _attributes(self) -> bool:
        found = False
        while self.token.kind == "attribute":
            self.next()
            self.comma()
            found = True
        return found

    def _import(self, imports: dict[str, tuple[int, str]]) -> None:
        self.next()
        if self.sign("("):
            self.next()
            while not self.sign(")"):
                self._imported(imports)
                self.comma(")")
            self.next()
        else:
            self._imported(imports)
        self.comma()

    def _imported(self, imports: dict[str, tuple[int, str]]) -> None:
        at, name = self.token.at, ""
        if self.token.kind == "name":
            name = self.name()
        path = self.token.value
        if self.token.kind != "atom" or not isinstance(path, str):
            raise self.unexpected("the path of a package in quotes")
        self.next()
        name = name or path.rpartition("/")[2].rpartition(":")[2]
        if name in imports:
            raise self.text.fault(f"{name} is imported twice", at)
        imports[name] = (at, path)

    def struct(self) -> StructLit:
        """Read what stands in braces."""
        at = self.token.at
        self.expect("{")
        found = self.fields("}")
        self.next()
        return StructLit(at, found.decls, found.names)

    def fields(self, closer: str) -> StructLit:
        """Read declarations up to the sign that ends them."""
        at, decls = self.token.at, []
        while not (self.sign(closer) or (closer == "end" and self.token.kind == "end")):
            if self.token.kind == "attribute":
                self.next()
            else:
                decls.append(self._decl())
                while self.token.kind == "attribute":
                    self.next()
            self.comma(closer)
        return StructLit(at, tuple(decls), self._names(decls))

    def _names(self, decls: list[Decl]) -> dict[str, Field | Let]:
        names: dict[str, Field | Let] = {}
        for decl in decls:
            if isinstance(decl, Let):
                self._named(names, decl.name, decl)
            elif isinstance(decl, Field):
                if decl.alias:
                    self._named(names, decl.alias, decl)
                if decl.form == "name":
                    name = self.plain.get(decl.at)
                    known = names.get(name) if name else None
                    if name and (isinstance(known, Let) or (known and known.alias == name)):
                        raise self.text.fault(f"{name} is a field and a name for something else", decl.at)
                    if name:
                        names.setdefault(name, decl)
        return names

    def _named(self, names: dict[str, Field | Let], name: str, decl: Field | Let) -> None:
        if name in names:
            raise self.text.fault(f"{name} is named twice in one scope", decl.at)
        names[name] = decl

    def _decl(self) -> Decl:
        at = self.token.at
        if self.sign("..."):
            self.next()
            if not self.sign(",") and not self.sign("}") and self.token.kind != "end":
                raise self.unsupported("dots with a type in a struct", at)
            return Open(at)
        if self._labelled():
            return self._field()
        if self.word("let"):
            return self._let()
        if self.word("for") or self.word("if"):
            return self.comprehension()
        return Embed(at, self.expression())

    def _let(self) -> Let:
        at = self.token.at
        self.next()
        name = self.name()
        self.expect("=")
        return Let(at, name, self.expression())

    def comprehension(self) -> Comprehension:
        """Read clauses and the struct behind them."""
        at = self.token.at
        clauses: list[For | If | Let] = []
        while any(map(self.word, _CLAUSES)):
            clauses.append(self._clause())
            if self.sign(","):
                self.next()
        body = self.struct()
        if self.word("else") or self.word("fallback"):
            raise self.unsupported("else behind a comprehension", self.token.at)
        return Comprehension(at, tuple(clauses), body)

    def _clause(self) -> For | If | Let:
        at = self.token.at
        if self.word("let"):
            return self._let()
        if self.word("if"):
            self.next()
            return If(at, self.expression())
        self.next()
        key, name = "", self.name()
        if self.sign(","):
            self.next()
            key, name = name, self.name()
        if not self.word("in"):
            raise self.unexpected("in")
        self.next()
        return For(at, key, name, self.expression())

    def _labelled(self, skip: int = 0) -> bool:
        """Say whether a label with its colon stands here."""
        token, after = self.peek(skip), skip + 1
        if token.kind == "name" and self.peek(after).value == "=" and self.peek(after).kind == "sign":
            return not skip and self._labelled(2)
        if token.kind == "sign" and token.value in ("[", "("):
            after = self.behind(skip)
        elif token.kind not in ("name", "text") and not (token.kind == "atom" and self.is_word(token)):
            return False
        if self.peek(after).kind == "sign" and self.peek(after).value in ("?", "!"):
            after += 1
        if self.peek(after).value == "~":
            raise self.unsupported("a name behind a label", self.peek(after).at)
        return self.peek(after).kind == "sign" and self.peek(after).value == ":"

    def _field(self) -> Field:
        self.deeper()
        alias = ""
        if self.peek(1).value == "=" and self.peek(1).kind == "sign":
            alias = self.name()
            self.next()
        at, form, inner = self.token.at, "name", ""
        label: Label | Expr
        if self.sign("["):
            form, label, inner = "pattern", *self._pattern()
        elif self.sign("("):
            self.next()
            form, label = "dynamic", self.expression()
            self.expect(")")
        else:
            form, label = self._label(at)
        mark = ""
        if self.sign("?") or self.sign("!"):
            mark = str(self.next().value)
        self.expect(":")
        value = self._value()
        self.depth -= 1
        return Field(at, label, form, mark, alias, inner, value)

    def _label(self, at: int) -> tuple[str, Label | Expr]:
        token = self.token
        if token.kind == "text":
            return "dynamic", self.operand()
        self.next()
        if token.kind == "name":
            self.plain[at] = str(token.value)
            return "name", label_of(str(token.value))
        if isinstance(token.value, str):
            return "name", token.value
        if isinstance(token.value, bool) or token.value is None:
            word = {True: "true", False: "false", None: "null"}[token.value]
            self.plain[at] = word
            return "name", word
        raise self.text.fault("expected the name of a field", at)

    def _pattern(self) -> tuple[Expr, str]:
        self.next()
        inner = ""
        if self.token.kind == "name" and self.peek(1).value == "=":
            inner = self.name()
            self.next()
        label = self.expression()
        self.expect("]")
        return label, inner

    def _value(self) -> Expr:
        at = self.token.at
        if self._labelled():
            field = self._field()
            return StructLit(at, (field,), self._names([field]))
        if self.token.kind == "name" and self.peek(1).value == "=" and self.peek(1).kind == "sign":
            name = self.name()
            self.next()
            return Alias(at, name, self.expression())
        return self.expression()

    def items(self) -> ListLit:
        """Read what stands in brackets."""
        at = self.token.at
        self.expect("[")
        found: list[Expr | Comprehension] = []
        rest, is_open = None, False
        while not self.sign("]"):
            if is_open:
                raise self.unexpected("the end of the list behind its dots")
            if self.sign("..."):
                self.next()
                is_open = True
                rest = None if self.sign("]") or self.sign(",") else self.expression()
            elif (self.word("for") or self.word("if")) and not self._labelled():
                found.append(self.comprehension())
            else:
                found.append(self.expression())
            self.comma("]")
        self.next()
        return ListLit(at, tuple(found), rest, is_open)
