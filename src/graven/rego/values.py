"""Owns what a Rego expression evaluates to, as Python values whose own ``==`` and ``hash`` are Rego's.

    null     None                     array    tuple
    boolean  TRUE, FALSE (Bool)       object   RegoObject, a dict that is never changed
    number   int, float, Decimal      set      RegoSet, a frozenset
    string   str                      (no value at all: UNDEFINED)

Python says ``True == 1``, Rego does not; so a boolean is one of two objects of a class of its own and a plain
``bool`` never stands in a value. Integers are exact ``int``; another number is a ``float`` if the shortest text of that
float is the number, else a ``Decimal``: thus equal numbers are equal in Python, and ``1 == 1.0``. Arithmetic and number
text are in ``numerals``, term text in ``notation``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from decimal import Decimal
from functools import cmp_to_key
from math import isfinite

from graven.record import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import Any, NoReturn, TypeAlias

__all__ = [
    "EMPTY_OBJECT",
    "EMPTY_SET",
    "FALSE",
    "NUMBER_TYPES",
    "TRUE",
    "UNDEFINED",
    "Bool",
    "RegoObject",
    "RegoSet",
    "Undefined",
    "Value",
    "adopted",
    "boolean",
    "compare",
    "from_json",
    "index",
    "is_number",
    "sorted_values",
    "type_name",
]

if TYPE_CHECKING:
    Value: TypeAlias = Any
else:
    Value = object
"""One of the classes in the table above, or UNDEFINED where a function says so."""


class Undefined:
    """The absence of a value; it is not null and not false."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "undefined"

    def __bool__(self) -> bool:
        return False


UNDEFINED = Undefined()


class Bool:
    """A Rego boolean, equal to nothing but itself.

    >>> TRUE == 1, TRUE == TRUE, boolean(1 < 2) is TRUE
    (False, True, True)
    """

    __slots__ = ("truth",)

    def __init__(self, *, truth: bool) -> None:
        self.truth = truth

    def __bool__(self) -> bool:
        return self.truth

    def __repr__(self) -> str:
        return "TRUE" if self.truth else "FALSE"


TRUE = Bool(truth=True)
FALSE = Bool(truth=False)


def boolean(truth: object) -> Bool:
    """Give the Rego boolean of a Python truth."""
    return TRUE if truth else FALSE


class RegoObject(dict[Value, Value]):
    """An object: a dict that never changes, can be hashed, and knows its keys in Rego's order.

    >>> RegoObject({"b": 1, "a": 2}).ordered()
    ('a', 'b')
    """

    __slots__ = ("_hash", "_ordered")
    _hash: int
    _ordered: tuple[Value, ...]

    def __hash__(self) -> int:  # type: ignore[override]
        try:
            return self._hash
        except AttributeError:
            self._hash = hash(frozenset(self.items()))
            return self._hash

    def ordered(self) -> tuple[Value, ...]:
        """Give the keys in Rego's order."""
        try:
            return self._ordered
        except AttributeError:
            self._ordered = tuple(sorted_values(self))
            return self._ordered

    def ordered_values(self) -> list[Value]:
        """Give the values in the order of their keys."""
        return [self[key] for key in self.ordered()]

    def ordered_items(self) -> list[tuple[Value, Value]]:
        """Give the pairs in the order of their keys."""
        return [(key, self[key]) for key in self.ordered()]

    def _frozen(self, *_: object, **__: object) -> NoReturn:
        message = "a Rego object does not change; build another"
        raise TypeError(message)

    __setitem__ = __delitem__ = __ior__ = _frozen
    clear = pop = popitem = setdefault = update = _frozen


class RegoSet(frozenset[Value]):
    """A set, which knows its members in Rego's order.

    >>> RegoSet([3, "a", 1]).ordered()
    (1, 3, 'a')
    """

    __slots__ = ("_ordered",)
    _ordered: tuple[Value, ...]

    def ordered(self) -> tuple[Value, ...]:
        """Give the members in Rego's order."""
        try:
            return self._ordered
        except AttributeError:
            self._ordered = tuple(sorted_values(self))
            return self._ordered


EMPTY_OBJECT = RegoObject()
EMPTY_SET = RegoSet()
NUMBER_TYPES: tuple[type, ...] = (int, float, Decimal)

_NAMES: dict[type, tuple[int, str]] = {
    type(None): (0, "null"),
    Bool: (1, "boolean"),
    int: (2, "number"),
    float: (2, "number"),
    Decimal: (2, "number"),
    str: (3, "string"),
    tuple: (4, "array"),
    RegoObject: (5, "object"),
    RegoSet: (6, "set"),
}


def type_name(value: Value) -> str:
    """Give the name that ``type_name`` gives in Rego.

    >>> type_name(RegoSet()), type_name(TRUE)
    ('set', 'boolean')
    """
    return _NAMES[type(value)][1]


def is_number(value: Value) -> bool:
    """Say whether a value is a number."""
    return type(value) in NUMBER_TYPES


def compare(left: Value, right: Value) -> int:
    """Give -1, 0 or 1 in OPA's total order: null, boolean, number, string, array, object, set.

    >>> compare(TRUE, 1), compare("b", "a"), compare((1, 2), (1,))
    (-1, 1, 1)
    """
    rank, other = _NAMES[type(left)][0], _NAMES[type(right)][0]
    if rank != other:
        return -1 if rank < other else 1
    return _COMPARE[rank](left, right)


def _plain(left: Value, right: Value) -> int:
    return int(left > right) - int(left < right)


def _booleans(left: Value, right: Value) -> int:
    return left.truth - right.truth  # type: ignore[no-any-return]


def _arrays(left: Iterable[Value], right: Iterable[Value]) -> int:
    """Compare member by member; the shorter of two that start alike is less."""
    ours, theirs = tuple(left), tuple(right)
    for one, two in zip(ours, theirs, strict=False):
        order = compare(one, two)
        if order:
            return order
    return _plain(len(ours), len(theirs))


def _objects(left: RegoObject, right: RegoObject) -> int:
    """Compare pair by pair in the order of the keys: key, then value."""
    return _arrays(
        [part for pair in left.ordered_items() for part in pair],
        [part for pair in right.ordered_items() for part in pair],
    )


def _sets(left: RegoSet, right: RegoSet) -> int:
    return _arrays(left.ordered(), right.ordered())


_COMPARE: tuple[Callable[[Value, Value], int], ...] = (
    lambda _left, _right: 0,
    _booleans,
    _plain,
    _plain,
    _arrays,
    _objects,
    _sets,
)


def sorted_values(values: Iterable[Value]) -> list[Value]:
    """Sort by OPA's order, natively where all are strings or all are numbers.

    >>> sorted_values([None, "a", 2, (1,), TRUE])
    [None, TRUE, 2, 'a', (1,)]
    """
    items = list(values)
    kinds = set(map(type, items))
    if len(kinds) < 2 and kinds <= {str, int} or kinds <= {int, float, Decimal}:  # noqa: RUF021 - reads as it runs
        items.sort()
        return items
    return sorted(items, key=cmp_to_key(compare))


def from_json(value: object) -> Value:
    """Give the Rego value of what a JSON or YAML reader made; Rego values pass through.

    >>> from_json({"a": [1, True, None]})
    {'a': (1, TRUE, None)}

    Raises:
        TypeError: a class that is neither JSON's nor Rego's.
        ValueError: an infinity, or no number.
    """
    convert = _FROM.get(value.__class__)
    if convert is None:
        raise TypeError(f"got a {type(value).__name__}, expected a JSON value")
    return convert(value)


def _same(value: Value) -> Value:
    return value


def _from_dict(value: Value) -> RegoObject:
    plain = _PLAIN
    return RegoObject(
        {
            (key if key.__class__ is str else from_json(key)): (item if item.__class__ in plain else from_json(item))
            for key, item in value.items()
        }
    )


def _from_list(value: Value) -> tuple[Value, ...]:
    plain = _PLAIN
    return tuple([item if item.__class__ in plain else from_json(item) for item in value])


def adopted(value: dict[str, Value]) -> RegoObject:
    """Give the object of a dict that a reader of JSON has made, each object in it adopted before: its ``object_hook``.

    >>> adopted({"a": [adopted({}), True]})
    {'a': ({}, TRUE)}
    """
    for key, item in value.items():
        kind = item.__class__
        if kind is str:
            continue
        if kind is list:
            value[key] = (item[0],) if len(item) == 1 and item[0].__class__ is RegoObject else _from_list(item)
        elif kind is bool:
            value[key] = TRUE if item else FALSE
    return RegoObject(value)


def _from_set(value: Value) -> RegoSet:
    return RegoSet(from_json(item) for item in value)


def _finite(value: float) -> float:
    if not isfinite(value):
        raise ValueError(f"got {value}, expected a number that JSON can write")
    return value


_PLAIN = frozenset({str, int, type(None), RegoObject})
_FROM: dict[type, Callable[[Value], Value]] = {
    dict: _from_dict,
    list: _from_list,
    tuple: _from_list,
    bool: boolean,
    set: _from_set,
    frozenset: _from_set,
    type(None): _same,
    Bool: _same,
    int: _same,
    float: _finite,
    Decimal: _same,
    str: _same,
    RegoObject: _same,
    RegoSet: _same,
}


def index(container: Value, key: Value) -> Value:
    """Give ``container[key]``, or UNDEFINED."""
    kind = container.__class__
    if kind is RegoObject:
        return container.get(key, UNDEFINED)
    if kind is tuple:
        if key.__class__ is int:
            return container[key] if 0 <= key < len(container) else UNDEFINED
        if key.__class__ is float and key.is_integer() and 0 <= key < len(container):
            return container[int(key)]
        return UNDEFINED
    if kind is RegoSet:
        return key if key in container else UNDEFINED
    return UNDEFINED
