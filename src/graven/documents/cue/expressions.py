"""Owns the syntax of CUE's expressions: operators by their strength, and what may stand between them."""

from __future__ import annotations

from abc import abstractmethod

from graven.documents.cue.syntax import (
    Atom,
    Binary,
    Bottom,
    Call,
    Choice,
    Comprehension,
    Expr,
    Index,
    ListLit,
    Name,
    Select,
    Slice,
    StructLit,
    Unary,
)
from graven.documents.cue.syntax import (
    Text as Pieces,
)
from graven.documents.cue.tokens import Token
from graven.documents.faults import MAX_NESTED, Text, too_deep
from graven.errors import Malformed, Unsupported

__all__ = ["Expressions"]

_STRENGTHS = {
    **dict.fromkeys(("*", "/"), 7),
    **dict.fromkeys(("+", "-"), 6),
    **dict.fromkeys(("==", "!=", "<", "<=", ">", ">=", "=~", "!~"), 5),
    "&&": 4,
    "||": 3,
    "&": 2,
}
_UNARY = frozenset(("+", "-", "!", "*", "!=", "<", "<=", ">", ">=", "=~", "!~"))


class Expressions:
    """Goes through the words of a text, and reads expressions."""

    def __init__(self, tokens: list[Token], text: Text) -> None:
        self.tokens = tokens
        self.text = text
        self.index = 0
        self.depth = 0
        self.plain: dict[int, str] = {}
        """The names of fields that references may use, by the offset of the field."""

    @abstractmethod
    def struct(self) -> StructLit:
        """Read what stands in braces."""

    @abstractmethod
    def items(self) -> ListLit:
        """Read what stands in brackets."""

    @abstractmethod
    def comprehension(self) -> Comprehension:
        """Read clauses and the struct behind them."""

    @property
    def token(self) -> Token:
        """The word that is next."""
        return self.tokens[self.index]

    def peek(self, further: int) -> Token:
        """Look at a word further on."""
        return self.tokens[min(self.index + further, len(self.tokens) - 1)]

    def next(self) -> Token:
        """Take a word."""
        found = self.tokens[self.index]
        self.index = min(self.index + 1, len(self.tokens) - 1)
        return found

    def sign(self, text: str) -> bool:
        """Say whether a sign is next."""
        return self.token.kind == "sign" and self.token.value == text

    def word(self, text: str) -> bool:
        """Say whether a word is next."""
        return self.token.kind == "name" and self.token.value == text

    def is_word(self, token: Token) -> bool:
        """Say whether an atom may be the name of a field: texts and the words for constants."""
        return token.value is None or isinstance(token.value, bool | str)

    def behind(self, further: int) -> int:
        """Give how far on the word behind a bracket is that opens further on."""
        depth, at = 0, self.index + further
        while at < len(self.tokens):
            token = self.tokens[at]
            at += 1
            if token.kind == "sign" and isinstance(token.value, str):
                depth += (token.value in ("(", "[", "{")) - (token.value in (")", "]", "}"))
                if not depth:
                    break
        return at - self.index

    def expect(self, text: str) -> None:
        """Take a sign that must be next."""
        if not self.sign(text):
            raise self.unexpected(repr(text))
        self.next()

    def comma(self, closer: str = "end") -> None:
        """Take a comma, which may be missing before the end."""
        if self.sign(","):
            self.next()
        elif not self.sign(closer) and self.token.kind != "end":
            raise self.unexpected("a comma or the end of the line")

    def name(self) -> str:
        """Take a name."""
        if self.token.kind != "name":
            raise self.unexpected("a name")
        return str(self.next().value)

    def unexpected(self, expected: str) -> Malformed:
        """Give the error of a word that may not stand here."""
        end = self.peek(1).at if self.token.kind != "end" else len(self.text.text)
        got = self.text.text[self.token.at : max(end, self.token.at + 1)].strip()[:40] or "the end"
        return self.text.fault(f"got {got!r}, expected {expected}", self.token.at)

    def unsupported(self, what: str, at: int) -> Unsupported:
        """Give the error of something that is not read here."""
        hint = "give the JSON of cue export"
        return Unsupported(f"{what} is not read", where=self.text.fault("", at).where, hint=hint)

    def deeper(self) -> None:
        """Count a level, and refuse one too many."""
        self.depth += 1
        if self.depth > MAX_NESTED:
            raise too_deep(self.text.file, self.text.position(self.token.at), MAX_NESTED)

    def expression(self) -> Expr:
        """Read an expression."""
        self.deeper()
        at = self.token.at
        items = [self._binary(2)]
        while self.sign("|"):
            self.next()
            items.append(self._binary(2))
        self.depth -= 1
        if len(items) > 1:
            return Choice(at, tuple(map(_marked, items)))
        self._unmarked(items[0])
        return items[0]

    def _binary(self, strength: int) -> Expr:
        left = self._unary()
        while self.token.kind == "sign":
            sign = str(self.token.value)
            found = _STRENGTHS.get(sign, 0)
            if found < strength:
                break
            self.next()
            right = self._binary(found + 1)
            self._unmarked(left)
            self._unmarked(right)
            left = Binary(left.at, sign, left, right)
        return left

    def _unmarked(self, found: Expr) -> None:
        if isinstance(found, Unary) and found.sign == "*":
            raise self.text.fault("got a mark of a default, expected it before an alternative of |", found.at)

    def _unary(self) -> Expr:
        if self.token.kind == "sign" and self.token.value in _UNARY:
            self.deeper()
            token = self.next()
            operand = self._unary()
            self.depth -= 1
            self._unmarked(operand)
            return Unary(token.at, str(token.value), operand)
        return self._primary()

    def _primary(self) -> Expr:
        found = self.operand()
        while self.token.kind == "sign":
            at = self.token.at
            if self.sign("."):
                self.next()
                found = self._select(found, at)
            elif self.sign("["):
                found = self._index(found)
            elif self.sign("("):
                found = Call(found.at, found, self._given())
            else:
                break
        return found

    def _select(self, base: Expr, at: int) -> Expr:
        token = self.next()
        if token.kind == "name":
            name = str(token.value)
            return Select(base.at, base, (name,) if name.startswith(("#", "_")) else name)
        if token.kind == "atom" and isinstance(token.value, str):
            return Select(base.at, base, token.value)
        raise self.text.fault("expected the name of a field behind the dot", at)

    def _index(self, base: Expr) -> Expr:
        self.next()
        low = None if self.sign(":") else self.expression()
        if not self.sign(":"):
            self.comma("]")
            self.expect("]")
            return Index(base.at, base, low or base)
        self.next()
        high = None if self.sign("]") else self.expression()
        self.expect("]")
        return Slice(base.at, base, low, high)

    def _given(self) -> tuple[Expr, ...]:
        self.next()
        found = []
        while not self.sign(")"):
            found.append(self.expression())
            self.comma(")")
        self.next()
        return tuple(found)

    def operand(self) -> Expr:
        """Read what stands between operators."""
        token = self.token
        if self.sign("{"):
            return self.struct()
        if self.sign("["):
            return self.items()
        self.next()
        if token.kind == "name":
            return Name(token.at, str(token.value))
        if token.kind == "atom":
            return Atom(token.at, token.value)  # type: ignore[arg-type]
        if token.kind == "text":
            return self._pieces(token)
        if token.value == "_|_":
            return Bottom(token.at)
        if token.value == "(":
            found = self.expression()
            self.comma(")")
            self.expect(")")
            return found
        self.index -= 1
        raise self.unexpected("a value")

    def _pieces(self, token: Token) -> Pieces:
        binary, parts = token.value  # type: ignore[misc]
        found: list[Expr] = []
        for part in parts:  # type: ignore[has-type]
            found.append(self._inner(part) if isinstance(part, list) else Atom(token.at, part))
        return Pieces(token.at, tuple(found), bool(binary))  # type: ignore[has-type]

    def _inner(self, tokens: list[Token]) -> Expr:
        """Read the expression within a text."""
        kept, at = self.tokens, self.index
        self.tokens, self.index = tokens, 0
        found = self.expression()
        self.comma()
        if self.token.kind != "end":
            raise self.unexpected("the end of the expression")
        self.tokens, self.index = kept, at
        return found


def _marked(item: Expr) -> tuple[Expr, bool]:
    return (item.operand, True) if isinstance(item, Unary) and item.sign == "*" else (item, False)
