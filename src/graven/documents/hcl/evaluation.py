"""Owns the evaluation of expressions without a run: what is certain is a value, all else ``Unknown``, never a guess."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Protocol

from graven.documents.hcl.functions import FUNCTIONS, SHALLOW
from graven.documents.hcl.shape import Shape
from graven.documents.hcl.tree import (
    Anonymous,
    Binary,
    Call,
    Conditional,
    Expression,
    For,
    Index,
    Join,
    Literal,
    Object,
    Parentheses,
    Splat,
    Template,
    Traversal,
    Tuple,
    Unary,
    Wrapped,
)
from graven.documents.hcl.values import MAX_TEXT, Budget, Failed, Unknown, boolean, equal, number, string

__all__ = ["Evaluation", "Roots"]

_MISSING = object()


class Roots(Protocol):
    """Where the names come from that are not made in the expression itself."""

    def root(self, name: str, part: str) -> Any:
        """Give ``name.part``, as in ``var.region``; Unknown if it is not known."""


class Evaluation:
    """Evaluates the expressions of one file, with names of its own: ``each``, ``count``, those of loops and blocks."""

    def __init__(self, shape: Shape, roots: Roots, budget: Budget, names: Mapping[str, Any] | None = None) -> None:
        self.shape = shape
        self.roots = roots
        self.budget = budget
        self.names = names or {}
        self.anonymous: dict[int, Any] = {}

    def naming(self, names: Mapping[str, Any]) -> Evaluation:
        """Give an evaluation that knows more names."""
        inner = Evaluation(self.shape, self.roots, self.budget, {**self.names, **names})
        inner.anonymous = self.anonymous
        return inner

    def value(self, expression: Expression) -> Any:
        """Evaluate; what fails is unknown as well, since the run would tell.

        Raises:
            TooLarge: it takes more steps than there are.
        """
        try:
            return self.of(expression)
        except (Failed, NotImplementedError, RecursionError, TypeError, OverflowError):
            return self.unknown(expression)

    def unknown(self, expression: Expression, about: frozenset[str] = frozenset()) -> Unknown:
        """Give the value of an expression that is not known: its text, as conftest gives it."""
        if isinstance(expression, Template):
            return Unknown(self.shape.template(expression), about)
        return Unknown(self.shape.wrapped(expression.inner if type(expression) is Wrapped else expression), about)

    def of(self, expression: Expression) -> Any:
        """Evaluate, or raise what ``try`` catches."""
        self.budget.spend()
        found = _FORMS[type(expression)](self, expression)
        return self.unknown(expression, found.about) if isinstance(found, Unknown) else found

    def _template(self, template: Template) -> Any:
        found: list[str] = []
        for part in template.parts:
            value = self.of(part)
            if isinstance(value, Unknown):
                return value
            found.append(string(value))
        text = "".join(found)
        self.budget.spend(len(text) >> 10)
        return text if len(text) <= MAX_TEXT else Unknown()

    def _unary(self, unary: Unary) -> Any:
        value = self.of(unary.operand)
        if isinstance(value, Unknown):
            return value
        return not boolean(value) if unary.operator == "!" else -number(value)

    def _binary(self, binary: Binary) -> Any:
        left, right = self.of(binary.left), self.of(binary.right)
        if binary.operator in {"&&", "||"}:
            return _logic(left, right, decisive=binary.operator == "||")
        if not (self.budget.known(left) and self.budget.known(right)):
            return Unknown()
        if binary.operator in {"==", "!="}:
            return equal(left, right) is (binary.operator == "==")
        found = _ARITHMETIC[binary.operator](number(left), number(right))
        return Unknown() if isinstance(found, int) and found.bit_length() > 512 else found

    def _conditional(self, conditional: Conditional) -> Any:
        condition = self.of(conditional.condition)
        if isinstance(condition, Unknown):
            return condition
        chosen, other = conditional.yes, conditional.no
        if not boolean(condition):
            chosen, other = other, chosen
        value = self.of(chosen)
        if isinstance(value, int | float) and self._textual(other):
            return string(value)  # both branches have one type
        return value

    def _textual(self, expression: Expression) -> bool:
        """Tell whether a branch that is not taken is a string."""
        try:
            return isinstance(self.of(expression), str)
        except (Failed, NotImplementedError):
            return False

    def _call(self, call: Call) -> Any:
        if call.name in {"try", "can"}:
            return self._try(call)
        arguments = [self.of(one) for one in call.arguments]
        if call.spread:
            last = arguments.pop()
            if not isinstance(last, list):
                return Unknown()
            arguments += last
        self.budget.spend(sum(len(one) for one in arguments if isinstance(one, list | dict | str)) >> 4)
        if call.name in SHALLOW:
            if any(isinstance(one, Unknown) for one in arguments):
                return Unknown()
            return SHALLOW[call.name](*arguments)
        function = FUNCTIONS.get(call.name)
        if function is None or not all(map(self.budget.known, arguments)):
            return Unknown()
        return function(*arguments)

    def _try(self, call: Call) -> Any:
        """Take the first argument that does not fail; one that is unknown could fail, and so decides nothing."""
        for one in call.arguments:
            try:
                value = self.of(one)
            except Failed:
                continue
            if not self.budget.known(value):
                return Unknown()
            return value if call.name == "try" else True
        if call.name == "can":
            return False
        raise Failed

    def _tuple(self, items: Tuple) -> list[Any]:
        return [self.of(one) for one in items.items]

    def _object(self, items: Object) -> Any:
        found: dict[str, Any] = {}
        for key, value in items.items:
            if isinstance(key, Traversal) and isinstance(key.root, str) and not key.steps:
                name: Any = key.root
            else:
                name = self.of(key)
            if isinstance(name, Unknown):
                return name
            found[string(name)] = self.of(value)
        return found

    def _for(self, loop: For) -> Any:
        collection = self.of(loop.collection)
        if isinstance(collection, Unknown):
            return collection
        pairs: list[tuple[Any, Any]] = []
        for inner in self._turns(loop, collection):
            wanted = True if loop.condition is None else inner.of(loop.condition)
            key = None if loop.key is None else inner.of(loop.key)
            if isinstance(wanted, Unknown) or isinstance(key, Unknown):
                return Unknown()
            if boolean(wanted):
                pairs.append((key, inner.of(loop.value)))
        return _grouped(pairs, group=loop.group) if loop.makes_object else [value for _, value in pairs]

    def _turns(self, loop: For, collection: Any) -> Iterator[Evaluation]:
        if isinstance(collection, dict):
            pairs: list[tuple[Any, Any]] = sorted(collection.items())
        elif isinstance(collection, list):
            pairs = list(enumerate(collection))
        else:
            raise Failed
        for key, value in pairs:
            yield self.naming({loop.key_name: key, loop.value_name: value})

    def _join(self, join: Join) -> Any:
        found = self._for(join.loop)
        if not isinstance(found, list) or not self.budget.known(found):
            return Unknown()
        return "".join(map(string, found))

    def _traversal(self, traversal: Traversal) -> Any:
        steps = traversal.steps
        if not isinstance(traversal.root, str):
            found = self.of(traversal.root)
        elif traversal.root in self.names:
            found = self.names[traversal.root]
        elif steps and isinstance(steps[0], str):
            found, steps = self.roots.root(traversal.root, steps[0]), steps[1:]
        else:
            return Unknown()
        for step in steps:
            found = _part(found, step)
        return found

    def _index(self, index: Index) -> Any:
        collection, key = self.of(index.collection), self.of(index.key)
        return key if isinstance(key, Unknown) else _part(collection, key)

    def _splat(self, splat: Splat) -> Any:
        collection = self.of(splat.collection)
        if isinstance(collection, Unknown):
            return collection
        items = collection if isinstance(collection, list) else [] if collection is None else [collection]
        found: list[Any] = []
        for one in items:
            self.anonymous[id(splat.anonymous)] = one
            found.append(self.of(splat.each))
        return found

    def _anonymous(self, anonymous: Anonymous) -> Any:
        return self.anonymous[id(anonymous)]


def _part(found: Any, step: Any) -> Any:
    if isinstance(found, Unknown):
        return found
    if isinstance(found, dict):
        value = found.get(string(step), _MISSING)
        if value is not _MISSING:
            return value
    elif isinstance(found, list):
        index = number(step)
        if isinstance(index, int) and 0 <= index < len(found):
            return found[index]
    raise Failed


def _logic(left: Any, right: Any, *, decisive: bool) -> Any:
    """Give the value of ``&&`` or ``||``; one side alone can decide it."""
    sides = [one if isinstance(one, Unknown) else boolean(one) for one in (left, right)]
    if decisive in sides:
        return decisive
    return Unknown() if any(isinstance(one, Unknown) for one in sides) else not decisive


def _grouped(pairs: list[tuple[Any, Any]], *, group: bool) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, value in pairs:
        name = string(key)
        if group:
            found.setdefault(name, []).append(value)
        elif name in found:
            raise Failed
        else:
            found[name] = value
    return found


def _divided(left: float, right: float) -> int | float:
    if right == 0:
        raise Failed
    return left // right if left % right == 0 else left / right


def _rest(left: float, right: float) -> int | float:
    if right == 0:
        raise Failed
    return left - right * int(left / right)


_ARITHMETIC: Mapping[str, Callable[[Any, Any], Any]] = {
    "+": lambda left, right: left + right,
    "-": lambda left, right: left - right,
    "*": lambda left, right: left * right,
    "/": _divided,
    "%": _rest,
    "<": lambda left, right: left < right,
    "<=": lambda left, right: left <= right,
    ">": lambda left, right: left > right,
    ">=": lambda left, right: left >= right,
}

_FORMS: Mapping[type[Expression], Callable[[Evaluation, Any], Any]] = {
    Literal: lambda _, literal: literal.value,
    Template: Evaluation._template,  # noqa: SLF001 - the table belongs to the class
    Wrapped: lambda evaluation, wrapped: evaluation.of(wrapped.inner),
    Parentheses: lambda evaluation, wrapped: evaluation.of(wrapped.inner),
    Unary: Evaluation._unary,  # noqa: SLF001 - as above
    Binary: Evaluation._binary,  # noqa: SLF001 - as above
    Conditional: Evaluation._conditional,  # noqa: SLF001 - as above
    Call: Evaluation._call,  # noqa: SLF001 - as above
    Tuple: Evaluation._tuple,  # noqa: SLF001 - as above
    Object: Evaluation._object,  # noqa: SLF001 - as above
    For: Evaluation._for,  # noqa: SLF001 - as above
    Join: Evaluation._join,  # noqa: SLF001 - as above
    Traversal: Evaluation._traversal,  # noqa: SLF001 - as above
    Index: Evaluation._index,  # noqa: SLF001 - as above
    Splat: Evaluation._splat,  # noqa: SLF001 - as above
    Anonymous: Evaluation._anonymous,  # noqa: SLF001 - as above
}
