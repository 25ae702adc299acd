"""Owns the syntax tree of Rego: what the parser makes and the compiler reads.

Nodes carry ``at``, the offset in the source of their module where they begin; ``Source`` turns it into row and column.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from graven.rego.values import Value

__all__ = [
    "ArrayTerm",
    "Call",
    "Comprehension",
    "Every",
    "Expr",
    "Import",
    "Logic",
    "Module",
    "Negation",
    "ObjectTerm",
    "Ref",
    "Rule",
    "Scalar",
    "SetTerm",
    "SomeDecl",
    "Source",
    "Template",
    "Term",
    "Var",
    "With",
    "children",
    "rebuild",
]


class Source:
    """The text of one module and its lines."""

    __slots__ = ("file", "starts", "text")

    def __init__(self, file: str, text: str) -> None:
        self.file = file
        self.text = text
        starts = [0]
        at = text.find("\n")
        while at >= 0:
            starts.append(at + 1)
            at = text.find("\n", at + 1)
        self.starts = starts

    def position(self, at: int) -> tuple[int, int]:
        """Give row and column, both from 1."""
        row = bisect_right(self.starts, at)
        return row, at - self.starts[row - 1] + 1

    def line(self, row: int) -> str:
        """Give the text of a row without its end."""
        end = self.starts[row] - 1 if row < len(self.starts) else len(self.text)
        return self.text[self.starts[row - 1] : end].rstrip("\r")


@dataclass(slots=True, eq=False)
class Term:
    """Any term; the classes below are all there are."""

    at: int


@dataclass(slots=True, eq=False)
class Scalar(Term):
    """A null, boolean, number or string."""

    value: Value


@dataclass(slots=True, eq=False)
class Var(Term):
    """A variable; a wildcard has a name that no source can write."""

    name: str

    @property
    def wild(self) -> bool:
        """Say whether it was written ``_``."""
        return self.name.startswith("$")


@dataclass(slots=True, eq=False)
class Ref(Term):
    """A head and the steps from it."""

    head: Term
    steps: list[Term]


@dataclass(slots=True, eq=False)
class ArrayTerm(Term):
    """An array of terms."""

    items: list[Term]


@dataclass(slots=True, eq=False)
class SetTerm(Term):
    """A set of terms."""

    items: list[Term]


@dataclass(slots=True, eq=False)
class ObjectTerm(Term):
    """An object of terms."""

    pairs: list[tuple[Term, Term]]


@dataclass(slots=True, eq=False)
class Comprehension(Term):
    """An array, set or object comprehension."""

    kind: str
    key: Term | None
    value: Term
    body: list[Expr]
    captured: frozenset[str] = frozenset()
    """The variables of the bodies around it that it reads; known once safety was checked."""


@dataclass(slots=True, eq=False)
class Call(Term):
    """A call of a function or of an operator by its builtin's name."""

    name: tuple[str, ...]
    args: list[Term]
    infix: str = ""


@dataclass(slots=True, eq=False)
class Template(Term):
    """A template string: text and terms by turns."""

    parts: list[str | Term]
    raw: bool = False
    """It stood between backquotes."""


@dataclass(slots=True, eq=False)
class SomeDecl:
    """``some x, y``; or ``some k, v in xs``, whose call is ``member``."""

    at: int
    names: list[Var]
    member: Call | None = None


@dataclass(slots=True, eq=False)
class Every:
    """``every k, v in domain { body }``."""

    at: int
    key: Term | None
    value: Term
    domain: Term
    body: list[Expr]
    captured: frozenset[str] = frozenset()


@dataclass(slots=True, eq=False)
class Negation:
    """``not { body }``."""

    at: int
    body: list[Expr]
    captured: frozenset[str] = frozenset()
    braced: bool = False
    """The braces were written."""


@dataclass(slots=True, eq=False)
class Logic:
    """``left and right``, ``left or right``: experimental."""

    at: int
    operator: str
    left: list[Expr]
    right: list[Expr]
    captured: frozenset[str] = frozenset()
    braces: tuple[bool, bool] = (False, False)
    """Which side was written in braces."""


@dataclass(slots=True, eq=False)
class With:
    """``with target as value``."""

    at: int
    target: Term
    value: Term
    builtin: str = ""
    """The builtin that the value names, if it is one."""


@dataclass(slots=True, eq=False)
class Expr:
    """One expression of a body."""

    at: int
    term: Term | SomeDecl | Every | Negation | Logic
    negated: bool = False
    withs: list[With] = field(default_factory=list)
    made: bool = False
    """The compiler made it; it is no line of the author's."""
    end: int = 0
    closed: bool = False
    """It was taken out of a negated expression: its term binds nothing."""


@dataclass(slots=True, eq=False)
class Import:
    """``import path as alias``."""

    at: int
    path: list[str]
    alias: str
    explicit: bool = False
    """The alias was written."""


@dataclass(slots=True, eq=False)
class Rule:
    """One rule: its head, its body, and the rules that follow after ``else``."""

    at: int
    ref: list[Term]
    """The head's reference; the first step is a Scalar, its name."""
    args: list[Term] | None
    key: Term | None
    """What ``contains`` says; the rule adds to a set."""
    value: Term
    body: list[Expr]
    default: bool = False
    orelse: list[Rule] = field(default_factory=list)
    explicit: bool = False
    """The value was written."""
    assigned: bool = False
    """The value was written after ``:=``."""
    conditional: bool = False
    """Its body was written after ``if``."""
    end: int = 0
    annotations: dict[str, Value] | None = None
    written: bool = True
    """It has a body in the source."""
    broken: bool = False
    """Its names are in error, so that nothing more can be said of it."""

    @property
    def name(self) -> str:
        """Give the first step of the head."""
        head = self.ref[0]
        assert isinstance(head, Scalar)  # noqa: S101 - the parser makes it so
        return str(head.value)


@dataclass(slots=True, eq=False)
class Module:
    """One parsed module."""

    source: Source
    package: list[str]
    package_at: int
    imports: list[Import]
    rules: list[Rule]
    comments: list[tuple[int, str]]
    version: int
    strict_v1: bool
    """The restrictions of v1 hold: it is v1, or imports rego.v1."""
    annotations: list[dict[str, Value]] = field(default_factory=list)


def children(term: Term) -> Sequence[Term]:
    """Give the terms directly inside a term; the body of a comprehension is not entered."""
    inside = _CHILDREN.get(term.__class__)
    return () if inside is None else inside(term)


_CHILDREN: dict[type[Term], Callable[[Any], Sequence[Term]]] = {
    Ref: lambda term: [term.head, *term.steps],
    ArrayTerm: lambda term: term.items,
    SetTerm: lambda term: term.items,
    ObjectTerm: lambda term: [part for pair in term.pairs for part in pair],
    Call: lambda term: term.args,
    Template: lambda term: [part for part in term.parts if not isinstance(part, str)],
}


def rebuild(term: Term, change: Callable[[Term], Term]) -> Term:
    """Give the term with each term directly inside it changed; a comprehension is given back as it is."""
    if isinstance(term, Ref):
        return Ref(term.at, change(term.head), [change(step) for step in term.steps])
    if isinstance(term, ArrayTerm):
        return ArrayTerm(term.at, [change(item) for item in term.items])
    if isinstance(term, SetTerm):
        return SetTerm(term.at, [change(item) for item in term.items])
    if isinstance(term, ObjectTerm):
        return ObjectTerm(term.at, [(change(key), change(value)) for key, value in term.pairs])
    if isinstance(term, Call):
        return Call(term.at, term.name, [change(arg) for arg in term.args], term.infix)
    if isinstance(term, Template):
        return Template(term.at, [part if isinstance(part, str) else change(part) for part in term.parts], term.raw)
    return term
