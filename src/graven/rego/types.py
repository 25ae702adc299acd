"""Owns the static types of Rego, their text and the questions that the checker asks of them.

A type is a scalar, an array (static members, then a dynamic one), an object (static keys, then a dynamic pair), a set,
a union, or anything. The text form is OPA's: ``array<string, number>[any]``, ``object<a: string>[string: any]``. The
form that ``parse_type`` reads is shorter: ``array[string, ...any]``, ``object["a": string, string: any]``,
``<number | set[any]>``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache

from graven.rego.values import FALSE, TRUE, UNDEFINED, RegoObject, RegoSet, Value, type_name

__all__ = [
    "ANY",
    "BOOLEAN",
    "NULL",
    "NUMBER",
    "STRING",
    "Type",
    "array",
    "mapping",
    "overlaps",
    "parse_signature",
    "parse_type",
    "select",
    "setof",
    "type_of",
    "union",
]


@dataclass(frozen=True, slots=True, repr=False)
class Type:
    """One static type."""

    kind: str
    """null, boolean, number, string, array, object, set, any (a union, or anything when ``members`` is empty)."""
    members: tuple[Type, ...] = ()
    """The static members of an array; what a union may be."""
    keys: tuple[tuple[Value, Type], ...] = ()
    """The static pairs of an object."""
    key: Type | None = None
    """The dynamic key of an object."""
    item: Type | None = None
    """The dynamic member of an array, set or object."""

    def __repr__(self) -> str:
        return f"Type({self})"

    def __str__(self) -> str:
        return _TEXT[self.kind](self) if self.kind in _TEXT else self.kind


def _array_text(shown: Type) -> str:
    static = f"<{', '.join(map(str, shown.members))}>" if shown.members else ""
    return "array" + static + (f"[{shown.item}]" if shown.item else "")


def _object_text(shown: Type) -> str:
    static = f"<{', '.join(f'{key}: {item}' for key, item in shown.keys)}>" if shown.keys else ""
    return "object" + static + (f"[{shown.key}: {shown.item}]" if shown.item else "")


_TEXT: dict[str, Callable[[Type], str]] = {
    "any": lambda shown: f"any<{', '.join(map(str, shown.members))}>" if shown.members else "any",
    "array": _array_text,
    "object": _object_text,
    "set": lambda shown: f"set[{shown.item}]",
}

ANY = Type("any")
NULL = Type("null")
BOOLEAN = Type("boolean")
NUMBER = Type("number")
STRING = Type("string")
_SCALARS = {"any": ANY, "null": NULL, "boolean": BOOLEAN, "number": NUMBER, "string": STRING}


def array(members: tuple[Type, ...] = (), item: Type | None = None) -> Type:
    """Give an array type."""
    return Type("array", members=members, item=item)


def mapping(keys: tuple[tuple[Value, Type], ...] = (), key: Type | None = None, item: Type | None = None) -> Type:
    """Give an object type."""
    return Type("object", keys=keys, key=key, item=item)


def setof(item: Type) -> Type:
    """Give a set type."""
    return Type("set", item=item)


def union(types: tuple[Type, ...]) -> Type:
    """Give the type of something that is one of several.

    >>> str(union((NUMBER, STRING, NUMBER)))
    'any<number, string>'
    """
    flat: dict[Type, None] = {}
    for one in types:
        if one == ANY:
            return ANY
        for part in one.members if one.kind == "any" else (one,):
            flat[part] = None
    kinds = tuple(sorted(flat, key=lambda part: (_ORDER[part.kind], str(part))))
    return kinds[0] if len(kinds) == 1 else Type("any", members=kinds)


_ORDER = {"null": 0, "boolean": 1, "number": 2, "string": 3, "array": 4, "object": 5, "set": 6, "any": 7}


def parse_type(text: str) -> Type:
    """Read a type.

    >>> str(parse_type("<number | array[number, string]>"))
    'any<number, array<number, string>>'

    Raises:
        ValueError: not a type.
    """
    if text in _NAMED:
        return parse_type(_NAMED[text])
    if text in _SCALARS:
        return _SCALARS[text]
    if text.startswith("<"):
        return union(tuple(parse_type(part) for part in _split(text[1:-1], " | ")))
    kind, _, rest = text.partition("[")
    parts = _split(rest[:-1], ", ")
    if kind == "set":
        return setof(parse_type(parts[0]))
    if kind == "array":
        static = tuple(parse_type(part) for part in parts if not part.startswith("..."))
        rest_of = [parse_type(part[3:]) for part in parts if part.startswith("...")]
        return array(static, rest_of[0] if rest_of else None)
    if kind == "object":
        return _parse_object(parts)
    raise ValueError(f"got {text!r}, expected a type")


def _parse_object(parts: list[str]) -> Type:
    pairs = [_split(part, ": ", 1) for part in parts]
    static = tuple((key.strip('"'), parse_type(item)) for key, item in pairs if key.startswith('"'))
    dynamic = [(parse_type(key), parse_type(item)) for key, item in pairs if not key.startswith('"')]
    return mapping(static, *(dynamic[0] if dynamic else (None, None)))


def _split(text: str, mark: str, limit: int = -1) -> list[str]:
    """Split at a mark that stands in no bracket."""
    parts, depth, start, at = [], 0, 0, 0
    while at < len(text):
        depth += (text[at] in "[<") - (text[at] in "]>")
        if depth == 0 and text.startswith(mark, at) and limit:
            parts.append(text[start:at])
            at += len(mark)
            start, limit = at, limit - 1
        else:
            at += 1
    return [*parts, text[start:]] if text else []


_NAMED = {
    "MOMENT": "<number | array[number, string]>",
    "DOCUMENT": "<string | object[any: any]>",
    "SEQUENCE": "<array[...any] | set[any]>",
    "STRINGS": "<string | array[...string] | set[string]>",
    "PATHS": "<array[...<string | array[...any]>] | set[<string | array[...any]>]>",
    "FAULTS": 'array[...object["desc": string, "error": string, "field": string, "type": string]]',
    "CHAIN": "array[boolean, array[...object[string: any]]]",
    "TOKEN": "array[boolean, object[any: any], object[any: any]]",
    "CIDRS": "<string | array[...<string | array[...any]>] | set[<string | array[...any]>]"
    " | object[string: <string | array[...any]>]>",
}


@cache
def parse_signature(text: str) -> tuple[tuple[Type, ...], Type | None, bool]:
    """Read ``argument, … -> result``: the arguments, the result (None for void), and whether it is variadic."""
    arguments, result = _split(text, "-> ")
    parts = _split(arguments.strip(), ", ")
    variadic = bool(parts) and parts[0].startswith("*")
    types = tuple(parse_type(part.lstrip("*")) for part in parts)
    return types, None if result == "void" else parse_type(result), variadic


def _alternatives(one: Type) -> Iterator[Type]:
    yield from one.members if one.kind == "any" else (one,)


def overlaps(wanted: Type, got: Type) -> bool:
    """Say whether a value of one type can be of the other; only a sure misfit is a type error.

    >>> overlaps(parse_type("set[any]"), NUMBER), overlaps(parse_type("array[...any]"), ANY)
    (False, True)
    """
    if ANY in (wanted, got):
        return True
    return any(_fits(one, two) for one in _alternatives(wanted) for two in _alternatives(got))


def _fits(wanted: Type, got: Type) -> bool:
    if ANY in (wanted, got):
        return True
    if wanted.kind != got.kind:
        return False
    if wanted.kind == "array":
        return _arrays_fit(wanted, got)
    if wanted.kind == "set":
        return wanted.item is None or got.item is None or overlaps(wanted.item, got.item)
    return wanted.kind != "object" or _objects_fit(wanted, got)


def _arrays_fit(wanted: Type, got: Type) -> bool:
    if len(wanted.members) != len(got.members) and not (
        (wanted.item and len(wanted.members) < len(got.members))
        or (got.item and len(got.members) < len(wanted.members))
    ):
        return False
    for at in range(max(len(wanted.members), len(got.members))):
        one = wanted.members[at] if at < len(wanted.members) else wanted.item
        two = got.members[at] if at < len(got.members) else got.item
        if one and two and not overlaps(one, two):
            return False
    return not wanted.item or not got.item or overlaps(wanted.item, got.item)


def _objects_fit(wanted: Type, got: Type) -> bool:
    static, other = dict(wanted.keys), dict(got.keys)
    if any(key not in other and got.item is None for key in static):
        return False
    if any(key not in static and wanted.item is None for key in other):
        return False
    if wanted.item and got.item and not overlaps(wanted.item, got.item):
        return False
    return all(
        overlaps(static.get(key) or wanted.item or ANY, other.get(key) or got.item or ANY) for key in {*static, *other}
    )


def select(one: Type, key: Type, constant: Value = UNDEFINED) -> Type | None:
    """Give the type of ``one[key]``, or None where it is always undefined."""
    found = [part for part in (_select(each, key, constant) for each in _alternatives(one)) if part is not None]
    if one == ANY:
        return ANY
    return union(tuple(found)) if found else None


def _select(one: Type, key: Type, constant: Value) -> Type | None:
    if one == ANY:
        return ANY
    if one.kind == "array":
        return _select_index(one, key, constant)
    if one.kind == "set":
        if not one.item or not overlaps(one.item, key):
            return None
        return one.item if constant is UNDEFINED else key
    if one.kind == "object":
        if constant is not UNDEFINED and constant in dict(one.keys):
            return dict(one.keys)[constant]
        if constant is not UNDEFINED:
            return one.item if one.item and one.key and overlaps(one.key, key) else None
        parts = tuple(item for name, item in one.keys if overlaps(type_of(name), key))
        more = (one.item,) if one.item and one.key and overlaps(one.key, key) else ()
        return union(parts + more) if parts or more else None
    return None


def _select_index(one: Type, key: Type, constant: Value) -> Type | None:
    if not overlaps(NUMBER, key):
        return None
    if isinstance(constant, int):
        if constant < 0:
            return None
        return one.members[constant] if constant < len(one.members) else one.item
    parts = (*one.members, *((one.item,) if one.item else ()))
    return union(parts) if parts else ANY


def type_of(value: Value) -> Type:
    """Give the type of a value that is known.

    >>> str(type_of((1, "a")))
    'array<number, string>'
    """
    if value in (TRUE, FALSE):
        return BOOLEAN
    if value.__class__ is tuple:
        return array(tuple(type_of(item) for item in value))
    if value.__class__ is RegoObject:
        return mapping(tuple((key, type_of(item)) for key, item in value.ordered_items()))
    if value.__class__ is RegoSet:
        return setof(union(tuple(type_of(item) for item in value)) if value else ANY)
    return _SCALARS[type_name(value)]
