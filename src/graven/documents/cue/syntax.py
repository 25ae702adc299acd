"""Owns the parts that a text of CUE consists of, as https://cuelang.org/docs/reference/spec/ names them.

Each part knows the offset at which it begins. What it means is left to ``evaluation``.
"""

from __future__ import annotations

from decimal import Decimal
from typing import TypeAlias

from graven.record import Record

__all__ = [
    "Alias",
    "Atom",
    "Binary",
    "Bottom",
    "Call",
    "Choice",
    "Comprehension",
    "Constant",
    "Decl",
    "Embed",
    "Expr",
    "Field",
    "File",
    "For",
    "If",
    "Index",
    "Label",
    "Let",
    "ListLit",
    "Name",
    "Open",
    "Select",
    "Slice",
    "StructLit",
    "Text",
    "Unary",
]

Constant: TypeAlias = bool | int | Decimal | str | bytes | None
"""A value without parts; a whole number of CUE's ``float`` stays a ``Decimal``."""

Label: TypeAlias = str | tuple[str]
"""The name of a field; in a tuple if it is a definition or hidden, which a quoted name never is."""


class Atom(Record):
    """A constant as it is written."""

    at: int
    value: Constant


class Bottom(Record):
    """The error ``_|_``."""

    at: int


class Name(Record):
    """A reference by name."""

    at: int
    name: str


class Text(Record):
    """A text with expressions in it."""

    at: int
    parts: tuple[Expr, ...]
    binary: bool


class StructLit(Record):
    """What stands in braces; ``names`` is what references within it may mean."""

    at: int
    decls: tuple[Decl, ...]
    names: dict[str, Field | Let]


class ListLit(Record):
    """What stands in brackets; ``rest`` is what more elements must be, if there may be more."""

    at: int
    items: tuple[Expr | Comprehension, ...]
    rest: Expr | None
    open: bool


class Select(Record):
    """A field of a value, by its name."""

    at: int
    base: Expr
    label: Label


class Index(Record):
    """A field or an element of a value, by an expression."""

    at: int
    base: Expr
    key: Expr


class Slice(Record):
    """A part of a list."""

    at: int
    base: Expr
    low: Expr | None
    high: Expr | None


class Call(Record):
    """A function and what it is given."""

    at: int
    function: Expr
    given: tuple[Expr, ...]


class Unary(Record):
    """An operator before an operand, bounds among them."""

    at: int
    sign: str
    operand: Expr


class Binary(Record):
    """An operator between two operands."""

    at: int
    sign: str
    left: Expr
    right: Expr


class Choice(Record):
    """A disjunction: each alternative, and whether it is marked as the default."""

    at: int
    items: tuple[tuple[Expr, bool], ...]


class Alias(Record):
    """A value with a name for itself: ``X={…}``."""

    at: int
    name: str
    value: Expr


class Field(Record):
    """A field: ``label`` is a name, or the expression that gives it, or the one that names must match."""

    at: int
    label: Label | Expr
    form: str
    """``name``, ``dynamic`` or ``pattern``."""
    mark: str
    """``?`` for an optional field, ``!`` for a required one."""
    alias: str
    inner: str
    """The name that a pattern gives to what it matched."""
    value: Expr


class Let(Record):
    """A name for an expression; a clause too."""

    at: int
    name: str
    value: Expr


class For(Record):
    """A clause that goes through the parts of a value."""

    at: int
    key: str
    name: str
    source: Expr


class If(Record):
    """A clause that holds or not."""

    at: int
    condition: Expr


class Embed(Record):
    """A value among the fields of a struct."""

    at: int
    value: Expr


class Comprehension(Record):
    """Clauses, and the struct that they give once for each time."""

    at: int
    clauses: tuple[For | If | Let, ...]
    body: StructLit


class Open(Record):
    """The dots that leave a struct open."""

    at: int


class File(Record):
    """A whole text: what it imports by which names, and its fields."""

    imports: dict[str, tuple[int, str]]
    body: StructLit


Expr: TypeAlias = (
    Atom | Bottom | Name | Text | StructLit | ListLit | Select | Index | Slice | Call | Unary | Binary | Choice | Alias
)
Decl: TypeAlias = Field | Let | Embed | Comprehension | Open
